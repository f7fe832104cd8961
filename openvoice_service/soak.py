"""`make soak`, the speech service's part: one interactive client beside fifteen bulk ones.

Environment: SOAK_S (60), seconds under load; the service's own settings choose the engine.
"""

# ruff: noqa: T201 - printing is what it is for

from __future__ import annotations

import base64
import io
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import soundfile

from openvoice_service.audio import Samples
from openvoice_service.base_voices import BaseVoices, Prosody
from openvoice_service.serving import ServiceProcess

BULK_CLIENTS = 15
IDLE_REQUESTS = 20
COMPARED = 24
# One piece of work on the device: what an interactive request may have to wait for.
CHUNK_S = 1.0
LEAST_SNR_DB = 60.0
_TIMEOUT_S = 120.0
_MEMORY_EVERY_S = 2.0
_TOKEN = "soak"  # noqa: S105 - of a service on loopback that lives as long as the soak
_HEADERS = {"Authorization": f"Bearer {_TOKEN}"}
_SAMPLE = (
    "The quick brown fox jumps over the lazy dog, while five wizards watch from a bridge.",
    "Yesterday we walked along the shore and took a hundred pictures of the evening light.",
)


@dataclass
class Heard:
    """An answer: what was asked, under which keys it is kept, its samples, the seconds it took."""

    text: str
    keys: list[str]
    samples: Samples
    took_s: float


@dataclass
class Outcome:
    """What came of it; times in seconds, memory in bytes of the service's process."""

    idle: list[Heard] = field(default_factory=list)
    interactive: list[Heard] = field(default_factory=list)
    bulk: list[Heard] = field(default_factory=list)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    least_snr_db: float = float("inf")

    @property
    def idle_p95_s(self) -> float:
        """Return the 95th percentile of the interactive client alone."""
        return _p95(self.idle)

    @property
    def busy_p95_s(self) -> float:
        """Return the same beside the bulk clients."""
        return _p95(self.interactive)

    def table(self) -> str:
        """Return the figures as Markdown."""
        memory = ", ".join(f"{each:.0f}" for each in _fifths(self.memory))
        allowed_s = 2 * self.idle_p95_s + CHUNK_S
        return "\n".join(
            (
                "| what | figure |",
                "|---|---|",
                f"| interactive p95, idle | {self.idle_p95_s:.2f} s ({len(self.idle)} requests) |",
                f"| interactive p95 beside {BULK_CLIENTS} bulk clients | {self.busy_p95_s:.2f} s"
                f" ({len(self.interactive)} requests; allowed: {allowed_s:.2f} s) |",
                f"| bulk answers | {len(self.bulk)} |",
                f"| refused with 429 | {self.refused} |",
                f"| other errors | {len(self.faults)} |",
                f"| least SNR against the same made alone | {self.least_snr_db:.0f} dB |",
                f"| memory, median of each fifth of the time | {memory} MB |",
            )
        )

    def complaints(self) -> list[str]:
        """Return what is not as it should be; clocks are left to whoever reads the table."""
        said = list(self.faults)
        if self.least_snr_db < LEAST_SNR_DB:
            said.append(f"an answer under load differs: {self.least_snr_db:.0f} dB")
        return said


class Soak:
    """Clients of one running service."""

    def __init__(self, url: str, voice: str, clients: int = BULK_CLIENTS) -> None:
        self.outcome = Outcome()
        self._url = url
        self._voice = voice
        self._clients = clients
        self._stop = threading.Event()

    def run(self, idle_requests: int, is_over: Callable[[Outcome], bool]) -> Outcome:
        """Ask alone, then beside the bulk clients until `is_over`, then compare."""
        with self._client() as client:
            self._ask(client, "A first sentence, so that everything has been learnt.", "bulk")
            for number in range(idle_requests):
                self._keep(self.outcome.idle, client, f"idle {number}", "interactive")
            self._under_load(client, is_over)
            self._compare(client)
        return self.outcome

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, headers=_HEADERS, timeout=_TIMEOUT_S)

    def _under_load(self, client: httpx.Client, is_over: Callable[[Outcome], bool]) -> None:
        with ThreadPoolExecutor(self._clients + 1) as pool:
            working = [pool.submit(self._bulk, number) for number in range(self._clients)]
            working.append(pool.submit(self._watch_memory))
            number = 0
            while not is_over(self.outcome) and not self.outcome.faults:
                self._keep(self.outcome.interactive, client, f"live {number}", "interactive")
                number += 1
            self._stop.set()
            for future in working:
                future.result()

    def _bulk(self, client_number: int) -> None:
        number = 0
        with self._client() as client:
            while not self._stop.is_set():
                name = f"{client_number} of {number}"
                self._keep(self.outcome.bulk, client, name, "bulk")
                number += 1

    def _watch_memory(self) -> None:
        with self._client() as client:
            while True:
                self.outcome.memory.append(_resident_bytes(client.get("/metrics").text))
                if self._stop.wait(_MEMORY_EVERY_S):
                    return

    def _keep(self, kept: list[Heard], client: httpx.Client, name: str, priority: str) -> None:
        # Every sentence is new, so that none comes from the cache.
        heard = self._ask(client, f"Dear guest {name}, please join us for the cake.", priority)
        if heard is not None:
            kept.append(heard)

    def _ask(self, client: httpx.Client, text: str, priority: str) -> Heard | None:
        body = {"input": text, "voice": self._voice, "language": "en", "priority": priority}
        began_s = time.perf_counter()
        try:
            answer = client.post("/v1/audio/speech/timed", json=body | {"response_format": "wav"})
        except httpx.HTTPError as error:
            self.outcome.faults.append(type(error).__name__)
            return None
        if answer.status_code == 429:
            self.outcome.refused += 1
            self._stop.wait(float(answer.headers["retry-after"]))
            return None
        if answer.status_code != 200:
            self.outcome.faults.append(f"status {answer.status_code}")
            return None
        return _heard(text, answer.json(), time.perf_counter() - began_s)

    def _compare(self, client: httpx.Client) -> None:
        chosen = _spread(self.outcome.interactive) + _spread(self.outcome.bulk)
        for loaded in chosen:
            forget = {"voice": self._voice, "cache_keys": loaded.keys}
            client.post("/v1/audio/speech/forget", json=forget).raise_for_status()
            alone = self._ask(client, loaded.text, "interactive")
            if alone is not None:
                snr_db = _snr_db(alone.samples, loaded.samples)
                self.outcome.least_snr_db = min(self.outcome.least_snr_db, snr_db)


def _heard(text: str, answer: dict[str, Any], took_s: float) -> Heard:
    samples, _ = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")
    return Heard(text, [s["cache_key"] for s in answer["sentences"]], samples, took_s)


def _spread(heard: Sequence[Heard]) -> list[Heard]:
    return list(heard[:: max(1, len(heard) // (COMPARED // 2))])[: COMPARED // 2]


def _snr_db(wanted: Samples, got: Samples) -> float:
    if len(wanted) != len(got):
        return 0.0
    noise = float(np.sum((wanted - got).astype(np.float64) ** 2))
    signal = float(np.sum(wanted.astype(np.float64) ** 2))
    return 10.0 * float(np.log10(signal / noise)) if noise else float("inf")


def _p95(heard: Sequence[Heard]) -> float:
    return float(np.percentile([item.took_s for item in heard], 95)) if heard else 0.0


def _fifths(memory: Sequence[float]) -> list[float]:
    """Return each fifth's median in MB: the kept latents fill up first, then it must be flat."""
    megabytes = np.array(memory or [0.0]) / 1e6
    return [float(np.median(part)) for part in np.array_split(megabytes, 5) if len(part)]


def _resident_bytes(figures: str) -> float:
    name = "process_resident_memory_bytes "
    lines = [line for line in figures.splitlines() if line.startswith(name)]
    return float(lines[0].removeprefix(name)) if lines else 0.0


def clone_a_voice(url: str) -> str:
    """Make a profile of a recording that a base voice reads, and return its id."""
    base_voices = BaseVoices()
    try:
        voice = base_voices.of_language("en")[-1]
        waves = [voice.speak(text, Prosody(pitch=-2.0)).wave for text in _SAMPLE]
    finally:
        base_voices.close()
    written = io.BytesIO()
    samples = np.concatenate([wave.samples for wave in waves])
    soundfile.write(written, samples, waves[0].sample_rate_hz, format="WAV")
    form = {"name": "soak", "language": "en", "consent": "I agree."}
    files = {"files": ("sample.wav", written.getvalue(), "audio/wav")}
    answer = httpx.post(
        f"{url}/v1/voices", data=form, files=files, headers=_HEADERS, timeout=_TIMEOUT_S
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


def main() -> int:
    """Run it on a service of its own, print the table, fail on anything but 429."""
    seconds = float(os.environ.get("SOAK_S", "60"))
    # Ended by a signal it takes its service along: what unwinds the stack is an exception.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(ServiceProcess(folder, SPEECH_TOKEN=_TOKEN)).url
        soak = Soak(url, clone_a_voice(url))
        ends: list[float] = []

        def is_over(_outcome: Outcome) -> bool:
            ends.append(time.monotonic() + seconds)
            return time.monotonic() > ends[0]

        outcome = soak.run(IDLE_REQUESTS, is_over)
    print(outcome.table())
    for complaint in outcome.complaints():
        print(f"- {complaint}")
    return 1 if outcome.complaints() else 0


if __name__ == "__main__":
    sys.exit(main())
