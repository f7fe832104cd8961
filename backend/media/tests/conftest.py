"""Both modes of the jail: with the sandbox where the system has it, and with limits alone."""

from collections.abc import Iterator

import pytest

from backend.media import jail


@pytest.fixture
def _fresh_probe() -> Iterator[None]:
    jail.bubblewrap_works.cache_clear()
    yield
    jail.bubblewrap_works.cache_clear()


@pytest.fixture
def sandbox(_fresh_probe: None) -> None:
    """Run the test with bubblewrap."""
    if not jail.bubblewrap_works():
        pytest.skip("bubblewrap is not installed, or this container does not permit it")


@pytest.fixture
def no_sandbox(monkeypatch: pytest.MonkeyPatch, _fresh_probe: None) -> None:
    """Run the test with limits alone."""
    monkeypatch.setenv("MEDIA_SANDBOX", "off")


@pytest.fixture(params=["sandbox", "limits alone"])
def walls(request: pytest.FixtureRequest) -> str:
    """Run the test once with bubblewrap and once without it."""
    request.getfixturevalue("sandbox" if request.param == "sandbox" else "no_sandbox")
    return str(request.param)
