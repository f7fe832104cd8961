"""`/api/v1/api-keys`: only for people who are signed in; a key cannot make keys."""

from datetime import timedelta

from fastapi import APIRouter, Response

from backend.api_keys import service
from backend.api_keys.models import ApiKey
from backend.api_keys.schemas import ApiKeyList, MadeApiKey, NewApiKey, Rotation, api_key_body
from backend.dependencies import AccountDep, SessionDep
from backend.transactions import OneThreadRoute

router = APIRouter(tags=["api-keys"], route_class=OneThreadRoute)


@router.post("/api-keys", status_code=201)
def create_api_key(
    body: NewApiKey, response: Response, account: AccountDep, session: SessionDep
) -> MadeApiKey:
    """Make a key for a program. The answer is the only one that tells it."""
    return _told_once(response, *service.create_key(session, account.id, body.name, body.scopes))


def _told_once(response: Response, row: ApiKey, key: str) -> MadeApiKey:
    response.headers["Cache-Control"] = "no-store"
    return MadeApiKey(**api_key_body(row).model_dump(), key=key)


@router.get("/api-keys")
def list_api_keys(account: AccountDep, session: SessionDep) -> ApiKeyList:
    """Return the account's keys, newest first."""
    found = service.list_keys(session, account.id)
    return ApiKeyList(items=[api_key_body(key) for key in found])


@router.post("/api-keys/{key_id}/rotate", status_code=201)
def rotate_api_key(
    key_id: str,
    response: Response,
    account: AccountDep,
    session: SessionDep,
    body: Rotation | None = None,
) -> MadeApiKey:
    """Make a key that takes another's place; the old one goes on for the overlap, then ends."""
    overlap = timedelta(seconds=(body or Rotation()).overlap_s)
    return _told_once(response, *service.rotate_key(session, account.id, key_id, overlap))


@router.delete("/api-keys/{key_id}", status_code=204)
def revoke_api_key(key_id: str, account: AccountDep, session: SessionDep) -> None:
    """Revoke a key."""
    service.revoke_key(session, account.id, key_id)
