"""`/api/v1/messages/{id}/preview`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse

from backend.api_keys.access import MessageReaderDep, MessageWriterDep
from backend.dependencies import CollaboratorsDep, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.messages import previewing, service
from backend.messages.preview_schemas import PreviewBody, preview_body
from backend.problems import NotFound
from backend.storage.response import StoredFileResponse

router = APIRouter(tags=["messages"], route_class=IdempotentRoute)
DraftQuery = Annotated[bool, Query(description="Let a base voice stand for a clone")]
SoundName = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.post("/messages/{message_id}/preview")
def preview_message(
    message_id: str, account: MessageWriterDep, app: CollaboratorsDep, draft: DraftQuery = False
) -> PreviewBody:
    """Lay the message out as its video will be, with its sound."""
    preview = previewing.preview_message(
        app.readers,
        app.speech,
        app.storage,
        account.id,
        message_id,
        app.settings.themes_dir,
        is_draft=draft,
    )
    return preview_body(preview)


@router.get("/messages/{message_id}/preview/{sound}", response_class=FileResponse)
def get_preview_sound(
    message_id: str,
    sound: SoundName,
    account: MessageReaderDep,
    session: SessionDep,
    app: CollaboratorsDep,
) -> FileResponse:
    """Return what is heard in a segment; its name changes with it."""
    service.get_message(session, account.id, message_id)
    return StoredFileResponse(
        app.storage,
        previewing.sound_key(message_id, sound),
        NotFound.named("sound", "There is no such sound any more."),
        media_type="audio/wav",
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
