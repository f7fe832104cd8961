"""Every route of the API, asked by nobody, by somebody else and by keys: none gives anything away.

A route that stands in no set below fails the tests: whoever adds one says here who may call it.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api_keys.scopes import Scope
from backend.settings import Settings
from backend.tests.conftest import browser
from backend.tests.samples import make_voice, upload
from backend.tests.test_messages import BASE_VOICE, draft, finish, render
from backend.tests.test_replies import send_parts, silence
from backend.tests.test_shares import path_of, share

# Open to everybody by design; each guards itself and has tests of its own.
PUBLIC = {
    "createAccount", "getSignUpRules", "createSession", "deleteSession", "getHealth",
    "getReadiness", "putPart", "getOembed",
}  # fmt: skip
# Behind a link: a token that is none opens none of them.
LINKED = {
    "openPage", "openEmbeddedPage", "openVideo", "openStream", "openPoster", "openThumbnail",
    "openCaptions", "saveSubrip", "saveTranscript", "openWaveform", "getState", "unlock", "admit",
    "recordPlayback", "addReaction",
    "deleteReaction", "addReply", "createGuestUpload", "getGuestUpload", "addressGuestPart",
    "completeGuestUpload", "deleteGuestUpload", "openUnsubscribing", "unsubscribe",
}  # fmt: skip
# By a session alone: no key opens them.
FOR_PEOPLE = {
    "getAccount", "changeAccount", "deleteAccount", "createApiKey", "listApiKeys", "revokeApiKey",
    "rotateApiKey",
    "createInvitation", "listInvitations", "deleteInvitation", "noteIntent", "getLane",
    "getSystemStatus", "getCosts", "orderPower",
}  # fmt: skip
# By a session, or by a key with the scope.
SCOPED = {
    "speech": {"previewVoice", "previewBaseVoice"},
    "voices": {
        "listVoices", "getVoice", "listBaseVoices", "getCharacterTerms", "getCharacterPicture",
        "getCharacterSample",
    },
    "voices:write": {"createVoice", "changeVoice", "deleteVoice"},
    "messages:read": {
        "listMessages", "getMessage", "streamProgress", "getVideo", "getSmallVideo", "getPoster",
        "getCaptions", "getSubrip", "getTranscript", "getStream", "getThumbnail", "getWaveform",
        "getPreviewSound", "listTakes", "getMakingTime", "listWords", "suggestReadings",
        "listTracks", "getTrack", "listThemes", "getOrnament",
    },
    "messages:write": {
        "createMessage", "changeMessage", "deleteMessage", "renderMessage", "cancelMessage",
        "duplicateMessage", "putCaptions", "deleteCaptions", "previewMessage", "addTake",
        "createWord", "changeWord", "deleteWord",
    },
    "uploads": {
        "createUpload", "sendFile", "fetchFile", "getUpload", "addressPart", "completeUpload",
        "getUploadContent",
        "deleteUpload",
    },
    "shares:read": {
        "listShares", "getQrCode", "getAudience", "streamAudience", "getReplyContent",
        "listEmails",
    },
    "shares:write": {"createShare", "changeShare", "revokeShare", "deleteReply", "makeLinks"},
    "emails": {"createEmails", "retryEmail", "sendCampaign"},
    "campaigns:read": {
        "listCampaigns", "getCampaign", "listRows", "getRow", "getResults", "listSuppressions",
        "estimateCampaign", "followCampaign",
    },
    "webhooks:read": {"listWebhooks", "getWebhook", "listDeliveries"},
    "webhooks:write": {
        "createWebhook", "changeWebhook", "deleteWebhook", "rotateWebhookSecret", "testWebhook",
        "replayDelivery", "replayFailedDeliveries",
    },
    "campaigns:write": {
        "createCampaign", "changeCampaign", "deleteCampaign", "putList", "changeRow",
        "addSuppression", "deleteSuppression",
        "startCampaign", "approveCampaign", "pauseCampaign", "resumeCampaign", "retryCampaign",
        "cancelCampaign", "reopenCampaign", "retryRow",
    },
}  # fmt: skip
# By a key that has this scope, too.
ALSO = {"sendCampaign": ["campaigns:write"], "makeLinks": ["campaigns:write"]}
# By a key with the scope alone: a session opens none of them.
KEYED = {
    "speech": {"listModels", "speak", "speakTimed", "convertRecording"},
    "voices": {"listSpeakableVoices"},
}
# About the caller or the whole installation: there is no other's to reach.
OWN = {
    "getAccount", "changeAccount", "deleteAccount", "createUpload", "sendFile", "fetchFile",
    "createVoice", "listVoices",
    "listBaseVoices", "previewBaseVoice", "createMessage", "listMessages", "getSystemStatus",
    "createApiKey", "listApiKeys", "noteIntent", "getLane", "getCharacterTerms",
    "getCharacterPicture", "getCharacterSample",
    "createWord", "listWords", "suggestReadings", "listTracks", "getTrack",
    "listThemes", "getOrnament", "getMakingTime", "createCampaign", "listCampaigns",
    "createWebhook", "listWebhooks",
    "addSuppression", "listSuppressions",
}  # fmt: skip
# Lists of what everybody with an account may use.
EVERYBODYS = {"listBaseVoices", "listTracks", "listThemes"}
# Behind a link it answers for what is not there, too, and takes nothing.
FORGIVING = {"deleteReaction"}
OWNER_ONLY = {
    "createInvitation", "listInvitations", "deleteInvitation", "getCosts", "orderPower",
}  # fmt: skip
BODIES = {
    "createCampaign": {"name": "x"},
    "putList": {"text": "name\nAnna\n"},
    "changeRow": {"is_left_out": True},
    "addSuppression": {"address": "no@example.com"},
    "addressPart": {"number": 1},
    "changeVoice": {"name": "x"},
    "previewVoice": {"text": "x"},
    "changeWord": {"surface": "東海林", "kana": "ショージ"},
    "changeMessage": {"title": "x"},
    "addTake": {"text": "やあ。", "language": "ja", "voice": BASE_VOICE},
    "unlock": {"password": "x"},
    "recordPlayback": {"kind": "played"},
    "addReaction": {"emoji": "👍"},
    "addReply": {"text": "x"},
    "createEmails": {"recipients": [{"email": "x@example.com"}]},
    "createGuestUpload": {"kind": "audio", "filename": "x", "size_bytes": 1},
    "addressGuestPart": {"number": 1},
}


def operations(app: FastAPI) -> list[tuple[str, str, str]]:
    return [
        (operation["operationId"], method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Mails are written; none leaves, since no worker runs."""
    mail = {"mail_transport": "smtp", "smtp_host": "localhost", "mail_from": "post@example.com"}
    return settings.model_copy(update=mail)


@pytest.fixture
def things(owner: TestClient, photo: Path, recording: Path, app: FastAPI) -> dict[str, str]:
    return make_things(owner, photo, recording, app)


def make_things(owner: TestClient, photo: Path, recording: Path, app: FastAPI) -> dict[str, str]:
    """Make something of everything; return what the routes' addresses call it."""
    message = make_message(owner, photo, app)
    link = owner.post(f"/api/v1/messages/{message['id']}/shares").json()
    reply = browser(app).post(f"{path_of(link)}/replies", json={"text": "x"})
    recipients = BODIES["createEmails"]
    mail = owner.post(f"/api/v1/messages/{message['id']}/emails", json=recipients)
    target = {"url": "https://hooks.example.com/"}
    webhook = owner.post("/api/v1/webhooks", json=target).json()
    told = owner.post(f"/api/v1/webhooks/{webhook['id']}/test")
    campaign = owner.post("/api/v1/campaigns", json=BODIES["createCampaign"]).json()
    listed = f"/api/v1/campaigns/{campaign['id']}"
    owner.put(f"{listed}/list", json=BODIES["putList"])
    return {
        "campaign_id": campaign["id"],
        "suppression_id": owner.post("/api/v1/suppressions", json=BODIES["addSuppression"]).json()[
            "id"
        ],
        "row_id": owner.get(f"{listed}/rows").json()["items"][0]["id"],
        "upload_id": message["photo_upload_id"],
        "message_id": message["id"],
        "voice_id": make_voice(owner, recording)["id"],
        "share_id": link["id"],
        "reply_id": reply.json()["id"],
        "email_id": mail.json()["items"][0]["id"],
        "emoji": "👍",
        "invitation_id": owner.post("/api/v1/invitations", json={}).json()["id"],
        "key_id": owner.post("/api/v1/api-keys", json={"name": "x"}).json()["id"],
        "word_id": owner.post("/api/v1/words", json=BODIES["changeWord"]).json()["id"],
        "webhook_id": webhook["id"],
        "delivery_id": told.json()["id"],
        "number": "1",
        "kind": "icon",
        "index": "0",
        "track": "warm_keys",
        "theme": "birthday",
        "sound": "0" * 32,
        "token": "unknown",
    }


def make_message(owner: TestClient, photo: Path, app: FastAPI) -> dict[str, Any]:
    """Return a message that can be watched."""
    picture = upload(owner, "photo", photo.read_bytes())
    message = draft(owner, script="やあ。", voice=BASE_VOICE, photo_upload_id=picture["id"])
    render(owner, message)
    finish(app, message)
    return message


VIEWER = "a-browser-by-name"  # as links know it where it keeps no cookie


@dataclass(frozen=True)
class LeftBehind:
    """Something of everything behind a link; `called`: what the routes' addresses call it."""

    recipient: TestClient
    owner: TestClient
    message_id: str
    link: str
    called: dict[str, str]

    def ask(self, route: tuple[str, str, str], link: str) -> int:
        """Ask for it by the token of `link`, as the very browser that left it."""
        name, method, path = route
        url = path.format(token=link.removeprefix("/s/"), **self.called)
        body, viewer = BODIES.get(name, {}), {"viewer": VIEWER}
        return self.recipient.request(method, url, json=body, params=viewer).status_code

    def look(self) -> tuple[object, ...]:
        """Return what is there, as recipient and sender see it."""
        held = self.recipient.get(f"{self.link}/uploads/{self.called['upload_id']}").json()
        heard = self.owner.get(f"/api/v1/messages/{self.message_id}/audience").json()
        return held, heard["reactions"], heard["replies"]


@pytest.fixture(params=[False, True], ids=["unsent", "sent"])
def left_behind(
    app: FastAPI, owner: TestClient, photo: Path, request: pytest.FixtureRequest
) -> LeftBehind:
    """A reaction, and a recording that is still the recipient's or was sent as a reply."""
    message, recipient = make_message(owner, photo, app), browser(app)
    link = share(owner, message)[1]
    reaction = {"emoji": "👍", "viewer": VIEWER}
    assert recipient.post(f"{link}/reactions", json=reaction).status_code == 201
    called = {"emoji": "👍", "upload_id": send_parts(recipient, link, silence(1.0)).json()["id"]}
    if request.param:
        reply = {"upload_id": called["upload_id"]}
        assert recipient.post(f"{link}/replies", json=reply).status_code == 201
    return LeftBehind(recipient, owner, message["id"], link, called)


def scopes_of(name: str) -> list[str]:
    """Return what a key needs for an operation; nothing where no key opens it."""
    groups = [*SCOPED.items(), *KEYED.items()]
    return [*ALSO.get(name, []), *(scope for scope, names in groups if name in names)]


def bearer(client: TestClient, *scopes: str) -> tuple[dict[str, str], str]:
    """Return the header of a new key and the key's id."""
    made = client.post("/api/v1/api-keys", json={"name": "x", "scopes": scopes}).json()
    return {"Authorization": f"Bearer {made['key']}"}, made["id"]


def test_every_route_has_its_place_and_says_so(app: FastAPI) -> None:
    places = [PUBLIC, LINKED, FOR_PEOPLE, *SCOPED.values(), *KEYED.values()]
    names = [name for name, _, _ in operations(app)]
    assert Counter(names) == Counter(name for place in places for name in place)
    for path in app.openapi()["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            session: list[Any] = [{"session": []}]
            key = [{"apiKey": scopes_of(name)}]
            if name in PUBLIC | LINKED:
                wanted = []
            elif name in FOR_PEOPLE:
                wanted = session
            else:
                wanted = key if name in set().union(*KEYED.values()) else session + key
            assert operation.get("security", []) == wanted, name


def test_nobody_gets_anything(app: FastAPI, things: dict[str, str]) -> None:
    anonymous = browser(app)
    for name, method, path in operations(app):
        if name not in PUBLIC | LINKED:
            answer = anonymous.request(method, path.format(**things), json=BODIES.get(name, {}))
            assert answer.status_code == 401, (name, answer.status_code)


def test_a_revoked_key_gets_nothing_not_even_beside_a_session(
    app: FastAPI, things: dict[str, str], owner: TestClient
) -> None:
    header, key_id = bearer(owner, *Scope)
    owner.delete(f"/api/v1/api-keys/{key_id}")
    for name, method, path in operations(app):
        if name not in PUBLIC | LINKED:
            app.state.collaborators.limiter.storage.reset()  # wrong keys are counted
            url, body = path.format(**things), BODIES.get(name, {})
            answer = owner.request(method, url, json=body, headers=header)
            expected = "unauthorized" if name in FOR_PEOPLE else "key_wrong"
            assert (answer.status_code, answer.json()["code"]) == (401, expected), name


def test_no_key_opens_what_is_for_people(
    app: FastAPI, things: dict[str, str], owner: TestClient
) -> None:
    header, _ = bearer(owner, *Scope)
    program = browser(app)
    for name, method, path in operations(app):
        if name in FOR_PEOPLE:
            url, body = path.format(**things), BODIES.get(name, {})
            answer = program.request(method, url, json=body, headers=header)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), name


def test_a_key_that_lacks_one_of_the_scopes_gets_nothing(
    app: FastAPI, things: dict[str, str], owner: TestClient
) -> None:
    """Each in turn where a route needs two: neither stands in for the other."""
    without = {left_out: bearer(owner, *(set(Scope) - {left_out}))[0] for left_out in Scope}
    program = browser(app)
    for name, method, path in operations(app):
        url, body = path.format(**things), BODIES.get(name, {})
        for scope in scopes_of(name):
            answer = program.request(method, url, json=body, headers=without[Scope(scope)])
            problem, where = answer.json(), (name, scope)
            assert (answer.status_code, problem.get("code")) == (403, "scope_missing"), where
            assert f"`{scope}`" in problem["detail"], where


def test_a_token_that_is_none_opens_nothing(
    app: FastAPI, things: dict[str, str], owner: TestClient
) -> None:
    asked = set()
    header, _ = bearer(owner, *Scope)
    for name, method, path in operations(app):
        if "{token}" in path:
            url, body = path.format(**things), BODIES.get(name, {})
            for stranger, headers in ((browser(app), {}), (browser(app), header)):
                answer = stranger.request(method, url, json=body, headers=headers)
                assert (answer.status_code, dict(stranger.cookies)) == (404, {}), name
            asked.add(name)
    assert asked == LINKED


def test_another_links_token_reaches_nothing_that_was_left_behind_a_link(
    app: FastAPI, left_behind: LeftBehind, owner: TestClient, guest: TestClient, photo: Path
) -> None:
    """Not of the same message's link, nor of another message's, nor of another account's."""
    message = {"id": left_behind.message_id}
    others = [
        share(owner, message)[1],
        share(owner, make_message(owner, photo, app))[1],
        share(guest, make_message(guest, photo, app))[1],
    ]
    routes = [it for it in operations(app) if "{token}" in it[2] and it[2].count("{") > 1]
    there = left_behind.look()
    for route in routes:
        refused = 200 if route[0] in FORGIVING else 404
        assert [left_behind.ask(route, link) for link in others] == [refused] * len(others), route
        assert left_behind.look() == there, route
    # Its own link's token reaches it; what deletes comes last.
    for route in sorted(routes, key=lambda it: it[1] == "DELETE"):
        assert left_behind.ask(route, left_behind.link) != 404, route
    assert left_behind.look() != there


@pytest.mark.parametrize("by_key", [False, True])
def test_somebody_else_sees_nothing_that_is_there(
    app: FastAPI, things: dict[str, str], guest: TestClient, owner: TestClient, *, by_key: bool
) -> None:
    header = bearer(guest, *Scope)[0] if by_key else {}
    asked = set()
    for name, method, path in operations(app):
        if name in PUBLIC | LINKED | OWN or (by_key and not path.startswith("/api/v1")):
            continue
        url, body = path.format(**things), BODIES.get(name, {})
        answer = guest.request(method, url, json=body, headers=header)
        expected = refusal(name, by_key=by_key)
        assert answer.status_code == expected, (name, answer.status_code)
        if expected == 404:
            (error,) = answer.json()["errors"]
            assert f"{{{error['field']}}}" in path, (name, error)
            assert (
                error["fix"] == "Check the id: it may have been deleted, or be another account's."
            )
        asked.add(name)
    assert len(asked) >= 20, "the matrix is made of the routes themselves"
    assert owner.get(f"/api/v1/messages/{things['message_id']}").json()["title"] == ""
    assert owner.get(f"/api/v1/voices/{things['voice_id']}").json()["name"] == "わたし"


def refusal(name: str, *, by_key: bool) -> int:
    """Return with which status somebody else is refused."""
    if by_key:
        return 401 if name in FOR_PEOPLE else 404
    if name in OWNER_ONLY:
        return 403
    return 401 if name in set().union(*KEYED.values()) else 404


def test_another_ones_voice_and_photo_cannot_be_used(
    things: dict[str, str], guest: TestClient
) -> None:
    voice, photo = things["voice_id"], things["upload_id"]
    message = draft(guest, script="やあ。", voice=voice, photo_upload_id=photo)
    refused = render(guest, message)
    assert [error["field"] for error in refused.json()["errors"]] == ["voice", "photo"]


def lists(app: FastAPI) -> list[tuple[str, str]]:
    """Return the routes that answer with `items` and are told of no id whose to show."""
    described = app.openapi()

    def holds_items(path: str) -> bool:
        content = described["paths"][path]["get"]["responses"]["200"].get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        schema = described["components"]["schemas"].get(reference.rpartition("/")[2], {})
        return "items" in schema.get("properties", {})

    gets = [(name, path) for name, method, path in operations(app) if method == "GET"]
    return [(name, path) for name, path in gets if "{" not in path and holds_items(path)]


def ids_in(client: TestClient, path: str, headers: dict[str, str]) -> set[str]:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return {item["id"] for item in answer.json()["items"]}


@pytest.mark.parametrize("by_key", [False, True])
def test_lists_hold_ones_own_only(
    app: FastAPI, things: dict[str, str], owner: TestClient, guest: TestClient, *, by_key: bool
) -> None:
    """A new list is asked, too, and fails where `things` has nothing that it would hold."""
    callers: list[tuple[TestClient, dict[str, str]]] = [(owner, {}), (guest, {})]
    if by_key:
        callers = [(browser(app), bearer(it, *Scope)[0]) for it, _ in callers]
    closed = OWNER_ONLY | (FOR_PEOPLE if by_key else set().union(*KEYED.values()))
    asked = lists(app)
    assert dict(asked).keys() >= EVERYBODYS
    for name, path in asked:
        if name in closed:
            continue
        own, others = (ids_in(it, path, header) for it, header in callers)
        made = own & set(things.values())
        if name in EVERYBODYS:
            assert own == others, name
        else:
            assert made, name
            assert made.isdisjoint(others), name
