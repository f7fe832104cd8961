"""What a worker is told to make: a message as it stands, and what its owner has set for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.languages import primary_subtag
from backend.media.framing import Crop
from backend.media.style import PLAIN, Style
from backend.messages.completeness import is_voiced, kept_span_s, require_complete
from backend.messages.making import wanted
from backend.messages.models import Message, MessageKind
from backend.messages.state import MessageState
from backend.speech.wishes import (
    AS_USUAL,
    PronouncedWord,
    ReadAs,
    SentenceDelivery,
    SentenceReading,
)
from backend.uploads import service as uploads
from backend.voices import service as voices
from backend.words import service as words


@dataclass(frozen=True)
class RecordingOrder:
    """What is to be made of a recording; times in seconds of its own."""

    upload_id: str
    stream_type: str | None
    span_s: tuple[float, float]
    has_audio: bool
    frame_rate: float
    width_px: int
    height_px: int
    captions_vtt: str | None
    music_upload_id: str | None
    music_track: str | None


@dataclass(frozen=True)
class Template:
    """What the messages of a campaign have in common: what stands here is made once for all."""

    message_id: str
    script: str
    cards: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenderOrder:
    """All that a worker needs to make one attempt's video.

    voice:           None where a recording keeps its own sound
    base_voice:      who reads before it gets the tone of `voice`, if somebody in particular
    photo_upload_ids: in the order in which they are seen; none where there is a recording or a
                      colour in their place
    photo_crops:     what is seen of each of them; None is all of it
    made_from:       another message of the account, for which parts of it may have been drawn
    template:        of its campaign, if it is made for one
    """

    message_id: str
    attempt: int
    state: MessageState
    script: str
    language: str
    voice: str | None
    aspect: str
    base_voice: str | None = None
    read_as: ReadAs = AS_USUAL
    photo_upload_ids: tuple[str, ...] = ()
    photo_crops: tuple[Crop | None, ...] = ()
    music_upload_id: str | None = None
    music_track: str | None = None
    style: Style = PLAIN
    theme: str | None = None
    made_from: str | None = None
    template: Template | None = None
    recording: RecordingOrder | None = None


def message_for_render(session: Session, message_id: str, attempt: int) -> RenderOrder | None:
    """Return what to make, or None when this attempt is no longer wanted.

    raises: Invalid when the recording was deleted after the order
    """
    message = wanted(session, message_id, attempt)
    if message is None:
        return None
    is_photo = message.kind is MessageKind.PHOTO
    photos = _seen_photos(message)
    if is_photo and (message.voice is None or not (photos or message.background)):
        return None
    return RenderOrder(
        message_id=message.id,
        attempt=attempt,
        state=message.state,
        script=message.script,
        language=primary_subtag(message.language),
        voice=message.voice,
        aspect=message.aspect,
        base_voice=voices.reading_voice_of(session, message.voice, message.language),
        read_as=read_as_of(session, message),
        photo_upload_ids=photos,
        photo_crops=tuple(message.crop_of(photo) for photo in photos),
        music_upload_id=message.music_upload_id if is_photo else None,
        music_track=message.music_track if is_photo else None,
        style=style_of(message),
        theme=message.theme,
        made_from=_original_of(session, message),
        template=_template_of(session, message),
        recording=None if is_photo else _recording_order(session, message),
    )


def _seen_photos(message: Message) -> tuple[str, ...]:
    is_seen = message.kind is MessageKind.PHOTO and message.background is None
    return tuple(message.photo_upload_ids) if is_seen else ()


def style_of(message: Message) -> Style:
    """Return how a message is to look."""
    return Style.model_validate({name: getattr(message, name) for name in Style.model_fields})


def _original_of(session: Session, message: Message) -> str | None:
    """Return the message that this is a duplicate of, while it is there."""
    original = session.get(Message, message.made_from) if message.made_from else None
    is_own = original is not None and original.account_id == message.account_id
    return message.made_from if is_own else None


def _template_of(session: Session, message: Message) -> Template | None:
    if message.campaign_id is None or message.made_from is None:
        return None
    template = session.get(Message, message.made_from)
    if template is None or template.account_id != message.account_id:
        return None
    return Template(template.id, template.script, (template.title_card, template.closing_card))


def read_as_of(session: Session, message: Message) -> ReadAs:
    """Return how its sentences are said; Japanese has readings and its owner's words, too."""
    deliveries = tuple(_delivery(session, message, one) for one in message.deliveries)
    if primary_subtag(message.language) != words.LANGUAGE:
        return ReadAs(deliveries=deliveries, has_markup=True)
    readings = tuple(SentenceReading.model_validate(one) for one in message.readings)
    return ReadAs(readings, _words_of(session, message), deliveries, has_markup=True)


def _words_of(session: Session, message: Message) -> tuple[PronouncedWord, ...]:
    """Return the words as they are read: the message's own, and its owner's others."""
    told = [PronouncedWord.model_validate(word) for word in message.words]
    own = words.words_of(session, message.account_id)
    surfaces = {word.surface for word in told}
    return (*told, *(word for word in own if word.surface not in surfaces))


def _delivery(session: Session, message: Message, wish: Mapping[str, Any]) -> SentenceDelivery:
    voice = wish["voice"] if is_voiced(message, wish) else None
    reader = voices.reading_voice_of(session, voice, message.language)
    return SentenceDelivery.model_validate({**wish, "voice": voice, "base_voice": reader})


def _recording_order(session: Session, message: Message) -> RecordingOrder:
    require_complete(session, message)
    upload_id = message.recording_upload_id or ""
    recording = uploads.get_upload(session, message.account_id, upload_id)
    return RecordingOrder(
        upload_id=upload_id,
        stream_type=recording.stream_type,
        span_s=kept_span_s(message, recording),
        has_audio=bool(recording.has_audio),
        frame_rate=recording.frame_rate or 0.0,
        width_px=message.width_px or 2,
        height_px=message.height_px or 2,
        captions_vtt=message.captions_vtt,
        music_upload_id=message.music_upload_id,
        music_track=message.music_track,
    )
