"""What mails look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from backend.bodies import RequestBody
from backend.mail.addresses import MAX_ADDRESS_CHARACTERS, AddressInvalid, checked_address
from backend.mail.models import EmailState
from backend.mail.transports import DeliveryProblem
from backend.shares.schemas import AudienceNumbers, Name, OneLine, ShareChanges

MAX_RECIPIENTS = 50


def _checked(text: str) -> str:
    try:
        return checked_address(text)
    except AddressInvalid:
        raise PydanticCustomError("email_invalid", "This is no e-mail address.") from None


# Longer than any address: what is too long is told to be none.
Address = Annotated[str, Field(max_length=4 * MAX_ADDRESS_CHARACTERS), AfterValidator(_checked)]


class Recipient(BaseModel):
    """Whom to write to. Unlike elsewhere, no character of an address is left out silently."""

    email: Address
    name: Name = None


class NewEmails(RequestBody):
    """One mail to each, with a link of its own under these rules; its label is the recipient."""

    recipients: list[Recipient] = Field(min_length=1, max_length=MAX_RECIPIENTS)
    subject: Annotated[Annotated[str, Field(max_length=200)] | None, OneLine] = None
    note: str = Field("", max_length=2000)
    language: Literal["ja", "en"] = "ja"
    reply_to_me: bool = True
    rules: ShareChanges = Field(default_factory=ShareChanges)


class EmailProblem(BaseModel):
    """Why a mail is not there (yet), with the mail server's code where it gave one."""

    code: DeliveryProblem
    server_code: int | None


class EmailBody(BaseModel):
    """A mail to a recipient, and what became of the link in it.

    tries:           how often a mail server was asked to take it
    next_try_at:     for a mail that waits after a failure
    waits_for_video: it leaves when the video is ready
    """

    id: str
    share_id: str
    email: str
    name: str | None
    state: EmailState
    tries: int
    problem: EmailProblem | None
    next_try_at: datetime | None
    waits_for_video: bool
    created_at: datetime
    sent_at: datetime | None
    stats: AudienceNumbers
    last_viewed_at: datetime | None


class EmailList(BaseModel):
    """The mails about a message, newest first."""

    items: list[EmailBody]


class NewSuppression(RequestBody):
    """An address to which no more mail goes."""

    address: Address


class SuppressionBody(BaseModel):
    """An address that wants no mail; reason: `unsubscribed` by themselves, or `manual`."""

    id: str
    address: str
    reason: str
    created_at: datetime


class SuppressionList(BaseModel):
    """A page of addresses, newest first."""

    items: list[SuppressionBody]
    next_cursor: str | None
