"""A checkpoint of the published shape whose weights are random, and hear who speaks.

The published weights are not part of the repository. A network as PyTorch starts it nearly ignores
the speaker, so that a comparison would pass with the target left out: the gains below make the
reference encoder tell speakers apart and the flow listen.
"""

from pathlib import Path

import torch
from torch import Tensor

from openvoice_service.engines.openvoice.config import ConverterConfig
from openvoice_service.engines.openvoice.network import Converter

_WITHOUT_WEIGHT_NORM = (
    "dec.conv_p",
    "dec.cond",
    "enc_q.pre",
    "enc_q.proj",
    "ref_enc.proj",
    "ref_enc.gru",
    "ref_enc.layernorm",
)


def write_checkpoint(models_dir: Path, seed: int = 20_260) -> Path:
    """Write `models_dir`/openvoice_v2/converter/{config.json,checkpoint.pth}; return the folder."""
    folder = models_dir / "openvoice_v2" / "converter"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(ConverterConfig().to_json())
    torch.save({"model": published_state(seed)}, folder / "checkpoint.pth")
    return folder


def published_state(seed: int = 20_260) -> dict[str, Tensor]:
    """Return random weights under the published names, weight normalisation not folded."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        converter = Converter(ConverterConfig())
    state = {name: tensor.clone().contiguous() for name, tensor in converter.state_dict().items()}
    for name, tensor in state.items():
        tensor.mul_(_gain(name))
    return dict(pair for name, tensor in state.items() for pair in _unfolded(name, tensor))


def _gain(name: str) -> float:
    if name.startswith("ref_enc.proj"):
        return 40.0
    if name.startswith("flow.") and ".cond_layer.weight" in name:
        return 6.0
    if name.startswith("flow.") and ".post." in name:
        return 4.0
    return 8.0 if name.startswith("dec.conv_post") else 1.0


def _unfolded(name: str, tensor: Tensor) -> list[tuple[str, Tensor]]:
    """Return the pair that means `tensor`: its direction at twice the length, and its length."""
    plain = name.startswith(_WITHOUT_WEIGHT_NORM) or not name.endswith(".weight")
    if plain or (name.startswith("flow.") and (".pre." in name or ".post." in name)):
        return [(name, tensor)]
    length = torch.linalg.vector_norm(tensor, dim=tuple(range(1, tensor.dim())), keepdim=True)
    return [(f"{name}_g", length), (f"{name}_v", tensor * 2.0)]
