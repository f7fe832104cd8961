"""`/api/v1/words`, `/readings`."""

from fastapi import APIRouter, Response

from backend.api_keys.access import MessageReaderDep, MessageWriterDep
from backend.dependencies import CollaboratorsDep, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.revisions import CHANGED, IfMatch, tag
from backend.words import service
from backend.words.models import Word
from backend.words.schemas import (
    ReadingList,
    ReadingsOrder,
    WordBody,
    WordChanges,
    WordList,
    reading_body,
    word_body,
)

router = APIRouter(tags=["words"], route_class=IdempotentRoute)


@router.post("/words", status_code=201)
def create_word(
    body: WordChanges, account: MessageWriterDep, app: CollaboratorsDep, response: Response
) -> WordBody:
    """Say how a word is read in one's own messages."""
    return _tagged(response, service.create_word(app.sessions, app.speech, account.id, body))


def _tagged(response: Response, word: Word) -> WordBody:
    body = word_body(word)
    tag(response, body.revision)
    return body


@router.get("/words")
def list_words(account: MessageReaderDep, session: SessionDep) -> WordList:
    """Return the account's words, newest first."""
    return WordList(items=[word_body(word) for word in service.list_words(session, account.id)])


@router.put("/words/{word_id}", responses=CHANGED)
def change_word(
    word_id: str,
    body: WordChanges,
    account: MessageWriterDep,
    app: CollaboratorsDep,
    response: Response,
    if_match: IfMatch = None,
) -> WordBody:
    """Say a word otherwise."""
    changed = service.change_word(app.sessions, app.speech, account.id, word_id, body, if_match)
    return _tagged(response, changed)


@router.delete("/words/{word_id}", status_code=204)
def delete_word(word_id: str, account: MessageWriterDep, session: SessionDep) -> None:
    """Forget a word."""
    service.delete_word(session, account.id, word_id)


@router.post("/readings")
def suggest_readings(
    order: ReadingsOrder, account: MessageReaderDep, app: CollaboratorsDep
) -> ReadingList:
    """Tell the sentences of a text; how Japanese is read, the account's words included."""
    found = service.suggest_readings(app.readers, app.speech, account.id, order)
    return ReadingList(items=[reading_body(one) for one in found])
