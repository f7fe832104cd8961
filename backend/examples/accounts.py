"""Accounts, sessions, invitations and API keys."""

from typing import Any

from backend.accounts.schemas import (
    AccountBody,
    AccountChanges,
    InvitationBody,
    InvitationList,
    NewAccount,
    NewInvitation,
    PasswordProof,
    SignIn,
    SignUpRules,
)
from backend.api_keys.schemas import ApiKeyList, MadeApiKey, NewApiKey, Rotation
from backend.examples import known
from backend.examples.shape import Examples

ADDRESS = "yamada@example.com"
_ACCOUNT = {
    "id": known.ACCOUNT,
    "email": ADDRESS,
    "name": "山田太郎",
    "language": "ja",
    "is_owner": True,
    "mail_at_first_view": True,
    "created_at": "2026-04-01T00:00:00Z",
}
_INVITATION = {
    "id": known.INVITATION,
    "email": "suzuki@example.com",
    "url": known.INVITATION_URL,
    "created_at": "2026-04-02T03:00:00Z",
    "expires_at": "2026-04-16T03:00:00Z",
    "used_at": None,
}
_SCOPES = ["messages:read", "messages:write", "uploads", "shares:read", "shares:write"]
_KEY: dict[str, Any] = {
    "id": known.API_KEY,
    "name": "予約システムとの連携",
    "hint": known.KEY_HINT,
    "scopes": _SCOPES,
    "created_at": "2026-04-03T01:00:00Z",
    "last_used_at": None,
    "expires_at": None,
}
_USED_KEY = _KEY | {"last_used_at": "2026-05-10T01:00:00Z"}

EXAMPLES = Examples(
    of_models={
        NewAccount: {
            "email": ADDRESS,
            "password": known.PASSWORD,
            "name": "山田太郎",
            "language": "ja",
        },
        AccountBody: _ACCOUNT,
        AccountChanges: {"name": "山田太郎", "mail_at_first_view": False},
        PasswordProof: {"password": known.PASSWORD},
        SignUpRules: {"first": False, "open": False, "needs_owner_token": False},
        SignIn: {"email": ADDRESS, "password": known.PASSWORD},
        NewInvitation: {"email": _INVITATION["email"]},
        InvitationBody: _INVITATION,
        InvitationList: {"items": [_INVITATION]},
        NewApiKey: {"name": _KEY["name"], "scopes": _SCOPES},
        ApiKeyList: {"items": [_USED_KEY]},
        MadeApiKey: _KEY | {"key": known.KEY},
        Rotation: {"overlap_s": 86_400},
    },
    of_operations={"changeAccount.200": _ACCOUNT | {"mail_at_first_view": False}},
)
