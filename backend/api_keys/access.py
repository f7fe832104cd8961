"""Who calls with an API key: `Authorization: Bearer vm_…`.

`/v1` takes a key alone; the resources of `/api/v1` take a session as well.
"""

from collections.abc import Callable, Coroutine
from itertools import chain
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer
from limits import RateLimitItemPerMinute
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as ASGIScope

from backend.accounts import service as accounts
from backend.accounts.models import Account
from backend.api_keys import service
from backend.api_keys.form import holds_key, is_well_formed
from backend.api_keys.known import KnownKey
from backend.api_keys.quota import count_request
from backend.api_keys.scopes import Scope
from backend.dependencies import (
    SESSION_SCHEME,
    Collaborators,
    bearer_of,
    collaborators_of,
    session_account,
)
from backend.idempotency.route import claim_once
from backend.problems import Problem, RateLimited, Unauthorized, answer

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

    def __init__(self, scope: str) -> None:
        super().__init__(f"It lacks the scope `{scope}`. Use a key that has it.")
        self._scope = scope

    def headers(self) -> dict[str, str]:
        """Name the scope as RFC 6750 does."""
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self._scope}"'}


# For the description alone: the header is read by `bearer_of`, to tell what is wrong with it.
KEY_SCHEME = HTTPBearer(
    scheme_name="apiKey",
    bearerFormat="vm_…",
    description=(
        "A key of the account page. What an operation asks for are the key's scopes. "
        "`RateLimit-Policy` and `RateLimit` tell how often it may ask; beyond that the answer is "
        "429 with `Retry-After`."
    ),
    auto_error=False,
)


def key_alone(scope: Scope) -> Callable[..., Coroutine[Any, Any, Account]]:
    """Return a dependency: the account for which a key with `scope` acts, or a problem."""
    described = Security(KEY_SCHEME, scopes=[scope])

    async def account_of_key(
        request: Request, _key: Annotated[object, described] = None
    ) -> Account:
        app = await collaborators_of(request)
        key = bearer_of(request)
        if not key:
            raise KeyMissing("Send one as the header `Authorization: Bearer vm_…`.")
        return await _account_of_key(request, app, key, scope)

    return account_of_key


class SessionOrKey:
    """A dependency: who is signed in, or for whom a key with all of `scopes` acts.

    Where a key is sent it alone decides: no browser adds one by itself, so it needs no proof of
    where the request comes from, and a cookie beside it lends it nothing.
    security: how the description says so; FastAPI's own way would be two more dependencies for
              each request to solve
    """

    def __init__(self, *scopes: Scope) -> None:
        self._scopes = scopes
        self.security = [{SESSION_SCHEME.scheme_name: []}, {KEY_SCHEME.scheme_name: [*scopes]}]

    async def __call__(self, request: Request) -> Account:
        """Return the account, or raise a problem."""
        app = await collaborators_of(request)
        key = bearer_of(request)
        if key is None:
            account = await run_in_threadpool(session_account, request, app)
        else:
            account = await _account_of_key(request, app, key, *self._scopes)
        await claim_once(request, app, account.id)
        return account


async def _account_of_key(
    request: Request, app: Collaborators, key: str, *scopes: Scope
) -> Account:
    known = app.known_keys.find(key)
    if known is None and not is_well_formed(key):
        raise KeyWrong("It is no whole key of this app. Copy it again from where you keep it.")
    known = known or await run_in_threadpool(_look_up, app, key)
    if known is None:
        _count_wrong_key(request, app)
        raise KeyWrong("It was revoked, or never was one. Make another in the account's settings.")
    count_request(request, app.quotas, known.id, app.settings.api_key_minute_limit)
    for scope in scopes:
        if scope not in known.scopes:
            raise ScopeMissing(scope)
    return known.account


def _look_up(app: Collaborators, key: str) -> KnownKey | None:
    def seek() -> KnownKey | None:
        with app.readers() as session:
            found = service.find_key(session, key)
            account = accounts.find_account(session, found.account_id) if found else None
        if found is None or account is None:
            return None
        service.note_use(app.sessions, found)
        return KnownKey(found.id, frozenset(found.scopes), account)

    return app.known_keys.look_up(key, seek)


class NoKeyInQuery:
    """Refuses requests whose address holds a key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        query: bytes = scope.get("query_string", b"")
        if query and any(map(holds_key, chain(*QueryParams(query).multi_items()))):
            refused = KeyInQuery(
                "Send it as the header `Authorization: Bearer …`, and revoke this one: "
                "addresses are written into logs."
            )
            await answer(refused, scope["path"])(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _count_wrong_key(request: Request, app: Collaborators) -> None:
    # Only the wrong ones are counted: nobody can lock the right key's program out.
    address = request.client.host if request.client else ""
    if not app.limiter.hit(WRONG_KEYS, "api-key", address):
        raise RateLimited("Too many wrong keys came from here. Wait a minute.", retry_after_s=60)


reads_voices = SessionOrKey(Scope.VOICES)
reads_messages = SessionOrKey(Scope.MESSAGES_READ)

SpeechKeyDep = Annotated[Account, Depends(key_alone(Scope.SPEECH))]
VoicesKeyDep = Annotated[Account, Depends(key_alone(Scope.VOICES))]

SpeakerDep = Annotated[Account, Depends(SessionOrKey(Scope.SPEECH))]
VoiceReaderDep = Annotated[Account, Depends(reads_voices)]
VoiceWriterDep = Annotated[Account, Depends(SessionOrKey(Scope.VOICES_WRITE))]
MessageReaderDep = Annotated[Account, Depends(reads_messages)]
MessageWriterDep = Annotated[Account, Depends(SessionOrKey(Scope.MESSAGES_WRITE))]
UploaderDep = Annotated[Account, Depends(SessionOrKey(Scope.UPLOADS))]
ShareReaderDep = Annotated[Account, Depends(SessionOrKey(Scope.SHARES_READ))]
ShareWriterDep = Annotated[Account, Depends(SessionOrKey(Scope.SHARES_WRITE))]
MailerDep = Annotated[Account, Depends(SessionOrKey(Scope.EMAILS))]
WebhookReaderDep = Annotated[Account, Depends(SessionOrKey(Scope.WEBHOOKS_READ))]
WebhookWriterDep = Annotated[Account, Depends(SessionOrKey(Scope.WEBHOOKS_WRITE))]
CampaignReaderDep = Annotated[Account, Depends(SessionOrKey(Scope.CAMPAIGNS_READ))]
CampaignWriterDep = Annotated[Account, Depends(SessionOrKey(Scope.CAMPAIGNS_WRITE))]
CampaignMailerDep = Annotated[Account, Depends(SessionOrKey(Scope.CAMPAIGNS_WRITE, Scope.EMAILS))]
