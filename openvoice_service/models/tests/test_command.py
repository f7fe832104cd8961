"""`python -m openvoice_service download` as people run it."""

from pathlib import Path

import pytest

from openvoice_service.cli import main
from openvoice_service.models import cli
from openvoice_service.models.tests.hub import CONTENT, MODEL, serving, status


@pytest.fixture(autouse=True)
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "MODELS", (MODEL,))
    monkeypatch.delenv("HF_ENDPOINT", raising=False)


def test_it_fetches_from_the_hub_that_the_environment_names_and_shows_how_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        main(["download", "--models", str(tmp_path)])
        assert (tmp_path / "small" / "small.onnx").read_bytes() == CONTENT
        said = capsys.readouterr().out
        assert "A small model: 0 MB" in said
        assert said.endswith("small.onnx: 0.3 of 0.3 MB (100%)\n")
        main(["download", "--models", str(tmp_path), "--only", "small"])
        assert "here already" in capsys.readouterr().out
        assert hub.firsts == [0]


def test_it_takes_another_hub_or_a_folder(tmp_path: Path) -> None:
    with serving() as hub:
        main(["download", "--models", str(tmp_path / "one"), "--from", hub.endpoint])
    main(["download", "--models", str(tmp_path / "two"), "--from", str(tmp_path / "one")])
    assert (tmp_path / "two" / "small" / "small.onnx").read_bytes() == CONTENT


def test_a_failure_ends_with_a_sentence(tmp_path: Path) -> None:
    with serving(status(404)) as hub, pytest.raises(SystemExit, match="has no such file"):
        main(["download", "--models", str(tmp_path), "--from", hub.endpoint])
    with pytest.raises(SystemExit, match="There is no folder"):
        main(["download", "--models", str(tmp_path), "--from", str(tmp_path / "none")])


@pytest.mark.parametrize(
    ("variable", "content", "said"),
    [
        ("HF_ENDPOINT", "mirror.example.org", "it must begin with https://"),
        ("HF_ENDPOINT", "https://", "it must begin with https://"),
        ("ALL_PROXY", "socks5://127.0.0.1:9", "no SOCKS"),
        ("ALL_PROXY", "nonsense://127.0.0.1:9", "The proxy"),
    ],
)
def test_an_environment_that_leads_nowhere_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, content: str, said: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example.org")
    monkeypatch.setenv(variable, content)
    with pytest.raises(SystemExit, match=said):
        main(["download", "--models", str(tmp_path)])
