"""Whether a message holds all that its video is made of; everything that lacks is named at once."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from backend.languages import LANGUAGES, primary_subtag
from backend.media.burned import drawn_text
from backend.media.fonts import Font, missing_letters
from backend.media.sizes import CANVAS_PX
from backend.messages.models import Message, MessageKind
from backend.music.score import all_tracks
from backend.problems import FieldError, Invalid
from backend.uploads import service as uploads
from backend.uploads.models import Upload, UploadKind
from backend.voices import service as voices

MAX_SCRIPT_CHARACTERS = 5_000
SHORTEST_VIDEO_S = 0.5
MAX_PHOTOS = 12
_MOST_LETTERS_TOLD = 12


def require_complete(
    session: Session, message: Message, besides: Sequence[FieldError] = ()
) -> None:
    """Raise Invalid, with an error for each field that lacks something, and those `besides`."""
    is_photo = message.kind is MessageKind.PHOTO
    errors = (_photo_message_errors if is_photo else _recording_errors)(session, message)
    _raise_any([*errors, *besides])


def require_speakable(session: Session, message: Message) -> None:
    """Raise Invalid where a draft can't be laid out; its photos and music may still come."""
    _raise_any(
        [
            *_script_errors(message.script),
            *_language_errors(message),
            *_aspect_errors(message),
            *(_voice_errors(session, message) if message.voice else []),
        ]
    )


def _raise_any(errors: list[FieldError]) -> None:
    if errors:
        problem = Invalid(" ".join(f"{error.message} {error.fix}" for error in errors), errors)
        problem.code = errors[0].code
        raise problem


def _photo_message_errors(session: Session, message: Message) -> list[FieldError]:
    return [
        *_script_errors(message.script),
        *_language_errors(message),
        *_aspect_errors(message),
        *_voice_errors(session, message),
        *_photos_errors(session, message),
        *_music_errors(session, message),
    ]


def _recording_errors(session: Session, message: Message) -> list[FieldError]:
    """A recording needs neither photo nor script; a voice in place of its own needs the words."""
    voice = message.voice is not None
    return [
        *(_script_errors(message.script) if voice else _length_errors(message.script)),
        *_language_errors(message),
        *(_voice_errors(session, message) if voice else []),
        *_take_errors(session, message),
        *_music_errors(session, message),
    ]


# --- words and voice ------------------------------------------------------------------------


def _script_errors(script: str) -> list[FieldError]:
    if not script.strip():
        return [
            FieldError(
                "script", "script_empty", "The script is empty.", "Type what you want to say."
            )
        ]
    if errors := _length_errors(script):
        return errors
    if not any(unicodedata.category(letter)[0] in "LN" for letter in script):
        return [
            FieldError(
                "script",
                "script_unspeakable",
                "There is nothing in the script that can be spoken.",
                "Add words: emoji and punctuation have no sound.",
            )
        ]
    return []


def _length_errors(script: str) -> list[FieldError]:
    if len(script) <= MAX_SCRIPT_CHARACTERS:
        return []
    return [
        FieldError(
            "script",
            "script_too_long",
            f"The script has {len(script):,} characters.",
            f"Shorten it to {MAX_SCRIPT_CHARACTERS:,}.",
        )
    ]


def _language_errors(message: Message) -> list[FieldError]:
    if primary_subtag(message.language) in LANGUAGES:
        return []
    return [
        FieldError(
            "language",
            "language_unknown",
            "This language is not spoken here.",
            f"Choose one of {', '.join(LANGUAGES)}.",
        )
    ]


def _voice_errors(session: Session, message: Message) -> list[FieldError]:
    own = [
        _sentence_voice_unknown(field, sentence)
        for field, sentence, voice in sentence_voices(message)
        if not voices.is_usable(session, message.account_id, voice)
    ]
    if message.voice and voices.is_usable(session, message.account_id, message.voice):
        return own
    told = "No voice is chosen, or it is gone."
    return [FieldError("voice", "voice_unknown", told, "Choose a voice."), *own]


def sentence_voices(message: Message) -> list[tuple[str, str, str]]:
    """Return the voices of sentences that have one of their own: (field, sentence, voice)."""
    return [
        (f"deliveries.{at}.voice", one["text"], one["voice"])
        for at, one in enumerate(message.deliveries)
        if is_voiced(message, one)
    ]


def is_voiced(message: Message, delivery: Mapping[str, Any]) -> bool:
    """Return whether a voice of its own counts: not where the script has lost the sentence."""
    return delivery.get("voice") is not None and delivery["text"].strip() in message.script


def _sentence_voice_unknown(field: str, sentence: str) -> FieldError:
    told, fix = "The voice of this sentence is gone.", "Choose another for it."
    return FieldError(field, "voice_unknown", told, fix, sentence)


# --- picture and sound ----------------------------------------------------------------------


def _aspect_errors(message: Message) -> list[FieldError]:
    if message.aspect in CANVAS_PX:
        return []
    return [
        FieldError(
            "aspect",
            "aspect_unknown",
            "This picture format is not known.",
            f"Choose one of {', '.join(CANVAS_PX)}.",
        )
    ]


def _photos_errors(session: Session, message: Message) -> list[FieldError]:
    """A colour is seen in place of all photos, so it needs none."""
    if message.background is not None:
        return []
    photo, more = message.photo_upload_id, message.more_photo_upload_ids
    found = [] if _is_photo(session, message, photo) else [_photo_missing("photo")]
    if len(more) >= MAX_PHOTOS:
        return [*found, _too_many_photos(len(more) + 1)]
    if not all(_is_photo(session, message, one) for one in more):
        found.append(_photo_missing("more_photo_upload_ids"))
    return found


def _is_photo(session: Session, message: Message, upload_id: str | None) -> bool:
    found = uploads.complete_one(session, message.account_id, upload_id, UploadKind.PHOTO)
    return found is not None


def _photo_missing(field: str) -> FieldError:
    message = "No photo is chosen, or it is gone."
    return FieldError(field, "photo_missing", message, "Choose a photo.")


def _too_many_photos(count: int) -> FieldError:
    return FieldError(
        "more_photo_upload_ids",
        "photos_too_many",
        f"There are {count} photos.",
        f"Keep at most {MAX_PHOTOS}.",
    )


def writing_errors(message: Message, font: Font | None) -> list[FieldError]:
    """Return what keeps words from being written into the picture with `font`, if there is one."""
    is_burned = message.burned_captions != "none"
    written = {
        "burned_captions": f"{message.script}{message.captions_vtt or ''}" if is_burned else "",
        "title_card": message.title_card.strip(),
        "closing_card": message.closing_card.strip(),
    }
    if font is None:
        return [_font_missing(field) for field, text in written.items() if text]
    missing = {field: missing_letters(font, drawn_text(text)) for field, text in written.items()}
    return [_letters_missing(field, letters) for field, letters in missing.items() if letters]


def _font_missing(field: str) -> FieldError:
    what = "There is no font to write captions and cards with."
    fix = "Install the package mplfonts, or name a font file in CAPTION_FONT."
    return FieldError(field, "captions_font_missing", what, fix)


def _letters_missing(field: str, letters: str) -> FieldError:
    shown = letters[:_MOST_LETTERS_TOLD]
    what = f"The font has no shape for these letters: {shown}"
    fix = "Leave them out of the picture, or name a font file that has them in CAPTION_FONT."
    return FieldError(field, "letters_undrawable", what, fix, sentence=shown)


def _take_errors(session: Session, message: Message) -> list[FieldError]:
    wanted = message.recording_upload_id
    recording = uploads.complete_one(session, message.account_id, wanted, UploadKind.VIDEO)
    if recording is None:
        message_text = "There is no recording, or it is gone."
        return [FieldError("recording", "recording_missing", message_text, "Record one.")]
    start_s, end_s = kept_span_s(message, recording)
    if end_s - start_s >= min(SHORTEST_VIDEO_S, recording.duration_s or 0.0):
        return []
    message_text = "Nothing of the recording is left between the two ends."
    fix = f"Keep at least {SHORTEST_VIDEO_S} s of its {recording.duration_s:.1f} s."
    return [FieldError("trim", "trim_invalid", message_text, fix)]


def kept_span_s(message: Message, recording: Upload) -> tuple[float, float]:
    """Return where what is kept of the recording begins and ends, in seconds."""
    whole_s = recording.duration_s or 0.0
    end_s = whole_s if message.trim_end_s is None else min(message.trim_end_s, whole_s)
    return message.trim_start_s, end_s


def is_trimmed(message: Message, recording: Upload) -> bool:
    """Return whether anything of the recording was cut."""
    return kept_span_s(message, recording) != (0.0, recording.duration_s)


def _music_errors(session: Session, message: Message) -> list[FieldError]:
    music = message.music_upload_id
    if music is None and message.music_track is not None:
        return _track_errors(message.music_track)
    if music is None or uploads.complete_one(session, message.account_id, music, UploadKind.AUDIO):
        return []
    return [FieldError("music", "music_missing", "The music is gone.", "Choose another, or none.")]


def _track_errors(track: str) -> list[FieldError]:
    if track in all_tracks():
        return []
    message_text = "There is no such music here."
    return [FieldError("music", "music_missing", message_text, "Choose another, or none.")]
