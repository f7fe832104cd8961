"""`/api/v1/accounts`, `/sessions`, `/invitations`."""

from fastapi import APIRouter, Depends, Request, Response

from backend.accounts import closing, service
from backend.accounts.models import Account, Invitation
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
    account_body,
)
from backend.dependencies import (
    AccountDep,
    Collaborators,
    CollaboratorsDep,
    OwnerDep,
    SessionDep,
    limit_tries,
    require_our_pages,
)
from backend.security import is_from_this_computer
from backend.transactions import OneThreadRoute

router = APIRouter(route_class=OneThreadRoute)
OUR_PAGES = [Depends(require_our_pages)]


@router.get("/accounts/sign-up", tags=["accounts"])
def get_sign_up_rules(request: Request, session: SessionDep, app: CollaboratorsDep) -> SignUpRules:
    """Say who may sign up now."""
    first = not service.has_accounts(session)
    return SignUpRules(
        first=first,
        open=app.settings.open_signup,
        needs_owner_token=first and not is_from_this_computer(request),
    )


@router.post("/accounts", status_code=201, tags=["accounts"], dependencies=OUR_PAGES)
def create_account(
    request: Request,
    response: Response,
    body: NewAccount,
    session: SessionDep,
    app: CollaboratorsDep,
) -> AccountBody:
    """Sign up: the first account is the owner's; the others need an invitation."""
    limit_tries(app, "sign-up", request.client.host if request.client else "")
    account = service.sign_up(session, _door(request, app), body)
    app.settings.owner_token_file.unlink(missing_ok=True)  # it has opened what it opens, or nothing
    _sign_in(response, session, app, account)
    return account_body(account)


def _door(request: Request, app: Collaborators) -> service.Door:
    token = app.settings.owner_token
    return service.Door(
        is_open=app.settings.open_signup,
        owner_token=token.get_secret_value() if token else None,
        is_local=is_from_this_computer(request),
    )


def _sign_in(response: Response, session: SessionDep, app: Collaborators, account: Account) -> None:
    token = service.open_login(session, account, app.settings.session_lifetime_s)
    response.set_cookie(
        app.cookie_name,
        token,
        max_age=app.settings.session_lifetime_s,
        httponly=True,
        samesite="lax",
        secure=app.settings.is_https,
        path="/",
    )


def _forget_cookie(response: Response, app: Collaborators) -> None:
    # Browsers take a `__Host-` cookie back only from an answer that is Secure as well.
    response.delete_cookie(
        app.cookie_name, path="/", secure=app.settings.is_https, httponly=True, samesite="lax"
    )


@router.get("/accounts/me", tags=["accounts"])
def get_account(account: AccountDep) -> AccountBody:
    """Return who is signed in."""
    return account_body(account)


@router.patch("/accounts/me", tags=["accounts"])
def change_account(body: AccountChanges, account: AccountDep, session: SessionDep) -> AccountBody:
    """Change the name, the language, or whether a first view is told by mail."""
    return account_body(service.change_account(session, account.id, body))


@router.delete("/accounts/me", status_code=204, tags=["accounts"])
def delete_account(
    body: PasswordProof, response: Response, account: AccountDep, app: CollaboratorsDep
) -> None:
    """Delete the account with every voice, message, link and file."""
    limit_tries(app, "delete", account.id)
    closing.close_account(app, account.id, body.password)
    _forget_cookie(response, app)


@router.post("/sessions", status_code=201, tags=["accounts"], dependencies=OUR_PAGES)
def create_session(
    request: Request, response: Response, body: SignIn, session: SessionDep, app: CollaboratorsDep
) -> AccountBody:
    """Sign in."""
    limit_tries(app, "sign-in", request.client.host if request.client else "", body.email.lower())
    account = service.sign_in(app.readers, body.email, body.password)
    _sign_in(response, session, app, account)
    return account_body(account)


@router.delete("/sessions/current", status_code=204, tags=["accounts"], dependencies=OUR_PAGES)
def delete_session(
    request: Request, response: Response, session: SessionDep, app: CollaboratorsDep
) -> None:
    """Sign out."""
    service.close_login(session, request.cookies.get(app.cookie_name, ""))
    _forget_cookie(response, app)


@router.post("/invitations", status_code=201, tags=["accounts"])
def create_invitation(
    body: NewInvitation, owner: OwnerDep, session: SessionDep, app: CollaboratorsDep
) -> InvitationBody:
    """Invite somebody."""
    invitation = service.invite(session, app.settings.signing_secret, owner.id, body.email)
    return _invitation_body(app, invitation)


@router.get("/invitations", tags=["accounts"])
def list_invitations(owner: OwnerDep, session: SessionDep, app: CollaboratorsDep) -> InvitationList:
    """Return the invitations, newest first."""
    found = service.list_invitations(session, owner.id)
    return InvitationList(items=[_invitation_body(app, invitation) for invitation in found])


@router.delete("/invitations/{invitation_id}", status_code=204, tags=["accounts"])
def delete_invitation(invitation_id: str, owner: OwnerDep, session: SessionDep) -> None:
    """Withdraw an invitation."""
    service.withdraw_invitation(session, owner.id, invitation_id)


def _invitation_body(app: Collaborators, invitation: Invitation) -> InvitationBody:
    token = service.invitation_token(app.settings.signing_secret, invitation.id)
    return InvitationBody(
        id=invitation.id,
        email=invitation.email,
        url=f"{app.settings.public_url}/signup?invitation={token}",
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        used_at=invitation.used_at,
    )
