"""A message's states and the moves between them: the one place that knows them."""

from enum import StrEnum

from backend.problems import Conflict


class MessageState(StrEnum):
    """Where a message stands."""

    DRAFT = "draft"
    QUEUED = "queued"
    SPEAKING = "speaking"
    COMPOSING = "composing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


S = MessageState
TERMINAL = frozenset({S.READY, S.FAILED, S.CANCELLED})
IN_WORK = frozenset({S.QUEUED, S.SPEAKING, S.COMPOSING})
WAITS_FOR_SPEECH = frozenset({S.QUEUED, S.SPEAKING})
EDITABLE = frozenset({S.DRAFT, S.FAILED, S.CANCELLED})


def permitted_moves(state: MessageState) -> frozenset[MessageState]:
    """Return the states that may follow `state`."""
    moves: dict[MessageState, frozenset[MessageState]] = {
        S.DRAFT: frozenset({S.QUEUED}),
        # A recording that keeps its own sound has nothing to be spoken.
        S.QUEUED: frozenset({S.SPEAKING, S.COMPOSING, S.FAILED, S.CANCELLED}),
        S.SPEAKING: frozenset({S.COMPOSING, S.FAILED, S.CANCELLED}),
        S.COMPOSING: frozenset({S.READY, S.FAILED, S.CANCELLED}),
        S.READY: frozenset(),
        S.FAILED: frozenset({S.QUEUED}),
        S.CANCELLED: frozenset({S.QUEUED}),
    }
    return moves[state]


def require_move(state: MessageState, to: MessageState) -> None:
    """Raise Conflict unless a message may go from `state` to `to`."""
    if to not in permitted_moves(state):
        raise Conflict(f"A message that is {state} cannot become {to}.")
