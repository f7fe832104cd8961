"""Files that are not the published weights: each is refused with a reason, and nothing runs."""

import json
import os
import zipfile
from pathlib import Path

import pytest
import torch

from openvoice_service.engines import EngineUnavailable, create_engine
from openvoice_service.engines.openvoice import checkpoint
from openvoice_service.engines.openvoice.checkpoint import CheckpointRefused, load_converter
from openvoice_service.engines.openvoice.config import ConverterConfig
from openvoice_service.engines.openvoice.engine import OpenVoiceEngine
from openvoice_service.tests.checkpoints import published_state, write_checkpoint


@pytest.fixture
def folder(tmp_path):
    return write_checkpoint(tmp_path)


def _save(folder: Path, state) -> None:
    torch.save({"model": state}, folder / "checkpoint.pth")


def test_another_sha_is_refused_before_anything_is_read(folder, monkeypatch):
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(CheckpointRefused, match=r"sha-256.*allow-unverified"):
        load_converter(folder)


def test_the_engine_says_so_in_a_sentence(tmp_path):
    write_checkpoint(tmp_path)
    with pytest.raises(EngineUnavailable, match="not the published checkpoint"):
        create_engine("openvoice", tmp_path)


def test_one_s_own_is_admitted_with_a_warning(tmp_path):
    write_checkpoint(tmp_path)
    engine = create_engine("openvoice", tmp_path, precision="fp32", allow_unverified=True)
    assert isinstance(engine, OpenVoiceEngine)
    assert not engine.is_official
    assert engine.warnings


def test_a_missing_tensor_is_named(folder):
    state = published_state()
    del state["flow.flows.4.post.bias"]
    _save(folder, state)
    with pytest.raises(CheckpointRefused, match=r"lacks flow\.flows\.4\.post\.bias"):
        load_converter(folder, allow_unverified=True)


def test_a_missing_gain_is_named(folder):
    state = published_state()
    del state["dec.ups.0.weight_g"]
    _save(folder, state)
    with pytest.raises(CheckpointRefused, match=r"dec\.ups\.0\.weight_v"):
        load_converter(folder, allow_unverified=True)


def test_a_wrong_shape_is_named(folder):
    _save(folder, published_state() | {"dec.conv_pre.weight": torch.zeros(512, 192, 5)})
    with pytest.raises(CheckpointRefused, match=r"another dec\.conv_pre\.weight"):
        load_converter(folder, allow_unverified=True)


def test_a_tensor_too_many_is_named(folder):
    _save(folder, published_state() | {"enc_p.emb.weight": torch.zeros(2, 2)})
    with pytest.raises(CheckpointRefused, match=r"adds enc_p\.emb\.weight"):
        load_converter(folder, allow_unverified=True)


def test_numbers_that_are_not_finite_are_refused(folder):
    _save(folder, published_state() | {"dec.cond.bias": torch.full((512,), float("nan"))})
    with pytest.raises(CheckpointRefused, match="not finite"):
        load_converter(folder, allow_unverified=True)


class _RunsCode:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_pickle_that_runs_code_runs_nothing(folder, tmp_path):
    proof = tmp_path / "it_ran"
    torch.save({"model": {"x": _RunsCode(str(proof))}}, folder / "checkpoint.pth")
    with pytest.raises(CheckpointRefused, match="tensors alone"):
        load_converter(folder, allow_unverified=True)
    assert not proof.exists()


def test_a_zip_bomb_is_refused_before_it_unpacks(folder, monkeypatch):
    with (
        zipfile.ZipFile(folder / "checkpoint.pth", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("archive/data.pkl", "w", force_zip64=True) as file,
    ):
        for _ in range(400):
            file.write(bytes(1024 * 1024))
    assert (folder / "checkpoint.pth").stat().st_size < 1024 * 1024
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(CheckpointRefused, match="unpacks into more"):
        load_converter(folder, allow_unverified=True)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04N."])
def test_something_else_is_refused(folder, content):
    (folder / "checkpoint.pth").write_bytes(content)
    with pytest.raises(CheckpointRefused):
        load_converter(folder, allow_unverified=True)


def test_a_huge_file_is_not_even_hashed(folder, monkeypatch):
    with (folder / "checkpoint.pth").open("wb") as file:
        file.truncate(checkpoint.MAX_BYTES + 1)
    monkeypatch.setattr(checkpoint, "_sha256", lambda _: pytest.fail("it was hashed"))
    with pytest.raises(CheckpointRefused, match="larger than any"):
        load_converter(folder, allow_unverified=True)


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("model", {"inter_channels": 256}),
        ("data", {"hop_length": 512}),
        ("model", {"zero_g": False}),
    ],
)
def test_a_configuration_of_other_dimensions_is_refused(folder, part, changes):
    body = json.loads(ConverterConfig().to_json())
    body[part] |= changes
    (folder / "config.json").write_text(json.dumps(body))
    with pytest.raises(CheckpointRefused, match="other dimensions"):
        load_converter(folder, allow_unverified=True)


@pytest.mark.parametrize("text", ["", "[]", '{"model": 1}', "[" * 50_000])
def test_a_configuration_that_is_none_is_refused(folder, text):
    (folder / "config.json").write_text(text)
    with pytest.raises(CheckpointRefused, match="no converter's configuration"):
        load_converter(folder, allow_unverified=True)


def test_another_configuration_needs_the_setting_too(folder):
    (folder / "config.json").write_text(ConverterConfig().to_json() + "\n")
    with pytest.raises(CheckpointRefused, match=r"config\.json is not the one"):
        load_converter(folder)


def test_the_kept_form_serves_the_next_start_and_never_another_checkpoint(folder, monkeypatch):
    first = load_converter(folder, allow_unverified=True).converter.state_dict()
    with monkeypatch.context() as patch:
        patch.setattr(torch, "load", lambda *_, **__: pytest.fail("the pickle was read again"))
        again = load_converter(folder, allow_unverified=True).converter.state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    _save(folder, published_state(seed=7))
    other = load_converter(folder, allow_unverified=True).converter.state_dict()
    assert not torch.equal(first["dec.conv_pre.weight"], other["dec.conv_pre.weight"])


def test_a_damaged_kept_form_is_made_again(folder):
    load_converter(folder, allow_unverified=True)
    (folder / "checkpoint.safetensors").write_bytes(b"damaged")
    load_converter(folder, allow_unverified=True)
    assert (folder / "checkpoint.safetensors").stat().st_size > 1024 * 1024
