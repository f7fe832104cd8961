"""An account with a webhook, a receiver behind it, and the courier between them."""

import datetime
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import standardwebhooks.webhooks as receivers_library
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.db import utc_now
from backend.settings import Settings
from backend.tests.hook_receiver import Receiver, receiving
from backend.tests.test_messages import complete
from backend.tests.test_shares import message
from backend.tests.webhooks.hooks import add, courier_of
from backend.webhooks.courier import WebhookCourier

__all__ = ["complete", "message"]  # fixtures


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_allow_private": True})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def courier(app: FastAPI) -> WebhookCourier:
    """What the worker runs in threads, one round at a time."""
    return courier_of(app)


@pytest.fixture
def hook(owner: TestClient, receiver: Receiver) -> dict:
    return add(owner, receiver.url)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The receivers' clock, which their library asks."""
    clock = SimpleNamespace(now=utc_now() + timedelta(minutes=1))

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None):
            return clock.now

    monkeypatch.setattr(receivers_library, "datetime", Clock)
    return clock
