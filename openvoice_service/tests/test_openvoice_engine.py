"""The openvoice engine: what it keeps, what it refuses, when it lets others in."""

import sys
import threading
import types

import numpy as np
import pytest
import torch

from openvoice_service.audio import Waveform
from openvoice_service.device import Abandoned, Turn
from openvoice_service.engines import TonesDiffer, create_engine
from openvoice_service.engines.openvoice import precision
from openvoice_service.engines.openvoice.engine import OpenVoiceEngine
from openvoice_service.engines.openvoice.precision import choose_precision, mean_free_snr_db
from openvoice_service.engines.openvoice.resampling import samples_on_device
from openvoice_service.tests.checkpoints import write_checkpoint
from openvoice_service.tests.voices import say


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def engine(folder):
    made = OpenVoiceEngine(folder, precision="fp32", allow_unverified=True)
    yield made
    made.worker.close()


@pytest.fixture(scope="module")
def tones(engine):
    return engine.embed([say("low", 3.0)]), engine.embed([say("high", 3.0)])


@pytest.fixture
def encoded(engine, monkeypatch):
    """Count the pieces that pass the posterior encoder."""
    counted = []
    network = engine._converter.enc_q
    network_forward = network.forward

    def count(*given):
        counted.append(1)
        return network_forward(*given)

    monkeypatch.setattr(network, "forward", count)
    return counted


def _snr_db(out: Waveform, wanted: Waveform) -> float:
    return mean_free_snr_db(torch.from_numpy(out.samples), torch.from_numpy(wanted.samples))


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("duration_s", [0.02, 0.5, 3.217])
def test_the_sound_is_as_long_as_it_was(engine, tones, rate_hz, duration_s):
    converted = engine.convert_tone(say("low", duration_s, rate_hz), *tones)
    assert converted.sample_rate_hz == 22_050
    assert converted.duration_s == pytest.approx(duration_s, abs=1.5 / 22_050)


def test_the_same_again_sounds_the_same(engine, tones):
    source = say("low", 2.0)
    first = engine.convert_tone(source, *tones)
    assert np.array_equal(first.samples, engine.convert_tone(source, *tones).samples)


def test_another_voice_for_the_same_sentence_skips_the_encoder(engine, tones, encoded):
    source, (low, high) = say("low", 1.7), tones
    first = engine.convert_tone(source, low, high)
    assert len(encoded) == 1
    second = engine.convert_tone(source, low, low)
    assert len(encoded) == 1
    assert _snr_db(second, first) < 30.0


def test_another_speaker_of_the_source_is_encoded_anew(engine, tones, encoded):
    source, (low, high) = say("low", 1.9), tones
    engine.convert_tone(source, low, high)
    engine.convert_tone(source, high, high)
    assert len(encoded) == 2


def test_a_tone_is_kept_and_found_again(engine, tones, tmp_path):
    tones[1].save(tmp_path / engine.tone_file)
    again = engine.load_tone(tmp_path / engine.tone_file)
    assert again.fingerprint() == tones[1].fingerprint()
    assert engine.distance(again, tones[1]) == pytest.approx(0.0, abs=1e-6)
    assert engine.distance(*tones) > 0.0


@pytest.mark.parametrize("content", [None, b"", b"damaged" * 40])
def test_a_tone_that_cannot_be_read_is_a_value_error(engine, tmp_path, content):
    path = tmp_path / engine.tone_file
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="no tone"):
        engine.load_tone(path)


def test_a_tone_of_another_checkpoint_or_engine_is_refused(engine, tones, tmp_path):
    other = OpenVoiceEngine(
        write_checkpoint(tmp_path / "other", seed=7), precision="fp32", allow_unverified=True
    )
    tones[0].save(tmp_path / "tone")
    with pytest.raises(ValueError, match="another network"):
        other.load_tone(tmp_path / "tone")
    with pytest.raises(TonesDiffer):
        other.convert_tone(say("low", 1.0), *tones)
    with pytest.raises(TonesDiffer):
        engine.distance(tones[0], create_engine("world").embed([say("low", 3.0)]))


def test_several_windows_give_their_mean_and_how_far_they_lie_apart(engine):
    low, high = say("low", 3.0), say("high", 3.0)
    apart, alone = engine.embed([low, high]), engine.embed([low])
    mean = (alone.embedding + engine.embed([high]).embedding) / 2.0
    assert np.allclose(apart.embedding, mean, atol=1e-5)
    assert apart.dispersion > alone.dispersion == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(engine, tones, bad):
    samples = say("low", 1.0).samples.copy()
    samples[1_000] = bad
    with pytest.raises(ValueError, match="not finite"):
        engine.embed([Waveform(samples, 22_050)])
    with pytest.raises(ValueError, match="not finite"):
        engine.convert_tone(Waveform(samples, 22_050), *tones)


def test_silence_and_next_to_nothing(engine, tones):
    silence = Waveform(np.zeros(22_050, np.float32), 22_050)
    assert np.isfinite(engine.convert_tone(silence, *tones).samples).all()
    with pytest.raises(ValueError, match="too little"):
        engine.embed([say("low", 0.05)])


def test_who_hangs_up_gives_the_device_back_between_pieces(engine, tones, monkeypatch):
    turn, decoded = Turn(), []
    decode = engine._converter.dec.forward

    def decode_and_hang_up(*given):
        decoded.append(1)
        turn.abandon()
        return decode(*given)

    monkeypatch.setattr(engine._converter.dec, "forward", decode_and_hang_up)
    with pytest.raises(Abandoned):
        engine.convert_tone(say("low", 12.0), *tones, turn)
    assert len(decoded) == 1


def test_an_interactive_sentence_goes_in_between_the_pieces_of_another(engine, tones, monkeypatch):
    order, started = [], threading.Event()
    decode = engine._converter.dec.forward

    def decode_and_note(*given):
        order.append("long")
        started.set()
        return decode(*given)

    monkeypatch.setattr(engine._converter.dec, "forward", decode_and_note)
    long = threading.Thread(target=engine.convert_tone, args=(say("low", 20.0), *tones))
    long.start()
    assert started.wait(30)
    engine.worker.run(Turn(), lambda: order.append("short"))
    long.join()
    assert "short" in order[: order.index("long") + 4]
    assert order[-1] == "long"


def test_what_was_unloaded_comes_back_by_itself(folder, tones):
    engine = OpenVoiceEngine(folder, precision="fp32", allow_unverified=True)
    before = engine.convert_tone(say("low", 1.0), *tones)
    engine.unload()
    engine.unload()
    assert not hasattr(engine, "_converter")
    after = engine.convert_tone(say("low", 1.0), *tones)
    assert np.array_equal(before.samples, after.samples)
    engine.worker.close()


def test_bf16_is_heard_as_fp32_where_it_is_used(folder, engine, tones):
    reduced = OpenVoiceEngine(folder, precision="bf16", allow_unverified=True)
    assert reduced.precision == "bf16", reduced.choice.reason
    source = say("low", 1.0)
    assert _snr_db(reduced.convert_tone(source, *tones), engine.convert_tone(source, *tones)) >= 30
    assert reduced.version != engine.version
    reduced.worker.close()


def test_a_format_that_is_heard_falls_back_to_fp32(engine, monkeypatch):
    converter = engine._converter
    with torch.inference_mode(), monkeypatch.context() as patch:
        patch.setitem(precision.DTYPES, "bf16", torch.float8_e4m3fn)
        patch.setattr(precision, "with_precision", lambda whole, _: _Deaf(whole))
        choice = choose_precision(converter, "bf16", engine._sound)
    assert choice.precision == "fp32"
    assert "too little" in choice.reason


class _Deaf:
    """A decoder whose number format loses everything."""

    def __init__(self, whole) -> None:
        self.whole = whole

    def decode(self, latents):
        return self.whole.decode(latents) * float("nan")


def test_a_gpu_is_asked_to_resample_for_itself(monkeypatch):
    """The call that torchaudio gets; only a CUDA machine has the real one."""
    asked = []

    def resample(samples, from_hz, to_hz, **wishes):
        asked.append((from_hz, to_hz, wishes["resampling_method"]))
        return samples

    functional = types.ModuleType("torchaudio.functional")
    functional.resample = resample  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchaudio", types.ModuleType("torchaudio"))
    monkeypatch.setitem(sys.modules, "torchaudio.functional", functional)
    monkeypatch.setattr(torch.Tensor, "to", lambda self, *_: self)
    samples_on_device(say("low", 0.5, 24_000), 22_050, "cuda")
    samples_on_device(say("low", 0.5, 22_050), 22_050, "cuda")
    assert asked == [(24_000, 22_050, "sinc_interp_kaiser")]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_the_gpu_says_what_the_cpu_says(folder, engine, tones):
    there = OpenVoiceEngine(folder, "cuda", "fp32", allow_unverified=True)
    source = say("low", 4.0, 24_000)
    assert _snr_db(there.convert_tone(source, *tones), engine.convert_tone(source, *tones)) > 40.0
    there.worker.close()
