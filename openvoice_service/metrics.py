"""What Prometheus is told. No label holds a text, a name or an id."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SENTENCE_BUCKETS_S = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_REQUEST_BUCKETS_S = (0.02, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class Metrics:
    """One service's figures; each has a registry of its own, so that two can live in a process.

    The real-time factor is rate(speech_synthesis_seconds_sum) / rate(speech_audio_seconds_total).
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "speech_requests", "Answers by route template and status",
            ["method", "route", "status"], registry=self.registry,
        )  # fmt: skip
        self._request_s = Histogram(
            "speech_request_seconds", "Time until the answer was sent in full",
            ["route"], buckets=_REQUEST_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self._synthesis_s = Histogram(
            "speech_synthesis_seconds", "Time that speaking one sentence took, waiting left out",
            buckets=_SENTENCE_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self._audio_s = Counter(
            "speech_audio_seconds", "Sound made by synthesis (not from the cache)",
            registry=self.registry,
        )  # fmt: skip
        self._cache = Counter(
            "speech_cache", "Sentences asked for, by whether they had been spoken before",
            ["result"], registry=self.registry,
        )  # fmt: skip
        self._engine = Gauge(
            "speech_engine_info", "The engine that serves; always 1",
            ["engine", "version", "device", "precision"], registry=self.registry,
        )  # fmt: skip
        for result in ("hit", "miss"):
            self._cache.labels(result)

    def count_request(self, method: str, route: str, status: int, took_s: float) -> None:
        """Note an answer; `route` is a template, never a path."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(route).observe(took_s)

    def count_sentence(self, *, hit: bool) -> None:
        """Note a sentence that was asked for."""
        self._cache.labels("hit" if hit else "miss").inc()

    def observe_synthesis(self, took_s: float, audio_s: float) -> None:
        """Note that `audio_s` of sound was spoken in `took_s`."""
        self._synthesis_s.observe(took_s)
        self._audio_s.inc(audio_s)

    def name_engine(self, name: str, version: str, device: str, precision: str) -> None:
        """Say which engine serves."""
        self._engine.labels(name, version, device, precision).set(1)

    def watch(self, readings: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        """Read gauges whenever somebody asks: name → (what it says, how to read it)."""
        self.registry.register(_Readings(readings))

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _Readings:
    """Gauges that are read when they are scraped."""

    def __init__(self, readings: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        for name, (says, read) in self._readings.items():
            yield GaugeMetricFamily(name, says, value=read())
