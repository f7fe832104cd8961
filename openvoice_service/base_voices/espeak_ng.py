"""eSpeak NG: small, quick and plain voices for many languages, spoken by a worker process."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from openvoice_service.audio import Waveform, speech_bounds
from openvoice_service.base_voices.protocol import (
    ALL_CONTROLS,
    BaseVoiceUnavailable,
    Mark,
    Prosody,
    Spoken,
)
from openvoice_service.readings import Reading

WORDS_PER_MINUTE = 165
# Beyond these the library changes its method and sounds broken; the rest is left to stretching.
RATE_RANGE = (80, 450)
# eSpeak's pitch scale: 50 is the voice's own, 50 more an octave up.
PITCH_PER_SEMITONE = 50 / 12
ANSWER_TIMEOUT_S = 30.0
_WORKER = Path(__file__).with_name("espeak_worker.py")

# Two women and the plain voice, a man. The other men (m1, m3, m7, …) may lie nearer to a target but
# are understood worse after conversion: docs/decisions/0002-world-engine-recipe.md.
VARIANTS = ("f3", "f2", "")
_NAMES = {"en": "en-us", "zh": "cmn", "ko": "ko", "es": "es", "fr": "fr"}
_TITLES = {"en": "English", "zh": "中文", "ko": "한국어", "es": "Español", "fr": "Français"}


class EspeakProcess:
    """The worker: started at the first sentence, and again whenever it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the worker's answer, if need be a new worker's.

        raises: BaseVoiceUnavailable
        """
        with self._lock:
            for _ in range(2):
                try:
                    return self._exchange(request)
                except (OSError, ValueError, EOFError):
                    self._end()
        raise BaseVoiceUnavailable("eSpeak NG does not answer")

    def spell(self, voice: str, texts: list[str]) -> list[str]:
        """Return the IPA of each text, the letters of one sound tied with ^.

        raises: BaseVoiceUnavailable
        """
        spelt: list[str] = self.ask({"voice": voice, "spell": texts})[0]["spelt"]
        return spelt

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._end()

    def _exchange(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        watchdog = threading.Timer(ANSWER_TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            head = json.loads(process.stdout.readline())
            samples = process.stdout.read(head["bytes"])
        finally:
            watchdog.cancel()
        if len(samples) != head["bytes"]:
            raise EOFError
        return head, samples

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class EspeakNg:
    """One voice in one language, for example `espeak_ng:en-us+f3`."""

    credit = None
    has_accents = False
    stresses = False
    controls = ALL_CONTROLS

    def __init__(self, process: EspeakProcess, language: str, variant: str) -> None:
        self._process = process
        self._voice = f"{_NAMES[language]}+{variant}" if variant else _NAMES[language]
        self.id = self.key = f"espeak_ng:{self._voice}"
        self.name = " ".join(filter(None, (_TITLES[language], variant.upper(), "(eSpeak NG)")))
        self.languages = (language,)

    def speak(self, text: str, prosody: Prosody, _reading: Reading | None = None) -> Spoken:
        """Read a sentence; word times are the synthesiser's own."""
        request = {
            "voice": self._voice,
            "text": text,
            "rate": round(min(max(WORDS_PER_MINUTE * prosody.speed, RATE_RANGE[0]), RATE_RANGE[1])),
            "pitch": round(min(max(50 + PITCH_PER_SEMITONE * prosody.pitch, 0), 99)),
            "range": round(min(max(50 * prosody.intonation, 0), 99)),
        }
        head, raw = self._process.ask(request)
        samples = np.frombuffer(raw, "<i2").astype(np.float32) / 32768.0
        wave = Waveform(samples, head["rate_hz"])
        return Spoken(wave, _marks(head["marks"], wave))


def _marks(words: list[tuple[int, int]], wave: Waveform) -> list[Mark]:
    _, end_s = speech_bounds(wave)
    starts_s = [ms / 1000 for _, ms in words]
    ends_s = [*starts_s[1:], max([end_s, *starts_s[-1:]])]
    return [
        Mark(position, start_s, stop_s)
        for (position, _), start_s, stop_s in zip(words, starts_s, ends_s, strict=True)
    ]


def espeak_voices(process: EspeakProcess) -> list[EspeakNg]:
    """Return every language in every variant; the first variant is a language's default."""
    return [EspeakNg(process, language, variant) for language in _NAMES for variant in VARIANTS]
