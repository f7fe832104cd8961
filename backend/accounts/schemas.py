"""What accounts, sessions and invitations look like on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from backend.accounts.models import Account
from backend.bodies import RequestBody


class NewAccount(RequestBody):
    """Somebody who signs up; who may is said by `GET /accounts/sign-up`."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1_000)
    name: str = Field(min_length=1, max_length=100)
    language: str = Field("ja", max_length=16)
    invitation: str | None = Field(None, max_length=100)
    owner_token: str | None = Field(None, max_length=100)


class AccountBody(BaseModel):
    """An account, as its own holder sees it."""

    id: str
    email: str
    name: str
    language: str
    is_owner: bool
    mail_at_first_view: bool
    created_at: datetime


class AccountChanges(RequestBody):
    """The fields to set."""

    name: str = Field("", min_length=1, max_length=100)
    language: str = Field("", max_length=16)
    mail_at_first_view: bool = True


class PasswordProof(RequestBody):
    """The password once more, before everything is deleted."""

    password: str = Field(max_length=1_000)


class SignUpRules(BaseModel):
    """Who may sign up: the first one, everybody, or the invited."""

    first: bool
    open: bool
    needs_owner_token: bool


class SignIn(RequestBody):
    """E-mail and password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1_000)


class NewInvitation(RequestBody):
    """An invitation, to one address if it is given."""

    email: str | None = Field(None, max_length=254)


class InvitationBody(BaseModel):
    """An invitation and its link."""

    id: str
    email: str | None
    url: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class InvitationList(BaseModel):
    """All invitations, newest first."""

    items: list[InvitationBody]


def account_body(account: Account) -> AccountBody:
    """Return `account` as the wire shows it."""
    return AccountBody(
        id=account.id,
        email=account.email,
        name=account.name,
        language=account.language,
        is_owner=account.is_owner,
        mail_at_first_view=account.mail_at_first_view,
        created_at=account.created_at,
    )
