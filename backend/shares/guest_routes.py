"""What a recipient tells and sends (`/s/{token}/…`), without an account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from limits import RateLimitItemPerMinute
from sqlalchemy.orm import Session

from backend.dependencies import (
    Collaborators,
    CollaboratorsDep,
    SessionDep,
    limit_rate,
    require_our_pages,
)
from backend.shares import audience, reactions, replies
from backend.shares.access import Visit, Visitor
from backend.shares.schemas import (
    NewReaction,
    NewReply,
    PlaybackEvent,
    ReactionList,
    SentReply,
    ViewerName,
)
from backend.shares.small_bodies import SmallBodyRoute
from backend.shares.visitors import VisitorDep, name_viewer, page_visit, playing_visit
from backend.uploads import parts
from backend.uploads.routes import address_rules
from backend.uploads.schemas import (
    Completion,
    NewUpload,
    PartAddress,
    PartRequest,
    UploadBody,
    upload_body,
)

guest_router = APIRouter(prefix="/s", tags=["shares"], route_class=SmallBodyRoute)
OUR_PAGES = [Depends(require_our_pages)]

# Of one address at one link.
EVENTS = RateLimitItemPerMinute(300)
REACTIONS = RateLimitItemPerMinute(60)
REPLIES = RateLimitItemPerMinute(5)
UPLOADS = RateLimitItemPerMinute(6)
PARTS = RateLimitItemPerMinute(300)


@guest_router.post("/{token}/events", status_code=204, dependencies=OUR_PAGES)
def record_playback(
    token: str,
    body: PlaybackEvent,
    visitor: VisitorDep,
    response: Response,
    session: SessionDep,
    app: CollaboratorsDep,
) -> None:
    """Take what the page's script tells of a playback; the sender's own is not counted."""
    find = page_visit if body.kind == "opened" else playing_visit
    visit = find(session, app, token, visitor)
    limit_rate(app, EVENTS, "events", visit.share.id, visitor.address)
    if not visit.is_sender:
        viewer = name_viewer(response, app, token, visit, (visitor.viewer, body.viewer))
        audience.record_event(session, visit, viewer, body)


@guest_router.post("/{token}/reactions", status_code=201, dependencies=OUR_PAGES)
def add_reaction(
    token: str,
    body: NewReaction,
    visitor: VisitorDep,
    response: Response,
    session: SessionDep,
    app: CollaboratorsDep,
) -> ReactionList:
    """React; the same emoji again only moves it."""
    visit = playing_visit(session, app, token, visitor)
    reactions.require_reactions(visit)
    limit_rate(app, REACTIONS, "reactions", visit.share.id, visitor.address)
    viewer = name_viewer(response, app, token, visit, (visitor.viewer, body.viewer))
    reactions.react(session, visit, viewer, body)
    return reactions.reactions_to(session, visit.message.id, viewer)


@guest_router.delete("/{token}/reactions/{emoji}", dependencies=OUR_PAGES)
def delete_reaction(
    token: str,
    emoji: str,
    visitor: VisitorDep,
    response: Response,
    session: SessionDep,
    app: CollaboratorsDep,
    viewer: Annotated[ViewerName, Query()] = None,
) -> ReactionList:
    """Take a reaction back; none there is fine."""
    visit = playing_visit(session, app, token, visitor)
    reactions.require_reactions(visit)
    limit_rate(app, REACTIONS, "reactions", visit.share.id, visitor.address)
    hashed = name_viewer(response, app, token, visit, (visitor.viewer, viewer))
    reactions.take_back(session, visit, hashed, emoji)
    return reactions.reactions_to(session, visit.message.id, hashed)


@guest_router.post("/{token}/replies", status_code=201, dependencies=OUR_PAGES)
def add_reply(
    token: str, body: NewReply, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> SentReply:
    """Reply by text, or by a recording that was uploaded before."""
    visit = _replying_visit(session, app, token, visitor)
    limit_rate(app, REPLIES, "replies", visit.share.id, visitor.address)
    reply = replies.keep_reply(session, visit, body)
    return SentReply(id=reply.id, at=reply.created_at, kind=reply.kind)


def _replying_visit(session: Session, app: Collaborators, token: str, visitor: Visitor) -> Visit:
    visit = playing_visit(session, app, token, visitor)
    replies.require_replies(visit)
    return visit


@guest_router.post("/{token}/uploads", status_code=201, dependencies=OUR_PAGES)
def create_guest_upload(
    token: str, body: NewUpload, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> UploadBody:
    """Announce a recorded reply; its parts come next, as of any upload."""
    visit = _replying_visit(session, app, token, visitor)
    limit_rate(app, UPLOADS, "uploads", visit.share.id, visitor.address)
    allowed = app.settings
    made = replies.announce_recording(
        session, visit, allowed.upload_lifetime_s, allowed.upload_quota_bytes, body
    )
    return upload_body(made)


@guest_router.get("/{token}/uploads/{upload_id}")
def get_guest_upload(
    token: str, upload_id: str, visitor: VisitorDep, app: CollaboratorsDep
) -> UploadBody:
    """Return a recipient's upload and the parts held."""
    with app.readers() as session:
        visit = _replying_visit(session, app, token, visitor)
        upload = replies.guest_upload(session, visit, upload_id)
        noted = list(upload.parts)
    return _guest_body(upload_body(upload, parts.held_parts(app.storage, upload, noted)))


@guest_router.post("/{token}/uploads/{upload_id}/parts", dependencies=OUR_PAGES)
def address_guest_part(
    token: str,
    upload_id: str,
    body: PartRequest,
    visitor: VisitorDep,
    app: CollaboratorsDep,
) -> PartAddress:
    """Return the signed address to which one part is PUT."""
    with app.readers() as session:
        visit = _replying_visit(session, app, token, visitor)
        limit_rate(app, PARTS, "parts", visit.share.id, visitor.address)
        upload = replies.guest_upload(session, visit, upload_id)
    replies.require_small(upload, body.number)
    return parts.address_part(app.sessions, app.storage, upload, body, address_rules(app))


@guest_router.post("/{token}/uploads/{upload_id}/complete", dependencies=OUR_PAGES)
def complete_guest_upload(
    token: str,
    upload_id: str,
    visitor: VisitorDep,
    app: CollaboratorsDep,
    body: Completion | None = None,
) -> UploadBody:
    """Join and decode the recording. A file that can't be used is refused and deleted."""
    with app.readers() as session:
        visit = _replying_visit(session, app, token, visitor)
    limit_rate(app, UPLOADS, "complete", visit.share.id, visitor.address)
    size_bytes = body.size_bytes if body is not None else None
    upload = replies.complete_recording(app.sessions, app.storage, visit, upload_id, size_bytes)
    return _guest_body(upload_body(upload))


@guest_router.delete("/{token}/uploads/{upload_id}", status_code=204, dependencies=OUR_PAGES)
def delete_guest_upload(
    token: str, upload_id: str, visitor: VisitorDep, app: CollaboratorsDep
) -> None:
    """Remove a recording that was not sent."""
    with app.readers() as session:
        visit = _replying_visit(session, app, token, visitor)
    replies.drop_recording(app.sessions, app.storage, visit, upload_id)


def _guest_body(body: UploadBody) -> UploadBody:
    # The address of the content is the account's; the guest has the recording.
    return body.model_copy(update={"content_url": None})
