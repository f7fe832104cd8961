"""Links (`/api/v1/…/shares`) and what a recipient opens (`/s/{token}`)."""

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy.orm import Session

from backend.dependencies import AccountDep, Collaborators, CollaboratorsDep, SessionDep
from backend.messages.routes import finished_file
from backend.problems import NotFound
from backend.shares import service
from backend.shares.models import Share
from backend.shares.page import FILE_SECURITY_HEADERS, SECURITY_HEADERS, render_page
from backend.shares.schemas import ShareBody, SharedMessage, ShareList

router = APIRouter(tags=["shares"])
public_router = APIRouter(prefix="/s", tags=["shares"])


@router.post("/messages/{message_id}/shares", status_code=201)
def create_share(
    message_id: str, account: AccountDep, session: SessionDep, app: CollaboratorsDep
) -> ShareBody:
    """Make a link to a finished message."""
    key = app.settings.signing_secret
    return _share_body(app, service.share_message(session, key, account.id, message_id))


@router.get("/messages/{message_id}/shares")
def list_shares(
    message_id: str, account: AccountDep, session: SessionDep, app: CollaboratorsDep
) -> ShareList:
    """Return the links to a message, newest first."""
    shares = service.list_shares(session, account.id, message_id)
    return ShareList(items=[_share_body(app, share) for share in shares])


@router.delete("/shares/{share_id}", status_code=204)
def revoke_share(share_id: str, account: AccountDep, session: SessionDep) -> None:
    """Revoke a link: the page and every file behind it are gone at once."""
    service.revoke_share(session, account.id, share_id)


def _share_body(app: Collaborators, share: Share) -> ShareBody:
    token = service.share_token(app.settings.signing_secret, share.id)
    return ShareBody(
        id=share.id,
        url=f"{app.settings.public_url}/s/{token}",
        created_at=share.created_at,
        revoked_at=share.revoked_at,
    )


@public_router.get("/{token}", response_class=HTMLResponse)
def open_page(token: str, session: SessionDep, app: CollaboratorsDep) -> HTMLResponse:
    """Show the recipient's page; a link that leads nowhere gets a page that says so."""
    facts = _facts(session, token)
    page = render_page(app.settings.frontend_dist, facts, app.settings.public_url)
    return HTMLResponse(page, 200 if facts else 404, headers=SECURITY_HEADERS)


def _facts(session: Session, token: str) -> SharedMessage | None:
    try:
        message, sender = service.open_share(session, token)
    except NotFound:
        return None
    return SharedMessage(
        title=message.title,
        sender_name=sender.name,
        duration_s=message.duration_s,
        aspect=message.aspect,
        video_url=f"/s/{token}/video.mp4",
        poster_url=f"/s/{token}/poster.jpg",
        captions_url=f"/s/{token}/captions.vtt",
        language=message.language,
        credit=message.credit,
        synthetic=True,
    )


@public_router.get("/{token}/video.mp4", response_class=FileResponse)
def open_video(token: str, session: SessionDep, app: CollaboratorsDep) -> FileResponse:
    """Return the video behind a link."""
    return _shared_file(session, app, token, "video.mp4", "video/mp4")


@public_router.get("/{token}/poster.jpg", response_class=FileResponse)
def open_poster(token: str, session: SessionDep, app: CollaboratorsDep) -> FileResponse:
    """Return the poster behind a link."""
    return _shared_file(session, app, token, "poster.jpg", "image/jpeg")


@public_router.get("/{token}/captions.vtt", response_class=FileResponse)
def open_captions(token: str, session: SessionDep, app: CollaboratorsDep) -> FileResponse:
    """Return the captions behind a link."""
    return _shared_file(session, app, token, "captions.vtt", "text/vtt; charset=utf-8")


def _shared_file(
    session: Session, app: Collaborators, token: str, name: str, media_type: str
) -> FileResponse:
    message, _sender = service.open_share(session, token)
    response = finished_file(app, message, name, media_type)
    response.headers.update(FILE_SECURITY_HEADERS)
    return response
