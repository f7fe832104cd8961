"""`/api/v1/api-keys`: only for people who are signed in; a key cannot make keys."""

from fastapi import APIRouter, Response

from backend.api_keys import service
from backend.api_keys.schemas import ApiKeyList, MadeApiKey, NewApiKey, api_key_body
from backend.dependencies import AccountDep, SessionDep

router = APIRouter(tags=["api-keys"])


@router.post("/api-keys", status_code=201)
def create_api_key(
    body: NewApiKey, response: Response, account: AccountDep, session: SessionDep
) -> MadeApiKey:
    """Make a key for a program. The answer is the only one that tells it."""
    response.headers["Cache-Control"] = "no-store"
    row, key = service.create_key(session, account.id, body.name, body.scopes)
    return MadeApiKey(**api_key_body(row).model_dump(), key=key)


@router.get("/api-keys")
def list_api_keys(account: AccountDep, session: SessionDep) -> ApiKeyList:
    """Return the account's keys, newest first."""
    found = service.list_keys(session, account.id)
    return ApiKeyList(items=[api_key_body(key) for key in found])


@router.delete("/api-keys/{key_id}", status_code=204)
def revoke_api_key(key_id: str, account: AccountDep, session: SessionDep) -> None:
    """Revoke a key."""
    service.revoke_key(session, account.id, key_id)
