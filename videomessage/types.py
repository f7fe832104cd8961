"""The JSON of the API's answers. A test holds each of them to the API's description."""

from typing import Any, Literal, NotRequired, TypedDict

UploadKind = Literal["photo", "audio", "video"]
MessageState = Literal["draft", "queued", "speaking", "composing", "ready", "failed", "cancelled"]
CampaignState = Literal["draft", "sampling", "review", "running", "paused", "done", "cancelled"]


class Problem(TypedDict):
    """Why something failed: a problem document (RFC 9457)."""

    type: str
    code: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[dict[str, Any]]]
    trace_id: NotRequired[str | None]


class Upload(TypedDict):
    """A file on its way in, and what was found in it."""

    id: str
    kind: UploadKind
    state: str
    filename: str
    size_bytes: int | None
    part_size_bytes: int
    parts: list[dict[str, Any]]
    photo: dict[str, Any] | None
    audio: dict[str, Any] | None
    video: dict[str, Any] | None
    content_url: str | None
    expires_at: str


class Voice(TypedDict):
    """A cloned voice and how good its sample was."""

    id: str
    name: str
    language: str
    state: str
    engine: str | None
    base_voice: str | None
    consent: dict[str, Any]
    report: dict[str, Any] | None
    created_at: str


class Word(TypedDict):
    """How a word is read."""

    id: str
    surface: str
    kana: str
    created_at: str


class Progress(TypedDict):
    """How far a message is."""

    stage: str | None
    percent: float
    eta_s: float | None
    note: str | None


class MessageEvent(TypedDict):
    """One step of a message's progress, as its stream of events tells it."""

    state: MessageState
    stage: str | None
    percent: float
    eta_s: float | None
    note: str | None
    problem: Problem | None


class Message(TypedDict):
    """A video message. Addresses are paths of the server; there is no video before `ready`."""

    id: str
    kind: Literal["photo", "recording"]
    title: str
    script: str
    language: str
    voice: str | None
    photo_upload_id: str | None
    recording_upload_id: str | None
    state: MessageState
    progress: Progress
    problem: Problem | None
    attempt: int
    duration_s: float | None
    video_url: str | None
    poster_url: str | None
    captions_url: str | None
    credit: str | None
    receipt: dict[str, Any] | None
    revision: str
    created_at: str
    updated_at: str


class Share(TypedDict):
    """A link and how it was watched."""

    id: str
    url: str
    state: str
    label: str | None
    has_password: bool
    expires_at: str | None
    view_limit: int | None
    views: int
    last_viewed_at: str | None
    created_at: str


class Email(TypedDict):
    """A mail and where it stands."""

    id: str
    email: str
    name: str | None
    share_id: str
    state: str
    tries: int
    problem: dict[str, Any] | None
    sent_at: str | None
    created_at: str


class Campaign(TypedDict):
    """One script for many names, and how far it is."""

    id: str
    name: str
    state: CampaignState
    template_message_id: str
    columns: list[str]
    mapping: dict[str, Any]
    counts: dict[str, int]
    created_at: str


class CampaignRow(TypedDict):
    """One person of a campaign's list."""

    id: str
    position: int
    cells: list[str]
    state: str
    problems: list[dict[str, Any]]
    message_id: str | None


class Webhook(TypedDict):
    """Who is told what happens."""

    id: str
    url: str
    events: list[str]
    created_at: str


class WebhookWithSecret(Webhook):
    """The same with what its events are signed with, shown once."""

    secret: str
