"""The examples of the API's description: none is missing, each is true, none opens anything."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter

from backend.api_keys.form import is_well_formed
from backend.api_keys.scopes import Scope
from backend.description import describe
from backend.examples import known
from backend.examples.everything import EXAMPLES
from backend.examples.messages import DRAFT
from backend.examples.showing import json_bodies, operations
from backend.problems import MEDIA_TYPE
from backend.settings import Settings
from backend.tests.conftest import browser
from backend.tests.samples import upload
from backend.tests.test_messages import BASE_VOICE
from backend.tests.test_ownership import KEYED, LINKED, bearer, make_things
from backend.tests.test_shares import path_of

HOW_TO_ADD_ONE = (
    "have no example. Write one into `of_models` of that feature's module in backend/examples, "
    "under the body's model, or into its `of_operations` under the name above; then `make client`."
)
PROBLEM_CODES = {one.problem.code for one in EXAMPLES.problems}
ALL_IN_ONE = json.dumps(
    [*EXAMPLES.of_models.values(), *EXAMPLES.of_operations.values()], ensure_ascii=False
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Mails are written; none leaves, since no worker runs."""
    mail = {"mail_transport": "smtp", "smtp_host": "localhost", "mail_from": "post@example.com"}
    return settings.model_copy(update=mail)


def bodies(document: dict) -> Iterator[tuple[str, dict]]:
    for operation in operations(document["paths"] | document.get("webhooks", {})):
        yield from json_bodies(operation)


def without_example(document: dict) -> list[str]:
    return [place for place, content in bodies(document) if not content.get("examples")]


def shown(document: dict, content: dict) -> list[Any]:
    """Return the values that a body's examples lead to."""
    names = [one["$ref"].rsplit("/", 1)[1] for one in content["examples"].values()]
    return [document["components"]["examples"][name]["value"] for name in names]


def requests_of(document: dict) -> dict[str, tuple[str, str, Any]]:
    """Return method, path and example of each operation that takes JSON, by its id."""
    return {
        operation["operationId"]: (method.upper(), path, shown(document, content)[0])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for place, content in json_bodies(operation)
        if place.endswith(".request")
    }


# --- none is missing ------------------------------------------------------------------------


def test_each_json_body_has_an_example(app: FastAPI) -> None:
    missing = without_example(app.openapi())
    assert not missing, f"{', '.join(missing)} {HOW_TO_ADD_ONE}"


def test_a_route_without_one_is_found() -> None:
    class Unheard(BaseModel):
        name: str

    def make_unheard(body: Unheard) -> Unheard:
        return body

    app = FastAPI()
    app.add_api_route("/unheard", make_unheard, methods=["POST"], operation_id="makeUnheard")
    describe(app, EXAMPLES)
    assert without_example(app.openapi()) == ["makeUnheard.request", "makeUnheard.200"]


def test_no_example_is_left_of_what_is_gone(app: FastAPI) -> None:
    in_use = set(app.openapi()["components"]["examples"])
    by_model = {model.__name__ for model in EXAMPLES.of_models}
    assert {*by_model, *EXAMPLES.of_operations, *PROBLEM_CODES} == in_use


def test_no_two_features_show_the_same() -> None:
    assert len({model.__name__ for model in EXAMPLES.of_models}) == len(EXAMPLES.of_models)


# --- each is true ---------------------------------------------------------------------------


def test_each_fits_its_schema(app: FastAPI) -> None:
    document = app.openapi()
    parts = {"components": document["components"]}
    for place, content in bodies(document):
        validator = Draft202012Validator(content.get("schema", {}) | parts)
        for value in shown(document, content):
            faults = [error.message for error in validator.iter_errors(value)]
            assert not faults, (place, faults)


def test_each_is_what_its_model_reads_and_writes(app: FastAPI) -> None:
    models = dict(_models(app))
    document = app.openapi()
    unread = set()
    for place, content in bodies(document):
        if place not in models:
            unread.add(place)
            continue
        adapter = TypeAdapter(models[place])
        for value in shown(document, content):
            read = adapter.validate_json(json.dumps(value))
            is_request = place.endswith(".request")
            assert adapter.dump_python(read, mode="json", exclude_unset=is_request) == value, place
    # What the service for speech tells, and a body that may be a file as well.
    assert unread == {"speakTimed.200", "putList.request"}


def _models(app: FastAPI) -> Iterator[tuple[str, Any]]:
    """Yield place and model of what is sent and answered."""
    for route in iter_route_contexts([*app.routes, *app.webhooks.routes]):
        if not isinstance(route.route, APIRoute):
            continue
        name = route.operation_id or route.unique_id
        if route.body_field is not None:
            yield f"{name}.request", route.body_field.field_info.annotation
        if route.response_model is not None:
            yield f"{name}.{route.status_code or 200}", route.response_model
        for status, told in route.responses.items():
            if "model" in told:
                yield f"{name}.{status}", told["model"]


def test_ids_are_of_this_year_and_of_the_form_that_we_make() -> None:
    ids = re.findall(r"\b[a-z]{3}_[0-9a-z]{20,}\b", ALL_IN_ONE)
    assert len(set(ids)) > 15
    for one in set(ids):
        number = 0
        for character in one[4:]:
            number = number << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(character)
        milliseconds, version, variant = number >> 80, number >> 76 & 15, number >> 62 & 3
        assert (len(one), version, variant) == (30, 7, 2), one
        assert 1_767_225_600_000 <= milliseconds < 1_798_761_600_000, one  # 2026


# --- none opens anything --------------------------------------------------------------------


def test_keys_and_secrets_have_their_form_and_open_nothing() -> None:
    (key,) = set(re.findall(r"vm_[0-9A-Za-z]{12,}", ALL_IN_ONE))
    assert (len(key), is_well_formed(key)) == (39, False)
    assert key.startswith(known.KEY_HINT)
    (secret,) = set(re.findall(r"whsec_([^\"]+)", ALL_IN_ONE))
    assert base64.b64decode(secret) == b"only an example, not any secret!"


def test_links_lead_nowhere() -> None:
    tokens = re.findall(r"(?:/s/|invitation=)([^/\"\\]+)", ALL_IN_ONE)
    assert {len(token) for token in tokens} == {43}
    assert all(token.startswith("EXAMPLE") for token in tokens)
    assert set(re.findall(r"signature=([^\"&]+)", ALL_IN_ONE)) == {"0" * 64}
    hosts = set(re.findall(r"https?://([^/\"\\?&]+)", ALL_IN_ONE))
    assert all(host.endswith("example.com") for host in hosts)


# --- the app takes them ---------------------------------------------------------------------

# Why an example is refused as it stands: by status and code, and what is absent.
REFUSED = {
    "renderMessage": (422, "voice_unknown", "the voice and the photo of the draft's example"),
    "createVoice": (404, "not_found", "the sample that was uploaded"),
    "speak": (404, "not_found", "the voice"),
    "speakTimed": (404, "not_found", "the voice"),
    "fetchFile": (422, "url_unreachable", "a host of that name: nobody has example.com's"),
    "completeUpload": (422, "upload_incomplete", "the parts: what is sent is no JSON"),
    "completeGuestUpload": (422, "upload_incomplete", "the parts: what is sent is no JSON"),
    "startCampaign": (422, "script_empty", "a template: a new one's is an empty message"),
}
# Those that lack something where their ids lead somewhere, too.
LACKING_MORE_THAN_IDS = {"fetchFile", "completeUpload", "completeGuestUpload", "startCampaign"}
# Others go by what these do, and after these nothing else can be done.
FIRST, LAST = ["unlock", "putList"], ["renderMessage", "deleteAccount"]
# A video that is there can't be changed: these are about the draft that `createMessage` made.
OF_A_DRAFT = {"changeMessage", "addTake", "renderMessage"}


class Asking:
    """The examples' account, with something of everything, and who is sent its link."""

    def __init__(self, app: FastAPI, photo: Path, recording: Path) -> None:
        self.app = app
        self.wanted = requests_of(app.openapi())
        self.owner, self.guest = browser(app), browser(app)
        _, path, account = self.wanted.pop("createAccount")
        made = self.owner.post(path, json=account)
        assert made.status_code == 201, made.text
        self.things = make_things(self.owner, photo, recording, app)
        self.things["token"] = _locked_link(self.owner, self.things["message_id"])
        self.key, _ = bearer(self.owner, *Scope)
        self.draft_id = ""

    def in_order(self) -> list[str]:
        """Return what is sent in the order in which it can be."""
        return [*FIRST, *(name for name in self.wanted if name not in {*FIRST, *LAST}), *LAST]

    def send(self, name: str, ids: dict[str, str]):
        """Send the operation's example, with other `ids` in the stead of some of its own."""
        self.app.state.collaborators.limiter.storage.reset()
        method, path, example = self.wanted[name]
        by_key = name in set().union(*KEYED.values())
        client = self.guest if name in LINKED or by_key else self.owner
        return client.request(
            method,
            path.format(**self.things | self._named(name)),
            json=_with(ids, example),
            headers=self.key if by_key else {},
        )

    def _named(self, name: str) -> dict[str, str]:
        if name in OF_A_DRAFT:
            return {"message_id": self.draft_id}
        return {"voice_id": BASE_VOICE} if name == "previewBaseVoice" else {}

    def learn(self, name: str, answer) -> None:
        """Note what there is now, for those that come after."""
        if name == "createMessage":
            self.draft_id = answer.json()["id"]
        elif name in {"createUpload", "createGuestUpload"}:
            self.things["upload_id"] = answer.json()["id"]
        elif name == "putList":
            rows = self.owner.get(f"/api/v1/campaigns/{self.things['campaign_id']}/rows").json()
            self.things["row_id"] = rows["items"][0]["id"]


def refused_of(asking: Asking, ids: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Send each operation's example; return which were refused, by status and code."""
    refused = {}
    for name in asking.in_order():
        answer = asking.send(name, ids)
        if answer.is_success:
            asking.learn(name, answer)
        else:
            refused[name] = (answer.status_code, answer.json()["code"])
    return refused


def _locked_link(owner: TestClient, message_id: str) -> str:
    rules = {"password": known.PASSWORD}
    link = owner.post(f"/api/v1/messages/{message_id}/shares", json=rules).json()
    return path_of(link).rsplit("/", 1)[1]


def _there(owner: TestClient, things: dict[str, str], recording: Path) -> dict[str, str]:
    """Return the examples' ids and in their stead those of what is there."""
    sample = upload(owner, "audio", recording.read_bytes())
    return {
        known.PHOTO: things["upload_id"],
        known.SAMPLE: sample["id"],
        known.VOICE: things["voice_id"],
    }


def _with(ids: dict[str, str], example: Any) -> Any:
    text = json.dumps(example)
    for shown_id, there in ids.items():
        text = text.replace(shown_id, there)
    return json.loads(text)


@pytest.fixture
def asking(app: FastAPI, photo: Path, recording: Path) -> Asking:
    return Asking(app, photo, recording)


def test_each_is_taken_as_it_stands_or_lacks_what_is_listed(asking: Asking) -> None:
    listed = {name: (status, code) for name, (status, code, _) in REFUSED.items()}
    assert refused_of(asking, {}) == listed


def test_where_its_ids_lead_somewhere_it_is_taken(asking: Asking, recording: Path) -> None:
    refused = refused_of(asking, _there(asking.owner, asking.things, recording))
    assert refused == {name: REFUSED[name][:2] for name in LACKING_MORE_THAN_IDS}


# --- problems -------------------------------------------------------------------------------


def test_the_problems_are_those_that_the_app_tells(app: FastAPI, owner: TestClient) -> None:
    """All but those of which nobody can say when they come: at work, and too often."""
    examples = app.openapi()["components"]["examples"]
    path = "/api/v1/messages"
    message = owner.post(path, json={}).json()
    reader, _ = bearer(owner, Scope.SPEECH)
    program = browser(app)
    told = [
        program.get(path),
        program.get("/v1/models"),
        program.post(path, json={}, headers=reader),
        owner.get(f"{path}/{known.MESSAGE}"),
        owner.patch(f"{path}/{message['id']}", json={}, headers={"If-Match": '"other"'}),
        owner.post(path, json={"title": "花" * 201}),
    ]
    for answer in told:
        problem = answer.json()
        example = examples[problem["code"]]["value"]
        problem = json.loads(answer.text.replace(message["revision"], DRAFT["revision"]))
        assert {name: problem[name] for name in example} == example
    codes = {answer.json()["code"] for answer in told}
    assert codes | {"idempotency_at_work", "rate_limited"} == PROBLEM_CODES
    assert {answer.status_code for answer in told} == {401, 403, 404, 412, 422}


def test_each_operation_shows_the_problems_that_it_may_answer_with(app: FastAPI) -> None:
    document = app.openapi()
    change = document["paths"]["/api/v1/messages/{message_id}"]["patch"]["responses"]
    assert set(change["4XX"]["content"][MEDIA_TYPE]["examples"]) == PROBLEM_CODES - {"key_missing"}
    assert set(change["412"]["content"][MEDIA_TYPE]["examples"]) == {"draft_changed"}
    listing = document["paths"]["/api/v1/words"]["get"]["responses"]["4XX"]
    assert set(listing["content"][MEDIA_TYPE]["examples"]) == {
        "unauthorized", "scope_missing", "rate_limited",
    }  # fmt: skip
