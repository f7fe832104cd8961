"""Tables of the job engine's side in the app's own database. They hold ids and numbers only."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class OutboxEntry(Base):
    """One render that was accepted; its id is the workflow's id in the engine.

    is_bulk:      nobody sits and waits for it: whatever somebody waits for goes first
    needs_speech: something is spoken first; a recording that keeps its own sound is not
    """

    __tablename__ = "outbox"

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(index=True)
    attempt: Mapped[int]
    is_bulk: Mapped[bool]
    needs_speech: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_outbox_waiting", "handed_over_at", "created_at"),)


class StepRun(Base):
    """One finished step: how much it did and how long it took, to tell the next one's ETA.

    lane:   where it was spoken, for `speech`
    amount: characters for `speech`, seconds of video for `compose`, `transcode` and `finish`
    """

    __tablename__ = "step_runs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    step: Mapped[str]
    lane: Mapped[str | None]
    message_id: Mapped[str] = mapped_column(index=True)
    attempt: Mapped[int]
    amount: Mapped[float]
    elapsed_s: Mapped[float]
    finished_at: Mapped[datetime]

    __table_args__ = (Index("ix_step_runs_step", "step", "id"),)


class WorkerBeat(Base):
    """A worker's sign of life; one that stays silent has its work taken over."""

    __tablename__ = "worker_beats"

    executor_id: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
