"""What a key's holder may say, with which voice, and what a recording becomes before it goes on."""

import shutil
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session, sessionmaker

from backend.media import Sound, decode_audio
from backend.problems import Invalid, NotFound
from backend.voices import service as voices

# OpenAI's own names, so that an unchanged client says something: they mean the default voice.
OPENAI_VOICES = frozenset(
    ("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer",
     "verse", "marin", "cedar")
)  # fmt: skip


def speakable_voice(
    readers: sessionmaker[Session], account_id: str, voice: str | None
) -> str | None:
    """Return the id to hand on to the speech service; None is its default voice.

    raises: NotFound for everything that is neither a base voice nor a ready voice of the account,
            Invalid for a voice whose speaker did not agree
    """
    if voice is None or voice in OPENAI_VOICES:
        return None
    if voices.is_base_voice(voice):
        return voice
    try:
        with readers() as session:
            own = voices.get_voice(session, account_id, voice)
    except NotFound as problem:
        problem.rename_fields({"voice_id": "voice"})
        raise
    if not own.consent_text.strip():
        raise Invalid.field(
            "voice",
            "consent_missing",
            "The speaker of this voice has not agreed to it.",
            "Delete it, and make it again with the speaker's consent.",
        )
    return own.id


def decode_recording(recording: BinaryIO, target: Path) -> Sound:
    """Make `target`, a WAV of ours, of a recording that somebody sent; the jail opens it.

    raises: MediaRejected
    """
    sent = target.with_suffix(".sent")
    with sent.open("wb") as copy:
        shutil.copyfileobj(recording, copy)
    return decode_audio(sent, target)
