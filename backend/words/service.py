"""Words that are read as their owner says, and the readings of sentences.

The speech service keeps none of them: it is told with each request, so nobody hears another's.
"""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.ids import new_id
from backend.languages import primary_subtag
from backend.problems import Conflict, Invalid, NotFound
from backend.revisions import require_match
from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechRefused, SpeechUnavailable
from backend.speech.wishes import PronouncedWord, ReadAs, SentenceReading, SuggestedReading
from backend.words.models import Word
from backend.words.schemas import ReadingsOrder, WordChanges, word_body

LANGUAGE = "ja"
MAX_WORDS = 500
_SIGNS = "*＊[［"
_OF_MARKUP = ("markup_unclosed", "break_unreadable")
# The speech service's names of what a word calls otherwise.
WORD_FIELDS = {"words.0.kana": "kana", "words.0.surface": "surface", "input": "surface"}


def create_word(
    sessions: sessionmaker[Session], speech: SpeechClient, account_id: str, body: WordChanges
) -> Word:
    """Keep a word.

    raises: SpeechRefused for kana that can't be read, Invalid for a word that is there already,
            Conflict when there are as many as may be, SpeechUnavailable
    """
    _require_sayable(speech, body)
    with sessions.begin() as session:
        _require_room(session, account_id)
        _require_new(session, account_id, body.surface)
        word = Word(
            id=new_id("wrd"),
            account_id=account_id,
            surface=body.surface,
            kana=body.kana,
            created_at=utc_now(),
        )
        session.add(word)
        return word


def change_word(
    sessions: sessionmaker[Session],
    speech: SpeechClient,
    account_id: str,
    word_id: str,
    body: WordChanges,
    if_match: str | None = None,
) -> Word:
    """Say a word otherwise. Raises as `create_word` does, and NotFound, Changed."""
    with sessions() as session:
        get_word(session, account_id, word_id)
    _require_sayable(speech, body)
    with sessions.begin() as session:
        word = get_word(session, account_id, word_id, for_change=True)
        require_match(if_match, word_body(word).revision)
        if word.surface != body.surface:
            _require_new(session, account_id, body.surface)
        word.surface, word.kana = body.surface, body.kana
        return word


def _require_sayable(speech: SpeechClient, body: WordChanges) -> None:
    """Ask the speech service, whose notation it is; between two transactions, never inside one."""
    word = PronouncedWord(surface=body.surface, kana=body.kana)
    try:
        speech.suggest_readings(body.surface, ReadAs(words=(word,)))
    except SpeechRefused as problem:
        problem.rename_fields(WORD_FIELDS)
        raise


def _require_room(session: Session, account_id: str) -> None:
    count = select(func.count()).where(Word.account_id == account_id)
    if session.scalars(count).one() >= MAX_WORDS:
        raise Conflict(f"There are {MAX_WORDS} words already. Delete one first.")


def _require_new(session: Session, account_id: str, surface: str) -> None:
    same = select(Word.id).where(Word.account_id == account_id, Word.surface == surface)
    if session.scalar(same) is not None:
        fix = "Change the one that is there."
        raise Invalid.field("surface", "word_known", "This word is in the list already.", fix)


def get_word(session: Session, account_id: str, word_id: str, *, for_change: bool = False) -> Word:
    """Return the account's word, locked for a change, or raise NotFound."""
    query = select(Word).where(Word.id == word_id, Word.account_id == account_id)
    word = session.scalar(query.with_for_update() if for_change else query)
    if word is None:
        raise NotFound.named("word_id", "There is no such word.")
    return word


def list_words(session: Session, account_id: str) -> list[Word]:
    """Return the account's words, newest first."""
    query = select(Word).where(Word.account_id == account_id)
    return list(session.scalars(query.order_by(Word.id.desc())))


def delete_word(session: Session, account_id: str, word_id: str) -> None:
    """Forget a word: it is read as the dictionary says again."""
    get_word(session, account_id, word_id)
    session.execute(delete(Word).where(Word.id == word_id))


def words_of(session: Session, account_id: str) -> tuple[PronouncedWord, ...]:
    """Return the account's words as the speech service is told them."""
    found = list_words(session, account_id)
    return tuple(PronouncedWord(surface=word.surface, kana=word.kana) for word in found)


def suggest_readings(
    readers: sessionmaker[Session], speech: SpeechClient, account_id: str, order: ReadingsOrder
) -> tuple[SuggestedReading, ...]:
    """Return how each sentence is read, with the account's words. Raises SpeechRefused."""
    try:
        return speech.suggest_readings(
            order.text, _read_as(readers, account_id, order), order.language
        )
    except SpeechRefused as problem:
        problem.rename_fields({"input": "text"})
        raise


def _read_as(readers: sessionmaker[Session], account_id: str, order: ReadingsOrder) -> ReadAs:
    if primary_subtag(order.language) != LANGUAGE:
        return ReadAs(has_markup=True)
    with readers() as session:
        words = words_of(session, account_id)
    readings = tuple(SentenceReading(text=one.text, kana=one.kana) for one in order.readings)
    return ReadAs(readings, words, has_markup=True)


def require_readable(speech: SpeechClient, script: str, language: str, read_as: ReadAs) -> None:
    """Raise SpeechRefused, beside the reading that can't be read or the sign in the script.

    A service that is down now is asked again when the message is spoken.
    """
    if not read_as.readings and not any(sign in script for sign in _SIGNS):
        return
    try:
        speech.suggest_readings(script, read_as, language)
    except SpeechUnavailable:
        return
    except SpeechRefused as problem:
        # Whatever else is wrong with the script is told with all that the message lacks.
        problem.rename_fields({"input": "script"})
        is_of_script = problem.code in _OF_MARKUP
        if is_of_script or any(error.field.startswith("readings") for error in problem.errors):
            raise
