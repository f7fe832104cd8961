"""What a share link looks like on the wire, and what its page is told."""

from datetime import datetime

from pydantic import BaseModel


class ShareBody(BaseModel):
    """A link to a message."""

    id: str
    url: str
    created_at: datetime
    revoked_at: datetime | None


class ShareList(BaseModel):
    """The links to a message, newest first."""

    items: list[ShareBody]


class SharedMessage(BaseModel):
    """What the recipient's page shows."""

    title: str
    sender_name: str
    duration_s: float | None
    aspect: str
    video_url: str
    poster_url: str
    captions_url: str
    language: str
    credit: str | None
    synthetic: bool
