"""One rig for all tests that may share it: starting three processes takes seconds."""

from collections.abc import Iterator

import pytest

from backend.tests_processes.rig import Rig


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """The product's processes, patient enough for a restart on a busy computer."""
    with Rig(SPEECH_TIMEOUT_S="20") as running:
        yield running


@pytest.fixture(autouse=True)
def _proxy_behaves(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the proxy as it was found."""
    yield
    if "rig" in request.fixturenames:
        request.getfixturevalue("rig").proxy.behave("pass")
