"""A server that is off at night says so to whoever sends."""

from fastapi.testclient import TestClient

from backend.main import create_app
from backend.settings import Settings
from backend.tests.conftest import sign_up
from infra.schedule_lambda import decide


def test_a_server_that_is_always_on_has_no_hours(owner: TestClient) -> None:
    assert owner.get("/api/v1/system/status").json()["opening_hours"] is None


def test_the_hours_that_are_told_are_those_of_the_schedule(settings: Settings) -> None:
    changed = settings.model_copy(update={"app_hours": "weekday", "skip_holidays": True})
    app = create_app(changed)
    with TestClient(app):
        sender = sign_up(app, "sender@example.com")
        hours = sender.get("/api/v1/system/status").json()["opening_hours"]
    assert hours == {
        "opens_h": decide.OPENS_H,
        "closes_h": decide.CLOSES_H,
        "zone": "Asia/Tokyo",
        "skips_holidays": True,
    }
