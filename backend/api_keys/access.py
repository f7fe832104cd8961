"""Who calls with an API key: `Authorization: Bearer vm_…`, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from limits import RateLimitItemPerMinute

from backend.api_keys import service
from backend.api_keys.form import PREFIX, is_well_formed
from backend.dependencies import Collaborators, CollaboratorsDep
from backend.problems import Problem, RateLimited, Unauthorized

WRONG_KEYS = RateLimitItemPerMinute(20)


class KeyMissing(Unauthorized):
    """401: no key was sent."""

    code = "key_missing"
    title = "An API key is needed"

    def headers(self) -> dict[str, str]:
        """Say how to send one."""
        return {"WWW-Authenticate": "Bearer"}


class KeyWrong(KeyMissing):
    """401: the key is mistyped, revoked or never was."""

    code = "key_wrong"
    title = "This API key is not valid"


class KeyInQuery(Problem):
    """400: a key in an address, where proxies and histories write it down."""

    status = 400
    code = "key_in_query"
    title = "An API key does not belong into the address"


class ScopeMissing(Problem):
    """403: the key is valid, but not for this."""

    status = 403
    code = "scope_missing"
    title = "This API key may not do this"


@dataclass(frozen=True)
class KeyHolder:
    """Whom a key acts for, and what it may do."""

    account_id: str
    key_id: str
    scopes: frozenset[str]


def require_scope(scope: str) -> Callable[[Request, Collaborators], KeyHolder]:
    """Return a dependency: the holder of a key with `scope`, or a problem."""

    def key_holder(request: Request, app: CollaboratorsDep) -> KeyHolder:
        holder = _holder(request, app)
        if scope not in holder.scopes:
            raise ScopeMissing(f"It lacks the scope `{scope}`. Use a key that has it.")
        return holder

    return key_holder


def _holder(request: Request, app: Collaborators) -> KeyHolder:
    _require_none_in_query(request)
    key = _bearer(request)
    if not is_well_formed(key):
        raise KeyWrong("It is no whole key of this app. Copy it again from where you keep it.")
    with app.readers() as session:
        found = service.find_key(session, key)
    if found is None:
        _count_wrong_key(request, app)
        raise KeyWrong("It was revoked, or never was one. Make another in the account's settings.")
    service.note_use(app.sessions, found)
    return KeyHolder(found.account_id, found.id, frozenset(found.scopes))


def _require_none_in_query(request: Request) -> None:
    if any(value.startswith(PREFIX) for value in request.query_params.values()):
        raise KeyInQuery(
            "Send it as the header `Authorization: Bearer …`, and revoke this one: "
            "addresses are written into logs."
        )


def _bearer(request: Request) -> str:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        raise KeyMissing("Send one as the header `Authorization: Bearer vm_…`.")
    return key.strip()


def _count_wrong_key(request: Request, app: Collaborators) -> None:
    # Only the wrong ones are counted: nobody can lock the right key's program out.
    address = request.client.host if request.client else ""
    if not app.limiter.hit(WRONG_KEYS, "api-key", address):
        raise RateLimited("Too many wrong keys came from here. Wait a minute.", retry_after_s=60)


SpeechKeyDep = Annotated[KeyHolder, Depends(require_scope("speech"))]
VoicesKeyDep = Annotated[KeyHolder, Depends(require_scope("voices"))]
