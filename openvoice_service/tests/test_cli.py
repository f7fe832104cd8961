"""The command line, as somebody types it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from openvoice_service.audio import Waveform, read_audio
from openvoice_service.cli import main
from openvoice_service.engines.openvoice.precision import mean_free_snr_db
from openvoice_service.tests.checkpoints import write_checkpoint
from openvoice_service.tests.voices import say


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    for name in ("SHARED_ROOT", "MODELS_DIR", "SPEECH_ENGINE", "SPEECH_ALLOW_UNVERIFIED"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def _write(path: Path, wave: Waveform) -> str:
    soundfile.write(path, wave.samples, wave.sample_rate_hz, subtype="FLOAT")
    return str(path)


@pytest.fixture
def recordings(place):
    """A source and a reference."""
    low, high = (
        _write(place / "low.wav", say("low", 6.0)),
        _write(place / "high.wav", say("high", 6.0)),
    )
    return low, high


def _speak(text, language, out, *more):
    main(["speak", "--text", text, "--language", language, "--out", str(out), *more])


def _samples(path: Path) -> torch.Tensor:
    return torch.from_numpy(soundfile.read(path, dtype="float32")[0])


def test_a_text_is_spoken_by_the_engine_that_is_there(place, recordings, capsys):
    _speak("こんにちは。", "ja", place / "a.wav", "--reference", recordings[1])
    assert "engine world" in capsys.readouterr().out
    assert read_audio(place / "a.wav").duration_s > 0.5
    assert not list((place / "data").rglob("generated/command_line/*"))


def test_a_base_voice_alone_needs_no_engine(place, capsys):
    _speak("Good morning.", "en", place / "a.mp3", "--voice", "espeak_ng:en-us")
    assert "engine none  base espeak_ng:en-us" in capsys.readouterr().out
    assert (place / "a.mp3").stat().st_size > 1_000


def test_a_cloned_voice_speaks(place, recordings, capsys):
    consent = "I agree that my voice is cloned."
    main(["clone", "--reference", recordings[1], "--name", "High", "--language", "en",
          "--consent", consent])  # fmt: skip
    voice = capsys.readouterr().out.split()[0]
    _speak("Good morning.", "en", place / "a.wav", "--voice", voice)
    assert "engine world" in capsys.readouterr().out


def test_the_exact_conversion_is_the_original_s(place, recordings):
    write_checkpoint(place / "models")
    low, high = recordings
    for name in ("openvoice", "openvoice_upstream"):
        main(["convert", "--engine", name, "--models", str(place / "models"), "--allow-unverified",
              "--precision", "fp32", "--exact", "--source", low, "--reference", high,
              "--out", str(place / f"{name}.wav")])  # fmt: skip
    ours, theirs = _samples(place / "openvoice.wav"), _samples(place / "openvoice_upstream.wav")
    assert len(ours) == len(theirs)
    assert mean_free_snr_db(ours, theirs) >= 60.0


def test_a_conversion_keeps_the_length(place, recordings):
    low, high = recordings
    main(["convert", "--source", low, "--reference", high, "--out", str(place / "a.flac")])
    assert read_audio(place / "a.flac").duration_s == pytest.approx(6.0, abs=0.01)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (["--exact"], "is no network"),
        (["--tau", "0.3"], "no noise to scale"),
        (["--engine", "openvoice"], "weights of the openvoice engine are not in"),
        (["--device", "cuda"], "CPU only"),
        (["--source", "absent.wav"], "absent.wav"),
        (["--out", "sound.xyz"], "use one of"),
    ],
)
def test_a_refusal_is_one_plain_sentence(place, recordings, wish, sentence):
    low, high = recordings
    out = str(place / "a.wav")
    with pytest.raises(SystemExit) as ending:
        main(["convert", "--source", low, "--reference", high, "--out", out, *wish])
    assert sentence in str(ending.value.code)
    assert "\n" not in str(ending.value.code)


def test_unverified_weights_are_refused_with_what_admits_them(place, recordings):
    write_checkpoint(place / "models")
    with pytest.raises(SystemExit) as ending:
        _speak(
            "Hi.", "en", place / "a.wav", "--engine", "openvoice", "--models", str(place / "models")
        )
    assert "--allow-unverified" in str(ending.value.code)


def test_a_sample_of_silence_is_refused_with_the_fix(place):
    silent = _write(place / "silent.wav", Waveform(np.zeros(96_000, np.float32), 24_000))
    with pytest.raises(SystemExit) as ending:
        main(["clone", "--reference", silent, "--name", "x", "--language", "en", "--consent", "y"])
    assert "microphone" in str(ending.value.code)


def test_the_engines_are_listed_with_what_is_lacking(capsys):
    main(["engines"])
    listed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert listed["world"] == "ready"
    assert "make models" in listed["openvoice"]


@pytest.mark.parametrize(
    ("wishes", "is_printed"),
    [
        ({"SPEECH_PRINT_TOKEN": "true"}, True),
        ({}, False),
        ({"SPEECH_PRINT_TOKEN": "true", "SPEECH_TOKEN": "given by the operator"}, False),
    ],
)
def test_only_a_token_it_made_itself_is_printed_and_only_where_asked(
    monkeypatch, capsys, wishes, is_printed
):
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)  # the other tests log too
    monkeypatch.delenv("SPEECH_TOKEN", raising=False)
    for name, value in wishes.items():
        monkeypatch.setenv(name, value)
    main(["serve"])
    assert ("Authorization: Bearer " in capsys.readouterr().out) is is_printed
