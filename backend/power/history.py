"""What was measured so far: how long a voice takes on each lane, a boot, and what was spent."""

from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.jobs.models import StepRun
from backend.power import ledger
from backend.power.models import GpuLane
from backend.power.route import LaneName
from backend.power.setup import Power
from backend.power.situation import History

LEARN_FROM = 20
# First guesses until something was measured: the plan's figures for a T4, and our own benchmark's
# for a voice of about 15 s on two cores.
FIRST_BOOT_S = 90.0
FIRST_VOICE_S = {LaneName.CPU: 1.6, LaneName.GPU: 3.0}


def learn_history(session: Session, lane: GpuLane, now_s: float, power: Power) -> History:
    """Return the figures that a decision reckons with."""
    month = ledger.spent_since(session, ledger.month_began_s(now_s), now_s, power.prices)
    today = ledger.spent_since(session, ledger.day_began_s(now_s), now_s, power.prices)
    cpu_s, gpu_s = power.assumed_voice_s or (
        voice_s(session, LaneName.CPU),
        voice_s(session, LaneName.GPU),
    )
    return History(
        boot_s=lane.boot_s or FIRST_BOOT_S,
        cpu_voice_s=cpu_s,
        gpu_voice_s=gpu_s,
        month_usd_micro=month.usd_micro,
        day_on_s=today.on_s,
    )


def voice_s(session: Session, lane: LaneName) -> float:
    """Return how long a voice took of late on `lane`, in seconds: the median of the last ones."""
    times = session.scalars(
        select(StepRun.elapsed_s)
        .where(StepRun.step == "speech", StepRun.lane == lane, StepRun.amount > 0.0)
        .order_by(StepRun.id.desc())
        .limit(LEARN_FROM)
    ).all()
    return median(times) if times else FIRST_VOICE_S[lane]
