"""The chain of one render: speech (as often as it takes), then compose, then finish.

Waiting for the speech service is a new workflow with a delay, never a sleep: a hundred waiting
messages hold no slot. Arguments and results are ids and numbers only.
"""

import time

from dbos import DBOS
from sqlalchemy.exc import OperationalError

from backend.jobs.engine import MAX_RECOVERY_ATTEMPTS, compose_options, speech_options
from backend.jobs.steps import Outcome, RenderSteps, back_off_s


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, OperationalError)


def register_workflows(steps: RenderSteps) -> None:
    """Make the chain known to the engine, before it is launched."""

    @DBOS.step(name="speak", retries_allowed=True, should_retry=_is_transient)
    def speak(
        message_id: str, attempt: int, waiting_since_s: float | None
    ) -> list[str | float | bool]:
        # The time belongs to the checkpoint: a replayed workflow must pass the same one on.
        spoken = steps.speak(message_id, attempt, waiting_since_s)
        return [spoken.outcome.value, time.time(), spoken.line, spoken.is_bulk]

    @DBOS.step(name="compose", retries_allowed=True, should_retry=_is_transient)
    def compose(message_id: str, attempt: int) -> str:
        return steps.compose(message_id, attempt).value

    @DBOS.step(name="finish", retries_allowed=True, should_retry=_is_transient)
    def finish(message_id: str, attempt: int) -> str:
        return steps.finish(message_id, attempt).value

    @DBOS.workflow(name="speech", max_recovery_attempts=MAX_RECOVERY_ATTEMPTS)
    def run_speech(message_id: str, attempt: int, turn: int, waiting_since_s: float | None) -> None:
        outcome, now_s, *rest = speak(message_id, attempt, waiting_since_s)
        # A checkpoint of an earlier release names no line: there was the CPU lane alone.
        lane, is_bulk = (str(rest[0]), bool(rest[1])) if len(rest) == 2 else ("cpu", False)
        if outcome == Outcome.DONE:
            DBOS.enqueue_workflow_with_options(
                compose_options(message_id, attempt, is_bulk=is_bulk), message_id, attempt
            )
        elif outcome in (Outcome.WAIT, Outcome.QUEUE, Outcome.REROUTE):
            delay_s = None if outcome == Outcome.REROUTE else back_off_s(turn)
            options = speech_options(message_id, attempt, turn + 1, delay_s, lane, is_bulk=is_bulk)
            since_s = None if outcome != Outcome.WAIT else (waiting_since_s or now_s)
            DBOS.enqueue_workflow_with_options(options, message_id, attempt, turn + 1, since_s)

    @DBOS.workflow(name="compose", max_recovery_attempts=MAX_RECOVERY_ATTEMPTS)
    def run_compose(message_id: str, attempt: int) -> None:
        if compose(message_id, attempt) == Outcome.DONE:
            finish(message_id, attempt)
