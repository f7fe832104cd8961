"""Which of an account's messages are listed, and what of them."""

import functools
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from backend.bodies import Moment
from backend.messages.models import Message, MessageKind
from backend.messages.state import MessageState

OPENING_CHARACTERS = 200
# A script may have 200,000 characters: thirty of them are no list.
LISTED = (
    Message.id, Message.kind, Message.title, Message.language, Message.voice,
    func.substr(Message.script, 1, OPENING_CHARACTERS).label("opening"),
    Message.photo_upload_id, Message.campaign_id, Message.state, Message.stage, Message.percent,
    Message.eta_s, Message.note, Message.problem, Message.duration_s, Message.has_poster,
    Message.has_previews, Message.created_at, Message.updated_at,
)  # fmt: skip


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
    created_after: Moment | None = None
    created_before: Moment | None = None
    campaign_id: str | None = Field(None, max_length=40)

    def given(self) -> dict[str, Any]:
        """Return the filters that narrow the list, by name."""
        sought = self.q.replace("\0", "").strip()
        filters = self.model_dump(exclude={"limit", "q"}) | {"q": _pattern(sought)}
        return {name: value for name, value in filters.items() if value}


def _pattern(sought: str) -> str:
    escaped = sought.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%" if sought else ""


def _is_like(column: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(column).like(func.lower(bindparam("q")), escape="/")
    return found


_FILTERS: dict[str, ColumnElement[bool]] = {
    "cursor": Message.id < bindparam("cursor"),
    "state": Message.state.in_(bindparam("state", expanding=True)),
    "kind": Message.kind == bindparam("kind"),
    "q": or_(_is_like(Message.title), _is_like(Message.script)),
    "created_after": Message.created_at > bindparam("created_after"),
    "created_before": Message.created_at < bindparam("created_before"),
    "campaign_id": Message.campaign_id == bindparam("campaign_id"),
}


@functools.cache
def listing(filters: frozenset[str]) -> Select[Any]:
    """Return the statement that lists an account's messages by these filters, newest first.

    Building it takes as long as running it, and there are few of them.
    """
    query = select(*LISTED).where(Message.account_id == bindparam("account_id"))
    if "campaign_id" not in filters:
        query = query.where(Message.campaign_id.is_(None))
    query = query.where(*(_FILTERS[name] for name in sorted(filters)))
    return query.order_by(Message.id.desc()).limit(bindparam("limit"))
