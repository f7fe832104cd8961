"""Emoji at moments of the video, each at most once a viewer."""

from collections import Counter

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.db import utc_now
from backend.shares.access import Visit
from backend.shares.audience import meet_viewer, touch_audience
from backend.shares.models import Reaction, Share, Viewer
from backend.shares.refusals import OwnMessage, SwitchedOff
from backend.shares.schemas import NewReaction, ReactionList


def require_reactions(visit: Visit) -> None:
    """Raise unless the visitor may react."""
    if not visit.share.allow_reactions:
        raise SwitchedOff.named("reactions")
    if visit.is_sender:
        raise OwnMessage("Your own reactions are not counted.")


def react(session: Session, visit: Visit, viewer_hash: str, reaction: NewReaction) -> None:
    """Keep a reaction; the same again only moves it."""
    touch_audience(session, visit.message.id)
    viewer = meet_viewer(session, visit.share, viewer_hash)
    if viewer is None:
        return
    session.merge(
        Reaction(
            viewer_id=viewer.id,
            emoji=reaction.emoji,
            position_s=reaction.position_s,
            created_at=utc_now(),
        )
    )
    session.flush()


def take_back(session: Session, visit: Visit, viewer_hash: str, emoji: str) -> None:
    """Remove a viewer's reaction; none there is fine."""
    touch_audience(session, visit.message.id)
    viewer_ids = select(Viewer.id).where(
        Viewer.share_id == visit.share.id, Viewer.viewer_hash == viewer_hash
    )
    session.execute(
        delete(Reaction).where(Reaction.viewer_id.in_(viewer_ids), Reaction.emoji == emoji)
    )


def reactions_to(session: Session, message_id: str, viewer_hash: str | None) -> ReactionList:
    """Return all reactions to a message, and which are this viewer's own."""
    query = (
        select(Reaction.emoji, Viewer.viewer_hash)
        .join(Viewer, Viewer.id == Reaction.viewer_id)
        .join(Share, Share.id == Viewer.share_id)
        .where(Share.message_id == message_id)
    )
    given = session.execute(query).all()
    counts = Counter(emoji for emoji, _ in given)
    own = sorted(emoji for emoji, whose in given if whose == viewer_hash)
    return ReactionList(reactions=dict(counts.most_common()), own_reactions=own)
