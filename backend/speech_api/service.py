"""What a key's holder may say, with which voice, and what a recording becomes before it goes on."""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session, sessionmaker

from backend.media import Sound, decode_audio
from backend.problems import Invalid, NotFound, Problem
from backend.speech.wishes import SentenceDelivery
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


def with_speakable_voices(
    readers: sessionmaker[Session], account_id: str, deliveries: Sequence[SentenceDelivery]
) -> list[SentenceDelivery]:
    """Return how the sentences are said; one of OpenAI's names is the request's voice.

    raises: NotFound, Invalid as `speakable_voice` does, naming field and sentence
    """
    known: dict[str | None, str | None] = {}
    for at, one in enumerate(deliveries):
        if one.voice in known:
            continue
        try:
            known[one.voice] = speakable_voice(readers, account_id, one.voice)
        except Problem as problem:
            field = f"deliveries.{at}.voice"
            problem.errors = tuple(
                replace(error, field=field, sentence=one.text) for error in problem.errors
            )
            raise
    return [one.model_copy(update={"voice": known[one.voice]}) for one in deliveries]


def gains_by_gpu(readers: sessionmaker[Session], asked: Collection[str | None]) -> bool:
    """Return whether the GPU lane is worth asking: for a cloned voice, and no character.

    Base voices are the CPU's work anyhow, and VOICEVOX is reached from the CPU lane alone.
    """
    names = {voice for voice in asked if voice is not None}
    own = {voice for voice in names if not voices.is_base_voice(voice)}
    if not own or any(voice.startswith(voices.VOICEVOX) for voice in names):
        return False
    with readers() as session:
        return not voices.any_on_a_character(session, own)


def decode_recording(recording: BinaryIO, target: Path) -> Sound:
    """Make `target`, a WAV of ours, of a recording that somebody sent; the jail opens it.

    raises: MediaRejected
    """
    sent = target.with_suffix(".sent")
    with sent.open("wb") as copy:
        shutil.copyfileobj(recording, copy)
    return decode_audio(sent, target)
