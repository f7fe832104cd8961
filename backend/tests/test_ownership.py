"""Every route of the API, asked by nobody and by somebody else: none gives anything away."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

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
    "completeGuestUpload", "deleteGuestUpload",
}  # fmt: skip
# About the caller or the whole installation: there is no other's to reach.
OWN = {
    "getAccount", "changeAccount", "deleteAccount", "createUpload", "createVoice", "listVoices",
    "listBaseVoices", "previewBaseVoice", "createMessage", "listMessages", "getSystemStatus",
    "createApiKey", "listApiKeys", "noteIntent", "getLane", "getCharacterTerms",
    "getCharacterPicture", "getCharacterSample",
    "createWord", "listWords", "suggestReadings", "listTracks", "getTrack",
    "listThemes", "getOrnament", "getMakingTime",
}  # fmt: skip
# By API key alone: a session opens none of them.
KEYED = {"listSpeakableVoices", "listModels", "speak", "speakTimed", "convertRecording"}
OWNER_ONLY = {
    "createInvitation", "listInvitations", "deleteInvitation", "getCosts", "orderPower",
}  # fmt: skip
BODIES = {
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
    picture = upload(owner, "photo", photo.read_bytes())
    message = draft(owner, script="やあ。", voice=BASE_VOICE, photo_upload_id=picture["id"])
    render(owner, message)
    finish(app, message)
    link = owner.post(f"/api/v1/messages/{message['id']}/shares").json()
    reply = browser(app).post(f"{path_of(link)}/replies", json={"text": "x"})
    recipients = BODIES["createEmails"]
    mail = owner.post(f"/api/v1/messages/{message['id']}/emails", json=recipients)
    return {
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
        "number": "1",
        "kind": "icon",
        "index": "0",
        "track": "warm_keys",
        "theme": "birthday",
        "sound": "0" * 32,
        "token": "unknown",
    }


def test_nobody_gets_anything(app: FastAPI, things: dict[str, str]) -> None:
    anonymous = browser(app)
    for name, method, path in operations(app):
        if name not in PUBLIC | LINKED:
            answer = anonymous.request(method, path.format(**things), json=BODIES.get(name, {}))
            assert answer.status_code == 401, (name, answer.status_code)


def test_a_token_that_is_none_opens_nothing(app: FastAPI, things: dict[str, str]) -> None:
    asked = set()
    for name, method, path in operations(app):
        if "{token}" in path:
            stranger = browser(app)
            answer = stranger.request(method, path.format(**things), json=BODIES.get(name, {}))
            assert (answer.status_code, dict(stranger.cookies)) == (404, {}), name
            asked.add(name)
    assert asked == LINKED


def test_somebody_else_sees_nothing_that_is_there(
    app: FastAPI, things: dict[str, str], guest: TestClient, owner: TestClient
) -> None:
    asked = set()
    for name, method, path in operations(app):
        if name in PUBLIC | LINKED | OWN:
            continue
        answer = guest.request(method, path.format(**things), json=BODIES.get(name, {}))
        expected = 403 if name in OWNER_ONLY else 401 if name in KEYED else 404
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


def test_another_ones_voice_and_photo_cannot_be_used(
    things: dict[str, str], guest: TestClient
) -> None:
    voice, photo = things["voice_id"], things["upload_id"]
    message = draft(guest, script="やあ。", voice=voice, photo_upload_id=photo)
    refused = render(guest, message)
    assert [error["field"] for error in refused.json()["errors"]] == ["voice", "photo"]


def test_lists_hold_ones_own_only(things: dict[str, str], guest: TestClient) -> None:
    for kind in ("messages", "voices"):
        assert guest.get(f"/api/v1/{kind}").json()["items"] == []
