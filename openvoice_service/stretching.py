"""Speech made longer or shorter at the same pitch, for speeds that a base voice can't do itself."""

import av
import numpy as np
from av.filter import Graph

from openvoice_service.audio import Waveform

# ffmpeg's atempo, one filter, takes 0.5 to 100 and is clean from half to double.
_STEP = (0.5, 2.0)


def stretch(wave: Waveform, factor: float) -> Waveform:
    """Return the sound `factor` times as fast."""
    if abs(factor - 1.0) < 1e-3 or not len(wave.samples):
        return wave
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=wave.sample_rate_hz, format="flt", layout="mono", name="in"
    )
    last = source
    for part in _factors(factor):
        tempo = graph.add("atempo", f"{part:.6f}")
        last.link_to(tempo)
        last = tempo
    sink = graph.add("abuffersink")
    last.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(wave.samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = wave.sample_rate_hz
    graph.push(frame)
    graph.push(None)
    return Waveform(_pulled(graph), wave.sample_rate_hz)


def _factors(factor: float) -> list[float]:
    factors = []
    while not _STEP[0] <= factor <= _STEP[1]:
        step = _STEP[0] if factor < _STEP[0] else _STEP[1]
        factors.append(step)
        factor /= step
    return [*factors, factor]


def _pulled(graph: Graph) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    blocks: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    while True:
        try:
            pulled = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        assert isinstance(pulled, av.AudioFrame)  # noqa: S101 - a graph of sound
        blocks.append(pulled.to_ndarray().reshape(-1).astype(np.float32))
