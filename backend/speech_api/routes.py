"""`/v1`: the speech service's API for programs, by API key. OpenAI's clients work unchanged."""

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from backend.api_keys.access import SpeechKeyDep, VoicesKeyDep
from backend.dependencies import Collaborators, CollaboratorsDep
from backend.speech.client import TIMEOUT_PER_CHARACTER_S
from backend.speech_api import service
from backend.speech_api.schemas import (
    ConversionOrder,
    Model,
    ModelList,
    SpeakableVoices,
    SpeechOrder,
    base_voice_body,
    own_voice_body,
)
from backend.voices import service as voices

router = APIRouter(prefix="/v1", tags=["speech"])

MAX_RECORDING_BYTES = 100 * 1024 * 1024
# Neural conversion on two slow cores takes about as long as the recording itself.
TIMEOUT_PER_RECORDED_S = 2.0
AUDIO: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound", "content": {"audio/*": {}, "text/event-stream": {}}}
}
TIMED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound in base64, and its times", "content": {"application/json": {}}}
}
CONVERSION_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "voice"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **ConversionOrder.model_json_schema()["properties"],
                    },
                }
            }
        },
    }
}


@router.get("/voices")
def list_speakable_voices(holder: VoicesKeyDep, app: CollaboratorsDep) -> SpeakableVoices:
    """Return the voices of the product and the holder's own."""
    base = [base_voice_body(voice) for voice in app.speech.base_voices().items]
    with app.readers() as session:
        own = [own_voice_body(voice) for voice in voices.all_voices(session, holder.id)]
    return SpeakableVoices(items=base + own)


@router.get("/models")
def list_models(_holder: SpeechKeyDep) -> ModelList:
    """Return the one model there is: some clients ask before they speak."""
    return ModelList(data=[Model(id="openvoice")])


@router.post("/audio/speech", response_class=Response, responses=AUDIO)
async def speak(
    order: SpeechOrder, request: Request, holder: SpeechKeyDep, app: CollaboratorsDep
) -> Response:
    """Speak a text: OpenAI's request and answer, each piece sent as soon as it is spoken."""
    return await _speak(app, request, holder.id, order, "/v1/audio/speech")


@router.post("/audio/speech/timed", response_class=Response, responses=TIMED)
async def speak_timed(
    order: SpeechOrder, request: Request, holder: SpeechKeyDep, app: CollaboratorsDep
) -> Response:
    """Speak a text and tell, as JSON, when each sentence and word is heard."""
    return await _speak(app, request, holder.id, order, "/v1/audio/speech/timed")


async def _speak(
    app: Collaborators, request: Request, account_id: str, order: SpeechOrder, path: str
) -> Response:
    voice = await run_in_threadpool(
        service.speakable_voice, app.readers, account_id, order.voice_id
    )
    said = await run_in_threadpool(
        service.with_speakable_voices, app.readers, account_id, order.deliveries
    )
    wish = order.model_dump(exclude_unset=True) | {
        "voice": voice,
        "kept_for": account_id,
        "deliveries": [one.model_dump(exclude_unset=True) for one in said],
    }
    timeout_s = app.upstream.base_timeout_s + TIMEOUT_PER_CHARACTER_S * len(order.input)
    asked = {voice, order.base_voice, *(one.voice for one in said)}
    gains = await run_in_threadpool(service.gains_by_gpu, app.readers, asked)
    return await app.upstream.relay(request, path, timeout_s, gains_by_gpu=gains, json=wish)


@router.post(
    "/audio/conversions",
    response_class=Response,
    responses=AUDIO,
    openapi_extra=CONVERSION_FORM,
    max_body_size=MAX_RECORDING_BYTES + 64 * 1024,
)
async def convert_recording(
    request: Request, holder: SpeechKeyDep, app: CollaboratorsDep
) -> Response:
    """Re-speak a recording in a voice: same words, same melody, another speaker."""
    # Read here and not by the framework: nobody's bytes are taken before the key was looked at.
    async with request.form(max_files=1, max_fields=8) as form:
        order, recording = _conversion(form)
        voice = await run_in_threadpool(
            service.speakable_voice, app.readers, holder.id, order.voice
        )
        with tempfile.TemporaryDirectory(prefix="conversion-") as folder:
            made = Path(folder) / "speech.wav"
            sound = await run_in_threadpool(service.decode_recording, recording.file, made)
            wish = {"voice": voice or "", "response_format": order.response_format}
            timeout_s = app.upstream.base_timeout_s + TIMEOUT_PER_RECORDED_S * sound.duration_s
            with made.open("rb") as wav:
                files = {"file": ("speech.wav", wav, "audio/wav")}
                return await app.upstream.relay(
                    request,
                    "/v1/audio/conversions",
                    timeout_s,
                    gains_by_gpu=voice is not None and not voices.is_base_voice(voice),
                    data=wish,
                    files=files,
                )


def _conversion(form: FormData) -> tuple[ConversionOrder, UploadFile]:
    recording = form.get("file")
    if not isinstance(recording, UploadFile):
        missing = {"type": "missing", "loc": ("body", "file"), "msg": "There is no recording."}
        raise RequestValidationError([missing])
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        return ConversionOrder(**fields), recording
    except ValidationError as error:
        located = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise RequestValidationError(located) from error
