"""`/api/v1/messages`."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response, StreamingResponse

from backend.api_keys.access import MessageReaderDep, MessageWriterDep
from backend.dependencies import (
    Collaborators,
    CollaboratorsDep,
    SessionDep,
)
from backend.idempotency.route import IdempotentRoute
from backend.media.captions import Cue, as_subrip, as_text
from backend.messages import captions, events, removal, service
from backend.messages.filters import MessagesQuery
from backend.messages.models import Message
from backend.messages.schemas import (
    MessageBody,
    MessageChanges,
    MessageList,
    RenderOrderBody,
    Waveform,
    message_body,
    message_summary,
)
from backend.messages.state import IN_WORK, TERMINAL, MessageState
from backend.problems import NotFound
from backend.queries import ByQuery
from backend.revisions import CHANGED, IfMatch, etag, is_known, tag
from backend.storage import NotStored
from backend.storage.response import StoredFileResponse
from backend.uploads.service import video_key
from backend.waiting import Prefer, wait_until

router = APIRouter(tags=["messages"], route_class=IdempotentRoute)
# Private: the next person at this browser must not be shown it from a cache.
FILE_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
DownloadQuery = Annotated[bool, Query(description="Offer to save the file under the title")]
WAVEFORM: dict[int | str, dict[str, Any]] = {200: {"model": Waveform}}
CAPTIONS = {kind: {"schema": {"type": "string"}} for kind in captions.CONTENT_TYPES}
SUBRIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/x-subrip": {}}}}
TRANSCRIPT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}
IfNoneMatch = Annotated[str | None, Header(description="The ETag that is there already")]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "It is as it was"}}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Progress, as it happens"}
}


@router.post("/messages", status_code=201)
def create_message(
    body: MessageChanges, account: MessageWriterDep, session: SessionDep, response: Response
) -> MessageBody:
    """Begin a draft; everything in it may come later."""
    made = service.create_draft(session, account.id, account.language, body)
    return _tagged(response, message_body(made))


@router.get("/messages")
def list_messages(
    account: MessageReaderDep,
    session: SessionDep,
    wanted: Annotated[MessagesQuery, Depends(ByQuery(MessagesQuery))],
) -> MessageList:
    """Return the account's messages, newest first; a campaign's are listed by its id alone."""
    page = service.list_messages(session, account.id, wanted)
    items = [message_summary(listed) for listed in page.items]
    return MessageList(items=items, next_cursor=page.next_cursor)


@router.get("/messages/{message_id}", response_model=MessageBody, responses=UNCHANGED)
async def get_message(
    message_id: str,
    account: MessageReaderDep,
    app: CollaboratorsDep,
    request: Request,
    response: Response,
    if_none_match: IfNoneMatch = None,
    prefer: Prefer = None,
) -> MessageBody | Response:
    """Return one message, or 304 to whoever has it as it is; `Prefer: wait` waits for its video."""
    await wait_until(_is_over(app, account.id, message_id), prefer, request, response)
    body = await run_in_threadpool(_body, app, account.id, message_id)
    if is_known(if_none_match, body.revision):
        return Response(status_code=304, headers={"ETag": etag(body.revision)})
    return _tagged(response, body)


@router.patch("/messages/{message_id}", responses=CHANGED)
def change_message(
    message_id: str,
    body: MessageChanges,
    account: MessageWriterDep,
    session: SessionDep,
    response: Response,
    if_match: IfMatch = None,
) -> MessageBody:
    """Keep what was typed; with `If-Match` only over the state that it names."""
    changed = service.change_message(session, account.id, message_id, body, if_match)
    return _tagged(response, message_body(changed))


def _tagged(response: Response, body: MessageBody) -> MessageBody:
    tag(response, body.revision)
    return body


@router.delete("/messages/{message_id}", status_code=204)
def delete_message(message_id: str, account: MessageWriterDep, app: CollaboratorsDep) -> None:
    """Delete the message with its video, links and cached speech."""
    removal.delete_message(app.sessions, app.storage, app.speech, account.id, message_id)


@router.post(
    "/messages/{message_id}/render", status_code=202, responses={200: {"model": MessageBody}}
)
async def render_message(
    message_id: str,
    account: MessageWriterDep,
    app: CollaboratorsDep,
    request: Request,
    response: Response,
    body: RenderOrderBody | None = None,
    prefer: Prefer = None,
) -> MessageBody:
    """Make the video, or try again; `Prefer: wait` waits for it, and 200 says that it is over."""
    is_bulk = body is not None and body.priority == "bulk"
    await run_in_threadpool(
        service.order_render,
        app.sessions,
        app.speech,
        account.id,
        message_id,
        is_bulk=is_bulk,
        caption_font=app.settings.caption_font,
    )
    await wait_until(_is_over(app, account.id, message_id), prefer, request, response)
    made = await run_in_threadpool(_body, app, account.id, message_id)
    response.status_code = 200 if made.state in TERMINAL else 202
    return made


def _body(app: Collaborators, account_id: str, message_id: str) -> MessageBody:
    with app.readers() as session:
        return message_body(service.get_message(session, account_id, message_id))


def _is_over(app: Collaborators, account_id: str, message_id: str) -> Callable[[], bool]:
    """Return a check whether nothing is at work on the message."""

    def check() -> bool:
        with app.readers() as session:
            return service.get_message(session, account_id, message_id).state not in IN_WORK

    return check


@router.post("/messages/{message_id}/cancel")
def cancel_message(message_id: str, account: MessageWriterDep, session: SessionDep) -> MessageBody:
    """Stop making the video."""
    return message_body(service.cancel_message(session, account.id, message_id))


@router.post("/messages/{message_id}/duplicate", status_code=201)
def duplicate_message(
    message_id: str, account: MessageWriterDep, session: SessionDep
) -> MessageBody:
    """Begin another draft with the same content."""
    return message_body(service.duplicate_message(session, account.id, message_id))


@router.get("/messages/{message_id}/events", response_class=StreamingResponse, responses=STREAM)
async def stream_progress(
    message_id: str,
    account: MessageReaderDep,
    app: CollaboratorsDep,
    last_event_id: Annotated[int, Header(ge=0, le=2**53)] = 0,
) -> StreamingResponse:
    """Stream the message's progress from `Last-Event-ID` on, until it is over."""
    await events.require_message(app.readers, account.id, message_id)
    stream = events.progress_stream(app.readers, message_id, last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@router.get("/messages/{message_id}/video", response_class=FileResponse)
def get_video(
    message_id: str,
    account: MessageReaderDep,
    session: SessionDep,
    app: CollaboratorsDep,
    download: DownloadQuery = False,
) -> FileResponse:
    """Return the finished MP4; a download has the captions in it as they are now."""
    message = _ready(session, account.id, message_id)
    if not download:
        return finished_file(app, message, "video.mp4", "video/mp4")
    kept = captions.shown_name(app.storage, message, "video.mp4")
    return finished_file(app, message, kept, "video/mp4", service.download_name(message))


@router.get("/messages/{message_id}/small", response_class=FileResponse)
def get_small_video(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the MP4 of at most 16 MB that messengers take."""
    message = _ready(session, account.id, message_id)
    name = "small.mp4" if message.has_small_video else "video.mp4"
    kept = captions.shown_name(app.storage, message, name)
    return finished_file(app, message, kept, "video/mp4", service.download_name(message))


@router.get("/messages/{message_id}/poster", response_class=FileResponse)
def get_poster(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the poster frame."""
    message = service.get_message(session, account.id, message_id)
    if not message.is_poster_there:
        raise NotFound.named("message_id", "There is no poster yet.")
    return finished_file(app, message, "poster.jpg", "image/jpeg")


@router.get("/messages/{message_id}/captions.vtt", response_class=FileResponse)
def get_captions(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the captions as WebVTT."""
    message = _ready(session, account.id, message_id)
    name = captions.shown_name(app.storage, message, "captions.vtt")
    return finished_file(app, message, name, "text/vtt; charset=utf-8")


@router.get("/messages/{message_id}/captions.srt", response_class=Response, responses=SUBRIP)
def get_subrip(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> Response:
    """Return the captions as SubRip, to be saved under the title."""
    message = _ready(session, account.id, message_id)
    text = as_subrip(_shown_cues(app, message))
    return text_file(message, text, "application/x-subrip", ".srt")


@router.get("/messages/{message_id}/transcript.txt", response_class=Response, responses=TRANSCRIPT)
def get_transcript(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> Response:
    """Return what the captions say as plain text, to be saved under the title."""
    message = _ready(session, account.id, message_id)
    return text_file(message, as_text(_shown_cues(app, message)), "text/plain", ".txt")


def _shown_cues(app: Collaborators, message: Message) -> list[Cue]:
    try:
        return captions.shown_cues(app.storage, message)
    except NotStored:
        raise NotFound.named("message_id", "This file is not there.") from None


def text_file(message: Message, text: str, media_type: str, ending: str) -> Response:
    """Return text as a file that is saved under the message's title."""
    name = service.download_name(message, ending)
    disposition = f"attachment; filename*=utf-8''{quote(name)}"
    headers = {**FILE_HEADERS, "Content-Disposition": disposition}
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)


@router.put(
    "/messages/{message_id}/captions",
    responses=CHANGED,
    openapi_extra={"requestBody": {"required": True, "content": CAPTIONS}},
)
async def put_captions(
    message_id: str,
    account: MessageWriterDep,
    app: CollaboratorsDep,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> MessageBody:
    """Give a message captions of its own, as WebVTT or SubRip of at most 200 kB."""
    raw, content_type = await request.body(), request.headers.get("content-type", "")
    changed = await run_in_threadpool(
        captions.give_captions,
        app.sessions,
        app.storage,
        account.id,
        message_id,
        raw,
        content_type,
        if_match,
    )
    return _tagged(response, message_body(changed))


@router.delete("/messages/{message_id}/captions")
def delete_captions(
    message_id: str, account: MessageWriterDep, app: CollaboratorsDep
) -> MessageBody:
    """Take captions away that were given; the ones made from the script come back."""
    changed = captions.take_captions_away(app.sessions, app.storage, account.id, message_id)
    return message_body(changed)


@router.get("/messages/{message_id}/stream", response_class=FileResponse)
def get_stream(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the recording itself, which can be watched before the MP4 is made."""
    return stream_file(app, service.get_message(session, account.id, message_id))


@router.get("/messages/{message_id}/thumbnail.gif", response_class=FileResponse)
def get_thumbnail(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return three moving seconds of the video, at most 320 pixels wide and 1 MB large."""
    message = _with_previews(session, account.id, message_id)
    return finished_file(app, message, "thumbnail.gif", "image/gif")


@router.get("/messages/{message_id}/waveform", response_class=FileResponse, responses=WAVEFORM)
def get_waveform(
    message_id: str, account: MessageReaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return how loud it is along the video."""
    message = _with_previews(session, account.id, message_id)
    return finished_file(app, message, "waveform.json", "application/json")


def _with_previews(session: SessionDep, account_id: str, message_id: str) -> Message:
    message = _ready(session, account_id, message_id)
    if not message.has_previews:
        raise NotFound.named("message_id", "This video was made before there were previews.")
    return message


def _ready(session: SessionDep, account_id: str, message_id: str) -> Message:
    message = service.get_message(session, account_id, message_id)
    if message.state is not MessageState.READY:
        raise NotFound.named("message_id", "The video is not ready yet.")
    return message


def finished_file(
    app: Collaborators, message: Message, name: str, media_type: str, download: str | None = None
) -> FileResponse:
    """Return a finished file of `message`."""
    missing = NotFound.named("message_id", "This file is not there.")
    return StoredFileResponse(
        app.storage,
        message.file_key(name),
        missing,
        media_type=media_type,
        headers=FILE_HEADERS,
        filename=download,
    )


def stream_file(app: Collaborators, message: Message) -> FileResponse:
    """Return the recording itself, unless something of it was cut or spoken over."""
    if not message.is_streamable or message.recording_upload_id is None:
        raise NotFound.named("message_id", "The recording itself can't be watched.")
    key = video_key(message.recording_upload_id, message.stream_type)
    missing = NotFound.named("message_id", "The recording was deleted.")
    return StoredFileResponse(
        app.storage, key, missing, media_type=message.stream_type, headers=FILE_HEADERS
    )
