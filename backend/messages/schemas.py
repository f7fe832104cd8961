"""What a message looks like on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field
from sqlalchemy import Row

from backend.bodies import RequestBody
from backend.media.framing import Crop
from backend.media.style import COLOUR, MAX_CARD_CHARACTERS, BurnedCaptions
from backend.media.style import Waveform as WaveformStyle
from backend.messages.caption_times import shown_captions
from backend.messages.models import Message, MessageKind, is_synthetic
from backend.messages.state import MessageState
from backend.problems import ProblemBody
from backend.revisions import revision_of
from backend.uploads.schemas import StreamType

# Shortening is the writer's business, losing text is not: a draft keeps what was pasted, though
# only 5,000 characters of it can be spoken.
MAX_DRAFT_CHARACTERS = 200_000
MAX_TRIM_S = 24 * 3600.0  # what lies past the recording's end is refused with the order

UploadId = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_]+$")]


class PhotoCrop(Crop):
    """The part of one of the message's photos that is seen in its stead."""

    upload_id: UploadId


class SentenceReadingBody(RequestBody):
    """A sentence of the script as it stands there, and the line of kana by which it is read."""

    text: str = Field(max_length=1_000)
    kana: str = Field(max_length=2_000)


class Delivery(RequestBody):
    """How a sentence is said: factors of the usual way, and the silence after it.

    intonation:    heard where the voice has `controls` of it
    pause_after_s: seconds from its speech to what follows; null is the usual
    """

    speed: float = Field(1.0, ge=0.5, le=2.0)
    pitch: float = Field(0.0, ge=-6.0, le=6.0, description="semitones")
    intonation: float = Field(1.0, ge=0.0, le=2.0)
    volume: float = Field(1.0, ge=0.0, le=2.0)
    pause_after_s: float | None = Field(None, ge=0.0, le=5.0)


class SentenceDeliveryBody(Delivery):
    """A sentence of the script as it stands there, how it is said, and in whose voice.

    voice: one's own or one of the app's; null is the message's
    """

    text: str = Field(max_length=1_000)
    voice: str | None = Field(None, max_length=80)


class MessageChanges(RequestBody):
    """The fields to set; a draft may be incomplete, and what is left out stays.

    voice: null keeps a recording's own sound; any other speaks `script` in its place
    trim_start_s, trim_end_s: what is kept of a recording; a null end is its own
    theme: an id of `/api/v1/themes`; music_track: one of `/api/v1/music`, where none is uploaded
    more_photo_upload_ids: photos after the first; they are shared out over the sentences in order
    photo_crops: parts of photos that are seen in their stead; the photos' own
                 `photo.frames` have the ones that are around faces
    background: a colour (`#1e3a5f`) that is seen in place of the photos; null shows them
    burned_captions: drawn into the picture; `word` highlights the word that is spoken
    waveform: what moves with the voice: bars, a ring around the middle of the picture, or nothing
    title_card, closing_card: text that is shown for 2.5 s before and after, if any; 3 s around a
                              recording, which of all these has the captions and the theme, too
    """

    kind: MessageKind = MessageKind.PHOTO
    title: str = Field("", max_length=200)
    script: str = Field("", max_length=MAX_DRAFT_CHARACTERS)
    language: str = Field("ja", max_length=16)
    voice: str | None = Field(None, max_length=80)
    photo_upload_id: str | None = Field(None, max_length=40)
    more_photo_upload_ids: list[UploadId] = Field(default_factory=list, max_length=40)
    photo_crops: list[PhotoCrop] = Field(default_factory=list, max_length=40)
    background: str | None = Field(None, pattern=COLOUR)
    aspect: str = Field("16:9", max_length=8)
    burned_captions: BurnedCaptions = "none"
    waveform: WaveformStyle = "bars"
    title_card: str = Field("", max_length=MAX_CARD_CHARACTERS)
    closing_card: str = Field("", max_length=MAX_CARD_CHARACTERS)
    recording_upload_id: str | None = Field(None, max_length=40)
    trim_start_s: float = Field(0.0, ge=0, le=MAX_TRIM_S)
    trim_end_s: float | None = Field(None, ge=0, le=MAX_TRIM_S)
    music_upload_id: str | None = Field(None, max_length=40)
    readings: list[SentenceReadingBody] = Field(default_factory=list, max_length=500)
    deliveries: list[SentenceDeliveryBody] = Field(default_factory=list, max_length=500)
    theme: str | None = Field(None, max_length=40)
    music_track: str | None = Field(None, max_length=40)


class Progress(BaseModel):
    """How far the work is. `percent` is 0..100, `eta_s` an estimate in seconds."""

    stage: str | None
    percent: float
    eta_s: float | None
    note: str | None


class Waveform(BaseModel):
    """How loud it is along the video: 200 numbers, 0..1, the loudest being 1."""

    peaks: list[float]


class RenderOrderBody(RequestBody):
    """How urgent a video is: `bulk` comes after everything that somebody waits for."""

    priority: Literal["personal", "bulk"] = "personal"


class Receipt(BaseModel):
    """What speaking a message took: on which lane, for how long, and its price in micro-USD."""

    lane: str
    speech_s: float
    usd_micro: int


class MessageBody(BaseModel):
    """A message. The addresses are null until there is something behind them.

    revision:     its state, as `ETag` says it too: send it as `If-Match` to change only this one
    captions_vtt: WebVTT that the sender gave; times from the start of the recording, once it is
                  ready from the start of the video
    stream_url:   the recording itself, from the order on; null where something of it was cut,
                  spoken over or written into
    campaign_id: whose template or row it is; there it is changed and deleted with the campaign
    width_px, height_px: of the video, known from the order on
    """

    id: str
    revision: str
    kind: MessageKind
    title: str
    script: str
    language: str
    voice: str | None
    photo_upload_id: str | None
    more_photo_upload_ids: list[str]
    photo_crops: list[PhotoCrop]
    background: str | None
    aspect: str
    burned_captions: BurnedCaptions
    waveform: WaveformStyle
    title_card: str
    closing_card: str
    recording_upload_id: str | None
    trim_start_s: float
    trim_end_s: float | None
    captions_vtt: str | None
    music_upload_id: str | None
    readings: list[SentenceReadingBody]
    deliveries: list[SentenceDeliveryBody]
    theme: str | None
    music_track: str | None
    campaign_id: str | None
    state: MessageState
    attempt: int
    progress: Progress
    problem: ProblemBody | None
    duration_s: float | None
    width_px: int | None
    height_px: int | None
    engine: str | None
    base_voice: str | None
    credit: str | None
    receipt: Receipt | None
    synthetic: bool
    stream_url: str | None
    stream_type: StreamType | None
    video_url: str | None
    poster_url: str | None
    thumbnail_url: str | None
    waveform_url: str | None
    captions_url: str | None
    small_video_url: str | None
    created_at: datetime
    updated_at: datetime


class MessageSummary(BaseModel):
    """A message as lists show it; all of it is at `/api/v1/messages/{id}`.

    opening: the script's first 200 characters
    """

    id: str
    kind: MessageKind
    title: str
    opening: str
    language: str
    voice: str | None
    photo_upload_id: str | None
    campaign_id: str | None
    state: MessageState
    progress: Progress
    problem: ProblemBody | None
    duration_s: float | None
    synthetic: bool
    video_url: str | None
    poster_url: str | None
    thumbnail_url: str | None
    created_at: datetime
    updated_at: datetime


class MessageList(BaseModel):
    """A page of messages, newest first."""

    items: list[MessageSummary]
    next_cursor: str | None


class ProgressEvent(Progress):
    """One event of a message's stream."""

    state: MessageState
    problem: dict[str, Any] | None


def message_body(message: Message) -> MessageBody:
    """Return `message` as the wire shows it."""
    ready = message.state is MessageState.READY
    base = f"/api/v1/messages/{message.id}"
    body = MessageBody(
        id=message.id,
        revision="",
        kind=message.kind,
        title=message.title,
        script=message.script,
        language=message.language,
        voice=message.voice,
        photo_upload_id=message.photo_upload_id,
        more_photo_upload_ids=message.more_photo_upload_ids,
        photo_crops=[PhotoCrop.model_validate(crop) for crop in message.photo_crops],
        background=message.background,
        aspect=message.aspect,
        burned_captions=cast("BurnedCaptions", message.burned_captions),
        waveform=cast("WaveformStyle", message.waveform),
        title_card=message.title_card,
        closing_card=message.closing_card,
        recording_upload_id=message.recording_upload_id,
        trim_start_s=message.trim_start_s,
        trim_end_s=message.trim_end_s,
        captions_vtt=shown_captions(message),
        music_upload_id=message.music_upload_id,
        readings=[SentenceReadingBody.model_validate(reading) for reading in message.readings],
        deliveries=[SentenceDeliveryBody.model_validate(one) for one in message.deliveries],
        theme=message.theme,
        music_track=message.music_track,
        campaign_id=message.campaign_id,
        state=message.state,
        attempt=message.attempt,
        progress=Progress(
            stage=message.stage, percent=message.percent, eta_s=message.eta_s, note=message.note
        ),
        problem=ProblemBody.model_validate(message.problem) if message.problem else None,
        duration_s=message.duration_s,
        width_px=message.width_px,
        height_px=message.height_px,
        engine=message.engine,
        base_voice=message.base_voice,
        credit=message.credit,
        receipt=_receipt(message),
        synthetic=message.is_synthetic,
        stream_url=f"{base}/stream" if message.is_streamable else None,
        stream_type=cast("StreamType", message.stream_type) if message.is_streamable else None,
        video_url=f"{base}/video" if ready else None,
        poster_url=f"{base}/poster" if message.is_poster_there else None,
        thumbnail_url=f"{base}/thumbnail.gif" if ready and message.has_previews else None,
        waveform_url=f"{base}/waveform" if ready and message.has_previews else None,
        captions_url=f"{base}/captions.vtt" if ready else None,
        small_video_url=f"{base}/small" if ready and message.has_small_video else None,
        created_at=message.created_at,
        updated_at=message.updated_at,
    )
    body.revision = revision_of(body)
    return body


def message_summary(listed: Row[Any]) -> MessageSummary:
    """Return a row of `filters.LISTED` as the wire shows it."""
    ready = listed.state is MessageState.READY
    base = f"/api/v1/messages/{listed.id}"
    return MessageSummary(
        id=listed.id,
        kind=listed.kind,
        title=listed.title,
        opening=listed.opening,
        language=listed.language,
        voice=listed.voice,
        photo_upload_id=listed.photo_upload_id,
        campaign_id=listed.campaign_id,
        state=listed.state,
        progress=Progress(
            stage=listed.stage, percent=listed.percent, eta_s=listed.eta_s, note=listed.note
        ),
        problem=ProblemBody.model_validate(listed.problem) if listed.problem else None,
        duration_s=listed.duration_s,
        synthetic=is_synthetic(listed.kind, listed.voice),
        video_url=f"{base}/video" if ready else None,
        poster_url=f"{base}/poster" if ready or listed.has_poster else None,
        thumbnail_url=f"{base}/thumbnail.gif" if ready and listed.has_previews else None,
        created_at=listed.created_at,
        updated_at=listed.updated_at,
    )


def _receipt(message: Message) -> Receipt | None:
    if message.lane is None or message.speech_s is None:
        return None
    return Receipt(
        lane=message.lane, speech_s=message.speech_s, usd_micro=message.speech_usd_micro or 0
    )
