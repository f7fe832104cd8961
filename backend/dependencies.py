"""What routes ask for: a transaction, the signed-in account, and the collaborators of the app."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyCookie
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.accounts import service as accounts
from backend.accounts.models import Account
from backend.api_keys.known import KnownKeys
from backend.api_keys.quota import Quotas
from backend.power.lanes import Lanes
from backend.problems import Forbidden, RateLimited, Unauthorized
from backend.security import SAFE_METHODS, comes_from_our_pages
from backend.settings import Settings
from backend.speech.client import SpeechClient
from backend.speech_api.upstream import SpeechUpstream
from backend.storage import Storage
from backend.transactions import STAYS_OPEN

SIGN_IN_TRIES = RateLimitItemPerMinute(10)


@dataclass(frozen=True)
class Collaborators:
    """Everything that the routes work with, built in one place (`main.create_app`)."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    storage: Storage
    speech: SpeechClient
    upstream: SpeechUpstream
    lanes: Lanes
    limiter: MovingWindowRateLimiter
    quotas: Quotas
    known_keys: KnownKeys

    @property
    def cookie_name(self) -> str:
        """`__Host-` ties the cookie to this host over TLS; plain HTTP does not know it."""
        return "__Host-session" if self.settings.is_https else "session"


def new_limiter() -> MovingWindowRateLimiter:
    """Return a limiter that forgets with the process, and keeps the moment of each try."""
    return MovingWindowRateLimiter(MemoryStorage())


async def collaborators_of(request: Request) -> Collaborators:
    """Return what the app that answers works with."""
    found: Collaborators = request.app.state.collaborators
    return found


CollaboratorsDep = Annotated[Collaborators, Depends(collaborators_of)]


async def _open_session(request: Request) -> Session:
    """One transaction a request, begun when first used; `OneThreadRoute` ends it."""
    app = await collaborators_of(request)
    session = (app.readers if request.method in SAFE_METHODS else app.sessions)()
    session.info[STAYS_OPEN] = hasattr(request.state, "attempt")
    request.state.session = session
    return session


SessionDep = Annotated[Session, Depends(_open_session)]


# For the description alone: the cookie's name depends on the settings.
SESSION_SCHEME = APIKeyCookie(
    name="session",
    scheme_name="session",
    description="Set by `POST /api/v1/sessions`; named `__Host-session` over HTTPS.",
    auto_error=False,
)


def bearer_of(request: Request) -> str | None:
    """Return what stands behind `Authorization: Bearer`, or None where the header is another."""
    kind, _, sent = request.headers.get("authorization", "").partition(" ")
    return sent.strip() if kind.lower() == "bearer" else None


def session_account(request: Request, app: Collaborators) -> Account:
    """Return whose session the cookie names, or raise Unauthorized."""
    if not comes_from_our_pages(request, request.method, app.settings.public_url):
        raise Forbidden("This request comes from another site.")
    token = request.cookies.get(app.cookie_name)
    if token is not None:
        with app.readers() as session:
            account = accounts.account_of(session, token)
        if account is not None:
            return account
    raise Unauthorized("Sign in first.")


def signed_in(
    request: Request,
    app: CollaboratorsDep,
    _described: Annotated[str | None, Security(SESSION_SCHEME)] = None,
) -> Account:
    """Return whose session the cookie names; with an API key beside it, Unauthorized."""
    if bearer_of(request) is not None:
        raise Unauthorized("This is for people: sign in, and send no API key.")
    return session_account(request, app)


AccountDep = Annotated[Account, Depends(signed_in)]


def owner_only(account: AccountDep) -> Account:
    """Return the signed-in account, or raise Forbidden unless it is the owner's."""
    if not account.is_owner:
        raise Forbidden("Only the owner may do this.")
    return account


OwnerDep = Annotated[Account, Depends(owner_only)]


def limit_tries(app: Collaborators, *identity: str) -> None:
    """Raise RateLimited when `identity` tried too often in the last minute."""
    limit_rate(app, SIGN_IN_TRIES, *identity)


def limit_rate(app: Collaborators, rate: RateLimitItem, *identity: str) -> None:
    """Raise RateLimited when `identity` came more often than `rate` allows."""
    if not app.limiter.hit(rate, *identity):
        raise RateLimited("Wait a minute and try again.", retry_after_s=rate.get_expiry())


async def require_our_pages(request: Request, app: CollaboratorsDep) -> None:
    """Raise Forbidden when a browser sends this from another site."""
    if not comes_from_our_pages(request, request.method, app.settings.public_url):
        raise Forbidden("This request comes from another site.")


LimitQuery = Annotated[int, Query(ge=1, le=100)]
CursorQuery = Annotated[str | None, Query(max_length=40)]
