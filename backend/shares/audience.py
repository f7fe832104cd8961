"""Who opened and watched. What counts as a view is written in docs/decisions/0007."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from backend.db import utc_now
from backend.ids import new_id
from backend.messages.models import Message
from backend.problems import NotFound
from backend.security import derive_token
from backend.shares.access import Visit
from backend.shares.models import SEGMENTS, Audience, Reaction, Reply, Share, Viewer
from backend.shares.schemas import AudienceNumbers, PlaybackEvent
from backend.webhooks import events as webhooks

# One view each this often, however often the page is loaded or play is pressed.
VIEW_INTERVAL = timedelta(minutes=30)
# A link that is played to by machines fills no disk.
MAX_VIEWERS = 10_000
QUARTERS = (0.25, 0.5, 0.75, 1.0)


# --- counting -------------------------------------------------------------------------------


def hash_viewer(key: bytes, share: Share, viewer: str) -> str:
    """Return what is stored of a viewer's name; another link makes another hash of it."""
    return derive_token(key, "viewer", f"{share.id}:{viewer}")


def record_event(session: Session, visit: Visit, viewer_hash: str, event: PlaybackEvent) -> None:
    """Count what a playback tells."""
    touch_audience(session, visit.message.id)
    viewer = meet_viewer(session, visit.share, viewer_hash)
    if viewer is None:
        return
    had_watched_all = _has_watched_all(viewer)
    if event.kind == "played":
        _count_view(session, visit, viewer)
    last = [SEGMENTS - 1] if event.kind == "ended" else []
    viewer.watched = _with_segments(viewer.watched, [*event.watched, *last])
    if _has_watched_all(viewer) and not had_watched_all:
        _tell_watched(session, visit, viewer)


def _has_watched_all(viewer: Viewer) -> bool:
    return viewer.views > 0 and "0" not in viewer.watched


def _tell_watched(session: Session, visit: Visit, viewer: Viewer) -> None:
    others = (Viewer.watched == "1" * SEGMENTS) & (Viewer.views > 0)
    if _is_first(session, viewer, others):
        webhooks.message_watched(session, visit.message, visit.share.id)


def _is_first(session: Session, viewer: Viewer, others: ColumnElement[bool]) -> bool:
    """Return whether no other viewer of the link did the same before."""
    query = select(Viewer.id).where(Viewer.share_id == viewer.share_id, Viewer.id != viewer.id)
    return session.scalar(query.where(others).limit(1)) is None


def touch_audience(session: Session, message_id: str) -> None:
    """Say that something changed. Whatever changes an audience begins here, one at a time."""
    more = update(Audience).where(Audience.message_id == message_id)
    changed = session.execute(more.values(version=Audience.version + 1).returning(Audience.version))
    if changed.one_or_none() is None:
        raise NotFound.named("token", "This link leads nowhere (any more).")


def meet_viewer(session: Session, share: Share, viewer_hash: str) -> Viewer | None:
    """Return who this is, known or new; None where the link has more viewers than are kept."""
    query = select(Viewer).where(Viewer.share_id == share.id)
    known = session.scalar(query.where(Viewer.viewer_hash == viewer_hash))
    if known is not None:
        return known
    count = select(func.count()).select_from(Viewer).where(Viewer.share_id == share.id)
    if (session.scalar(count) or 0) >= MAX_VIEWERS:
        return None
    viewer = Viewer(
        id=new_id("vwr"),
        share_id=share.id,
        viewer_hash=viewer_hash,
        opened_at=utc_now(),
        views=0,
        last_viewed_at=None,
        watched="0" * SEGMENTS,
    )
    session.add(viewer)
    session.flush()
    return viewer


def _count_view(session: Session, visit: Visit, viewer: Viewer) -> None:
    now = utc_now()
    if viewer.last_viewed_at is not None and now - viewer.last_viewed_at < VIEW_INTERVAL:
        return
    if viewer.views == 0 and _is_first(session, viewer, Viewer.views > 0):
        webhooks.message_viewed(session, visit.message, visit.share.id)
    viewer.views += 1
    viewer.last_viewed_at = now
    first = update(Audience).where(Audience.message_id == visit.message.id)
    session.execute(
        first.where(Audience.first_view_at.is_(None)).values(
            first_view_at=now, first_view_share_id=visit.share.id
        )
    )


def _with_segments(watched: str, segments: Iterable[int]) -> str:
    marked = set(segments)
    return "".join("1" if place in marked else was for place, was in enumerate(watched))


# --- numbers --------------------------------------------------------------------------------


@dataclass
class Tally:
    """What is counted of one link, or of all links to a message."""

    opened: int = 0
    views: int = 0
    viewers: int = 0
    quarters: list[int] = field(default_factory=lambda: [0] * len(QUARTERS))
    heat: list[int] = field(default_factory=lambda: [0] * SEGMENTS)
    reactions: Counter[str] = field(default_factory=Counter)
    replies: int = 0
    last_viewed_at: datetime | None = None

    def numbers(self) -> AudienceNumbers:
        """Return the short form."""
        return AudienceNumbers(
            opened=self.opened,
            views=self.views,
            viewers=self.viewers,
            quarters=self.quarters,
            reactions=self.reactions.total(),
            replies=self.replies,
        )

    @property
    def watched_percent(self) -> float:
        """How much of it anybody has watched, each stretch counted once."""
        return 100.0 * sum(count > 0 for count in self.heat) / SEGMENTS

    def add_viewer(self, viewer: Viewer) -> None:
        """Count one browser; what it watched counts once it has viewed."""
        self.opened += 1
        if viewer.last_viewed_at is None:
            return
        self.views += viewer.views
        self.viewers += 1
        self.last_viewed_at = max(self.last_viewed_at or viewer.last_viewed_at,
                                  viewer.last_viewed_at)  # fmt: skip
        share_watched = viewer.watched.count("1") / SEGMENTS
        self.quarters = [
            count + (share_watched >= quarter)
            for count, quarter in zip(self.quarters, QUARTERS, strict=True)
        ]
        self.heat = [
            count + (mark == "1") for count, mark in zip(self.heat, viewer.watched, strict=True)
        ]


def tally(session: Session, share_ids: Sequence[str]) -> tuple[Tally, dict[str, Tally]]:
    """Return the numbers of all these links together, and of each."""
    whole, each = Tally(), {share_id: Tally() for share_id in share_ids}
    if not each:
        return whole, each
    for viewer in session.scalars(select(Viewer).where(Viewer.share_id.in_(share_ids))):
        whole.add_viewer(viewer)
        each[viewer.share_id].add_viewer(viewer)
    for share_id, emoji in session.execute(
        select(Viewer.share_id, Reaction.emoji)
        .join(Viewer, Viewer.id == Reaction.viewer_id)
        .where(Viewer.share_id.in_(share_ids))
    ):
        whole.reactions[emoji] += 1
        each[share_id].reactions[emoji] += 1
    for share_id in session.scalars(select(Reply.share_id).where(Reply.share_id.in_(share_ids))):
        whole.replies += 1
        each[share_id].replies += 1
    return whole, each


def audience_version(session: Session, account_id: str, message_id: str) -> int | None:
    """Return the number of the last change; None where the message is gone, or another's."""
    query = select(func.coalesce(Audience.version, 0)).select_from(Message)
    query = query.outerjoin(Audience, Audience.message_id == Message.id)
    return session.scalar(query.where(Message.id == message_id, Message.account_id == account_id))
