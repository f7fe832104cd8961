"""The VOICEVOX engine over HTTP. Every answer has a limit of time and of bytes.

What is said goes to the engine in addresses: nothing here writes an address down.
"""

import base64
import binascii
import io
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import TypeAdapter, ValidationError

from openvoice_service.audio import AudioLimits, AudioUnreadable, Waveform, read_audio
from openvoice_service.base_voices.protocol import BaseVoiceUnavailable
from openvoice_service.base_voices.voicevox.wire import (
    AccentPhrase,
    AudioQuery,
    Character,
    CharacterInfo,
)

# httpx tells each address that it calls, and these carry what is to be said.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MEBIBYTE = 1024 * 1024
CONNECT_TIMEOUT_S = 1.0
LOOK_TIMEOUT_S = 2.0
INFO_TIMEOUT_S = 5.0
QUERY_TIMEOUT_S = 6.0
# Loading a voice from a slow disk, once.
WARM_UP_TIMEOUT_S = 20.0
# Two slow cores need about as long as what they say lasts.
SYNTHESIS_BASE_S = 8.0
SYNTHESIS_PER_SECOND = 2.0
_JSON_BYTES = 4 * MEBIBYTE
# With pictures and samples in base64, as engines give them that know no other way.
_INFO_BYTES = 64 * MEBIBYTE
_RESOURCE_BYTES = 4 * MEBIBYTE
_SPEECH_BYTES = 24 * MEBIBYTE
_SPEECH_LIMITS = AudioLimits(max_bytes=_SPEECH_BYTES, max_duration_s=240.0)
SAMPLE_LIMITS = AudioLimits(max_bytes=_RESOURCE_BYTES, max_duration_s=60.0)

Trouble = Literal["down", "slow", "failing"]
T = TypeVar("T")
_VERSION = TypeAdapter(str)
_CHARACTERS = TypeAdapter(list[Character])
_INFO = TypeAdapter(CharacterInfo)
_QUERY = TypeAdapter(AudioQuery)
_PHRASES = TypeAdapter(list[AccentPhrase])


class EngineTrouble(BaseVoiceUnavailable):
    """The engine is down, slow, or failing; `kind` says which."""

    def __init__(self, kind: Trouble, what: str) -> None:
        super().__init__(f"VOICEVOX {what}")
        self.kind = kind


class VoicevoxEngine:
    """One engine; safe to call from many threads."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url.rstrip("/"))
        # No proxy of the environment: it would see what is said. No redirect: it leads elsewhere.
        self._http = httpx.Client(
            trust_env=False,
            follow_redirects=False,
            # A connection per call: a server may close one that is kept just as it is taken again.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def version(self) -> str:
        """Return the engine's version. Raises EngineTrouble."""
        return _read(self._call("GET", "/version", LOOK_TIMEOUT_S), _VERSION)[:40]

    def characters(self) -> list[Character]:
        """Return everybody who speaks or sings. Raises EngineTrouble."""
        return _read(self._call("GET", "/speakers", LOOK_TIMEOUT_S), _CHARACTERS)

    def info(self, character_id: str) -> CharacterInfo:
        """Return a character's terms, pictures and samples. Raises EngineTrouble."""
        wish = {"speaker_uuid": character_id, "resource_format": "url"}
        raw = self._call("GET", "/speaker_info", INFO_TIMEOUT_S, wish, max_bytes=_INFO_BYTES)
        return _read(raw, _INFO)

    def resource(self, reference: str) -> bytes:
        """Return a picture or sample that `info` named. Raises EngineTrouble."""
        if reference.startswith(("http://", "https://")):
            # Only the path is believed: an engine does not send us to other machines.
            path = urlsplit(reference).path
            return self._call("GET", path, INFO_TIMEOUT_S, max_bytes=_RESOURCE_BYTES)
        try:
            return base64.b64decode(reference, validate=True)[: _RESOURCE_BYTES + 1]
        except (binascii.Error, ValueError) as error:
            raise EngineTrouble("failing", "gives a damaged resource") from error

    def warm_up(self, style: int) -> None:
        """Have a style loaded, so that its first sentence need not wait. Raises EngineTrouble."""
        wish = {"speaker": style, "skip_reinit": "true"}
        self._call("POST", "/initialize_speaker", WARM_UP_TIMEOUT_S, wish)

    def query(self, text: str, style: int) -> AudioQuery:
        """Return how the engine would say `text`. Raises EngineTrouble."""
        wish = {"text": text, "speaker": style}
        return _read(self._call("POST", "/audio_query", QUERY_TIMEOUT_S, wish), _QUERY)

    def read_as(self, line: str, style: int) -> list[AccentPhrase]:
        """Return the accent phrases of a line of kana. Raises EngineTrouble."""
        wish = {"text": line, "speaker": style, "is_kana": "true"}
        return _read(self._call("POST", "/accent_phrases", QUERY_TIMEOUT_S, wish), _PHRASES)

    def synthesise(self, query: AudioQuery, style: int, duration_s: float) -> Waveform:
        """Return the sound of a query, which lasts about `duration_s`. Raises EngineTrouble."""
        raw = self._call(
            "POST",
            "/synthesis",
            SYNTHESIS_BASE_S + SYNTHESIS_PER_SECOND * duration_s,
            {"speaker": style},
            json=query.model_dump(exclude_unset=True),
            max_bytes=_SPEECH_BYTES,
        )
        return read_sound(raw, _SPEECH_LIMITS)

    def _call(
        self,
        method: str,
        path: str,
        timeout_s: float,
        wish: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        max_bytes: int = _JSON_BYTES,
    ) -> bytes:
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
        url = self._url.copy_with(path=self._url.path.rstrip("/") + path)
        ends_s = time.monotonic() + timeout_s
        with (
            _troubles(),
            self._http.stream(method, url, params=wish, json=json, timeout=timeout) as answer,
        ):
            raw = _read_bounded(answer, max_bytes, ends_s)
        if not answer.is_success:
            raise EngineTrouble("failing", f"answers with status {answer.status_code}")
        return raw


def read_sound(raw: bytes, limits: AudioLimits) -> Waveform:
    """Return the sound in `raw`. Raises EngineTrouble."""
    try:
        return read_audio(io.BytesIO(raw), limits)
    except AudioUnreadable as error:
        raise EngineTrouble("failing", "gives no sound that can be read") from error


@contextmanager
def _troubles() -> Iterator[None]:
    """Turn httpx's errors into ours, without their text: it may hold an address."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.ConnectError, httpx.InvalidURL, OSError):
        raise EngineTrouble("down", "does not answer") from None
    except httpx.TimeoutException:
        raise EngineTrouble("slow", "is too slow") from None
    except httpx.HTTPError:
        raise EngineTrouble("down", "broke off its answer") from None


def _read_bounded(answer: httpx.Response, max_bytes: int, ends_s: float) -> bytes:
    """Read the whole; httpx's own limit starts anew with each piece that drips in."""
    pieces = bytearray()
    for piece in answer.iter_bytes():
        pieces += piece
        if len(pieces) > max_bytes:
            raise EngineTrouble("failing", "answers far too much")
        if time.monotonic() > ends_s:
            raise EngineTrouble("slow", "is too slow")
    return bytes(pieces)


def _read(raw: bytes, shape: TypeAdapter[T]) -> T:
    try:
        return shape.validate_json(raw)
    except ValidationError:
        # Without its cause: pydantic quotes the answer, and that holds what is to be said.
        raise EngineTrouble("failing", "answers in another shape") from None
