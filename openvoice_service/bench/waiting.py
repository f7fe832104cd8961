"""What somebody waits for: a request to the running service, and the original's command line."""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import soundfile

from openvoice_service.audio import Waveform
from openvoice_service.bench.sentences import ENGLISH

_READY_WITHIN_S = 120.0
_ROUNDS = 3
# `openvoice-cli single` without its recogniser and watermark, whose packages no longer install:
# the same work in the same order, loading included, as every call of a command line has it.
_THEIR_COMMAND_LINE = """
import sys
from pathlib import Path
from openvoice_service.audio import read_audio
from openvoice_service.engines.openvoice_upstream import UpstreamEngine
import soundfile
folder, source, reference, out, device = sys.argv[1:]
engine = UpstreamEngine(Path(folder), device, allow_unverified=True)
source, reference = read_audio(Path(source)), read_audio(Path(reference))
sound = engine.convert_exactly(source, engine.embed([source]), engine.embed([reference]))
soundfile.write(out, sound.samples, sound.sample_rate_hz)
print_peak()
"""
_OUR_COMMAND_LINE = """
import sys
from openvoice_service.cli import main
folder, source, reference, out, device = sys.argv[1:]
main(["convert", "--engine", "openvoice", "--models", folder, "--allow-unverified", "--device",
      device, "--source", source, "--reference", reference, "--out", out])
print_peak()
"""
# Asked within the process: what the operating system reports afterwards counts the memory of the
# process it was forked from.
_PEAK = """
def print_peak():
    import pathlib, resource, sys
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        peaks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        print(int(peaks[0].split()[1]) / 1e3)
    else:  # macOS counts bytes
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""


def measure(models: Path, device: str, folder: Path, source: Waveform) -> dict[str, float]:
    """Return seconds and megabytes by what they are of."""
    paths = [folder / name for name in ("source.wav", "reference.wav")]
    for path in paths:
        soundfile.write(path, source.samples, source.sample_rate_hz, subtype="FLOAT")
    arguments = [*map(str, paths), str(folder / "out.wav"), device]
    converter = str(models / "openvoice_v2" / "converter")
    theirs_s, theirs_mb = _run(_THEIR_COMMAND_LINE, converter, *arguments)
    ours_s, ours_mb = _run(_OUR_COMMAND_LINE, str(models), *arguments)
    figures = {
        "their command line s": theirs_s,
        "our command line s": ours_s,
        "their peak MB": theirs_mb,
        "our peak MB": ours_mb,
    }
    with _service(models, device, folder) as client:
        return figures | _ask(client, paths[1])


def _run(program: str, *arguments: str) -> tuple[float, float]:
    """Return (seconds, peak MB) of a process of its own."""
    started_s = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", _PEAK + program, *arguments]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return time.perf_counter() - started_s, float(printed.splitlines()[-1])


@contextmanager
def _service(models: Path, device: str, folder: Path) -> Iterator[httpx.Client]:
    """Yield a client of the running service, its engine `openvoice`."""
    token, address = secrets.token_hex(16), folder / "address"
    port = _free_port()
    environment = os.environ | {
        "DATA_DIR": str(folder / "data"),
        "MODELS_DIR": str(models),
        "SPEECH_ALLOW_UNVERIFIED": "true",
        "SPEECH_ENGINE": "openvoice",
        "SPEECH_DEVICE": device,
        "SPEECH_TOKEN": token,
        "SPEECH_PORT": str(port),
    }
    with address.with_name("service.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "openvoice_service", "serve"],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"authorization": f"Bearer {token}"},
            timeout=300.0,
        ) as client:
            _wait_until_ready(client, process)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not become ready")


def _ask(client: httpx.Client, recording: Path) -> dict[str, float]:
    voices = [_make_voice(client, recording, name) for name in ("One", "Two")]
    _convert(client, recording, voices[0])  # warm
    converted_s = sorted(_convert(client, recording, voices[0]) for _ in range(_ROUNDS))
    sentence = ENGLISH[0]
    first_s = _speak(client, sentence, voices[0])
    again_s = sorted(_speak(client, sentence, voices[0]) for _ in range(_ROUNDS))
    other_s = _speak(client, sentence, voices[1])
    first_audio_s, whole_s, minute_s = _stream_a_minute(client, voices[0])
    return {
        "our request s": converted_s[_ROUNDS // 2],
        "a sentence s": first_s,
        "same voice again s": again_s[_ROUNDS // 2],
        "another voice s": other_s,
        "first audio s": first_audio_s,
        "whole minute s": whole_s,
        "sound of that minute s": minute_s,
    }


def _make_voice(client: httpx.Client, recording: Path, name: str) -> str:
    answer = client.post(
        "/v1/voices",
        files={"files": ("sample.wav", recording.read_bytes())},
        data={"name": name, "language": "en", "consent": "for the bench"},
    )
    answer.raise_for_status()
    voice: str = answer.json()["id"]
    return voice


def _convert(client: httpx.Client, recording: Path, voice: str) -> float:
    started_s = time.perf_counter()
    client.post(
        "/v1/audio/conversions",
        files={"file": ("source.wav", recording.read_bytes())},
        data={"voice": voice, "response_format": "wav"},
    ).raise_for_status()
    return time.perf_counter() - started_s


def _speak(client: httpx.Client, text: str, voice: str) -> float:
    started_s = time.perf_counter()
    wishes = {"input": text, "voice": voice, "language": "en", "response_format": "wav"}
    client.post("/v1/audio/speech", json=wishes).raise_for_status()
    return time.perf_counter() - started_s


def _stream_a_minute(client: httpx.Client, voice: str) -> tuple[float, float, float]:
    """Return (seconds to the first audio, seconds to the last, seconds of sound)."""
    wishes = {
        "input": " ".join(ENGLISH[1:]),
        "voice": voice,
        "language": "en",
        "response_format": "pcm",
    }
    started_s, first_s, pcm = time.perf_counter(), 0.0, io.BytesIO()
    with client.stream("POST", "/v1/audio/speech", json=wishes) as answer:
        for piece in answer.iter_raw():
            first_s = first_s or time.perf_counter() - started_s
            pcm.write(piece)
    return first_s, time.perf_counter() - started_s, len(pcm.getvalue()) / 2 / 24_000
