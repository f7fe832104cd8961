"""Spoken sentences, kept on the shared folder as `generated/<voice>/<kept for>/<key>`.

A voice that is deleted takes its speech along, and so does whatever it was kept for: a message, an
account. What was asked for without saying for whom lies in `generated/<voice>/_`.

An entry is one file, written whole under another name and renamed: readers on other machines
see all of it or nothing. It is a cache: whatever is damaged or gone is spoken again.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import struct
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from openvoice_service.audio import Waveform

_MAGIC = b"VMS1"
_KEY = re.compile(r"[0-9a-f]{64}")
NOBODY = "_"
# The count is looked at once in so many writes; a walk over EFS costs.
_EVICT_EVERY = 64


@dataclass(frozen=True)
class Word:
    """A piece of the original text and when it is heard, in seconds of its sentence."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class SpokenSentence:
    """A sentence as it is kept: trimmed to its speech, `start_s`..`end_s` of `wave`."""

    wave: Waveform
    start_s: float
    end_s: float
    words: Sequence[Word]
    moras: Sequence[Word] = ()


def cache_key(facts: Mapping[str, Any]) -> str:
    """Return the key of everything that shapes a sentence's sound."""
    return hashlib.sha256(
        json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()


class SpeechCache:
    """Keeps at most `max_bytes`; what was not asked for longest goes first."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._writes = 0

    def get(self, voice: str, key: str, kept_for: str = NOBODY) -> SpokenSentence | None:
        """Return the entry, or None where there is none that can be read."""
        path = self._path(voice, key, kept_for)
        try:
            sentence = _decode(path.read_bytes())
            os.utime(path)
        except (OSError, ValueError, KeyError, struct.error):
            return None
        return sentence

    def put(
        self, voice: str, key: str, sentence: SpokenSentence, kept_for: str = NOBODY
    ) -> SpokenSentence:
        """Keep the sentence; return it as it will be read, so that a hit sounds like the first."""
        raw = _encode(sentence)
        path = self._path(voice, key, kept_for)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{uuid.uuid4().hex}")
        try:
            draft.write_bytes(raw)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self._writes += 1
        if self._writes % _EVICT_EVERY == 0:
            self.evict()
        return _decode(raw)

    def forget(self, voice: str, keys: Sequence[str]) -> None:
        """Delete the entries; unknown ones are fine."""
        for key in keys:
            if _KEY.fullmatch(key):
                self._path(voice, key).unlink(missing_ok=True)

    def forget_all_for(self, kept_for: Collection[str]) -> None:
        """Delete everything that was kept for these messages or accounts, in whatever voice."""
        for folder in self._root.glob("*/*"):
            if folder.name in kept_for:
                shutil.rmtree(folder, ignore_errors=True)

    def forget_voice(self, voice: str) -> None:
        """Delete everything that was spoken in a voice."""
        shutil.rmtree(self._folder(voice), ignore_errors=True)

    def evict(self) -> None:
        """Delete the entries that were not asked for longest, until the rest fits."""
        entries = list(self._entries())
        excess = sum(size for _, size, _ in entries) - self._max_bytes
        for _, size, path in sorted(entries):
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """Yield (when it was asked for last, bytes, path) of every file, wherever it lies."""
        for path in self._root.rglob("*"):
            with suppress(FileNotFoundError):  # forgotten meanwhile
                facts = path.stat()
                if stat.S_ISREG(facts.st_mode):
                    yield facts.st_mtime, facts.st_size, path

    def _folder(self, voice: str) -> Path:
        # A base voice's id holds a colon and a plus; hashed where it is no plain name.
        plain = re.fullmatch(r"[A-Za-z0-9_-]+", voice) is not None
        return self._root / (voice if plain else hashlib.sha256(voice.encode()).hexdigest()[:24])

    def _path(self, voice: str, key: str, kept_for: str = NOBODY) -> Path:
        return self._folder(voice) / kept_for / key


def _encode(sentence: SpokenSentence) -> bytes:
    head = json.dumps(
        {
            "rate_hz": sentence.wave.sample_rate_hz,
            "start_s": sentence.start_s,
            "end_s": sentence.end_s,
            "words": [asdict(word) for word in sentence.words],
            "moras": [asdict(mora) for mora in sentence.moras],
        }
    ).encode()
    samples = np.clip(np.rint(sentence.wave.samples * 32767.0), -32768, 32767).astype("<i2")
    sizes = struct.pack("<II", len(head), len(samples))
    return b"".join((_MAGIC, sizes, head, samples.tobytes()))


def _decode(raw: bytes) -> SpokenSentence:
    head_bytes, count = struct.unpack_from("<II", raw, len(_MAGIC))
    begin = len(_MAGIC) + 8
    if not raw.startswith(_MAGIC) or len(raw) != begin + head_bytes + 2 * count:
        raise ValueError("a damaged entry")
    head = json.loads(raw[begin : begin + head_bytes])
    samples = np.frombuffer(raw, "<i2", count, begin + head_bytes).astype(np.float32) / 32767.0
    return SpokenSentence(
        Waveform(samples, head["rate_hz"]),
        head["start_s"],
        head["end_s"],
        [Word(**word) for word in head["words"]],
        [Word(**mora) for mora in head.get("moras", [])],
    )
