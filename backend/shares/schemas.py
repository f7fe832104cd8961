"""What links and their audience look like on the wire, and what the recipient's page is told."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    UrlConstraints,
)
from pydantic_core import PydanticCustomError, Url

from backend.bodies import Moment, RequestBody, on_one_line
from backend.shares.models import SEGMENTS, ReplyKind

Emoji = Literal["👍", "❤️", "😂", "😮", "😢", "🎉", "🙏"]
OneLine = BeforeValidator(on_one_line)
Name = Annotated[Annotated[str, Field(max_length=100)] | None, OneLine]


def _without_user(url: Url) -> Url:
    # https://bank.example@evil.example leads elsewhere than it reads.
    if url.username or url.password:
        raise PydanticCustomError("url_user", "The address holds a user name or a password.")
    return url


HttpsUrl = Annotated[
    Url,
    UrlConstraints(max_length=2000, allowed_schemes=["https"], host_required=True),
    AfterValidator(_without_user),
]


# --- the sender's side ----------------------------------------------------------------------


class CallToAction(RequestBody):
    """The button below the video; it leads to an https address."""

    label: Annotated[str, OneLine, Field(min_length=1, max_length=40)]
    url: HttpsUrl


class ShareChanges(RequestBody):
    """What to set of a link; what is left out stays, and null takes it away."""

    label: Name = None
    password: str | None = Field(None, min_length=4, max_length=200)
    expires_at: Moment | None = None
    view_limit: int | None = Field(None, ge=1, le=1_000_000)
    allow_download: bool = False
    allow_reactions: bool = True
    allow_replies: bool = True
    cta: CallToAction | None = None


class ShareState(StrEnum):
    """Whether a link lets anybody new in."""

    OPEN = "open"
    EXPIRED = "expired"
    SPENT = "spent"
    REVOKED = "revoked"


class CallToActionBody(BaseModel):
    """The button below the video."""

    label: str
    url: str


class AudienceNumbers(BaseModel):
    """How a link was received: browsers that opened it, views, browsers that watched.

    quarters: how many browsers watched 25, 50, 75 and 100 % of it
    """

    opened: int
    views: int
    viewers: int
    quarters: list[int] = Field(min_length=4, max_length=4)
    reactions: int
    replies: int


class ShareBody(BaseModel):
    """A link to a message. `admissions` counts whom a view limit let in.

    revision: its rules, as `ETag` says it too: send it as `If-Match` to change only what was seen
    """

    id: str
    revision: str
    url: str
    state: ShareState
    label: str | None
    has_password: bool
    expires_at: datetime | None
    view_limit: int | None
    admissions: int
    allow_download: bool
    allow_reactions: bool
    allow_replies: bool
    cta: CallToActionBody | None
    views: int
    last_viewed_at: datetime | None
    stats: AudienceNumbers
    created_at: datetime
    revoked_at: datetime | None


class ShareList(BaseModel):
    """The links to a message, newest first."""

    items: list[ShareBody]


class ReactionCount(BaseModel):
    """How often an emoji was given."""

    emoji: str
    count: int


class ReplyBody(BaseModel):
    """A recipient's answer: text, or a recording at `content_url`."""

    id: str
    share_id: str
    at: datetime
    kind: ReplyKind
    name: str | None
    text: str | None
    duration_s: float | None
    content_url: str | None
    content_type: str | None


class ShareAudience(AudienceNumbers):
    """One link's numbers."""

    share_id: str
    label: str | None
    last_viewed_at: datetime | None


class AudienceBody(BaseModel):
    """How a message was received. `version` is that of the stream's last event.

    heat: for each fiftieth of the video, how many browsers watched it
    """

    version: int
    opened: int
    views: int
    viewers: int
    quarters: list[int] = Field(min_length=4, max_length=4)
    heat: list[int] = Field(min_length=SEGMENTS, max_length=SEGMENTS)
    reactions: list[ReactionCount]
    replies: list[ReplyBody]
    shares: list[ShareAudience]


# --- the recipient's side -------------------------------------------------------------------


class Password(RequestBody):
    """What the recipient typed."""

    password: str = Field(max_length=200)


ViewerName = Annotated[str | None, Field(pattern="^[A-Za-z0-9_-]{16,64}$")]


class PlaybackEvent(RequestBody):
    """What the page's script tells of a playback; see docs/decisions/0007.

    viewer:  a random name for this page load, where the browser keeps no cookie
    watched: which fiftieths of the video were played since the last event, from 0
    """

    kind: Literal["opened", "played", "progress", "ended"]
    viewer: ViewerName = None
    watched: list[Annotated[int, Field(ge=0, lt=SEGMENTS)]] = Field([], max_length=SEGMENTS)


class NewReaction(RequestBody):
    """An emoji at a moment of the video, in seconds."""

    emoji: Emoji
    position_s: float = Field(0.0, ge=0, le=86_400)
    viewer: ViewerName = None


class ReactionList(BaseModel):
    """All reactions to the link's message, and which of them are this viewer's."""

    reactions: dict[str, int]
    own_reactions: list[str]


class NewReply(RequestBody):
    """A text, or a recording that was uploaded before."""

    name: Name = None
    text: str | None = Field(None, min_length=1, max_length=2000)
    upload_id: str | None = Field(None, max_length=40)


class SentReply(BaseModel):
    """What was kept of a reply."""

    id: str
    at: datetime
    kind: ReplyKind


Phase = Literal["processing", "ready", "failed"]


class PlaybackState(BaseModel):
    """What can be played and shown by now; an address is null until its file is there.

    percent:   0..100
    has_words: whether there are captions to be saved, and the visitor may
    """

    phase: Phase
    percent: float
    video_url: str | None
    stream_url: str | None
    stream_type: str | None
    poster_url: str | None
    captions_url: str | None
    thumbnail_url: str | None
    waveform_url: str | None
    has_words: bool
    duration_s: float | None


class SharedMessage(PlaybackState):
    """What the recipient's page shows.

    width_px, height_px: the video's own size, where it is known; a recording may have any
    """

    state: Literal["ok"] = "ok"
    title: str
    sender_name: str
    aspect: str
    width_px: int | None
    height_px: int | None
    language: str
    credit: str | None
    synthetic: bool
    allow_download: bool
    allow_reactions: bool
    allow_replies: bool
    cta: CallToActionBody | None
    needs_password: Literal[False] = False
    needs_admission: bool
    expires_at: datetime | None
    reactions: dict[str, int]
    own_reactions: list[str]
    is_sender: bool
    is_embed: bool


class ClosedLink(BaseModel):
    """What the page is told of a link that shows nothing (yet)."""

    state: Literal["needs_password", "expired", "spent", "embed_off"]
    needs_password: bool


class OEmbed(BaseModel):
    """A video that another page may show: oEmbed 1.0, https://oembed.com.

    The thumbnail's three members are there together, or not at all.
    """

    version: Literal["1.0"] = "1.0"
    type: Literal["video"] = "video"
    title: str
    author_name: str
    provider_name: str
    provider_url: str
    cache_age: int
    html: str
    width: int
    height: int
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None
