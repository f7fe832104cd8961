"""A network of Kokoro's inputs and outputs that hums: small, quick, and with random sources."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from openvoice_service.models.manifest import KOKORO_VOICE_BYTES, File, Model

# Every symbol of the published tokenizer, in the order of its numbers.
SYMBOLS = (
    ';:,.!?—…"()“” \u0303ʣʥʦʨᵝꭧAIOQSTWYᵊabcdefhijklmnopqrstuvwxyzɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœ'
    "ɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔˈˌːʰʲ↓→↗↘ᵻ"
)
SAMPLES_PER_TOKEN = 1_500
HUM_HZ = 200.0
VOICES = ("af_heart", "af_bella", "bf_emma", "jf_alpha", "ef_dora", "ff_siwis")


def write_tiny_kokoro(models_dir: Path) -> Model:
    """Write a folder like the published one; return what would be published in it.

    A voice's row for n tokens is n / 1000 throughout, and the network hums as loud as that.
    """
    folder = models_dir / "kokoro"
    (folder / "voices").mkdir(parents=True)
    vocabulary = {"$": 0} | {symbol: number for number, symbol in enumerate(SYMBOLS, 1)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    onnx.save(_humming(), folder / "model.onnx")
    rows = np.repeat(np.arange(510, dtype="<f4") / 1000, 256)
    for name in VOICES:
        (folder / "voices" / f"{name}.bin").write_bytes(rows.tobytes())
        assert len(rows.tobytes()) == KOKORO_VOICE_BYTES
    targets = ["tokenizer.json", *(f"voices/{name}.bin" for name in VOICES), "model.onnx"]
    return Model("kokoro", "", "", "", "kokoro", [_file(folder, target) for target in targets])


def _file(folder: Path, target: str) -> File:
    content = (folder / target).read_bytes()
    return File(target, target, len(content), hashlib.sha256(content).hexdigest())


def _humming() -> onnx.ModelProto:
    steps: list[tuple[str, list[str], str, dict]] = [
        ("Size", ["input_ids"], "count", {}),
        ("Cast", ["count"], "tokens", {"to": TensorProto.FLOAT}),
        ("Mul", ["tokens", "per_token"], "length_at_1", {}),
        ("Div", ["length_at_1", "speed"], "length_f", {}),
        ("Squeeze", ["length_f"], "length_s", {}),
        ("Range", ["zero", "length_s", "one"], "time", {}),
        ("Mul", ["time", "step"], "phase", {}),
        ("Sin", ["phase"], "hum", {}),
        ("ReduceMean", ["style"], "loudness", {"keepdims": 0}),
        ("Mul", ["hum", "loudness"], "tone", {}),
        ("RandomNormalLike", ["tone"], "normal", {"scale": 1e-3}),
        ("RandomUniformLike", ["tone"], "uniform", {"low": -1e-3, "high": 1e-3}),
        ("Add", ["normal", "uniform"], "noise", {}),
        ("Add", ["tone", "noise"], "flat", {}),
        ("Unsqueeze", ["flat", "axis"], "waveform", {}),
    ]
    numbers = {
        "zero": np.float32(0),
        "one": np.float32(1),
        "per_token": np.float32(SAMPLES_PER_TOKEN),
        "step": np.float32(2 * np.pi * HUM_HZ / 24_000),
        "axis": np.array([0]),
    }
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [out], **given) for kind, inputs, out, given in steps],
        "humming",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [1, "samples"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in numbers.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
