"""The sender's side: links (`/api/v1/…/shares`), their audience, and replies."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import FileResponse, Response, StreamingResponse
from sqlalchemy.orm import Session

from backend.api_keys.access import ShareReaderDep, ShareWriterDep
from backend.dependencies import Collaborators, CollaboratorsDep, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.messages import events as message_events
from backend.problems import NotFound
from backend.revisions import CHANGED, IfMatch, tag
from backend.shares import audience, events, replies, service
from backend.shares.facts import call_to_action
from backend.shares.models import Reply, Share
from backend.shares.qr import draw_qr_code
from backend.shares.schemas import (
    AudienceBody,
    ReactionCount,
    ReplyBody,
    ShareAudience,
    ShareBody,
    ShareChanges,
    ShareList,
)
from backend.storage.response import StoredFileResponse

router = APIRouter(tags=["shares"], route_class=IdempotentRoute)
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "News, as they come"}
}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}
RECORDING_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


@router.post("/messages/{message_id}/shares", status_code=201)
def create_share(
    message_id: str,
    account: ShareWriterDep,
    session: SessionDep,
    app: CollaboratorsDep,
    response: Response,
    body: ShareChanges | None = None,
) -> ShareBody:
    """Make a link to a message that can be watched."""
    key, rules = app.settings.signing_secret, body or ShareChanges()
    share = service.share_message(session, key, account.id, message_id, rules)
    return _tagged(response, session, app, share)


@router.get("/messages/{message_id}/shares")
def list_shares(
    message_id: str, account: ShareReaderDep, session: SessionDep, app: CollaboratorsDep
) -> ShareList:
    """Return the links to a message, newest first."""
    shares = service.list_shares(session, account.id, message_id)
    return ShareList(items=_share_bodies(session, app, shares))


@router.patch("/shares/{share_id}", responses=CHANGED)
def change_share(
    share_id: str,
    body: ShareChanges,
    account: ShareWriterDep,
    session: SessionDep,
    app: CollaboratorsDep,
    response: Response,
    if_match: IfMatch = None,
) -> ShareBody:
    """Change what a link allows; it holds at once, also for who is watching."""
    share = service.change_share(session, account.id, share_id, body, if_match)
    return _tagged(response, session, app, share)


def _tagged(response: Response, session: Session, app: Collaborators, share: Share) -> ShareBody:
    (body,) = _share_bodies(session, app, [share])
    tag(response, body.revision)
    return body


@router.delete("/shares/{share_id}", status_code=204)
def revoke_share(share_id: str, account: ShareWriterDep, session: SessionDep) -> None:
    """Revoke a link: the page and every file behind it are gone at once."""
    service.revoke_share(session, account.id, share_id)


@router.get("/shares/{share_id}/qr.svg", response_class=Response, responses=PICTURE)
def get_qr_code(
    share_id: str, account: ShareReaderDep, session: SessionDep, app: CollaboratorsDep
) -> Response:
    """Return the link as a QR code, to be shown, printed or downloaded."""
    share = service.get_share(session, account.id, share_id)
    picture = draw_qr_code(_url_of(app, share))
    return Response(picture, media_type="image/svg+xml", headers=RECORDING_HEADERS)


def _url_of(app: Collaborators, share: Share) -> str:
    return (
        f"{app.settings.public_url}/s/{service.share_token(app.settings.signing_secret, share.id)}"
    )


def _share_bodies(session: Session, app: Collaborators, shares: list[Share]) -> list[ShareBody]:
    _, each = audience.tally(session, [share.id for share in shares])
    return [_share_body(app, share, each[share.id]) for share in shares]


def _share_body(app: Collaborators, share: Share, tally: audience.Tally) -> ShareBody:
    return ShareBody(
        id=share.id,
        revision=service.revision_of(share),
        url=_url_of(app, share),
        state=service.share_state(share),
        label=share.label,
        has_password=share.password_hash is not None,
        expires_at=share.expires_at,
        view_limit=share.view_limit,
        admissions=share.admissions,
        allow_download=share.allow_download,
        allow_reactions=share.allow_reactions,
        allow_replies=share.allow_replies,
        cta=call_to_action(share),
        views=tally.views,
        last_viewed_at=tally.last_viewed_at,
        stats=tally.numbers(),
        created_at=share.created_at,
        revoked_at=share.revoked_at,
    )


@router.get("/messages/{message_id}/audience")
def get_audience(message_id: str, account: ShareReaderDep, session: SessionDep) -> AudienceBody:
    """Return who opened, watched, reacted and replied."""
    # The version first: what changes meanwhile is told again.
    version = audience.audience_version(session, account.id, message_id) or 0
    shares = service.list_shares(session, account.id, message_id)
    whole, each = audience.tally(session, [share.id for share in shares])
    return AudienceBody(
        version=version,
        opened=whole.opened,
        views=whole.views,
        viewers=whole.viewers,
        quarters=whole.quarters,
        heat=whole.heat,
        reactions=[ReactionCount(emoji=e, count=n) for e, n in whole.reactions.most_common()],
        replies=[_reply_body(*found) for found in replies.list_replies(session, message_id)],
        shares=[_share_audience(share, each[share.id]) for share in shares],
    )


def _share_audience(share: Share, tally: audience.Tally) -> ShareAudience:
    return ShareAudience(
        **tally.numbers().model_dump(),
        share_id=share.id,
        label=share.label,
        last_viewed_at=tally.last_viewed_at,
    )


def _reply_body(reply: Reply, content_type: str | None) -> ReplyBody:
    is_recorded = reply.upload_id is not None
    return ReplyBody(
        id=reply.id,
        share_id=reply.share_id,
        at=reply.created_at,
        kind=reply.kind,
        name=reply.name,
        text=reply.text,
        duration_s=reply.duration_s,
        content_url=f"/api/v1/replies/{reply.id}/content" if is_recorded else None,
        content_type=content_type,
    )


@router.get(
    "/messages/{message_id}/audience/events", response_class=StreamingResponse, responses=STREAM
)
async def stream_audience(
    message_id: str,
    account: ShareReaderDep,
    app: CollaboratorsDep,
    last_event_id: Annotated[int, Header(ge=-1, le=2**53)] = -1,
) -> StreamingResponse:
    """Say `changed` whenever the audience did; the first event tells the present version."""
    await message_events.require_message(app.readers, account.id, message_id)
    stream = events.change_stream(app.readers, account.id, message_id, last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@router.get("/replies/{reply_id}/content", response_class=FileResponse)
def get_reply_content(
    reply_id: str, account: ShareReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the recording of a reply."""
    recording = replies.recording_of(session, account.id, reply_id)
    return StoredFileResponse(
        app.storage,
        recording.key,
        NotFound.named("reply_id", "The recording is not there."),
        media_type=recording.media_type,
        headers=RECORDING_HEADERS,
    )


@router.delete("/replies/{reply_id}", status_code=204)
def delete_reply(reply_id: str, account: ShareWriterDep, app: CollaboratorsDep) -> None:
    """Delete a reply with its recording."""
    replies.delete_reply(app.sessions, app.storage, account.id, reply_id)
