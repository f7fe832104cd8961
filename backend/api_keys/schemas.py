"""What an API key looks like on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from backend.api_keys.models import ApiKey
from backend.api_keys.scopes import DEFAULT_SCOPES, Scope
from backend.bodies import RequestBody


class NewApiKey(RequestBody):
    """A key to make; the name says later what it was for, the scopes what it opens."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[Scope] = Field(list(DEFAULT_SCOPES), min_length=1, max_length=len(Scope))


class Rotation(RequestBody):
    """For how long the key that is replaced goes on: programs move over meanwhile."""

    overlap_s: int = Field(24 * 3600, ge=0, le=7 * 24 * 3600)


class ApiKeyBody(BaseModel):
    """A key as its owner sees it later: `hint` is how it begins.

    expires_at: when it ends, where another has taken its place
    """

    id: str
    name: str
    hint: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class MadeApiKey(ApiKeyBody):
    """A key that was just made. `key` is told this once and never again."""

    key: str


class ApiKeyList(BaseModel):
    """The account's keys, newest first."""

    items: list[ApiKeyBody]


def api_key_body(key: ApiKey) -> ApiKeyBody:
    """Return `key` as the wire shows it."""
    return ApiKeyBody.model_validate(key, from_attributes=True)
