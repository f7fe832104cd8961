"""Which of an account's messages are listed."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import ColumnElement, and_

from backend.messages.models import Message, MessageKind
from backend.messages.state import MessageState


class MessagesQuery(BaseModel):
    """A page of the messages for which all of it holds; what is left out narrows nothing.

    state:       one of several, where it is named more than once
    q:           in the title or the script, whatever the case of ASCII letters
    campaign_id: a campaign's template and rows; without it, messages of no campaign
    """

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=40)
    state: list[MessageState] = Field(default_factory=list, max_length=10)
    kind: MessageKind | None = None
    q: str = Field("", max_length=200)
    created_after: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    campaign_id: str | None = Field(None, max_length=40)


def condition_of(account_id: str, wanted: MessagesQuery) -> ColumnElement[bool]:
    """Return what holds of the account's messages that are wanted."""
    conditions = [Message.account_id == account_id, Message.campaign_id == wanted.campaign_id]
    if wanted.state:
        conditions.append(Message.state.in_(wanted.state))
    if wanted.kind is not None:
        conditions.append(Message.kind == wanted.kind)
    conditions += _in_time(wanted.created_after, wanted.created_before)
    sought = wanted.q.replace("\0", "").strip()
    if sought:
        in_title = Message.title.icontains(sought, autoescape=True)
        conditions.append(in_title | Message.script.icontains(sought, autoescape=True))
    return and_(*conditions)


def _in_time(after: datetime | None, before: datetime | None) -> list[ColumnElement[bool]]:
    later = [Message.created_at > after] if after is not None else []
    earlier = [Message.created_at < before] if before is not None else []
    return [*later, *earlier]
