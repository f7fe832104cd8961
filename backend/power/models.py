"""Tables of the GPU lane: its state and ledger, what was decided, the jobs and people it is for.

Columns that end in `_s` are moments in Unix seconds: what decides reckons with them.
"""

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText
from backend.power.route import LaneName
from backend.power.situation import LaneState

GPU = "gpu"


class GpuLane(Base):
    """The one GPU lane: where it stands, who leads it, and what the operator has ordered.

    leader_token: grows with every new leader; a write with an older one is refused (fencing)
    run_id:       the run of the machine that the ledger has open, None while it is off
    failures:     starts in a row that led to nothing, for the back-off
    """

    __tablename__ = "gpu_lane"

    name: Mapped[str] = mapped_column(String(8), primary_key=True, default=GPU)
    state: Mapped[LaneState] = mapped_column(EnumText(LaneState, 16), default=LaneState.STOPPED)
    since_s: Mapped[float] = mapped_column(default=0.0)
    ordered_s: Mapped[float] = mapped_column(default=0.0)
    worked_s: Mapped[float] = mapped_column(default=0.0)
    personal_s: Mapped[float | None]
    retry_s: Mapped[float] = mapped_column(default=0.0)
    leaves_s: Mapped[float | None]
    failures: Mapped[int] = mapped_column(default=0)
    unready_looks: Mapped[int] = mapped_column(default=0)
    boot_s: Mapped[float | None]
    url: Mapped[str | None] = mapped_column(String(200))
    run_id: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(24), default="nobody")
    reason: Mapped[str] = mapped_column(String(300), default="")
    keep_on_until_s: Mapped[float] = mapped_column(default=0.0)
    stay_off_until_s: Mapped[float] = mapped_column(default=0.0)
    leader: Mapped[str | None] = mapped_column(String(80))
    leader_token: Mapped[int] = mapped_column(default=0)
    leader_until_s: Mapped[float] = mapped_column(default=0.0)


class PowerDecision(Base):
    """One change of mind: kept for the system page."""

    __tablename__ = "power_decisions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at_s: Mapped[float]
    state: Mapped[LaneState] = mapped_column(EnumText(LaneState, 16))
    code: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(300))


class LedgerEntry(Base):
    """One start or stop of a machine. Entries are only ever added.

    billed_s, usd_micro: of the whole run, in the entry of its stop
    """

    __tablename__ = "power_ledger"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    at_s: Mapped[float] = mapped_column(index=True)
    hour_usd_micro: Mapped[int]
    billed_s: Mapped[int | None]
    usd_micro: Mapped[int | None]
    jobs: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("run_id", "kind", name="uq_power_ledger_run"),)


class SpeechJob(Base):
    """One message that waits to be spoken, or is being spoken; gone when it is.

    lane:         on whose queue it is
    leased_until_s: while it is at work, until when that is believed; None while it waits
    is_settled:   the GPU lane could not do it, so it goes there no more
    """

    __tablename__ = "speech_jobs"

    message_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    lane: Mapped[LaneName] = mapped_column(EnumText(LaneName, 8))
    is_bulk: Mapped[bool]
    submitted_s: Mapped[float]
    leased_until_s: Mapped[float | None]
    is_settled: Mapped[bool]

    __table_args__ = (Index("ix_speech_jobs_waiting", "lane", "is_bulk", "submitted_s"),)


class BulkAhead(Base):
    """A bulk run that hands its jobs over bit by bit: how many are still to come.

    noted_s: when that was said last; a run of which nothing is heard any more counts for nothing
    """

    __tablename__ = "bulk_ahead"

    run_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    jobs: Mapped[int]
    noted_s: Mapped[float]


class Intent(Base):
    """Somebody who is about to need a voice: the newest sign of it."""

    __tablename__ = "power_intents"

    account_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_s: Mapped[float] = mapped_column(index=True)
