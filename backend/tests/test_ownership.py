"""Every route of the API, asked by nobody, by somebody else and by keys: none gives anything away.

A route that stands in no set below fails the tests: whoever adds one says here who may call it.
"""

from collections import Counter
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
from backend.tests.test_shares import path_of

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
    picture = upload(owner, "photo", photo.read_bytes())
    message = draft(owner, script="やあ。", voice=BASE_VOICE, photo_upload_id=picture["id"])
    render(owner, message)
    finish(app, message)
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
        "upload_id": picture["id"],
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


def scope_of(name: str) -> str | None:
    """Return what a key needs for an operation; None where no key opens it."""
    groups = [*SCOPED.items(), *KEYED.items()]
    return next((scope for scope, names in groups if name in names), None)


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
            key = [{"apiKey": [*ALSO.get(name, []), scope_of(name)]}]
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


def test_a_key_that_has_every_scope_but_the_right_one_gets_nothing(
    app: FastAPI, things: dict[str, str], owner: TestClient
) -> None:
    without = {left_out: bearer(owner, *(set(Scope) - {left_out}))[0] for left_out in Scope}
    everything, _ = bearer(owner, *Scope)
    program = browser(app)
    for name, method, path in operations(app):
        if name in PUBLIC | LINKED:
            continue
        scope = scope_of(name)
        header = everything if scope is None else without[Scope(scope)]
        url, body = path.format(**things), BODIES.get(name, {})
        answer = program.request(method, url, json=body, headers=header)
        if scope is None:
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), name
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), name
            assert f"`{scope}`" in answer.json()["detail"], name


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


def test_lists_hold_ones_own_only(things: dict[str, str], guest: TestClient) -> None:
    for kind in ("messages", "voices", "webhooks"):
        assert guest.get(f"/api/v1/{kind}").json()["items"] == []


def test_lists_hold_ones_own_only_by_key_too(
    app: FastAPI, things: dict[str, str], owner: TestClient, guest: TestClient
) -> None:
    for kind, held in (("messages", things["message_id"]), ("voices", things["voice_id"])):
        path = f"/api/v1/{kind}"
        for caller, found in ((owner, [held]), (guest, [])):
            items = browser(app).get(path, headers=bearer(caller, *Scope)[0]).json()["items"]
            assert [item["id"] for item in items] == found
