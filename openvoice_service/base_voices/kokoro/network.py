"""Kokoro-82M's network through ONNX Runtime: symbols and a voice in, sound out.

source: Kokoro-82M v1.0 (hexgrad, Apache-2.0), a StyleTTS 2 decoder with an iSTFTNet vocoder
        (Li et al. 2023, arXiv:2306.07691; Kaneko et al. 2022, arXiv:2203.02395).
"""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

from openvoice_service.audio import Waveform
from openvoice_service.base_voices.protocol import BaseVoiceUnavailable

SAMPLE_RATE_HZ = 24_000
# What the text encoder takes, beside the 0 at either end.
MAX_TOKENS = 510
STYLE_WIDTH = 256
# A prime, so that the table of noise, read row by row, repeats only after 20 s.
_NOISE_LENGTH = 524_287
_NOISES = ("RandomNormalLike", "RandomUniformLike")


class Network:
    """The network of one folder, loaded at its first sentence; safe to call from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._session: Any = None
        self._vocabulary: dict[str, int] = {}
        self._styles: dict[str, np.ndarray[Any, np.dtype[np.float32]]] = {}

    def speak(self, symbols: str, voice: str, speed: float) -> Waveform:
        """Return at most `MAX_TOKENS` symbols spoken.

        Inputs of the network: `input_ids` int64 (1, tokens + 2), 0 at either end; `style` float32
        (1, 256), the row of the voice for this many tokens; `speed` float32 (1,). Its output:
        `waveform` float32, at 24 kHz.

        raises: BaseVoiceUnavailable
        """
        session = self._loaded()
        tokens = [self._vocabulary[s] for s in symbols if s in self._vocabulary][:MAX_TOKENS]
        style = self._style(voice)
        inputs = {
            "input_ids": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style) - 1)][None],
            "speed": np.array([speed], np.float32),
        }
        [waveform] = session.run(["waveform"], inputs, _giving_back())
        samples = waveform.reshape(-1).astype(np.float32)
        if not np.isfinite(samples).all():
            raise BaseVoiceUnavailable("The neural base voice lost its count in this sentence.")
        return Waveform(np.clip(samples, -1.0, 1.0), SAMPLE_RATE_HZ)

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                tokenizer = json.loads((self._folder / "tokenizer.json").read_text("utf-8"))
                self._vocabulary = tokenizer["model"]["vocab"]
                self._session = _session(self._folder / "model.onnx")
            return self._session

    def _style(self, voice: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
        if voice not in self._styles:
            table = np.fromfile(self._folder / "voices" / f"{voice}.bin", "<f4")
            self._styles[voice] = table.reshape(-1, STYLE_WIDTH)
        return self._styles[voice]


def _session(path: Path) -> Any:
    import onnxruntime  # noqa: PLC0415  # only the extra `openvoice` has it

    options = onnxruntime.SessionOptions()
    # Threads that wait for work by spinning would take the cores from the converter.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        _with_fixed_noise(path), options, providers=["CPUExecutionProvider"]
    )


def _giving_back() -> Any:
    """Return options that hand a sentence's memory back: else the longest one's stays for good."""
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _with_fixed_noise(path: Path) -> bytes:
    """Return the network with its random sources replaced by tables that are always the same.

    The vocoder draws its breath and phases from generators that go on from sentence to sentence,
    and the same request has to give the same samples.
    """
    import onnx  # noqa: PLC0415

    model = onnx.load(path)
    nodes = list(model.graph.node)
    del model.graph.node[:]
    for node in nodes:
        if node.op_type in _NOISES:
            model.graph.initializer.extend(_noise_tables(node))
            model.graph.node.extend(_noise_nodes(node))
        else:
            model.graph.node.append(node)
    contents: bytes = model.SerializeToString()
    return contents


def _noise_tables(node: Any) -> list[Any]:
    from onnx import numpy_helper  # noqa: PLC0415

    given = {attribute.name: attribute.f for attribute in node.attribute}
    generator = np.random.default_rng(0)
    if node.op_type == "RandomNormalLike":
        table = generator.normal(given.get("mean", 0.0), given.get("scale", 1.0), _NOISE_LENGTH)
    else:
        table = generator.uniform(given.get("low", 0.0), given.get("high", 1.0), _NOISE_LENGTH)
    numbers = {"zero": 0, "one": 1, "length": _NOISE_LENGTH}
    return [
        numpy_helper.from_array(table.astype(np.float32), f"{node.output[0]}/table"),
        *(
            numpy_helper.from_array(np.array(value, np.int64), f"{node.output[0]}/{name}")
            for name, value in numbers.items()
        ),
    ]


def _noise_nodes(node: Any) -> list[Any]:
    """Return what reads the table round and round, in the shape of the node's input."""
    from onnx import helper  # noqa: PLC0415

    like, out = node.input[0], node.output[0]
    steps = [
        ("Shape", [like], "shape"),
        ("Size", [like], "size"),
        ("Range", [f"{out}/zero", f"{out}/size", f"{out}/one"], "counted"),
        ("Mod", [f"{out}/counted", f"{out}/length"], "wrapped"),
        ("Gather", [f"{out}/table", f"{out}/wrapped"], "flat"),
    ]
    return [
        *(helper.make_node(kind, inputs, [f"{out}/{name}"]) for kind, inputs, name in steps),
        helper.make_node("Reshape", [f"{out}/flat", f"{out}/shape"], [out]),
    ]
