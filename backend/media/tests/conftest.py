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


@pytest.fixture(params=["sandbox", "limits alone"])
def walls(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _fresh_probe: None
) -> str:
    """Run the test once with bubblewrap and once without it."""
    if request.param == "limits alone":
        monkeypatch.setenv("MEDIA_SANDBOX", "off")
    else:
        request.getfixturevalue("sandbox")
    return str(request.param)
