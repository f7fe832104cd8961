"""`/api/v1/voices`, `/base-voices`."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Response

from backend.api_keys.access import SpeakerDep, VoiceReaderDep, VoiceWriterDep, reads_voices
from backend.dependencies import (
    CollaboratorsDep,
    CursorQuery,
    LimitQuery,
    SessionDep,
)
from backend.idempotency.route import IdempotentRoute
from backend.revisions import CHANGED, IfMatch, revision_of, tag
from backend.voices import service
from backend.voices.models import Voice
from backend.voices.schemas import (
    BaseVoiceList,
    CharacterTerms,
    NewVoice,
    Preview,
    VoiceBody,
    VoiceChanges,
    VoiceList,
    base_voice_body,
    voice_body,
)

router = APIRouter(tags=["voices"], route_class=IdempotentRoute)
READERS = [Depends(reads_voices)]
MP3: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/mpeg": {}}, "description": "The sentence, spoken"}
}


PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}, "image/jpeg": {}}, "description": "The picture"}
}
# It comes from the VOICEVOX engine unopened: a browser takes it for nothing but what it is called.
FOREIGN_FILE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400",
}
VoicevoxId = Annotated[str, Path(pattern=r"^voicevox:[0-9]{1,10}$")]


@router.post("/voices", status_code=201)
def create_voice(
    body: NewVoice, account: VoiceWriterDep, app: CollaboratorsDep, response: Response
) -> VoiceBody:
    """Make a voice of an uploaded sample; takes some seconds."""
    voice = service.create_voice(app.sessions, app.storage, app.speech, account.id, body)
    return _tagged(response, voice)


@router.get("/voices")
def list_voices(
    account: VoiceReaderDep, session: SessionDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> VoiceList:
    """Return the account's voices, newest first."""
    page = service.list_voices(session, account.id, limit, cursor)
    return VoiceList(items=[voice_body(v) for v in page.items], next_cursor=page.next_cursor)


@router.get("/voices/{voice_id}")
def get_voice(
    voice_id: str, account: VoiceReaderDep, session: SessionDep, response: Response
) -> VoiceBody:
    """Return one voice."""
    return _tagged(response, service.get_voice(session, account.id, voice_id))


@router.patch("/voices/{voice_id}", responses=CHANGED)
def change_voice(
    voice_id: str,
    body: VoiceChanges,
    account: VoiceWriterDep,
    session: SessionDep,
    response: Response,
    if_match: IfMatch = None,
) -> VoiceBody:
    """Give a voice another name, or a VOICEVOX character to be built on."""
    return _tagged(response, service.change_voice(session, account.id, voice_id, body, if_match))


def _tagged(response: Response, voice: Voice) -> VoiceBody:
    body = voice_body(voice)
    tag(response, revision_of(body))
    return body


@router.delete("/voices/{voice_id}", status_code=204)
def delete_voice(voice_id: str, account: VoiceWriterDep, app: CollaboratorsDep) -> None:
    """Delete a voice: sample, profile and everything that was cached of its speech."""
    service.delete_voice(app.sessions, app.speech, account.id, voice_id)


@router.post("/voices/{voice_id}/preview", response_class=Response, responses=MP3)
def preview_voice(
    voice_id: str, body: Preview, account: SpeakerDep, app: CollaboratorsDep
) -> Response:
    """Say a sentence in a voice."""
    with app.readers() as session:
        voice = service.get_voice(session, account.id, voice_id)
    language = body.language or voice.language
    base_voice = service.reading_voice(voice, language)
    audio = service.preview(
        app.readers, app.speech, account.id, voice.id, language, body, base_voice
    )
    return Response(audio, media_type="audio/mpeg")


@router.get("/base-voices", dependencies=READERS)
def list_base_voices(app: CollaboratorsDep) -> BaseVoiceList:
    """Return the voices that come with the product."""
    voices = app.speech.base_voices()
    items = [base_voice_body(voice) for voice in voices.items]
    return BaseVoiceList(items=items, voicevox=voices.voicevox.state)


@router.get("/base-voices/{voice_id}/terms", dependencies=READERS)
def get_character_terms(voice_id: VoicevoxId, app: CollaboratorsDep) -> CharacterTerms:
    """Return a VOICEVOX character's terms, and how many samples there are to hear."""
    return CharacterTerms(**app.speech.voice_terms(voice_id).model_dump())


@router.get(
    "/base-voices/{voice_id}/{kind}",
    response_class=Response,
    responses=PICTURE,
    dependencies=READERS,
)
def get_character_picture(
    voice_id: VoicevoxId, kind: Literal["icon", "portrait"], app: CollaboratorsDep
) -> Response:
    """Return a VOICEVOX character's picture."""
    picture = app.speech.voice_picture(voice_id, kind)
    return Response(picture.content, media_type=picture.media_type, headers=FOREIGN_FILE)


@router.get(
    "/base-voices/{voice_id}/samples/{index}",
    response_class=Response,
    responses=MP3,
    dependencies=READERS,
)
def get_character_sample(
    voice_id: VoicevoxId, index: Annotated[int, Path(ge=0, le=99)], app: CollaboratorsDep
) -> Response:
    """Return a sample that a VOICEVOX character brings along."""
    audio = app.speech.voice_sample(voice_id, index)
    return Response(audio, media_type="audio/mpeg", headers=FOREIGN_FILE)


@router.post(
    "/base-voices/{voice_id}/preview",
    response_class=Response,
    responses=MP3,
)
def preview_base_voice(
    voice_id: str, body: Preview, account: SpeakerDep, app: CollaboratorsDep
) -> Response:
    """Say a sentence in a base voice."""
    service.require_base_voice(voice_id)
    audio = service.preview(app.readers, app.speech, account.id, voice_id, body.language, body)
    return Response(audio, media_type="audio/mpeg")
