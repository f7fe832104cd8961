"""Tables of messages and of what happened to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText, Id
from backend.media.framing import Crop
from backend.messages.state import IN_WORK, MessageState


class MessageKind(StrEnum):
    """What is seen: a photo over which the script is spoken, or what somebody recorded."""

    PHOTO = "photo"
    RECORDING = "recording"


def is_synthetic(kind: MessageKind, voice: str | None) -> bool:
    """Return whether what is heard is (or will be) a synthetic voice."""
    return kind is MessageKind.PHOTO or voice is not None


def _partial_index(name: str, column: str, where: str) -> Index:
    """Return an index of those for which `where` holds, in the order of their birth."""
    only = text(where)
    return Index(name, column, "id", postgresql_where=only, sqlite_where=only)


class Message(Base):
    """A video message, from the first typed letter to the finished file.

    attempt: counts renders; each has a folder and workflow ids of its own
    more_photo_upload_ids: the photos after the first one, in the order in which they are seen
    photo_crops: which part of a photo is seen, by its upload; of those without, all is
    background: the colour that is seen in place of photos
    made_from: the message that this is a duplicate of; what was drawn for it need not be again
    readings: sentences of the script with the lines of kana by which they are read; one whose
              sentence was changed meanwhile waits unused until that stands there again
    deliveries: the same for how sentences are said: speed, pitch, intonation, volume, pause
    takes: the ways in which its sentences were heard, oldest first
    words: names of this message alone and the kana by which they are read, each {surface, kana}
    spans: when the sentences are said that its campaign has in it alone, {start_s, end_s, text}
    campaign_id: whose template or row it is, if any; such messages are listed there alone
    music_track: music that comes with the product, where none was uploaded
    trim_start_s, trim_end_s: what is kept of the recording; None is its end
    captions_vtt: captions that the sender gave, their times counted from the recording's start
    stream_type: what the recording itself may be watched as, from the order on; None where it
                 must not be: of what was cut or spoken over nobody sees anything
    has_poster: the poster lies there, maybe before the video does
    has_previews: thumbnail.gif and waveform.json lie beside the video
    lane, speech_s, speech_usd_micro: the receipt of speaking it
    """

    __tablename__ = "messages"
    __table_args__ = (
        _partial_index("ix_messages_listed", "account_id", "campaign_id IS NULL"),
        _partial_index("ix_messages_campaign_id", "campaign_id", "campaign_id IS NOT NULL"),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[MessageKind] = mapped_column(EnumText(MessageKind, 10), default=MessageKind.PHOTO)
    title: Mapped[str] = mapped_column(String(200))
    script: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    voice: Mapped[str | None] = mapped_column(String(80))
    photo_upload_id: Mapped[str | None] = mapped_column(String(40))
    more_photo_upload_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    photo_crops: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    background: Mapped[str | None] = mapped_column(String(7))
    aspect: Mapped[str] = mapped_column(String(8))
    burned_captions: Mapped[str] = mapped_column(String(8), default="none")
    waveform: Mapped[str] = mapped_column(String(8), default="bars")
    title_card: Mapped[str] = mapped_column(String(120), default="")
    closing_card: Mapped[str] = mapped_column(String(120), default="")
    made_from: Mapped[str | None] = mapped_column(String(40))
    recording_upload_id: Mapped[str | None] = mapped_column(String(40))
    trim_start_s: Mapped[float] = mapped_column(default=0.0)
    trim_end_s: Mapped[float | None]
    captions_vtt: Mapped[str | None] = mapped_column(Text)
    music_upload_id: Mapped[str | None] = mapped_column(String(40))
    readings: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    deliveries: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    takes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    words: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    spans: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    campaign_id: Mapped[str | None] = mapped_column(String(40))
    theme: Mapped[str | None] = mapped_column(String(40))
    music_track: Mapped[str | None] = mapped_column(String(40))

    state: Mapped[MessageState] = mapped_column(EnumText(MessageState, 12), index=True)
    attempt: Mapped[int]
    stage: Mapped[str | None] = mapped_column(String(24))
    percent: Mapped[float]
    eta_s: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(String(80))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    engine: Mapped[str | None] = mapped_column(String(40))
    base_voice: Mapped[str | None] = mapped_column(String(80))
    credit: Mapped[str | None] = mapped_column(Text)
    lane: Mapped[str | None] = mapped_column(String(8))
    speech_s: Mapped[float | None]
    speech_usd_micro: Mapped[int | None]
    duration_s: Mapped[float | None]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    stream_type: Mapped[str | None] = mapped_column(String(16))
    has_poster: Mapped[bool] = mapped_column(default=False)
    has_previews: Mapped[bool] = mapped_column(default=False)
    has_small_video: Mapped[bool]

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def photo_upload_ids(self) -> list[str]:
        """Every photo that is seen, in order."""
        first = [self.photo_upload_id] if self.photo_upload_id else []
        return [*first, *self.more_photo_upload_ids]

    def crop_of(self, photo_upload_id: str) -> Crop | None:
        """Return the part of a photo that is seen; None is all of it."""
        for crop in self.photo_crops:
            if crop["upload_id"] == photo_upload_id:
                return Crop(**{name: crop[name] for name in Crop.model_fields})
        return None

    @property
    def upload_ids(self) -> list[str]:
        """All uploads that it is made of."""
        others = (self.recording_upload_id, self.music_upload_id)
        return [*self.photo_upload_ids, *(other for other in others if other)]

    @property
    def is_synthetic(self) -> bool:
        """Whether the voice in it is (or will be) a synthetic one."""
        return is_synthetic(self.kind, self.voice)

    @property
    def needs_speech(self) -> bool:
        """Whether something is to be spoken for it."""
        return self.is_synthetic

    @property
    def is_streamable(self) -> bool:
        """Whether the recording itself may be watched; an order is what makes it so."""
        begun = self.state in IN_WORK or self.state in (MessageState.READY, MessageState.FAILED)
        return begun and self.stream_type is not None

    @property
    def is_watchable(self) -> bool:
        """Whether a recipient can be shown something."""
        return self.state is MessageState.READY or self.is_streamable

    @property
    def is_poster_there(self) -> bool:
        """Whether the poster can be shown, though the video may still be in the making."""
        return self.state is MessageState.READY or self.has_poster

    @property
    def folder(self) -> str:
        """Storage key of everything made for this message."""
        return f"messages/{self.id}"

    def file_key(self, name: str) -> str:
        """Return the storage key of a file of the present attempt."""
        return f"{self.folder}/{self.attempt}/{name}"


class MessageEvent(Base):
    """One step of a message's progress, replayed to whoever reconnects."""

    __tablename__ = "message_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    attempt: Mapped[int]
    state: Mapped[MessageState] = mapped_column(EnumText(MessageState, 12))
    stage: Mapped[str | None] = mapped_column(String(24))
    percent: Mapped[float]
    eta_s: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(String(80))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime]


class LeftSpeech(Base):
    """Something deleted whose cached sentences the speech service has still to delete."""

    __tablename__ = "left_speech"

    id: Mapped[Id]
    kept_for: Mapped[str] = mapped_column(String(64))
    left_at: Mapped[datetime]
