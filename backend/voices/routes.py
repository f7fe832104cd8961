"""`/api/v1/voices`, `/base-voices`."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from backend.dependencies import (
    AccountDep,
    CollaboratorsDep,
    CursorQuery,
    LimitQuery,
    SessionDep,
    signed_in,
)
from backend.voices import service
from backend.voices.schemas import (
    BaseVoiceBody,
    BaseVoiceList,
    NewVoice,
    Preview,
    VoiceBody,
    VoiceChanges,
    VoiceList,
    voice_body,
)

router = APIRouter(tags=["voices"])
SIGNED_IN = [Depends(signed_in)]
MP3: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/mpeg": {}}, "description": "The sentence, spoken"}
}


@router.post("/voices", status_code=201)
def create_voice(body: NewVoice, account: AccountDep, app: CollaboratorsDep) -> VoiceBody:
    """Make a voice of an uploaded sample; takes some seconds."""
    voice = service.create_voice(app.sessions, app.storage, app.speech, account.id, body)
    return voice_body(voice)


@router.get("/voices")
def list_voices(
    account: AccountDep, session: SessionDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> VoiceList:
    """Return the account's voices, newest first."""
    page = service.list_voices(session, account.id, limit, cursor)
    return VoiceList(items=[voice_body(v) for v in page.items], next_cursor=page.next_cursor)


@router.get("/voices/{voice_id}")
def get_voice(voice_id: str, account: AccountDep, session: SessionDep) -> VoiceBody:
    """Return one voice."""
    return voice_body(service.get_voice(session, account.id, voice_id))


@router.patch("/voices/{voice_id}")
def rename_voice(
    voice_id: str, body: VoiceChanges, account: AccountDep, session: SessionDep
) -> VoiceBody:
    """Give a voice another name."""
    return voice_body(service.rename_voice(session, account.id, voice_id, body.name))


@router.delete("/voices/{voice_id}", status_code=204)
def delete_voice(voice_id: str, account: AccountDep, app: CollaboratorsDep) -> None:
    """Delete a voice: sample, profile and everything that was cached of its speech."""
    service.delete_voice(app.sessions, app.speech, account.id, voice_id)


@router.post("/voices/{voice_id}/preview", response_class=Response, responses=MP3)
def preview_voice(
    voice_id: str, body: Preview, account: AccountDep, app: CollaboratorsDep
) -> Response:
    """Say a sentence in a voice."""
    with app.readers() as session:
        voice = service.get_voice(session, account.id, voice_id)
    language = body.language or voice.language
    audio = service.preview(app.readers, app.speech, account.id, voice.id, language, body)
    return Response(audio, media_type="audio/mpeg")


@router.get("/base-voices", dependencies=SIGNED_IN)
def list_base_voices(app: CollaboratorsDep) -> BaseVoiceList:
    """Return the voices that come with the product."""
    voices = app.speech.base_voices()
    return BaseVoiceList(
        items=[
            BaseVoiceBody(
                id=v.id,
                name=v.name,
                languages=list(v.languages),
                credit=v.credit,
                accents=v.accents,
            )
            for v in voices
        ]
    )


@router.post(
    "/base-voices/{voice_id}/preview",
    response_class=Response,
    responses=MP3,
)
def preview_base_voice(
    voice_id: str, body: Preview, account: AccountDep, app: CollaboratorsDep
) -> Response:
    """Say a sentence in a base voice."""
    service.require_base_voice(voice_id)
    audio = service.preview(app.readers, app.speech, account.id, voice_id, body.language, body)
    return Response(audio, media_type="audio/mpeg")
