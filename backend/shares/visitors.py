"""Who stands at a link: the cookies of its own path, and perhaps the sender's session.

These cookies cannot be `__Host-`: that prefix demands `Path=/`, and a pass of one link must not
go out with the requests of another. Over TLS they are `__Secure-`.
"""

import re
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session

from backend.accounts import service as accounts
from backend.db import utc_now
from backend.dependencies import Collaborators, CollaboratorsDep
from backend.security import new_token
from backend.shares.access import (
    PASS_LIFETIME,
    PassKind,
    Visit,
    Visitor,
    find_visit,
    require_content,
    require_page,
    sign_pass,
)
from backend.shares.audience import hash_viewer

VIEWER_LIFETIME = timedelta(days=90)
_VIEWER = re.compile(r"[A-Za-z0-9_-]{16,64}")
NOBODY = Visitor(account_id=None, passes={}, viewer=None, address="")


def _visitor(request: Request, app: CollaboratorsDep) -> Visitor:
    passes = {kind: request.cookies.get(_cookie_name(app, kind), "") for kind in PassKind}
    viewer = request.cookies.get(_cookie_name(app, "viewer"), "")
    return Visitor(
        account_id=_account_id(request, app),
        passes=passes,
        viewer=viewer if _VIEWER.fullmatch(viewer) else None,
        address=request.client.host if request.client else "",
    )


VisitorDep = Annotated[Visitor, Depends(_visitor)]


def _account_id(request: Request, app: Collaborators) -> str | None:
    token = request.cookies.get(app.cookie_name)
    if token is None:
        return None
    with app.readers() as session:
        account = accounts.account_of(session, token)
    return account.id if account is not None else None


def open_visit(session: Session, app: Collaborators, token: str, visitor: Visitor) -> Visit:
    """Return the visit to a link, or raise NotFound; nothing is permitted by it yet."""
    return find_visit(session, app.settings.signing_secret, token, visitor)


def page_visit(session: Session, app: Collaborators, token: str, visitor: Visitor) -> Visit:
    """Return a visit whose visitor may see the page and the pictures on it."""
    visit = open_visit(session, app, token, visitor)
    require_page(visit)
    return visit


def playing_visit(session: Session, app: Collaborators, token: str, visitor: Visitor) -> Visit:
    """Return a visit whose visitor may play the message too."""
    visit = open_visit(session, app, token, visitor)
    require_content(visit)
    return visit


def give_pass(
    response: Response, app: Collaborators, token: str, visit: Visit, kind: PassKind
) -> None:
    """Let the browser keep a pass for this link alone."""
    value = sign_pass(app.settings.signing_secret, kind, visit.share, utc_now() + PASS_LIFETIME)
    _set_cookie(response, app, token, kind, value, PASS_LIFETIME)


def name_viewer(
    response: Response, app: Collaborators, token: str, visit: Visit, names: tuple[str | None, ...]
) -> str:
    """Return the hash of the first name there is, or of a new one, and have the browser keep it."""
    viewer = next((name for name in names if name), None) or new_token()
    _set_cookie(response, app, token, "viewer", viewer, VIEWER_LIFETIME)
    return hash_viewer(app.settings.signing_secret, visit.share, viewer)


def viewer_hash(app: Collaborators, visit: Visit, visitor: Visitor) -> str | None:
    """Return what is stored of this browser's name, if it has one."""
    if visitor.viewer is None:
        return None
    return hash_viewer(app.settings.signing_secret, visit.share, visitor.viewer)


def _cookie_name(app: Collaborators, name: str) -> str:
    return f"__Secure-{name}" if app.settings.is_https else name


def _set_cookie(
    response: Response,
    app: Collaborators,
    token: str,
    name: str,
    value: str,
    lifetime: timedelta,
) -> None:
    response.set_cookie(
        _cookie_name(app, name),
        value,
        max_age=int(lifetime.total_seconds()),
        path=f"/s/{token}",
        secure=app.settings.is_https,
        httponly=True,
        samesite="lax",
    )
