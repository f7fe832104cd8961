"""What a recipient opens (`/s/{token}`): the page, its passes and its files, all asking alike."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse, HTMLResponse
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from sqlalchemy.orm import Session

from backend.dependencies import (
    Collaborators,
    CollaboratorsDep,
    SessionDep,
    limit_rate,
    require_our_pages,
)
from backend.description import TOLD_AS_A_PAGE
from backend.media.captions import Cue, as_subrip, as_text
from backend.messages import captions
from backend.messages import service as messages
from backend.messages.routes import (
    FILE_HEADERS,
    SUBRIP,
    TRANSCRIPT,
    WAVEFORM,
    stream_file,
    text_file,
)
from backend.problems import NotFound, Problem, ProblemBody, RateLimited
from backend.security import verify_password
from backend.shares import access, page, reactions
from backend.shares.access import PassKind, Visit, Visitor
from backend.shares.facts import Held, may_save, playback_state, shared_message
from backend.shares.models import Share
from backend.shares.playable import is_made
from backend.shares.refusals import (
    EmbedOff,
    FormatUnknown,
    LinkExpired,
    PasswordNeeded,
    PasswordWrong,
    PrivateLink,
    SwitchedOff,
    ViewsSpent,
)
from backend.shares.schemas import (
    ClosedLink,
    OEmbed,
    Password,
    PlaybackState,
    ReactionList,
    SharedMessage,
)
from backend.shares.small_bodies import SmallBodyRoute
from backend.shares.visitors import (
    NOBODY,
    VisitorDep,
    give_pass,
    open_visit,
    page_visit,
    playing_visit,
    viewer_hash,
)
from backend.storage.response import StoredFileResponse
from backend.transactions import OneThreadRoute

public_router = APIRouter(prefix="/s", tags=["shares"], route_class=SmallBodyRoute)
oembed_router = APIRouter(tags=["shares"], route_class=OneThreadRoute)
DownloadQuery = Annotated[bool, Query(description="Save the file, where the sender allows")]
OUR_PAGES = [Depends(require_our_pages)]

GUESSES = RateLimitItemPerMinute(10)  # of one address
WRONG_GUESSES = RateLimitItemPerHour(100)  # of all addresses together
ADMISSIONS = RateLimitItemPerMinute(300)

NO_XML: dict[int | str, dict[str, Any]] = {
    501: {"model": ProblemBody, "description": "XML is not spoken here, as oEmbed calls it"}
}

# --- the page -------------------------------------------------------------------------------


@public_router.get("/{token}", response_class=HTMLResponse, responses=TOLD_AS_A_PAGE)
def open_page(token: str, visitor: VisitorDep, app: CollaboratorsDep) -> HTMLResponse:
    """Show the recipient's page; a link that leads nowhere gets a page that says so."""
    return _page(app, token, visitor, is_embed=False)


@public_router.get("/{token}/embed", response_class=HTMLResponse, responses=TOLD_AS_A_PAGE)
def open_embedded_page(token: str, visitor: VisitorDep, app: CollaboratorsDep) -> HTMLResponse:
    """Show the page inside of somebody's page: only of a link that is open to everybody."""
    return _page(app, token, visitor, is_embed=True)


def _page(app: Collaborators, token: str, visitor: Visitor, *, is_embed: bool) -> HTMLResponse:
    headers = page.security_headers(app.storage.put_origin, is_embed=is_embed)
    facts: page.Facts | None
    try:
        with app.readers() as session:
            visit = open_visit(session, app, token, visitor)
            _require_shown(visit, is_embed=is_embed)
            given = _reactions(session, app, visit, visitor)
    except Problem as refusal:
        facts, status = _closed(refusal)
        is_listed = False
    else:
        facts, status = _facts(app, visit, token, given, is_embed=is_embed), 200
        is_listed = visit.is_open_to_all
    address = page.PublicAddress(app.settings.public_url, token, is_listed)
    html = page.render_page(app.settings.frontend_dist, facts, address)
    return HTMLResponse(html, status, headers=headers)


def _require_shown(visit: Visit, *, is_embed: bool) -> None:
    if is_embed and not visit.is_open_to_all:
        raise EmbedOff("Open the link itself.")
    access.require_page(visit)


def _closed(refusal: Problem) -> tuple[ClosedLink | None, int]:
    """Return what the page is told instead; of a link that leads nowhere it is told nothing."""
    if isinstance(refusal, PasswordNeeded):
        return ClosedLink(state="needs_password", needs_password=True), 200
    if isinstance(refusal, LinkExpired):
        return ClosedLink(state="expired", needs_password=False), refusal.status
    if isinstance(refusal, ViewsSpent):
        return ClosedLink(state="spent", needs_password=False), refusal.status
    if isinstance(refusal, EmbedOff):
        return ClosedLink(state="embed_off", needs_password=False), refusal.status
    return None, refusal.status


def _reactions(
    session: Session, app: Collaborators, visit: Visit, visitor: Visitor
) -> ReactionList:
    return reactions.reactions_to(session, visit.message.id, viewer_hash(app, visit, visitor))


def _facts(
    app: Collaborators, visit: Visit, token: str, given: ReactionList, *, is_embed: bool
) -> SharedMessage:
    """Ask the storage what is there, between transactions."""
    return shared_message(_held(app, visit), visit, token, given, is_embed=is_embed)


def _held(app: Collaborators, visit: Visit) -> Held:
    names = app.storage.names(f"{visit.message.folder}/{visit.message.attempt}")
    # Read only where it is told.
    is_asked = may_save(visit) and is_made(visit.message, "captions.vtt")
    return Held(names, is_asked and captions.has_words(app.storage, visit.message))


@public_router.get("/{token}/state")
def get_state(token: str, visitor: VisitorDep, app: CollaboratorsDep) -> PlaybackState:
    """Return what can be played by now, for a page that waits."""
    with app.readers() as session:
        visit = page_visit(session, app, token, visitor)
    return playback_state(_held(app, visit), visit, token)


# --- passes ---------------------------------------------------------------------------------


@public_router.post("/{token}/unlock", status_code=204, dependencies=OUR_PAGES)
def unlock(
    token: str, body: Password, visitor: VisitorDep, response: Response, app: CollaboratorsDep
) -> None:
    """Open a link by its password; the answer sets a pass for this link alone."""
    with app.readers() as session:
        visit = open_visit(session, app, token, visitor)
    access.require_alive(visit)
    _limit_guesses(app, visit.share, visitor)
    # Verified between transactions, since it takes a while.
    if visit.share.password_hash and not verify_password(body.password, visit.share.password_hash):
        app.limiter.hit(WRONG_GUESSES, "wrong", visit.share.id)
        raise PasswordWrong.told()
    give_pass(response, app, token, visit, PassKind.UNLOCKED)


def _limit_guesses(app: Collaborators, share: Share, visitor: Visitor) -> None:
    limit_rate(app, GUESSES, "unlock", share.id, visitor.address)
    if not app.limiter.test(WRONG_GUESSES, "wrong", share.id):
        raise RateLimited("Too many wrong passwords were tried here. Come back later.", 3600)


@public_router.post("/{token}/admit", status_code=204, dependencies=OUR_PAGES)
def admit(
    token: str,
    visitor: VisitorDep,
    response: Response,
    session: SessionDep,
    app: CollaboratorsDep,
) -> None:
    """Let a viewer in, counted where the link has a limit; the answer sets a pass."""
    visit = open_visit(session, app, token, visitor)
    limit_rate(app, ADMISSIONS, "admit", visit.share.id, visitor.address)
    access.admit(session, visit)
    if not (visit.is_admitted or visit.is_sender):
        give_pass(response, app, token, visit, PassKind.ADMITTED)


# --- files ----------------------------------------------------------------------------------


@public_router.get("/{token}/video.mp4", response_class=FileResponse)
def open_video(
    token: str,
    visitor: VisitorDep,
    session: SessionDep,
    app: CollaboratorsDep,
    download: DownloadQuery = False,
) -> FileResponse:
    """Return the video behind a link."""
    visit = playing_visit(session, app, token, visitor)
    if not download:
        return _shared_file(app, visit, "video.mp4", "video/mp4")
    _require_saving(visit)
    name = captions.shown_name(app.storage, visit.message, "video.mp4")
    return _shared_file(app, visit, name, "video/mp4", messages.download_name(visit.message))


@public_router.get("/{token}/stream", response_class=FileResponse)
def open_stream(
    token: str, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return what was recorded, while the video is still being made."""
    response = stream_file(app, playing_visit(session, app, token, visitor).message)
    response.headers.update(page.FILE_SECURITY_HEADERS)
    return response


@public_router.get("/{token}/captions.vtt", response_class=FileResponse)
def open_captions(
    token: str,
    visitor: VisitorDep,
    session: SessionDep,
    app: CollaboratorsDep,
    download: DownloadQuery = False,
) -> FileResponse:
    """Return the captions behind a link."""
    visit = playing_visit(session, app, token, visitor)
    name = captions.shown_name(app.storage, visit.message, "captions.vtt")
    if not download:
        return _shared_file(app, visit, name, "text/vtt; charset=utf-8")
    _saved_cues(app, visit)
    saved_as = messages.download_name(visit.message, ".vtt")
    return _shared_file(app, visit, name, "text/vtt; charset=utf-8", saved_as)


@public_router.get("/{token}/captions.srt", response_class=Response, responses=SUBRIP)
def save_subrip(
    token: str, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> Response:
    """Return the captions behind a link as SubRip, where the sender allows to save them."""
    visit = playing_visit(session, app, token, visitor)
    text = as_subrip(_saved_cues(app, visit))
    return _words(visit, text, "application/x-subrip", ".srt")


@public_router.get("/{token}/transcript.txt", response_class=Response, responses=TRANSCRIPT)
def save_transcript(
    token: str, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> Response:
    """Return what the captions behind a link say, where the sender allows to save it."""
    visit = playing_visit(session, app, token, visitor)
    return _words(visit, as_text(_saved_cues(app, visit)), "text/plain", ".txt")


def _require_saving(visit: Visit) -> None:
    if not may_save(visit):
        raise SwitchedOff.named("download")


def _saved_cues(app: Collaborators, visit: Visit) -> list[Cue]:
    """Return the captions that are saved. Raises NotFound where there are none."""
    _require_saving(visit)
    made = is_made(visit.message, "captions.vtt")
    if not made or not captions.has_words(app.storage, visit.message):
        raise NotFound.named("token", "There are no captions behind this link.")
    return captions.shown_cues(app.storage, visit.message)


def _words(visit: Visit, text: str, media_type: str, ending: str) -> Response:
    response = text_file(visit.message, text, media_type, ending)
    response.headers.update(page.FILE_SECURITY_HEADERS)
    return response


@public_router.get("/{token}/waveform.json", response_class=FileResponse, responses=WAVEFORM)
def open_waveform(
    token: str, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the peaks of the sound behind a link."""
    visit = playing_visit(session, app, token, visitor)
    return _shared_file(app, visit, "waveform.json", "application/json")


@public_router.get("/{token}/poster.jpg", response_class=FileResponse)
def open_poster(
    token: str, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the poster behind a link: whoever sees the page sees it, before being let in."""
    visit = page_visit(session, app, token, visitor)
    return _shared_file(app, visit, "poster.jpg", "image/jpeg")


@public_router.get("/{token}/thumbnail.gif", response_class=FileResponse)
def open_thumbnail(
    token: str, visitor: VisitorDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the moving thumbnail behind a link."""
    visit = page_visit(session, app, token, visitor)
    return _shared_file(app, visit, "thumbnail.gif", "image/gif")


def _shared_file(
    app: Collaborators, visit: Visit, name: str, media_type: str, download: str | None = None
) -> FileResponse:
    missing = NotFound.named("token", "There is no such file behind this link.")
    if not is_made(visit.message, name):
        raise missing
    return StoredFileResponse(
        app.storage,
        visit.message.file_key(name),
        missing,
        media_type=media_type,
        headers=FILE_HEADERS | page.FILE_SECURITY_HEADERS,
        filename=download,
    )


# --- oEmbed ---------------------------------------------------------------------------------


@oembed_router.get("/oembed", response_model_exclude_none=True, responses=NO_XML)
def get_oembed(
    url: str,
    response: Response,
    app: CollaboratorsDep,
    format: Literal["json", "xml"] = "json",
    maxwidth: Annotated[int | None, Query(ge=1)] = None,
    maxheight: Annotated[int | None, Query(ge=1)] = None,
) -> OEmbed:
    """Tell another page how to show a link's video (oEmbed 1.0)."""
    if format != "json":
        raise FormatUnknown("Ask for format=json.")
    response.headers["X-Content-Type-Options"] = "nosniff"
    token = page.token_of(url, app.settings.public_url)
    with app.readers() as session:
        visit = open_visit(session, app, token, NOBODY)
        given = _reactions(session, app, visit, NOBODY)
    if not visit.is_open_to_all:
        raise PrivateLink("Only who has the link and is let in may watch.")
    try:
        access.require_page(visit)
    except LinkExpired as expired:
        raise NotFound.named("url", "This link has expired.") from expired
    facts = _facts(app, visit, token, given, is_embed=True)
    address = page.PublicAddress(app.settings.public_url, token, is_listed=True)
    return page.oembed(facts, address, maxwidth, maxheight)
