"""What a message will be like, before its video is made: the same timeline, with its sound.

Nothing is drawn here: the browser shows photos, captions and cards as the timeline has them. Each
segment's sound is kept under the hash of what is heard, so that after an edit only that of the
changed sentence has to be fetched.
"""

import hashlib
import io
import tempfile
import wave
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from backend.languages import primary_subtag
from backend.media.compose import segment_pcm
from backend.media.framing import Crop
from backend.media.style import NO_PALETTE, Style
from backend.media.timeline import Timeline, timeline_from_speech, with_crops
from backend.messages.completeness import require_speakable
from backend.messages.models import Message
from backend.messages.orders import read_as_of, style_of
from backend.messages.service import get_message
from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechRefused
from backend.speech.spoken import TimedSpeech
from backend.speech.wishes import ReadAs
from backend.storage import Storage
from backend.themes.theme import all_themes
from backend.voices import service as voices

# The speech service's names of what the message calls otherwise.
FIELDS = {"input": "script"}
# What is seen of a draft that has no photo yet.
EMPTY = "#3a3531"


@dataclass(frozen=True)
class MessagePreview:
    """A laid out message.

    photo_upload_ids: what the segments' pictures count through
    sounds:           names of the segments' sounds, in order, under the message's preview folder
    is_draft:         whether a base voice stands for the clone that was chosen
    """

    message_id: str
    timeline: Timeline
    photo_upload_ids: tuple[str, ...]
    music_upload_id: str | None
    music_track: str | None
    sounds: tuple[str, ...]
    is_draft: bool


@dataclass(frozen=True)
class _Wish:
    script: str
    language: str
    voice: str | None
    base_voice: str | None
    read_as: ReadAs
    aspect: str
    photos: tuple[str, ...]
    crops: tuple[Crop | None, ...]
    style: Style
    theme: str | None
    music_upload_id: str | None
    music_track: str | None
    is_draft: bool


def preview_message(
    readers: sessionmaker[Session],
    speech: SpeechClient,
    storage: Storage,
    account_id: str,
    message_id: str,
    themes_dir: Path | None = None,
    *,
    is_draft: bool,
) -> MessagePreview:
    """Speak what is new of the script, lay it out, and keep the sound of each segment.

    is_draft: let a base voice speak at once where a clone would take longer
    raises: NotFound, Invalid, SpeechRefused, SpeechUnavailable
    """
    with readers() as session:
        message = get_message(session, account_id, message_id)
        wish = _wish(session, message, is_draft=is_draft)
    spoken = _speak(speech, message_id, wish)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "speech.wav"
        sound.write_bytes(spoken.wav)
        theme = all_themes(themes_dir).get(wish.theme or "")
        timeline = timeline_from_speech(
            spoken.script,
            [Path(photo) for photo in wish.photos],
            wish.aspect,
            sound,
            style=wish.style,
            palette=theme.palette if theme is not None else NO_PALETTE,
        )
        timeline = with_crops(timeline, wish.crops)
        sounds = _keep_sounds(storage, message_id, timeline)
    return MessagePreview(
        message_id, timeline, wish.photos, wish.music_upload_id, wish.music_track, sounds,
        wish.is_draft,
    )  # fmt: skip


def sound_key(message_id: str, name: str) -> str:
    """Return the storage key of a segment's sound."""
    return f"messages/{message_id}/preview/{name}.wav"


def _wish(session: Session, message: Message, *, is_draft: bool) -> _Wish:
    require_speakable(session, message)
    voice = message.voice
    reader = voices.reading_voice_of(session, voice, message.language)
    style = style_of(message)
    if not message.photo_upload_ids and style.background is None:
        style = style.model_copy(update={"background": EMPTY})
    read_as = read_as_of(session, message)
    clones = {one.voice for one in read_as.deliveries} | {voice}
    stands_in = is_draft and any(one and not voices.is_base_voice(one) for one in clones)
    if stands_in:
        voice, read_as = _base_of(voice), _without_clones(read_as)
    photos = () if style.background else tuple(message.photo_upload_ids)
    return _Wish(
        script=message.script,
        language=primary_subtag(message.language),
        voice=voice,
        base_voice=reader,
        read_as=read_as,
        aspect=message.aspect,
        photos=photos,
        crops=tuple(message.crop_of(photo) for photo in photos),
        style=style,
        theme=message.theme,
        music_upload_id=message.music_upload_id,
        music_track=message.music_track,
        is_draft=stands_in,
    )


def _base_of(voice: str | None) -> str | None:
    return voice if voice and voices.is_base_voice(voice) else None


def _without_clones(read_as: ReadAs) -> ReadAs:
    """Return it with whoever reads for a clone in its place, else the message's voice."""
    said = (
        one.model_copy(update={"voice": _base_of(one.voice) or one.base_voice, "base_voice": None})
        for one in read_as.deliveries
    )
    return replace(read_as, deliveries=tuple(said))


def _speak(speech: SpeechClient, message_id: str, wish: _Wish) -> TimedSpeech:
    try:
        return speech.speak_timed(
            wish.script,
            language=wish.language,
            voice=wish.voice,
            base_voice=wish.base_voice,
            kept_for=message_id,
            read_as=wish.read_as,
        )
    except SpeechRefused as problem:
        problem.rename_fields(FIELDS)
        raise


def _keep_sounds(storage: Storage, message_id: str, timeline: Timeline) -> tuple[str, ...]:
    """Keep each segment's sound, and drop those of earlier previews."""
    names = []
    with wave.open(str(timeline.speech)) as speech:
        for segment in timeline.segments:
            pcm = segment_pcm(timeline, segment, speech)
            name = hashlib.sha256(pcm).hexdigest()[:32]
            key = sound_key(message_id, name)
            if storage.find(key) is None:
                storage.write(key, _as_wav(pcm, timeline.sample_rate_hz))
            names.append(name)
    kept = {f"{name}.wav" for name in names}
    for file in storage.names(f"messages/{message_id}/preview"):
        if file not in kept:
            storage.delete(f"messages/{message_id}/preview/{file}")
    return tuple(names)


def _as_wav(pcm: bytes, rate_hz: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, rate_hz, 0, "NONE", ""))
        sound.writeframes(pcm)
    return out.getvalue()
