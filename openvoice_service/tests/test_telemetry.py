"""No library tells anybody that it is used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Its identifier and what could not be sent yet lie in these folders; that it keeps still where it
# believes to be tested proves nothing.
SPEAK = """
from openvoice_service.base_voices import BaseVoices, Prosody
voices = BaseVoices()
voices.of_language("ja")[0].speak("やあ。", Prosody())
voices.close()
import onnx, onnxruntime
one = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
other = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
node = onnx.helper.make_node("Identity", ["x"], ["y"])
graph = onnx.helper.make_graph([node], "g", [one], [other])
model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
model.ir_version = 8
onnxruntime.InferenceSession(model.SerializeToString())
"""
TESTED = ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "ORT_DISABLE_TELEMETRY")


def test_the_neural_runtime_keeps_no_diary(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    environment = {name: value for name, value in os.environ.items() if name not in TESTED}
    homes = dict.fromkeys(("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), str(tmp_path))
    subprocess.run([sys.executable, "-c", SPEAK], env={**environment, **homes}, check=True)
    assert list(tmp_path.iterdir()) == []
