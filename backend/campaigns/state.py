"""A campaign's states and the moves between them: the one place that knows them."""

from enum import StrEnum

from backend.problems import Conflict


class CampaignState(StrEnum):
    """Where a campaign stands.

    sampling: the first few rows are in the making; review: they wait to be listened to
    """

    DRAFT = "draft"
    SAMPLING = "sampling"
    REVIEW = "review"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


S = CampaignState
# Rows are taken up in these alone.
MAKES_ROWS = frozenset({S.SAMPLING, S.RUNNING})


def permitted_moves(state: CampaignState) -> frozenset[CampaignState]:
    """Return the states that may follow `state`."""
    moves: dict[CampaignState, frozenset[CampaignState]] = {
        S.DRAFT: frozenset({S.SAMPLING, S.RUNNING}),
        S.SAMPLING: frozenset({S.REVIEW, S.DRAFT, S.CANCELLED}),
        # Back to the draft: what was heard is to be said otherwise; or one sample once more.
        S.REVIEW: frozenset({S.RUNNING, S.SAMPLING, S.DRAFT, S.CANCELLED}),
        S.RUNNING: frozenset({S.PAUSED, S.DONE, S.CANCELLED}),
        S.PAUSED: frozenset({S.RUNNING, S.CANCELLED}),
        # Failed rows are tried again, and those that a cancel left are made after all.
        S.DONE: frozenset({S.RUNNING}),
        S.CANCELLED: frozenset({S.RUNNING}),
    }
    return moves[state]


def require_move(state: CampaignState, to: CampaignState) -> None:
    """Raise Conflict unless a campaign may go from `state` to `to`."""
    if to not in permitted_moves(state):
        raise Conflict(f"A campaign that is {state} cannot become {to}.")
