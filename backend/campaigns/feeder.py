"""The worker's hand that takes up the rows of campaigns, a few at a time.

A row is taken up in one transaction: its message is there and ordered, or it is not. What a killed
worker had begun is found by the next round as it stands, so nothing is lost and nothing doubled.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns import running, service
from backend.campaigns.expansion import Expander, expander_of
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.rendering import make_message
from backend.campaigns.schemas import Counts
from backend.campaigns.state import MAKES_ROWS, CampaignState
from backend.media.fonts import Font, find_font
from backend.power.work import note_ahead
from backend.rounds import InRounds

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
# So many wait to be spoken, and so many are in work in all: enough that neither hand is idle, few
# enough that a pause is felt soon.
SPOKEN_AHEAD, MOST_IN_WORK = 4, 8
# A GPU lane that is on is paid by the second: what can be spoken is spoken while it is.
WARM_SPOKEN_AHEAD, WARM_MOST_IN_WORK = 8, 400
# How often a run says anew how much of it is still to come.
_SAID_EVERY_S = 15.0


@dataclass
class Feeder:
    """Takes up rows; one round looks at every campaign that makes some.

    is_warm:   whether a GPU lane is on
    hand_over: takes what was ordered to the queues at once; a sweep does so, too
    """

    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    is_warm: Callable[[], bool] = lambda: False
    hand_over: Callable[[], object] = lambda: None
    caption_font: Path | None = None
    _said_at_s: dict[str, float] = field(default_factory=dict)

    def do_round(self) -> int:
        """Take up what there is room for; return how many rows that were."""
        with self.readers() as session:
            ids = session.scalars(
                select(Campaign.id).where(Campaign.state.in_(MAKES_ROWS)).order_by(Campaign.id)
            ).all()
        if not ids:
            return 0
        self._font  # noqa: B018 - found before a transaction is open
        is_warm = self.is_warm()
        taken = sum(self._look_after(campaign_id, is_warm=is_warm) for campaign_id in ids)
        if taken:
            self.hand_over()
        return taken

    def _look_after(self, campaign_id: str, *, is_warm: bool) -> int:
        with self.readers() as session:
            campaign = session.get(Campaign, campaign_id)
            has_work = campaign is not None and self._has_work(session, campaign, is_warm=is_warm)
        if not has_work:
            return 0
        with self.sessions.begin() as session:
            campaign = session.get(Campaign, campaign_id, with_for_update=True)
            if campaign is None or campaign.state not in MAKES_ROWS:
                return 0
            return self._feed(session, campaign, is_warm=is_warm)

    def _has_work(self, session: Session, campaign: Campaign, *, is_warm: bool) -> bool:
        """What is only looked at takes no lock that somebody else would wait for."""
        counts = _counts(session, campaign)
        is_over = not counts.waiting and not running.in_work(counts)
        is_due = bool(counts.waiting) and self._is_due(campaign.id)
        return is_over or is_due or _room(counts, is_warm=is_warm) > 0

    def _feed(self, session: Session, campaign: Campaign, *, is_warm: bool) -> int:
        counts = _counts(session, campaign)
        if not counts.waiting and not running.in_work(counts):
            _end(session, campaign)
            self._said_at_s.pop(campaign.id, None)
            return 0
        rows = running.next_rows(session, campaign, _room(counts, is_warm=is_warm))
        if rows:
            expander = expander_of(campaign, service.template_of(session, campaign))
            for row in rows:
                self._take_up(session, campaign, row, expander)
        if rows:
            campaign.version += 1
            running.tell(session, campaign)
        self._say(session, campaign, counts.waiting - len(rows))
        return len(rows)

    def _take_up(
        self, session: Session, campaign: Campaign, row: CampaignRow, expander: Expander
    ) -> None:
        try:
            with session.begin_nested():
                make_message(session, campaign, row, expander, self._font)
        except Exception as error:
            # One odd row must not hold up the others for ever; only the kind of it is logged.
            logger.error("row %s could not be made: %s", row.id, type(error).__name__)
            session.refresh(row)
            detail = "This row could not be made. Change it, and try again."
            row.is_faulty = True
            row.problems = [
                *row.problems, {"column": None, "code": "internal", "detail": detail}
            ]  # fmt: skip

    @cached_property
    def _font(self) -> Font | None:
        return find_font(self.caption_font)

    # --- what is still to come --------------------------------------------------------------

    def _is_due(self, campaign_id: str) -> bool:
        return time.monotonic() - self._said_at_s.get(campaign_id, -inf) > _SAID_EVERY_S

    def _say(self, session: Session, campaign: Campaign, jobs: int) -> None:
        """Say how much of the run is still to come, so that no machine stops for a gap."""
        note_ahead(session, campaign.id, jobs, time.time())
        self._said_at_s[campaign.id] = time.monotonic()


def _counts(session: Session, campaign: Campaign) -> Counts:
    is_sampling = campaign.state is CampaignState.SAMPLING
    counted = service.count_rows(session, [campaign.id], samples_only=is_sampling)
    return counted[campaign.id]


def _room(counts: Counts, *, is_warm: bool) -> int:
    """Return how many rows may be taken up now."""
    ahead, most = (
        (WARM_SPOKEN_AHEAD, WARM_MOST_IN_WORK) if is_warm else (SPOKEN_AHEAD, MOST_IN_WORK)
    )
    room = min(ahead - running.before_speech(counts), most - running.in_work(counts))
    return max(min(room, counts.waiting), 0)


def _end(session: Session, campaign: Campaign) -> None:
    is_sampling = campaign.state is CampaignState.SAMPLING
    running.move(session, campaign, CampaignState.REVIEW if is_sampling else CampaignState.DONE)
    note_ahead(session, campaign.id, 0, 0.0)


class FeederThread(InRounds):
    """A thread of its own: what the worker sweeps must not wait for a list of ten thousand."""

    name, every_s = "campaign feeder", LOOK_EVERY_S

    def __init__(self, feeder: Feeder) -> None:
        super().__init__()
        self._feeder = feeder

    def do_round(self) -> int:
        """Take up what there is room for; return how many rows that were."""
        return self._feeder.do_round()
