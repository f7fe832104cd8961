"""Every operation answers as the API's description says, whatever is sent that fits it or not.

`DESCRIPTION_EXAMPLES` sets how many requests each operation gets: 20, and 500 in `make soak`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.api_keys.scopes import Scope
from backend.main import create_app
from backend.settings import Settings
from backend.tests.conftest import ORIGIN, SpeechService, sign_up
from backend.tests.databases import NewDatabases
from backend.tests.served import ServedApp
from backend.tests.test_ownership import FOR_PEOPLE, bearer, make_things

EXAMPLES = int(os.environ.get("DESCRIPTION_EXAMPLES", "20"))
DESCRIPTION = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"
OPERATIONS = sorted(
    operation["operationId"]
    for path in json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"].values()
    for operation in path.values()
)
# The first is not for oEmbed, whose own rules answer 501 where XML is asked for.
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# Of a thing that is there they have no end, or leave nothing for the others.
ON_NOTHING = {"followCampaign", "streamAudience", "streamProgress"}
POSITIVE, NEGATIVE = schemathesis.GenerationMode


@dataclass(frozen=True)
class Installation:
    """An app with something of everything, and who may do anything in it."""

    app: FastAPI
    owner: TestClient
    address: str
    session: requests.Session
    key: dict[str, str]
    things: dict[str, str]
    operations: dict[str, APIOperation]

    def credentials(self, name: str) -> dict[str, str]:
        """Return the headers of a person for what is people's, else of a program."""
        if name not in FOR_PEOPLE:
            return self.key
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.owner.cookies.jar)
        return {"Cookie": cookie, "Origin": ORIGIN}


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory,
    speech: SpeechService,
    new_databases: NewDatabases,
    photo: Path,
    recording: Path,
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("described")
    with new_databases(folder / "data") as urls:
        app = create_app(_settings(folder, speech, urls.app, urls.jobs))
        with ServedApp(app) as address, requests.Session() as session:
            yield _furnished(app, photo, recording, address, session)


def _settings(folder: Path, speech: SpeechService, app_url: str, jobs_url: str) -> Settings:
    return Settings(
        data_dir=folder / "data",
        shared_root=speech.shared_root,
        speech_url=speech.url,
        speech_token=speech.token,
        frontend_dist=folder / "dist",
        database_url=app_url,
        jobs_database_url=jobs_url,
        api_key_minute_limit=1_000_000,
        mail_transport="smtp",
        smtp_host="localhost",
        mail_from="post@example.com",
    )


def _furnished(
    app: FastAPI, photo: Path, recording: Path, address: str, session: requests.Session
) -> Installation:
    owner = sign_up(app, "owner@example.com")
    things = make_things(owner, photo, recording, app)
    schema = schemathesis.openapi.from_dict(app.openapi())
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    operations = {one.definition.raw["operationId"]: one for one in found}
    key, _ = bearer(owner, *Scope)
    return Installation(app, owner, address, session, key, things, operations)


def _requests(installation: Installation, name: str) -> st.SearchStrategy[schemathesis.Case]:
    """Return what is sent: what fits the description and what doesn't, to what is there or not."""
    operation = installation.operations[name]
    strange = [operation.as_strategy(POSITIVE), operation.as_strategy(NEGATIVE)]
    names = {parameter.name for parameter in operation.path_parameters}
    if not names or operation.method.lower() == "delete" or name in ON_NOTHING:
        return st.one_of(strange)
    known = {one: installation.things[one] for one in names}
    return st.one_of([*strange, operation.as_strategy(POSITIVE, path_parameters=known)])


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_answers_as_described(installation: Installation, name: str) -> None:
    headers = installation.credentials(name)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize="DESCRIPTION_EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_requests(installation, name))
    def ask(case: schemathesis.Case) -> None:
        installation.app.state.collaborators.limiter.storage.reset()
        answer = case.call(installation.address, installation.session, headers)
        case.validate_response(answer, checks=CHECKS[name == "getOembed" :])

    ask()


def test_no_operation_is_left_out(installation: Installation) -> None:
    assert sorted(installation.operations) == OPERATIONS
