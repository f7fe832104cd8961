"""The speech service's calls. Each parses, calls once, and returns."""

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

from openvoice_service import voices
from openvoice_service.base_voices import BaseVoiceUnavailable
from openvoice_service.engines import ENGINE_NAMES
from openvoice_service.formats import CONTENT_TYPES, encode
from openvoice_service.problems import unauthorized, unavailable
from openvoice_service.schemas import (
    MAX_INPUT_CHARACTERS,
    MAX_TIMED_CHARACTERS,
    AudioFormat,
    Capabilities,
    EngineBody,
    ForgetRequest,
    LanguageBody,
    Readiness,
    SentenceBody,
    SpeechRequest,
    TimedSpeech,
    VoiceBody,
    VoiceList,
    WordBody,
)
from openvoice_service.speaking import Plan, Speaker
from openvoice_service.synthesis import Speech, TimedSentence
from openvoice_service.voices import VoiceKeeper

health_router = APIRouter(tags=["health"])


def _require_token(request: Request) -> None:
    expected = f"Bearer {request.app.state.settings.bearer}".encode()
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(expected, given):
        raise unauthorized()


router = APIRouter(prefix="/v1", dependencies=[Depends(_require_token)])


def _speaker(request: Request) -> Speaker:
    speaker: Speaker = request.app.state.speaker
    return speaker


def _keeper(request: Request) -> VoiceKeeper:
    keeper: VoiceKeeper = request.app.state.keeper
    return keeper


SpeakerDep = Annotated[Speaker, Depends(_speaker)]
KeeperDep = Annotated[VoiceKeeper, Depends(_keeper)]


@health_router.get("/healthz")
def get_health() -> dict[str, bool]:
    """Say that the process is alive."""
    return {"ok": True}


@health_router.get("/readyz", response_model=Readiness)
def get_readiness(request: Request, speaker: SpeakerDep) -> JSONResponse:
    """Say whether a sentence can be spoken at once."""
    ready: bool = request.app.state.is_ready()
    body = Readiness(ready=ready, engine=speaker.engine.name, device=speaker.engine.device)
    return JSONResponse(body.model_dump(), 200 if ready else 503)


@router.get("/capabilities", tags=["health"])
def get_capabilities(speaker: SpeakerDep) -> Capabilities:
    """Return engines, languages, formats and limits."""
    current = speaker.engine
    engines = [
        EngineBody(
            name=name,
            ready=name not in speaker.lacking,
            device=current.device if name == current.name else None,
            precision=getattr(current, "precision", None) if name == current.name else None,
            default=name == current.name,
            reason=speaker.lacking.get(name),
        )
        for name in ENGINE_NAMES
    ]
    languages = [
        LanguageBody(code=code, base_voices=[v.id for v in speaker.base_voices.of_language(code)])
        for code in speaker.base_voices.languages
    ]
    limits = {
        "input_characters": MAX_INPUT_CHARACTERS,
        "timed_input_characters": MAX_TIMED_CHARACTERS,
        "reference_s": voices.MAX_REFERENCE_S,
        "reference_bytes": voices.MAX_REFERENCE_BYTES,
    }
    return Capabilities(
        engines=engines,
        languages=languages,
        formats=list(CONTENT_TYPES),
        limits=limits,
        warnings=list(getattr(current, "warnings", ())),
    )


# --- voices ---------------------------------------------------------------------------------


@router.get("/voices", tags=["voices"])
def list_voices(keeper: KeeperDep) -> VoiceList:
    """Return base voices and profiles."""
    return VoiceList(items=keeper.list())


@router.post("/voices", status_code=201, tags=["voices"])
def create_voice(
    keeper: KeeperDep,
    files: Annotated[list[UploadFile], File()],
    name: Annotated[str, Form(max_length=100)] = "",
    language: Annotated[str, Form(max_length=16)] = "",
    consent: Annotated[str, Form(max_length=4_000)] = "",
    id: Annotated[str | None, Form(max_length=40)] = None,
) -> VoiceBody:
    """Make a profile of recordings of one speaker, who has agreed to it."""
    return keeper.create([upload.file for upload in files], name, language, consent, id)


@router.get("/voices/{voice_id}", tags=["voices"])
def get_voice(voice_id: str, keeper: KeeperDep) -> VoiceBody:
    """Return one voice."""
    return keeper.get(voice_id)


@router.delete("/voices/{voice_id}", status_code=204, tags=["voices"])
def delete_voice(voice_id: str, keeper: KeeperDep) -> None:
    """Delete a profile and all speech that was made with it."""
    keeper.delete(voice_id)


# --- speech ---------------------------------------------------------------------------------


@router.post("/audio/speech", tags=["speech"], response_class=Response)
def create_speech(body: SpeechRequest, speaker: SpeakerDep) -> Response:
    """Speak a text. OpenAI's request and answer; unchanged clients work."""
    plan = speaker.plan(body, MAX_INPUT_CHARACTERS)
    if body.stream_format == "sse":
        return StreamingResponse(_events(speaker, plan, body), media_type="text/event-stream")
    if body.response_format in ("pcm", "mp3"):
        return _streamed(speaker, plan, body)
    speech = _spoken(speaker, plan)
    audio = encode(speech.wave, body.response_format)
    return Response(audio, media_type=CONTENT_TYPES[body.response_format])


def _streamed(speaker: Speaker, plan: Plan, body: SpeechRequest) -> StreamingResponse:
    """Send each sentence as soon as it is spoken: these formats can be joined end to end."""
    pieces = _pieces(speaker, plan, body.response_format)
    first = next(pieces)  # a problem must still be able to become a status
    return StreamingResponse(
        _and_then(first, pieces), media_type=CONTENT_TYPES[body.response_format]
    )


def _and_then(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _pieces(speaker: Speaker, plan: Plan, audio_format: AudioFormat) -> Iterator[bytes]:
    try:
        for wave in speaker.synthesiser.stream(plan.sentences, plan.order):
            yield encode(wave, audio_format)
    except BaseVoiceUnavailable as error:
        raise unavailable("The base voice does not answer. Try again.") from error


def _events(speaker: Speaker, plan: Plan, body: SpeechRequest) -> Iterator[str]:
    """Yield OpenAI's speech.audio.delta and speech.audio.done events."""
    characters = sum(len(sentence.text) for sentence in plan.sentences)
    for piece in _pieces(speaker, plan, body.response_format):
        delta = {"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()}
        yield f"data: {json.dumps(delta)}\n\n"
    usage = {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters}
    yield f"data: {json.dumps({'type': 'speech.audio.done', 'usage': usage})}\n\n"


@router.post("/audio/speech/timed", tags=["speech"])
def create_timed_speech(body: SpeechRequest, speaker: SpeakerDep) -> TimedSpeech:
    """Speak a text and tell when each sentence and word is heard."""
    plan = speaker.plan(body, MAX_TIMED_CHARACTERS)
    speech = _spoken(speaker, plan)
    return TimedSpeech(
        audio=base64.b64encode(encode(speech.wave, body.response_format)).decode(),
        format=body.response_format,
        sample_rate_hz=speech.wave.sample_rate_hz,
        duration_s=speech.wave.duration_s,
        engine=plan.engine,
        base_voice=plan.order.base.id,
        voice=plan.order.voice,
        language=plan.language,
        credit=plan.order.base.credit,
        sentences=[_sentence_body(i, sentence) for i, sentence in enumerate(speech.sentences)],
    )


def _spoken(speaker: Speaker, plan: Plan) -> Speech:
    try:
        return speaker.synthesiser.speak(plan.sentences, plan.order)
    except BaseVoiceUnavailable as error:
        raise unavailable("The base voice does not answer. Try again.") from error


def _sentence_body(index: int, sentence: TimedSentence) -> SentenceBody:
    return SentenceBody(
        index=index,
        text=sentence.text,
        start_s=sentence.start_s,
        end_s=sentence.end_s,
        cache_hit=sentence.cache_hit,
        cache_key=sentence.cache_key,
        words=[WordBody(text=w.text, start_s=w.start_s, end_s=w.end_s) for w in sentence.words],
    )


@router.post("/audio/speech/forget", status_code=204, tags=["speech"])
def forget_speech(body: ForgetRequest, keeper: KeeperDep) -> None:
    """Delete cached sentences, as when the message they were made for is deleted."""
    keeper.forget(body.voice, body.cache_keys)


@router.post("/audio/conversions", tags=["speech"], response_class=Response)
def convert_speech(
    keeper: KeeperDep,
    file: Annotated[UploadFile, File()],
    voice: Annotated[str, Form(max_length=80)],
    response_format: Annotated[AudioFormat, Form()] = "wav",
) -> Response:
    """Re-speak a recording in a profile's tone: same words, same melody, another voice."""
    converted = keeper.convert(file.file, voice)
    audio = encode(converted, response_format)
    return Response(audio, media_type=CONTENT_TYPES[response_format])
