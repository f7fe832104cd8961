"""Ready means: the database answers and holds the tables of this release."""

import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from backend.main import create_app
from backend.settings import Settings
from backend.tests.conftest import browser


def test_alive_and_ready(app: FastAPI) -> None:
    client = browser(app)
    assert client.get("/healthz").json() == {"ok": True}
    assert client.get("/readyz").json() == {"ok": True}


def test_without_tables_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(data_dir=tmp_path)))
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_the_tables_of_another_release_are_not_ready(app: FastAPI) -> None:
    with app.state.collaborators.sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = browser(app).get("/readyz")
    assert answer.status_code == 503
    assert "migrate" in answer.json()["detail"]


def test_the_documentation_needs_no_other_host(app: FastAPI) -> None:
    client = browser(app)
    page = client.get("/docs").text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(assets) >= 2
    for address in assets:
        assert address.startswith("/docs/assets/")
        assert client.get(address).status_code == 200
