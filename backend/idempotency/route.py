"""Routes whose writes are done once, however often they are sent with one `Idempotency-Key`.

The account is known only within the handler: there `claim_once` is called, by whatever found it
out. The answer is kept in the request's own transaction where it has one, so that a server that
is killed leaves both, the write and its answer, or neither.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.types import Message, Receive, Scope, Send

from backend.dependencies import Collaborators
from backend.idempotency.answers import Seal
from backend.idempotency.service import HEADER, AnsweredBefore, Claim, claim_write
from backend.problems import Invalid
from backend.security import SAFE_METHODS
from backend.transactions import Handler, OneThreadRoute, run_now

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)

DESCRIBED = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "The write is done once: for a day the same request with the same key gets the same "
        "answer, with `Idempotency-Replayed: true`. Another request with it gets 422, and one "
        "while the first is at work 409."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


@dataclass
class Attempt:
    """One request with the header; `claim` is there once it may do the write."""

    key: str
    claim: Claim | None = None


class IdempotentRoute(OneThreadRoute):
    """A route that heeds `Idempotency-Key` where it writes, and says so."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if not self._is_safe:
            told = self.openapi_extra or {}
            self.openapi_extra = told | {"parameters": [DESCRIBED, *told.get("parameters", [])]}

    @property
    def _is_safe(self) -> bool:
        return self.methods is not None and self.methods <= SAFE_METHODS

    def transaction_handler(self) -> Handler:
        """Return the handler behind the check."""
        handle = super().transaction_handler()
        if self._is_safe:
            return handle

        async def handle_once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await handle(request)
            attempt = Attempt(_checked(key))
            request.state.attempt = attempt
            try:
                response = await handle(request)
            except AnsweredBefore as before:
                return before.response
            if attempt.claim is not None:
                await run_now(_keep, request, attempt.claim, response)
            return response

        return handle_once

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; only here is known whether its transaction was committed."""
        if scope["method"] in SAFE_METHODS:
            await super().handle(scope, receive, send)
            return
        status = 500

        async def note_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await super().handle(scope, receive, note_status)
        finally:
            if status >= 400:
                await run_in_threadpool(_release, scope)


def _keep(request: Request, claim: Claim, response: Response) -> None:
    session_of_write: Session | None = getattr(request.state, "session", None)
    if session_of_write is not None:
        claim.keep(session_of_write, response)
        return
    app: Collaborators = request.app.state.collaborators
    with app.sessions.begin() as session:
        claim.keep(session, response)


def _release(scope: Scope) -> None:
    """Forget a write that was refused, or whose transaction failed."""
    attempt: Attempt | None = scope.get("state", {}).get("attempt")
    if attempt is None or attempt.claim is None:
        return
    app: Collaborators = scope["app"].state.collaborators
    with app.sessions.begin() as session:
        attempt.claim.release(session)


async def claim_once(request: Request, app: Collaborators, account_id: str) -> None:
    """Let the request go on if it may do its write; call it as soon as the account is known.

    raises: AnsweredBefore, Invalid, WriteAtWork
    """
    attempt: Attempt | None = getattr(request.state, "attempt", None)
    if attempt is None or attempt.claim is not None:
        return
    seal = Seal(app.settings.signing_secret, account_id, attempt.key)
    # Only now: nobody's bytes are taken before it is known who sends them.
    fingerprint = await _fingerprint(request)
    attempt.claim = await run_in_threadpool(
        claim_write, app.sessions, account_id, seal, fingerprint
    )


def _checked(key: str) -> str:
    if _KEY.fullmatch(key):
        return key
    message, fix = "This is no key.", "Send 1 to 255 visible ASCII characters, such as a UUID."
    raise Invalid.field(HEADER, "idempotency_key_invalid", message, fix)


async def _fingerprint(request: Request) -> str:
    """Return a hash of what is asked. A form's boundary is drawn anew with every sending."""
    body = await request.body()
    kind = request.headers.get("content-type", "")
    found = _BOUNDARY.search(kind)
    if found is not None:
        body, kind = body.replace(found.group(1).encode(), b""), kind.partition(";")[0]
    asked = f"{request.method} {request.url.path}?{request.url.query}\n{kind}\n".encode()
    return hashlib.sha256(asked + body).hexdigest()
