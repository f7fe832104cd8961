"""A request's transaction has ended when its answer arrives, whatever became of the request."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, get_args

import pytest
import sqlalchemy as sa
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker
from starlette.routing import BaseRoute

from backend.db import create_database, create_readers, create_sessions
from backend.dependencies import SessionDep
from backend.main import create_app
from backend.settings import Settings
from backend.transactions import OneThreadRoute


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    engine = create_database(f"sqlite:///{tmp_path}/app.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE names (name TEXT)")
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture
def client(sessions: sessionmaker[Session]) -> TestClient:
    app = FastAPI()
    readers = create_readers(sessions.kw["bind"])
    app.state.collaborators = SimpleNamespace(sessions=sessions, readers=readers)
    app.include_router(_router())
    return TestClient(app, raise_server_exceptions=False)


def _router() -> APIRouter:
    router = APIRouter(route_class=OneThreadRoute)

    def note_first(session: SessionDep) -> Session:
        _note(session)
        return session

    noting = Annotated[Session, Depends(note_first)]

    def refuse(_noted: noting) -> None:
        raise HTTPException(409)

    @router.post("/plain")
    def plain(session: SessionDep) -> None:
        _note(session)

    @router.post("/coroutine")
    async def coroutine(session: SessionDep) -> None:
        _note(session)

    @router.post("/breaks")
    async def breaks(session: SessionDep) -> None:
        _note(session)
        raise RuntimeError

    @router.post("/refused", dependencies=[Depends(refuse)])
    def refused() -> None:
        raise AssertionError("it was refused before")

    @router.post("/odd/{number}")
    def odd(number: int, _session: noting) -> None:
        raise AssertionError(f"{number} is a number")

    return router


def _note(session: Session) -> None:
    session.execute(sa.text("INSERT INTO names VALUES ('花子')"))


@pytest.mark.parametrize("path", ["/plain", "/coroutine"])
def test_what_was_written_is_there_when_the_answer_is(
    client: TestClient, sessions: sessionmaker[Session], path: str
) -> None:
    assert client.post(path).status_code == 200
    assert _names(sessions) == ["花子"]


@pytest.mark.parametrize(("path", "status"), [("/breaks", 500), ("/refused", 409), ("/odd/x", 422)])
def test_of_a_request_that_fails_nothing_stays_not_even_its_turn_to_write(
    client: TestClient, sessions: sessionmaker[Session], path: str, status: int
) -> None:
    assert client.post(path).status_code == status
    assert _names(sessions) == []


def _names(sessions: sessionmaker[Session]) -> list[str]:
    """Ask as one who writes: a turn that was kept would let this wait until it fails."""
    with sessions.begin() as session:
        return list(session.scalars(sa.text("SELECT name FROM names")))


def test_every_route_with_a_transaction_ends_it(tmp_path: Path) -> None:
    opens = get_args(SessionDep)[1].dependency
    routes = _routes(create_app(Settings(data_dir=tmp_path)).routes)
    opening = [route for route in routes if opens in _calls(route.dependant)]
    assert len(opening) > 50
    assert [route.path for route in opening if not isinstance(route, OneThreadRoute)] == []


def _routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            yield route
        elif included is not None:
            yield from _routes(included.routes)


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)
