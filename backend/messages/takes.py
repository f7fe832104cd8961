"""Takes: the ways in which the sentences of a message were heard, to choose the best of them.

A take holds what its sound follows from, not the sound: what is spoken again is the same, and the
speech service still has it. It is no part of the draft: hearing a sentence changes nothing of it.
"""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api_keys.access import MessageReaderDep, MessageWriterDep
from backend.bodies import RequestBody
from backend.dependencies import SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.messages import service
from backend.messages.models import Message

MOST_OF_A_SENTENCE = 8
MOST = 200

router = APIRouter(tags=["messages"], route_class=IdempotentRoute)


class TakeBody(RequestBody):
    """A sentence as it was said: its words, who said them, and how. Factors are of the usual way.

    reading: the line of kana by which it was read, if it was set
    """

    text: str = Field(min_length=1, max_length=1_000)
    language: str = Field(max_length=16)
    voice: str = Field(max_length=80)
    reading: str | None = Field(None, max_length=2_000)
    speed: float = Field(1.0, ge=0.5, le=2.0)
    pitch: float = Field(0.0, ge=-6.0, le=6.0, description="semitones")
    intonation: float = Field(1.0, ge=0.0, le=2.0)
    volume: float = Field(1.0, ge=0.0, le=2.0)


class TakeList(BaseModel):
    """The takes of a message, oldest first."""

    items: list[TakeBody]


@router.get("/messages/{message_id}/takes")
def list_takes(message_id: str, account: MessageReaderDep, session: SessionDep) -> TakeList:
    """Return how the message's sentences were heard."""
    return _takes(service.get_message(session, account.id, message_id))


@router.post("/messages/{message_id}/takes", status_code=201)
def add_take(
    message_id: str, body: TakeBody, account: MessageWriterDep, session: SessionDep
) -> TakeList:
    """Keep how a sentence was heard; heard again, it is the newest."""
    return _takes(keep_take(session, account.id, message_id, body))


def keep_take(session: Session, account_id: str, message_id: str, take: TakeBody) -> Message:
    """Keep the newest takes of each sentence, and of the message.

    raises: NotFound, Conflict where the message can't be changed any more
    """
    message = service.message_for_change(session, account_id, message_id)
    heard = take.model_dump()
    message.takes = _newest([*(other for other in message.takes if other != heard), heard])
    session.flush()
    return message


def _newest(takes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    of_sentence: dict[str, int] = {}
    for take in reversed(takes[-MOST:]):
        of_sentence[take["text"]] = of_sentence.get(take["text"], 0) + 1
        if of_sentence[take["text"]] <= MOST_OF_A_SENTENCE:
            kept.append(take)
    return kept[::-1]


def _takes(message: Message) -> TakeList:
    return TakeList(items=[TakeBody.model_validate(take) for take in message.takes])
