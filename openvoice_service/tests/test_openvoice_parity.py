"""Our converter against the original's code, on weights of the published shape."""

import json
import os
from hashlib import sha256

import numpy as np
import pytest
import torch

from openvoice_service.engines.openvoice.config import OFFICIAL_CONFIG_SHA256, ConverterConfig
from openvoice_service.engines.openvoice.engine import OpenVoiceEngine
from openvoice_service.engines.openvoice.precision import mean_free_snr_db
from openvoice_service.engines.openvoice_upstream import UpstreamEngine
from openvoice_service.tests.checkpoints import published_state, write_checkpoint
from openvoice_service.tests.voices import say

# A minute takes the original minutes: `make soak` has it.
DURATIONS_S = (1.0, 10.0, 60.0) if os.environ.get("SOAK") else (1.0, 10.0)


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    folder = write_checkpoint(tmp_path_factory.mktemp("models"))
    ours = OpenVoiceEngine(folder, precision="fp32", allow_unverified=True)
    theirs = UpstreamEngine(folder, allow_unverified=True)
    yield ours, theirs
    ours.worker.close()
    theirs.worker.close()


def _cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def _snr_db(out, wanted):
    assert len(out.samples) == len(wanted.samples)
    return mean_free_snr_db(torch.from_numpy(out.samples), torch.from_numpy(wanted.samples))


def test_the_original_loads_every_tensor_of_such_a_checkpoint(engines):
    _, theirs = engines
    state = published_state()
    assert len(state) == 486
    assert sum(tensor.numel() for tensor in state.values()) == 32_792_226
    theirs.converter.model.load_state_dict(state, strict=True)


def test_the_published_configuration_comes_out_of_the_dataclass():
    text = ConverterConfig().to_json()
    assert sha256(text.encode()).hexdigest() == OFFICIAL_CONFIG_SHA256
    assert json.loads(text)["model"]["zero_g"] is True


def test_these_weights_hear_the_speaker(engines):
    """Else every comparison below would pass with the target left out."""
    _, theirs = engines
    source = say("low", 3.0)
    spoken, wanted = theirs.embed([source]), theirs.embed([say("high", 3.0)])
    right = theirs.convert_exactly(source, spoken, wanted)
    ignored = theirs.convert_exactly(source, spoken, spoken)
    assert _snr_db(ignored, right) < 30.0


@pytest.mark.parametrize("duration_s", DURATIONS_S)
def test_the_embedding_is_the_original_s(engines, duration_s):
    ours, theirs = engines
    reference = say("high", duration_s)
    assert _cosine(ours.embed([reference]).embedding, theirs.embed([reference]).embedding) > 0.99999


@pytest.mark.parametrize("duration_s", DURATIONS_S)
def test_the_sound_is_the_original_s(engines, duration_s):
    ours, theirs = engines
    source, reference = say("low", duration_s), say("high", duration_s)
    wanted = theirs.convert_exactly(source, theirs.embed([source]), theirs.embed([reference]))
    out = ours.convert_exactly(source, ours.embed([source]), ours.embed([reference]))
    assert _snr_db(out, wanted) >= 60.0


@pytest.mark.parametrize("duration_s", [1.0, 12.0])
def test_pieces_sound_like_one_shot(engines, duration_s):
    ours, _ = engines
    source = say("low", duration_s)
    spoken, wanted = ours.embed([source]), ours.embed([say("high", 3.0)])
    hops = len(source.samples) // 256 * 256 - 64 * 256  # the padded tail is heard that far
    pieces = ours.convert_tone(source, spoken, wanted).between(0.0, hops / 22_050)
    whole = ours.convert_exactly(source, spoken, wanted).between(0.0, hops / 22_050)
    assert _snr_db(pieces, whole) >= 60.0
