"""Voices: consent first, then the speech service, then a row that says ready.

The row is written before the speech service hears of the voice, so that whatever a crash
leaves behind has a row by which the sweep finds it and removes its bytes.
"""

import logging
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import purge_deleted, utc_now
from backend.ids import new_id
from backend.languages import known_language, primary_subtag
from backend.messages.schemas import Delivery
from backend.pages import Page, page_of
from backend.problems import Conflict, Invalid, NotFound, Problem
from backend.revisions import require_match, revision_of
from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechRefused, SpeechUnavailable
from backend.speech.voices import VoiceProfile
from backend.speech.wishes import ReadAs, SentenceDelivery, SentenceReading
from backend.storage import Storage
from backend.uploads import service as uploads
from backend.uploads.models import UploadKind, UploadState
from backend.voices.models import Voice, VoiceState
from backend.voices.schemas import NewVoice, Preview, VoiceChanges, voice_body
from backend.webhooks import events
from backend.words import service as words

VOICEVOX = "voicevox:"
logger = logging.getLogger(__name__)

# The speech service answers in at most three minutes; after that nobody is waiting any more.
PROFILING_LIMIT = timedelta(minutes=10)
# The speech service's names of what a preview calls otherwise.
PREVIEW_FIELDS = {
    "input": "text",
    "voice": "voice_id",
    "readings": "reading",
    "readings.0.kana": "reading",
}


def create_voice(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    account_id: str,
    body: NewVoice,
) -> Voice:
    """Profile the uploaded sample and return the voice; the upload itself is then deleted.

    raises: Invalid for a missing consent or sample, SpeechRefused when the sample won't do,
            SpeechUnavailable when the speech service does not answer
    """
    _require_consent(body)
    with sessions.begin() as session:
        _require_sample(session, account_id, body.upload_id)
        voice = _profiling_voice(account_id, body)
        session.add(voice)
    try:
        profile = _profile(storage, speech, voice, body.upload_id)
    except Problem as problem:
        _begin_deletion(sessions, voice.id)
        finish_deletion(sessions, speech, voice.id)
        problem.rename_fields({"files": "upload_id"})
        raise
    voice = _mark_ready(sessions, voice.id, profile)
    uploads.delete_upload(sessions, storage, account_id, body.upload_id)
    return voice


def _profile(storage: Storage, speech: SpeechClient, voice: Voice, upload_id: str) -> VoiceProfile:
    with storage.reading(uploads.content_key(upload_id, UploadKind.AUDIO)) as sample:
        return speech.create_voice(
            voice.id,
            name=voice.name,
            language=voice.language,
            consent=voice.consent_text,
            sample=sample,
        )


def _require_consent(body: NewVoice) -> None:
    if not (body.consent.accepted and body.consent.text.strip()):
        raise Invalid.field(
            "consent",
            "consent_missing",
            "A voice is cloned only with the speaker's consent.",
            "Read the sentence and agree to it.",
        )


def _require_sample(session: Session, account_id: str, upload_id: str) -> None:
    upload = uploads.get_upload(session, account_id, upload_id)
    if upload.kind is not UploadKind.AUDIO or upload.state is not UploadState.COMPLETE:
        raise Invalid.field(
            "upload_id", "upload_incomplete", "The sample is not there yet.", "Complete the upload."
        )


def _profiling_voice(account_id: str, body: NewVoice) -> Voice:
    now = utc_now()
    return Voice(
        id=new_id("voc"),
        account_id=account_id,
        name=body.name.strip() or body.name,
        language=known_language(body.language),
        base_voice=None,
        state=VoiceState.PROFILING,
        engine=None,
        report=None,
        consent_text=body.consent.text,
        consent_at=now,
        created_at=now,
    )


def _mark_ready(sessions: sessionmaker[Session], voice_id: str, profile: VoiceProfile) -> Voice:
    with sessions.begin() as session:
        voice = session.get(Voice, voice_id, with_for_update=True)
        if voice is None or voice.state is VoiceState.DELETING:
            raise Conflict("The voice was deleted meanwhile.")
        voice.state = VoiceState.READY
        voice.engine = profile.engine
        voice.report = profile.report
        events.voice_ready(session, voice)
        return voice


def get_voice(
    session: Session, account_id: str, voice_id: str, *, for_change: bool = False
) -> Voice:
    """Return the account's ready voice, locked for a change, or raise NotFound."""
    query = select(Voice).where(
        Voice.id == voice_id, Voice.account_id == account_id, Voice.state == VoiceState.READY
    )
    voice = session.scalar(query.with_for_update() if for_change else query)
    if voice is None:
        raise NotFound.named("voice_id", "There is no such voice.")
    return voice


def list_voices(session: Session, account_id: str, limit: int, cursor: str | None) -> Page[Voice]:
    """Return the account's ready voices, newest first."""
    own = (Voice.account_id == account_id) & (Voice.state == VoiceState.READY)
    return page_of(session, Voice, own, limit, cursor)


def all_voices(session: Session, account_id: str) -> list[Voice]:
    """Return all ready voices of the account, newest first."""
    own = (Voice.account_id == account_id) & (Voice.state == VoiceState.READY)
    return list(session.scalars(select(Voice).where(own).order_by(Voice.id.desc())))


def change_voice(
    session: Session,
    account_id: str,
    voice_id: str,
    changes: VoiceChanges,
    if_match: str | None = None,
) -> Voice:
    """Set what `changes` names. Raises NotFound, Changed, Invalid."""
    voice = get_voice(session, account_id, voice_id, for_change=True)
    require_match(if_match, revision_of(voice_body(voice)))
    if changes.base_voice is not None and not changes.base_voice.startswith(VOICEVOX):
        raise Invalid.field(
            "base_voice", "voice_unknown", "This is no VOICEVOX character.", "Choose a character."
        )
    for field, value in changes.model_dump(exclude_unset=True).items():
        setattr(voice, field, value)
    session.flush()
    return voice


def reading_voice(voice: Voice, language: str) -> str | None:
    """Return who is to read `language` in this voice; None leaves it to the speech service."""
    return voice.base_voice if primary_subtag(language) == "ja" else None


def reading_voice_of(session: Session, voice_id: str | None, language: str) -> str | None:
    """Return who is to read `language` in the voice with this id, if somebody in particular."""
    voice = session.get(Voice, voice_id) if voice_id else None
    return reading_voice(voice, language) if voice is not None else None


def is_usable(session: Session, account_id: str, voice_id: str) -> bool:
    """Return whether the account may speak with `voice_id`; base voices are everybody's."""
    if is_base_voice(voice_id):
        return True
    voice = session.get(Voice, voice_id)
    return voice is not None and voice.account_id == account_id and voice.state is VoiceState.READY


def any_on_a_character(session: Session, voice_ids: Collection[str]) -> bool:
    """Return whether one of the voices is read for by a VOICEVOX character."""
    built = select(Voice.id).where(Voice.id.in_(voice_ids), Voice.base_voice.is_not(None))
    return session.scalar(built.limit(1)) is not None


def is_base_voice(voice_id: str) -> bool:
    """Return whether an id is shaped like a base voice's; a profile's never is."""
    return ":" in voice_id


def is_known_base_voice(speech: SpeechClient, voice_id: str) -> bool:
    """Return whether the speech service has this base voice; while it is down, believe so.

    For a VOICEVOX character whose engine is away Open JTalk stands in.
    """
    try:
        known = speech.base_voices()
    except (SpeechUnavailable, SpeechRefused):
        return True
    may_be_away = voice_id.startswith(VOICEVOX) and known.voicevox.state not in ("off", "ready")
    return may_be_away or voice_id in {voice.id for voice in known.items}


def preview(
    readers: sessionmaker[Session],
    speech: SpeechClient,
    account_id: str,
    voice_id: str,
    language: str | None,
    body: Preview,
    base_voice: str | None = None,
) -> bytes:
    """Return the text of `body` spoken in a voice, as MP3, with the account's own words."""
    text = body.text
    if not text.strip():
        fix = "Type a sentence to hear."
        raise Invalid.field("text", "script_empty", "There is nothing to say.", fix)
    try:
        return speech.speak(
            text,
            language=language,
            voice=voice_id,
            base_voice=base_voice,
            kept_for=account_id,
            read_as=_read_as(readers, account_id, language, body),
        )
    except SpeechRefused as problem:
        problem.rename_fields(PREVIEW_FIELDS)
        raise


def _read_as(
    readers: sessionmaker[Session], account_id: str, language: str | None, body: Preview
) -> ReadAs:
    reading = [SentenceReading(text=body.text, kana=body.reading)] if body.reading else []
    said = [_delivery(body.text, body.delivery)] if body.delivery else []
    if primary_subtag(language or "") != words.LANGUAGE:
        return ReadAs(tuple(reading), deliveries=tuple(said), has_markup=True)
    with readers() as session:
        own = words.words_of(session, account_id)
    return ReadAs(tuple(reading), own, tuple(said), has_markup=True)


def _delivery(text: str, delivery: Delivery) -> SentenceDelivery:
    return SentenceDelivery(text=text, **delivery.model_dump())


def require_base_voice(voice_id: str) -> None:
    """Raise NotFound for anything that is not shaped like a base voice: profiles have owners."""
    if not is_base_voice(voice_id):
        raise NotFound.named("voice_id", "There is no such base voice.")


def delete_voice(
    sessions: sessionmaker[Session], speech: SpeechClient, account_id: str, voice_id: str
) -> None:
    """Forget the voice. It is gone from every list at once; its bytes as soon as can be."""
    with sessions.begin() as session:
        get_voice(session, account_id, voice_id).state = VoiceState.DELETING
    finish_deletion(sessions, speech, voice_id)


def delete_voices_of(session: Session, account_id: str) -> list[str]:
    """Begin to delete all voices of an account; return their ids for `finish_deletion`."""
    voices = session.scalars(select(Voice).where(Voice.account_id == account_id)).all()
    for voice in voices:
        voice.state = VoiceState.DELETING
        voice.name = voice.consent_text = ""
        voice.report = None
    session.flush()
    return [voice.id for voice in voices]


def _begin_deletion(sessions: sessionmaker[Session], voice_id: str) -> None:
    with sessions.begin() as session:
        voice = session.get(Voice, voice_id)
        if voice is not None:
            voice.state = VoiceState.DELETING


def finish_deletion(sessions: sessionmaker[Session], speech: SpeechClient, voice_id: str) -> bool:
    """Have the speech service remove the bytes, then the row. False: it is down, try later."""
    try:
        speech.delete_voice(voice_id)
    except (SpeechUnavailable, SpeechRefused):
        logger.warning("voice %s waits for the speech service to be deleted", voice_id)
        return False
    with sessions.begin() as session:
        voice = session.get(Voice, voice_id)
        if voice is not None:
            session.delete(voice)
    purge_deleted(sessions)
    return True


def sweep_voices(sessions: sessionmaker[Session], speech: SpeechClient) -> int:
    """Finish deletions that were interrupted, and profiles whose request died; return how many."""
    stale = (Voice.state == VoiceState.PROFILING) & (Voice.created_at < utc_now() - PROFILING_LIMIT)
    with sessions.begin() as session:
        query = select(Voice).where(or_(Voice.state == VoiceState.DELETING, stale))
        voices = session.scalars(query).all()
        for voice in voices:
            voice.state = VoiceState.DELETING
        ids = [voice.id for voice in voices]
    return sum(finish_deletion(sessions, speech, voice_id) for voice_id in ids)
