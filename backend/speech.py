"""Typed client of the speech service: the only way the backend reaches it.

Every answer is checked before it is believed. A service that is down, slow or answers
nonsense is `SpeechUnavailable` and worth another try; a request that it understood and
refused is `SpeechRefused` and is not.
"""

import base64
import binascii
import io
import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.problems import FieldError, Problem, Unavailable
from backend.settings import Settings
from backend.trust import authorities

# 5,000 characters are at most some 20 minutes of speech: 58 MB of 24 kHz PCM, 77 MB in base64.
MAX_TIMED_BYTES = 128 * 1024 * 1024
MAX_AUDIO_BYTES = 96 * 1024 * 1024
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_PICTURE_BYTES = 4 * 1024 * 1024
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
# The service rounds its times to whole samples of its own rate; a claim farther off is nonsense.
TIME_SLACK_S = 0.05
# Synthesis on two slow cores stays below 0.2 s a character; the rest is start-up and queueing.
BASE_TIMEOUT_S = 30.0
TIMEOUT_PER_CHARACTER_S = 0.2
CONNECT_TIMEOUT_S = 5.0
# Reading ten minutes of a sample and learning its tone.
PROFILING_S = 150.0
PROBE_TIMEOUT_S = 2.0
# A list that somebody at a page waits for: better to go without it than to hang.
LIST_TIMEOUT_S = 3.0
# 5,000 characters take less than a second where nobody else computes.
READINGS_TIMEOUT_S = 10.0

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class SpeechUnavailable(Unavailable):
    """The speech service is down, slow or answering nonsense; the same call may work later."""

    code = "speech_unavailable"
    title = "The speech service is not available"

    def __init__(self, detail: str, reason: str = "down") -> None:
        super().__init__(detail)
        self.reason = reason  # "down", "slow", "busy" or "nonsense"


class SpeechRefused(Problem):
    """The speech service understood the request and refused it; its own problem, passed on."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(detail, errors)
        self.status = status
        self.code = code
        self.title = title


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SpokenWord(_Answer):
    """One word of the original text and when it is heard, in seconds from the start."""

    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)


class SpokenSentence(_Answer):
    """One sentence of the original text, the span of its speech, its words, and who says them.

    stood_in: whether somebody else reads it for a character of VOICEVOX
    is_common: whether many texts have it, for which it is spoken once
    """

    index: int = Field(ge=0)
    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    cache_hit: bool = False
    cache_key: str = ""
    reading: str | None = None
    words: tuple[SpokenWord, ...] = ()
    moras: tuple[SpokenWord, ...] = ()
    voice: str | None = None
    base_voice: str | None = None
    stood_in: bool = False
    is_common: bool = False


class SpokenScript(_Answer):
    """What was said and when: the timed answer of the speech service without its audio."""

    sample_rate_hz: int = Field(ge=8_000, le=192_000)
    duration_s: float = Field(gt=0, le=3_600)
    engine: str | None = None
    base_voice: str | None = None
    voice: str | None = None
    language: str | None = None
    credit: str | None = None
    sentences: tuple[SpokenSentence, ...] = Field(min_length=1)


class _TimedAnswer(SpokenScript):
    audio: str
    format: str


@dataclass(frozen=True)
class TimedSpeech:
    """A spoken script and its audio: `wav` is 16-bit mono PCM in a RIFF file."""

    script: SpokenScript
    wav: bytes


class VoiceCharacter(_Answer):
    """The VOICEVOX character whose voice it is, in one of its styles."""

    id: str
    name: str
    style: str


class BaseVoice(_Answer):
    """A voice that the speech service brings along; `ready` says whether it speaks now."""

    id: str
    name: str
    languages: tuple[str, ...] = ()
    credit: str | None = None
    accents: bool = False
    controls: tuple[str, ...] = ()
    ready: bool = True
    character: VoiceCharacter | None = None


VoicevoxState = Literal["off", "starting", "ready", "slow", "failing", "down"]


class Voicevox(_Answer):
    """How the VOICEVOX engine beside the speech service is."""

    state: VoicevoxState = "off"


class BaseVoices(_Answer):
    """The voices that the speech service brings along, and how VOICEVOX is."""

    items: tuple[BaseVoice, ...]
    voicevox: Voicevox = Field(default_factory=Voicevox)


class _VoiceItem(BaseVoice):
    kind: str = "base"


class _VoiceList(_Answer):
    items: tuple[_VoiceItem, ...]
    voicevox: Voicevox = Field(default_factory=Voicevox)


class VoiceTerms(_Answer):
    """What is to be read before a VOICEVOX character is used, and how many samples there are."""

    credit: str | None = None
    terms: str = ""
    samples: int = Field(0, ge=0, le=100)


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG, and what it is."""

    content: bytes
    media_type: str


class SentenceReading(_Answer):
    """How a sentence is read: the sentence as it stands in the text, and its line of kana."""

    text: str
    kana: str


class SentenceDelivery(_Answer):
    """How a sentence is said: factors of the usual way, and the pause after it in seconds.

    voice:      whose it is, null for the whole text's; whoever names one says who may
    base_voice: who reads it before it gets the tone of that voice, if somebody in particular
    """

    model_config = ConfigDict(allow_inf_nan=False)

    text: str
    speed: float = 1.0
    pitch: float = 0.0
    intonation: float = 1.0
    volume: float = 1.0
    pause_after_s: float | None = None
    voice: str | None = None
    base_voice: str | None = None


class PronouncedWord(_Answer):
    """How a word is read wherever it stands."""

    surface: str
    kana: str


@dataclass(frozen=True)
class ReadAs:
    """How a text is to be read and said, where that is not left to the voice.

    readings, words: of Japanese alone
    has_markup:      whether stars and brackets are signs: of a message's script they are
    """

    readings: tuple[SentenceReading, ...] = ()
    words: tuple[PronouncedWord, ...] = ()
    deliveries: tuple[SentenceDelivery, ...] = ()
    has_markup: bool = False

    def body(self) -> dict[str, Any]:
        """Return the fields of a request; none where there is nothing to say."""
        wishes: dict[str, tuple[_Answer, ...]] = {
            "readings": self.readings,
            "words": self.words,
            "deliveries": self.deliveries,
        }
        told = {name: [one.model_dump() for one in wish] for name, wish in wishes.items() if wish}
        return told | ({"markup": True} if self.has_markup else {})


AS_USUAL = ReadAs()


@dataclass(frozen=True)
class Common:
    """Sentences that many texts have: those of `text` are kept for `kept_for`, spoken once."""

    kept_for: str
    text: str


class SentencePart(_Answer):
    """A stretch of a sentence, stressed or not, or a silence between two."""

    text: str
    is_stressed: bool = False
    pause_s: float | None = None


class SuggestedReading(_Answer):
    """A sentence, how it is read by itself, and what is wished for instead, as lines of kana.

    text: as it stands in the script, signs included; `parts` are what is said
    """

    text: str
    parts: tuple[SentencePart, ...] = ()
    suggested: str | None
    wished: str | None = None


class _SuggestedReadings(_Answer):
    sentences: tuple[SuggestedReading, ...]


class VoiceProfile(_Answer):
    """A cloned voice as the speech service keeps it; `report` is shown to the user as it is."""

    id: str
    name: str
    language: str | None = None
    engine: str
    report: dict[str, Any]


class SpeechReadiness(_Answer):
    """Whether the service can speak at once, and with what."""

    ready: bool
    engine: str | None = None
    device: str | None = None


class SpeechEngine(_Answer):
    """One engine of the service; `reason` says why it is not ready."""

    name: str
    ready: bool
    device: str | None = None
    reason: str | None = None
    default: bool = False


class SpeechLanguage(_Answer):
    """A language the service speaks, and its base voices."""

    code: str
    base_voices: tuple[str, ...] = ()


class SpeechNeuralBase(_Answer):
    """Whether natural base voices read; `reason` says why the simple ones do."""

    ready: bool
    reason: str | None = None


class SpeechCapabilities(_Answer):
    """Engines, languages and limits of the speech service."""

    engines: tuple[SpeechEngine, ...] = ()
    languages: tuple[SpeechLanguage, ...] = ()
    neural_base: SpeechNeuralBase = Field(default_factory=lambda: SpeechNeuralBase(ready=False))
    formats: tuple[str, ...] = ()
    limits: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class SpeechClient:
    """Synchronous client of one speech service; safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        token: str,
        http: httpx.Client | None = None,
        base_timeout_s: float = BASE_TIMEOUT_S,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        # The environment's proxies must not see scripts, and a redirect is never right here.
        self._http = http or httpx.Client(
            verify=authorities(),
            trust_env=False,
            follow_redirects=False,
            # A connection per call: a server may close one that is kept just as it is taken again.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._base_timeout_s = base_timeout_s

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the client of the speech service that the settings name."""
        return cls(
            settings.speech_address,
            settings.speech_bearer,
            base_timeout_s=settings.speech_timeout_s,
        )

    def at(self, base_url: str) -> Self:
        """Return a client of the same kind for another address, with connections of its own."""
        other = type(self)(base_url, "", base_timeout_s=self._base_timeout_s)
        other._headers = self._headers
        return other

    def longest_s(self, text: str) -> float:
        """Return how long speaking `text` may take before it is given up, in seconds."""
        return self._speech_timeout_s(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is still open."""
        self._http.close()

    def speak_timed(
        self,
        text: str,
        *,
        language: str | None = None,
        voice: str | None = None,
        base_voice: str | None = None,
        kept_for: str | None = None,
        read_as: ReadAs = AS_USUAL,
        common: Common | None = None,
    ) -> TimedSpeech:
        """Speak `text` and tell when each word is heard.

        Where VOICEVOX does not speak Open JTalk does, and the answer says so.

        base_voice: what reads it before it gets the tone of `voice`; None is the service's choice
        kept_for:   the message or account whose speech the service may keep, until `forget`
        common:     sentences that are kept for something else; what is spoken for many lets
                    everybody who waits for an answer go first
        raises: SpeechUnavailable, SpeechRefused
        """
        body = _speech_body(text, language, voice, base_voice, kept_for, read_as)
        body |= {"response_format": "wav", "stand_in": True}
        body |= {"common": asdict(common), "priority": "bulk"} if common is not None else {}
        raw = self._call(
            "POST",
            "/v1/audio/speech/timed",
            json=body,
            max_bytes=MAX_TIMED_BYTES,
            timeout_s=self._speech_timeout_s(text),
        )
        return _believe_timed(_parse(raw, _TimedAnswer))

    def speak(
        self,
        text: str,
        *,
        language: str | None = None,
        voice: str | None = None,
        base_voice: str | None = None,
        kept_for: str | None = None,
        read_as: ReadAs = AS_USUAL,
    ) -> bytes:
        """Speak `text` as MP3. Raises SpeechUnavailable, SpeechRefused."""
        body = _speech_body(text, language, voice, base_voice, kept_for, read_as)
        body["response_format"] = "mp3"
        audio = self._call(
            "POST",
            "/v1/audio/speech",
            json=body,
            max_bytes=MAX_AUDIO_BYTES,
            timeout_s=self._speech_timeout_s(text),
        )
        if not _is_mpeg(audio):
            raise _nonsense("it answered without any audio")
        return audio

    def suggest_readings(
        self, text: str, read_as: ReadAs, language: str = "ja"
    ) -> tuple[SuggestedReading, ...]:
        """Tell the sentences of a text and how each is read, where it is Japanese.

        raises: SpeechRefused for what `read_as` can't mean, SpeechUnavailable
        """
        body = {"input": text, "language": language} | read_as.body()
        raw = self._call("POST", "/v1/readings", json=body, timeout_s=READINGS_TIMEOUT_S)
        return _parse(raw, _SuggestedReadings).sentences

    def create_voice(
        self, voice_id: str, *, name: str, language: str, consent: str, sample: Path
    ) -> VoiceProfile:
        """Profile the speaker of `sample` (a WAV of ours) under `voice_id`; again replaces."""
        fields = {"id": voice_id, "name": name, "language": language, "consent": consent}
        with sample.open("rb") as audio:
            raw = self._call(
                "POST",
                "/v1/voices",
                form=fields,
                files={"files": ("sample.wav", audio, "audio/wav")},
                timeout_s=self._base_timeout_s + PROFILING_S,
            )
        profile = _parse(raw, VoiceProfile)
        if profile.id != voice_id:
            raise _nonsense("it answered about another voice")
        return profile

    def delete_voice(self, voice_id: str) -> None:
        """Delete the profile and its speech; one that is already gone is fine."""
        try:
            self._call("DELETE", f"/v1/voices/{voice_id}")
        except SpeechRefused as refusal:
            if refusal.status != 404:
                raise

    def forget(self, kept_for: Sequence[str]) -> None:
        """Delete the speech that was kept for messages or accounts, at most 1,000 at once."""
        self._call("POST", "/v1/audio/speech/forget", json={"kept_for": list(kept_for)})

    def base_voices(self) -> BaseVoices:
        """List the voices that the service brings along."""
        listed = _parse(self._call("GET", "/v1/voices", timeout_s=LIST_TIMEOUT_S), _VoiceList)
        items = tuple(voice for voice in listed.items if voice.kind == "base")
        return BaseVoices(items=items, voicevox=listed.voicevox)

    def voice_terms(self, voice_id: str) -> VoiceTerms:
        """Return the terms of a VOICEVOX character. Raises SpeechUnavailable, SpeechRefused."""
        return _parse(self._call("GET", f"/v1/voices/{voice_id}"), VoiceTerms)

    def voice_picture(self, voice_id: str, kind: Literal["icon", "portrait"]) -> Picture:
        """Return a VOICEVOX character's picture. Raises SpeechUnavailable, SpeechRefused."""
        raw = self._call("GET", f"/v1/voices/{voice_id}/{kind}", max_bytes=MAX_PICTURE_BYTES)
        for start, media_type in _PICTURES.items():
            if raw.startswith(start):
                return Picture(raw, media_type)
        raise _nonsense("it answered without a picture")

    def voice_sample(self, voice_id: str, index: int) -> bytes:
        """Return an MP3 of a VOICEVOX character. Raises SpeechUnavailable, SpeechRefused."""
        path = f"/v1/voices/{voice_id}/samples/{index}"
        audio = self._call("GET", path, max_bytes=MAX_PICTURE_BYTES)
        if not _is_mpeg(audio):
            raise _nonsense("it answered without any audio")
        return audio

    def capabilities(self) -> SpeechCapabilities:
        """Tell the service's engines, languages and limits."""
        return _parse(
            self._call("GET", "/v1/capabilities", timeout_s=PROBE_TIMEOUT_S), SpeechCapabilities
        )

    def readiness(self) -> SpeechReadiness:
        """Tell whether the service is ready; never raises."""
        try:
            raw = self._call("GET", "/readyz", timeout_s=PROBE_TIMEOUT_S)
            return _parse(raw, SpeechReadiness)
        except (SpeechUnavailable, SpeechRefused):
            return SpeechReadiness(ready=False)

    def ready(self) -> bool:
        """Tell whether the service is ready; never raises."""
        return self.readiness().ready

    def _speech_timeout_s(self, text: str) -> float:
        return self._base_timeout_s + TIMEOUT_PER_CHARACTER_S * len(text)

    def _call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        max_bytes: int = MAX_JSON_BYTES,
        timeout_s: float | None = None,
    ) -> bytes:
        timeout = httpx.Timeout(
            timeout_s or self._base_timeout_s, connect=min(CONNECT_TIMEOUT_S, self._base_timeout_s)
        )
        with (
            transport_errors(),
            self._http.stream(
                method,
                self._base_url + path,
                headers=self._headers,
                json=json,
                data=form,
                files=files,
                timeout=timeout,
            ) as response,
        ):
            raw = _read_bounded(response, max_bytes)
        if response.is_success:
            return raw
        raise read_refusal(response.status_code, raw)


@contextmanager
def transport_errors() -> Iterator[None]:
    """Turn httpx's errors into ours; a timeout is told apart, since it means slow, not down."""
    try:
        yield
    except httpx.TimeoutException as error:
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            raise SpeechUnavailable("The speech service does not answer.") from error
        raise SpeechUnavailable("The speech service is too slow to answer.", "slow") from error
    except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
        raise SpeechUnavailable("The speech service broke off its answer.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise SpeechUnavailable("The speech service cannot be reached.") from error


def _read_bounded(response: httpx.Response, max_bytes: int) -> bytes:
    chunks = bytearray()
    for chunk in response.iter_bytes():
        chunks += chunk
        if len(chunks) > max_bytes:
            raise _nonsense("its answer is far too large")
    return bytes(chunks)


def read_refusal(status: int, raw: bytes) -> SpeechUnavailable | SpeechRefused:
    """Return what an answer that is no success means for the caller."""
    if status in (408, 425, 429):
        return SpeechUnavailable("The speech service is busy.", "busy")
    if status in (401, 403):
        return SpeechUnavailable("The speech service does not accept this backend's token.")
    problem = _read_problem(raw)
    is_of_voicevox = problem is not None and problem.code == "voicevox_unavailable"
    if not 400 <= status < 500 and not is_of_voicevox:
        return SpeechUnavailable(f"The speech service failed with status {status}.")
    if problem is None:
        return _nonsense(f"status {status} came without a reason")
    return SpeechRefused(
        status,
        problem.code,
        problem.title,
        problem.detail,
        [FieldError(**error.model_dump()) for error in problem.errors],
    )


def _read_problem(raw: bytes) -> "_ServiceProblem | None":
    try:
        return _ServiceProblem.model_validate_json(raw)
    except ValidationError:
        return None


class _ServiceFieldError(_Answer):
    field: str
    code: str
    message: str
    fix: str = ""
    sentence: str | None = None
    at: int | None = None


class _ServiceProblem(_Answer):
    code: str
    title: str = ""
    detail: str = ""
    errors: tuple[_ServiceFieldError, ...] = ()


def _speech_body(
    text: str,
    language: str | None,
    voice: str | None,
    base_voice: str | None,
    kept_for: str | None,
    read_as: ReadAs,
) -> dict[str, Any]:
    wishes = {
        "language": language,
        "voice": voice,
        "base_voice": base_voice,
        "kept_for": kept_for,
    }
    told = {name: wish for name, wish in wishes.items() if wish is not None}
    return {"input": text} | read_as.body() | told


def _parse(raw: bytes, shape: type[AnswerT]) -> AnswerT:
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        # The error's text would quote the answer, and the answer may quote the script.
        raise _nonsense("its answer has the wrong shape") from error


def _is_mpeg(audio: bytes) -> bool:
    """Tell whether it begins as MP3 does: with a tag, or with the 11 set bits of a frame."""
    return audio.startswith(b"ID3") or (audio[:1] == b"\xff" and audio[1:2] >= b"\xe0")


def _believe_timed(answer: _TimedAnswer) -> TimedSpeech:
    """Check that audio and times belong together; raise SpeechUnavailable where they don't."""
    if answer.format != "wav":
        raise _nonsense("it answered in another audio format")
    try:
        wav = base64.b64decode(answer.audio, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _nonsense("its audio is not base64") from error
    audio_s = _wav_duration_s(wav, answer.sample_rate_hz)
    if abs(audio_s - answer.duration_s) > TIME_SLACK_S:
        raise _nonsense("its audio is not as long as it says")
    _check_times(answer.sentences, audio_s)
    fields = answer.model_dump(exclude={"audio", "format"})
    return TimedSpeech(SpokenScript.model_validate(fields), wav)


def _wav_duration_s(wav: bytes, sample_rate_hz: int) -> float:
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            declared = sound.getnframes()
            frames = sound.readframes(declared)
    except (wave.Error, EOFError, ValueError) as error:
        raise _nonsense("its audio is not a WAV file") from error
    if shape != (1, 2, sample_rate_hz):
        raise _nonsense("its audio is not 16-bit mono at the rate it says")
    if len(frames) != 2 * declared:
        raise _nonsense("its audio is shorter than its header says")
    if not frames.strip(b"\0"):
        raise _nonsense("its audio is silent")
    return float(declared / sample_rate_hz)


def _check_times(sentences: Sequence[SpokenSentence], audio_s: float) -> None:
    latest_s = 0.0
    for number, sentence in enumerate(sentences):
        in_order = latest_s - TIME_SLACK_S <= sentence.start_s < sentence.end_s
        if sentence.index != number or not in_order or sentence.end_s > audio_s + TIME_SLACK_S:
            raise _nonsense("a sentence lies outside its audio")
        for word in sentence.words:
            if not (
                sentence.start_s - TIME_SLACK_S
                <= word.start_s
                <= word.end_s
                <= sentence.end_s + TIME_SLACK_S
            ):
                raise _nonsense("a word lies outside its sentence")
        latest_s = sentence.end_s


def _nonsense(how: str) -> SpeechUnavailable:
    return SpeechUnavailable(f"The speech service answered nonsense: {how}.", "nonsense")
