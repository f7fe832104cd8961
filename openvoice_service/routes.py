"""The speech service's calls. Each parses, calls once, and returns."""

import base64
import hmac
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

from openvoice_service import metrics, voices
from openvoice_service.admitting import AdmittedDep
from openvoice_service.base_voices import BaseVoiceUnavailable
from openvoice_service.base_voices.voicevox import EngineTrouble
from openvoice_service.cache import Word
from openvoice_service.engines import ENGINE_NAMES
from openvoice_service.formats import CONTENT_TYPES, encode
from openvoice_service.lane import Lease, SpotNotice
from openvoice_service.markup import MarkedText, parts_of_text
from openvoice_service.problems import unauthorized, unavailable, voicevox_unavailable
from openvoice_service.pronouncing import suggest
from openvoice_service.residency import Residency
from openvoice_service.schemas import (
    MAX_INPUT_CHARACTERS,
    MAX_TIMED_CHARACTERS,
    AudioFormat,
    Capabilities,
    EngineBody,
    ForgetRequest,
    Health,
    LanguageBody,
    LeaseBody,
    LeaseRequest,
    NeuralBaseBody,
    Readiness,
    ReadingsRequest,
    SentenceBody,
    SentencePart,
    SpeechRequest,
    SuggestedReading,
    SuggestedReadings,
    TimedSpeech,
    VoiceBody,
    VoiceList,
    WordBody,
)
from openvoice_service.speaking import Plan, Speaker
from openvoice_service.streaming import as_events, begun, encoded
from openvoice_service.synthesis import Order, Speech, TimedSentence
from openvoice_service.text import Sentence, known_language
from openvoice_service.voices import VoiceKeeper

logger = logging.getLogger(__name__)
health_router = APIRouter(tags=["health"])


async def _require_token(request: Request) -> None:
    expected = f"Bearer {request.app.state.settings.bearer}".encode()
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(expected, given):
        raise unauthorized()


router = APIRouter(prefix="/v1", dependencies=[Depends(_require_token)])


async def _speaker(request: Request) -> Speaker:
    speaker: Speaker = request.app.state.speaker
    return speaker


async def _keeper(request: Request) -> VoiceKeeper:
    keeper: VoiceKeeper = request.app.state.keeper
    return keeper


SpeakerDep = Annotated[Speaker, Depends(_speaker)]
KeeperDep = Annotated[VoiceKeeper, Depends(_keeper)]


@health_router.get("/healthz")
async def get_health(request: Request) -> Health:
    """Say that the process is alive, and whether a backend goes on wanting it."""
    return Health(lease_renewals=request.app.state.lease.renewals)


@health_router.get("/readyz", response_model=Readiness)
async def get_readiness(request: Request, speaker: SpeakerDep) -> JSONResponse:
    """Say whether a sentence can be spoken; an idle engine may have to be loaded for it."""
    residency: Residency = request.app.state.residency
    notice: SpotNotice | None = request.app.state.spot_notice
    ready = residency.is_proved
    if not ready:
        # One thread at most: whoever looks in meanwhile waits for the same probe.
        limiter = request.app.state.probe_thread
        ready = await anyio.to_thread.run_sync(residency.prove, limiter=limiter)
    body = Readiness(
        ready=ready,
        engine=speaker.engine.name,
        device=speaker.engine.device,
        loaded=residency.is_loaded,
        interruption_at=notice.interruption_at if notice else None,
    )
    return JSONResponse(body.model_dump(mode="json"), 200 if ready else 503)


@health_router.get("/metrics", response_class=Response)
async def get_metrics(request: Request) -> Response:
    """Return Prometheus' figures: no text, no names, no ids."""
    return Response(request.app.state.metrics.text(), media_type=metrics.CONTENT_TYPE)


@router.put("/lane/lease", tags=["lane"])
async def renew_lease(request: Request, body: LeaseRequest) -> LeaseBody:
    """Note that a backend wants this machine on; without it the watchdog turns it off."""
    request.app.state.lease.renew(body.holder)
    return await get_lease(request)


@router.get("/lane/lease", tags=["lane"])
async def get_lease(request: Request) -> LeaseBody:
    """Return who wants this machine, since when nothing was heard, and how much it has to do."""
    lease: Lease = request.app.state.lease
    return LeaseBody(
        holder=lease.holder,
        renewals=lease.renewals,
        age_s=lease.age_s,
        at_work=request.app.state.admission.inside,
    )


@router.get("/capabilities", tags=["health"])
async def get_capabilities(request: Request, speaker: SpeakerDep) -> Capabilities:
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
    reason = speaker.base_voices.neural_reason
    limits = {
        "input_characters": MAX_INPUT_CHARACTERS,
        "timed_input_characters": MAX_TIMED_CHARACTERS,
        "reference_s": voices.MAX_REFERENCE_S,
        "reference_bytes": voices.MAX_REFERENCE_BYTES,
        "queue": request.app.state.settings.speech_queue,
    }
    return Capabilities(
        engines=engines,
        languages=languages,
        neural_base=NeuralBaseBody(ready=reason is None, reason=reason),
        voicevox=voices.voicevox_body(speaker.base_voices.voicevox),
        formats=list(CONTENT_TYPES),
        limits=limits,
        warnings=list(getattr(current, "warnings", ())),
    )


# --- voices ---------------------------------------------------------------------------------


@router.get("/voices", tags=["voices"])
def list_voices(keeper: KeeperDep) -> VoiceList:
    """Return base voices and profiles."""
    return keeper.list()


@router.post("/voices", status_code=201, tags=["voices"])
async def create_voice(
    keeper: KeeperDep,
    admitted: AdmittedDep,
    files: Annotated[list[UploadFile], File()],
    name: Annotated[str, Form(max_length=100)] = "",
    language: Annotated[str, Form(max_length=16)] = "",
    consent: Annotated[str, Form(max_length=4_000)] = "",
    id: Annotated[str | None, Form(max_length=40)] = None,
) -> VoiceBody:
    """Make a profile of recordings of one speaker, who has agreed to it."""
    samples = [upload.file for upload in files]
    return await admitted.run(lambda: keeper.create(samples, name, language, consent, id))


@router.get("/voices/{voice_id}", tags=["voices"])
def get_voice(voice_id: str, keeper: KeeperDep) -> VoiceBody:
    """Return one voice."""
    return keeper.get(voice_id)


@router.get("/voices/{voice_id}/icon", tags=["voices"], response_class=Response)
def get_voice_icon(voice_id: str, keeper: KeeperDep) -> Response:
    """Return a VOICEVOX character's small picture, as the engine has it."""
    picture = keeper.picture(voice_id, is_portrait=False)
    return Response(picture.content, media_type=picture.media_type)


@router.get("/voices/{voice_id}/portrait", tags=["voices"], response_class=Response)
def get_voice_portrait(voice_id: str, keeper: KeeperDep) -> Response:
    """Return a VOICEVOX character's picture, as the engine has it."""
    picture = keeper.picture(voice_id, is_portrait=True)
    return Response(picture.content, media_type=picture.media_type)


@router.get("/voices/{voice_id}/samples/{index}", tags=["voices"], response_class=Response)
def get_voice_sample(voice_id: str, index: int, keeper: KeeperDep) -> Response:
    """Return what a VOICEVOX character brings to be heard, made to an MP3 by us."""
    wave = keeper.voice_sample(voice_id, index)
    return Response(encode(wave, "mp3"), media_type=CONTENT_TYPES["mp3"])


@router.delete("/voices/{voice_id}", status_code=204, tags=["voices"])
def delete_voice(voice_id: str, keeper: KeeperDep) -> None:
    """Delete a profile and all speech that was made with it."""
    keeper.delete(voice_id)


# --- speech ---------------------------------------------------------------------------------


@router.post("/audio/speech", tags=["speech"], response_class=Response)
async def create_speech(
    body: SpeechRequest, speaker: SpeakerDep, admitted: AdmittedDep
) -> Response:
    """Speak a text. OpenAI's request and answer; unchanged clients work.

    Several sentences are sent as they are spoken; a single one goes whole, with its length.
    """
    plan = await admitted.run(lambda: speaker.plan(body, MAX_INPUT_CHARACTERS, admitted.turn))
    if body.stream_format == "sse":
        media_type, make = "text/event-stream", _events
    elif len(plan.sentences) > 1:
        media_type, make = CONTENT_TYPES[body.response_format], _pieces
    else:
        audio = await admitted.run(lambda: _whole(speaker, plan, body.response_format))
        return Response(audio, media_type=CONTENT_TYPES[body.response_format])
    pieces = await admitted.run(lambda: begun(make(speaker, plan, body.response_format)))
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(admitted.each(pieces), media_type=media_type, headers=headers)


def _whole(speaker: Speaker, plan: Plan, audio_format: AudioFormat) -> bytes:
    return encode(_spoken(speaker, plan).wave, audio_format)


def _pieces(speaker: Speaker, plan: Plan, audio_format: AudioFormat) -> Iterator[bytes]:
    with _base_voice_answers():
        yield from encoded(speaker.synthesiser.stream(plan.sentences, plan.order), audio_format)


def _events(speaker: Speaker, plan: Plan, audio_format: AudioFormat) -> Iterator[bytes]:
    characters = sum(len(sentence.text) for sentence in plan.sentences)
    return as_events(_pieces(speaker, plan, audio_format), characters)


@contextmanager
def _base_voice_answers() -> Iterator[None]:
    try:
        yield
    except EngineTrouble as trouble:
        raise voicevox_unavailable(f"{trouble}.") from trouble
    except BaseVoiceUnavailable as error:
        raise unavailable("The base voice does not answer. Try again.") from error


@router.post("/audio/speech/timed", tags=["speech"])
async def create_timed_speech(
    body: SpeechRequest, speaker: SpeakerDep, admitted: AdmittedDep
) -> TimedSpeech:
    """Speak a text and tell when each sentence and word is heard."""
    plan = await admitted.run(lambda: speaker.plan(body, MAX_TIMED_CHARACTERS, admitted.turn))
    return await admitted.run(lambda: _timed(speaker, plan, body.response_format))


def _timed(speaker: Speaker, plan: Plan, audio_format: AudioFormat) -> TimedSpeech:
    plan, speech = _spoken_by_whoever_may(speaker, plan)
    return TimedSpeech(
        audio=base64.b64encode(encode(speech.wave, audio_format)).decode(),
        format=audio_format,
        sample_rate_hz=speech.wave.sample_rate_hz,
        duration_s=speech.wave.duration_s,
        engine=plan.engine,
        base_voice=plan.order.teller.base.id,
        voice=plan.order.teller.voice,
        language=plan.language,
        credit=plan.credit,
        sentences=[
            _sentence_body(index, spoken, sentence, plan.order)
            for index, (sentence, spoken) in enumerate(
                zip(plan.sentences, speech.sentences, strict=True)
            )
        ],
    )


def _spoken_by_whoever_may(speaker: Speaker, plan: Plan) -> tuple[Plan, Speech]:
    """Return what was said and by which plan: characters say all that is theirs, or nothing."""
    other = plan.standing_in()
    if other is None:
        return plan, _spoken(speaker, plan)
    try:
        return plan, speaker.synthesiser.speak(plan.sentences, plan.order)
    except EngineTrouble as trouble:
        logger.warning("Open JTalk stands in: %s", trouble)
        return other, _spoken(speaker, other)


def _spoken(speaker: Speaker, plan: Plan) -> Speech:
    with _base_voice_answers():
        return speaker.synthesiser.speak(plan.sentences, plan.order)


def _sentence_body(
    index: int, sentence: TimedSentence, asked: Sentence, order: Order
) -> SentenceBody:
    teller = order.teller_of(asked)
    return SentenceBody(
        index=index,
        text=sentence.text,
        start_s=sentence.start_s,
        end_s=sentence.end_s,
        cache_hit=sentence.cache_hit,
        cache_key=sentence.cache_key,
        reading=sentence.reading.line if sentence.reading is not None else None,
        words=[_word_body(word) for word in sentence.words],
        moras=[_word_body(mora) for mora in sentence.moras],
        voice=teller.voice,
        base_voice=teller.base.id,
        stood_in=teller.is_stood_in_for,
        is_common=order.is_common(asked),
    )


def _word_body(word: Word) -> WordBody:
    return WordBody(text=word.text, start_s=word.start_s, end_s=word.end_s)


@router.post("/audio/speech/forget", status_code=204, tags=["speech"])
def forget_speech(body: ForgetRequest, keeper: KeeperDep) -> None:
    """Delete cached sentences, as when the message they were made for is deleted."""
    keeper.forget(body.voice, body.cache_keys, body.kept_for)


@router.post("/audio/conversions", tags=["speech"], response_class=Response)
async def convert_speech(
    keeper: KeeperDep,
    admitted: AdmittedDep,
    file: Annotated[UploadFile, File()],
    voice: Annotated[str, Form(max_length=80)],
    response_format: Annotated[AudioFormat, Form()] = "wav",
) -> Response:
    """Re-speak a recording in a profile's tone: same words, same melody, another voice."""
    audio = await admitted.run(
        lambda: encode(keeper.convert(file.file, voice, admitted.turn), response_format)
    )
    return Response(audio, media_type=CONTENT_TYPES[response_format])


@router.post("/readings", tags=["speech"])
def suggest_readings(body: ReadingsRequest) -> SuggestedReadings:
    """Tell the sentences of a script; how Japanese ones are read, as lines of kana.

    Nothing is spoken. What could not be read is refused as it would be there.
    """
    language = known_language(body.language)
    found = suggest(body.input, language, body.readings, body.words, has_markup=body.markup)
    return SuggestedReadings(
        sentences=[
            SuggestedReading(
                index=index,
                text=one.sentence.source,
                parts=_part_bodies(one.sentence),
                suggested=one.suggested.line if one.suggested is not None else None,
                wished=one.wished.line if one.wished is not None else None,
            )
            for index, one in enumerate(found)
        ]
    )


def _part_bodies(sentence: Sentence) -> list[SentencePart]:
    parts = parts_of_text(sentence.marked or MarkedText(sentence.text, sentence.text))
    return [SentencePart(**asdict(part)) for part in parts]
