"""How long steps take, learned from the last ones that finished."""

from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.jobs.models import StepRun

LEARN_FROM = 20
KEEP = 500
# Two slow cores; replaced by what is measured here as soon as one step has finished.
# A row of a campaign is composed of what was drawn for the rows before it, mostly.
FIRST_GUESS_S = {"speech": 0.03, "compose": 0.4, "row": 0.03, "transcode": 0.5, "finish": 0.05}
OVERHEAD_S = {"speech": 0.5, "compose": 1.0, "row": 0.5, "transcode": 1.5, "finish": 0.3}
# Unhurried speech, in seconds a character; only used until the audio is there.
SPEECH_LENGTH_S = {"ja": 0.15, "zh": 0.25, "ko": 0.17}
OTHER_SPEECH_LENGTH_S = 0.07
# One odd step must not make the next one's ETA absurd.
SMALLEST_AMOUNT = 1.0


@dataclass(frozen=True)
class Rates:
    """Seconds that each step takes for one unit of its amount."""

    seconds_per_unit: dict[str, float]

    def expected_s(self, step: str, amount: float) -> float:
        """Return how long `step` should take for `amount` units, in seconds."""
        return OVERHEAD_S[step] + self.seconds_per_unit[step] * max(amount, 0.0)


def learn_rates(session: Session) -> Rates:
    """Return the rates of the last finished steps, or first guesses where there are none."""
    return Rates({step: _learn(session, step) for step in FIRST_GUESS_S})


def _learn(session: Session, step: str) -> float:
    runs = session.execute(
        select(StepRun.elapsed_s, StepRun.amount)
        .where(StepRun.step == step, StepRun.amount >= SMALLEST_AMOUNT)
        .order_by(StepRun.id.desc())
        .limit(LEARN_FROM)
    ).all()
    rates = [max(elapsed - OVERHEAD_S[step], 0.0) / amount for elapsed, amount in runs]
    return median(rates) if rates else FIRST_GUESS_S[step]


def was_learned(session: Session, step: str) -> bool:
    """Return whether any time of a step is known here."""
    known = select(StepRun.id).where(StepRun.step == step, StepRun.amount >= SMALLEST_AMOUNT)
    return session.scalar(known.limit(1)) is not None


def remember_step(
    session: Session,
    step: str,
    message_id: str,
    attempt: int,
    amount: float,
    elapsed_s: float,
    lane: str | None = None,
) -> None:
    """Keep how long a finished step took; the table also tells that no step was done twice."""
    session.add(
        StepRun(
            step=step,
            lane=lane,
            message_id=message_id,
            attempt=attempt,
            amount=amount,
            elapsed_s=elapsed_s,
            finished_at=datetime.now(UTC),
        )
    )


def remember_found_step(session: Session, step: str, message_id: str, attempt: int) -> None:
    """Keep that a step is done whose worker was killed between its record and `remember_step`.

    How long it took went with that worker; nothing is learned from an amount of nothing.
    """
    query = select(StepRun.id).where(
        StepRun.step == step, StepRun.message_id == message_id, StepRun.attempt == attempt
    )
    if session.scalar(query.limit(1)) is None:
        remember_step(session, step, message_id, attempt, amount=0.0, elapsed_s=0.0)


def forget_old_steps(session: Session) -> None:
    """Keep the newest rows only."""
    newest = session.scalar(select(StepRun.id).order_by(StepRun.id.desc()).limit(1))
    if newest is not None:
        session.execute(delete(StepRun).where(StepRun.id <= newest - KEEP))


def guess_duration_s(script: str, language: str | None) -> float:
    """Guess how long `script` will be when spoken, in seconds."""
    return len(script) * SPEECH_LENGTH_S.get(language or "", OTHER_SPEECH_LENGTH_S)
