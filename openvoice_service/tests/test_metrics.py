"""What Prometheus reads."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from openvoice_service.engines.world import WorldEngine
from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import PATIENCE_S, serving

SECRET = "Zanzibar"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer t"}
    app = create_app(SpeechSettings(data_dir=tmp_path, speech_token="t", speech_engine="world"))
    with (
        serving(app) as url,
        httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as opened,
    ):
        yield opened


def scraped(client: httpx.Client) -> dict[tuple[str, tuple[str, ...]], float]:
    text = client.get("/metrics").text
    assert SECRET not in text
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return {
        (sample.name, tuple(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for sample in samples
    }


def test_the_figures_follow_what_was_done(client: httpx.Client) -> None:
    body = {"input": f"{SECRET} is an island.", "response_format": "pcm"}
    for _ in range(3):
        heard = client.post("/v1/audio/speech", json=body)
    client.post("/v1/audio/speech", json={"input": ""})
    client.get(f"/v1/voices/{SECRET}")
    figures = scraped(client)
    assert figures["speech_cache_total", ("miss",)] == 1
    assert figures["speech_cache_total", ("hit",)] == 2
    assert figures["speech_requests_total", ("POST", "/v1/audio/speech", "200")] == 3
    assert figures["speech_requests_total", ("POST", "/v1/audio/speech", "422")] == 1
    assert figures["speech_requests_total", ("GET", "/v1/voices/{voice_id}", "404")] == 1
    assert figures["speech_synthesis_seconds_count", ()] == 1
    audio_s = len(heard.content) / 2 / 24_000
    assert figures["speech_audio_seconds_total", ()] == pytest.approx(audio_s, abs=0.1)
    rtf = figures["speech_synthesis_seconds_sum", ()] / figures["speech_audio_seconds_total", ()]
    assert 0 < rtf < 20


def test_the_engine_and_the_queue_are_there_from_the_start(client: httpx.Client) -> None:
    figures = scraped(client)
    assert figures["speech_engine_info", ("cpu", "world", "fp32", WorldEngine.version)] == 1
    gauges = {
        "speech_queue_length": 0,
        "speech_device_waiting": 0,
        "speech_engine_loaded": 1,
        "speech_device_memory_bytes": 0,
        "speech_batch_size": 1,
    }
    assert {name: figures[name, ()] for name in gauges} == gauges
    assert figures["process_resident_memory_bytes", ()] > 10_000_000
