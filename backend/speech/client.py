"""Typed client of the speech service: the only way the backend reaches it.

Every answer is checked before it is believed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from backend.settings import Settings
from backend.speech.answers import Answer
from backend.speech.errors import (
    SpeechRefused,
    SpeechUnavailable,
    nonsense,
    read_refusal,
    transport_errors,
)
from backend.speech.spoken import TimedSpeech
from backend.speech.status import SpeechCapabilities, SpeechReadiness
from backend.speech.timed import TimedAnswer, believe_timed
from backend.speech.voices import BaseVoice, BaseVoices, Picture, VoiceProfile, VoiceTerms, Voicevox
from backend.speech.wishes import AS_USUAL, Common, ReadAs, SuggestedReading
from backend.trust import authorities

# 5,000 characters are at most some 20 minutes of speech: 58 MB of 24 kHz PCM, 77 MB in base64.
MAX_TIMED_BYTES = 128 * 1024 * 1024
MAX_AUDIO_BYTES = 96 * 1024 * 1024
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_PICTURE_BYTES = 4 * 1024 * 1024
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
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


class _VoiceItem(BaseVoice):
    kind: str = "base"


class _VoiceList(Answer):
    items: tuple[_VoiceItem, ...]
    voicevox: Voicevox = Field(default_factory=Voicevox)


class _SuggestedReadings(Answer):
    sentences: tuple[SuggestedReading, ...]


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
        return self._base_timeout_s + TIMEOUT_PER_CHARACTER_S * len(text)

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
        raw = self._speech("/v1/audio/speech/timed", text, body, MAX_TIMED_BYTES)
        return believe_timed(_parse(raw, TimedAnswer))

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
        audio = self._speech("/v1/audio/speech", text, body, MAX_AUDIO_BYTES)
        if not _is_mpeg(audio):
            raise nonsense("it answered without any audio")
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
            raise nonsense("it answered about another voice")
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
        raise nonsense("it answered without a picture")

    def voice_sample(self, voice_id: str, index: int) -> bytes:
        """Return an MP3 of a VOICEVOX character. Raises SpeechUnavailable, SpeechRefused."""
        path = f"/v1/voices/{voice_id}/samples/{index}"
        audio = self._call("GET", path, max_bytes=MAX_PICTURE_BYTES)
        if not _is_mpeg(audio):
            raise nonsense("it answered without any audio")
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

    def _speech(self, path: str, text: str, body: Mapping[str, Any], max_bytes: int) -> bytes:
        timeout_s = self.longest_s(text)
        return self._call("POST", path, json=body, max_bytes=max_bytes, timeout_s=timeout_s)

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


def _read_bounded(response: httpx.Response, max_bytes: int) -> bytes:
    chunks = bytearray()
    for chunk in response.iter_bytes():
        chunks += chunk
        if len(chunks) > max_bytes:
            raise nonsense("its answer is far too large")
    return bytes(chunks)


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
        raise nonsense("its answer has the wrong shape") from error


def _is_mpeg(audio: bytes) -> bool:
    """Tell whether it begins as MP3 does: with a tag, or with the 11 set bits of a frame."""
    return audio.startswith(b"ID3") or (audio[:1] == b"\xff" and audio[1:2] >= b"\xe0")
