"""What is written about settings is true, and weak secrets do not start."""

from pathlib import Path

import pytest

from backend.settings import Settings, is_loopback_host, read_or_create_secret
from openvoice_service.settings import SpeechSettings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


def test_the_example_names_every_setting_and_no_other() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and line[0] != "#"]
    written = [line.split("=", 1)[0] for line in lines]
    fields = {*Settings.model_fields, *SpeechSettings.model_fields}
    assert sorted(written) == sorted(name.upper() for name in fields)


def test_the_example_shows_the_defaults() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and line[0] != "#"]
    written = dict(line.split("=", 1) for line in lines)
    given = {name.lower(): value for name, value in written.items() if value}
    for settings in (Settings, SpeechSettings):
        assert settings.model_validate(given) == settings.model_validate({}), settings.__name__


@pytest.mark.parametrize("name", ["speech_token", "signing_key"])
@pytest.mark.parametrize("value", ["", "changeme", "SECRET"])
def test_a_placeholder_does_not_start_in_production(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name.upper()):
        Settings.model_validate({"environment": "production", name: value})


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    first = read_or_create_secret(path)
    assert len(first) >= 40
    assert read_or_create_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("[::1]", True),
     ("app.localhost", True), ("192.168.1.2", False), ("video.example", False), ("", False)],
)  # fmt: skip
def test_loopback_is_recognised(host: str, is_loopback: bool) -> None:
    assert is_loopback_host(host) is is_loopback
