"""How long a video would take to be made now, by what this machine's last ones took."""

import time
from dataclasses import dataclass
from statistics import median
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from backend.api_keys.access import MessageReaderDep
from backend.dependencies import CollaboratorsDep, SessionDep
from backend.jobs.models import StepRun
from backend.jobs.rates import (
    LEARN_FROM,
    OVERHEAD_S,
    SMALLEST_AMOUNT,
    guess_duration_s,
    learn_rates,
    was_learned,
)
from backend.languages import primary_subtag
from backend.messages.completeness import MAX_SCRIPT_CHARACTERS
from backend.messages.models import Message
from backend.power import service as powers
from backend.power.setup import power_of
from backend.transactions import OneThreadRoute
from backend.voices.service import is_base_voice

router = APIRouter(tags=["messages"], route_class=OneThreadRoute)


class MakingTime(BaseModel):
    """About how long it takes from the order to the finished video, in seconds.

    wait_s:   of it, until somebody begins to speak: jobs before it, a GPU that has to wake
    length_s: how long the video will be
    is_measured: whether all of it was learned here; otherwise there are first guesses in it
    """

    making_s: float
    wait_s: float
    length_s: float
    is_measured: bool


@dataclass(frozen=True)
class Wish:
    """What is to be spoken: so many characters, in a language, by a voice."""

    characters: int
    language: str
    is_own_voice: bool


@router.get("/making-time")
def get_making_time(
    account: MessageReaderDep,
    session: SessionDep,
    app: CollaboratorsDep,
    characters: Annotated[int, Query(ge=0, le=MAX_SCRIPT_CHARACTERS)],
    language: Annotated[str, Query(max_length=16)],
    voice: Annotated[str, Query(max_length=80)],
) -> MakingTime:
    """Return how long a video of so many characters would take to be made now."""
    del account
    wish = Wish(characters, primary_subtag(language), not is_base_voice(voice))
    wait = powers.wait_now(session, power_of(app.settings), time.time())
    return estimate(session, wish, wait.lane, wait.wait_s)


def estimate(session: Session, wish: Wish, lane: str, wait_s: float) -> MakingTime:
    """Add up what waiting, speaking and drawing should take."""
    speech = _speech_s_a_character(session, wish, lane)
    length = _length_s_a_character(session, wish)
    rates = learn_rates(session)
    usual = rates.seconds_per_unit["speech"]
    length_s = (
        wish.characters * length
        if length
        else guess_duration_s(" " * wish.characters, wish.language)
    )
    speech_s = OVERHEAD_S["speech"] + wish.characters * (usual if speech is None else speech)
    drawn_s = rates.expected_s("compose", length_s) + rates.expected_s("finish", 0.0)
    return MakingTime(
        making_s=round(wait_s + speech_s + drawn_s, 1),
        wait_s=round(wait_s, 1),
        length_s=round(length_s, 1),
        is_measured=speech is not None and length is not None and was_learned(session, "compose"),
    )


def _speech_s_a_character(session: Session, wish: Wish, lane: str) -> float | None:
    """Return what a character took of late in such a voice, there; None where nobody knows.

    One's own voice costs a conversion that a base voice does not.
    """
    runs = session.execute(
        select(StepRun.elapsed_s, StepRun.amount)
        .join(Message, Message.id == StepRun.message_id)
        .where(StepRun.step == "speech", StepRun.lane == lane, *_alike(wish, StepRun))
        .order_by(StepRun.id.desc())
        .limit(LEARN_FROM)
    ).all()
    rates = [max(elapsed - OVERHEAD_S["speech"], 0.0) / amount for elapsed, amount in runs]
    return median(rates) if rates else None


def _length_s_a_character(session: Session, wish: Wish) -> float | None:
    """Return how long the last videos in this language are for each of their characters."""
    drawn = aliased(StepRun)
    runs = session.execute(
        select(drawn.amount, StepRun.amount)
        .join(
            drawn,
            (drawn.message_id == StepRun.message_id) & (drawn.attempt == StepRun.attempt),
        )
        .join(Message, Message.id == StepRun.message_id)
        .where(
            StepRun.step == "speech",
            drawn.step == "compose",
            StepRun.amount >= SMALLEST_AMOUNT,
            drawn.amount > 0.0,
            Message.language.startswith(wish.language, autoescape=True),
        )
        .order_by(StepRun.id.desc())
        .limit(LEARN_FROM)
    ).all()
    return median(seconds / characters for seconds, characters in runs) if runs else None


def _alike(wish: Wish, run: type[StepRun]) -> tuple[ColumnElement[bool], ...]:
    is_base = Message.voice.contains(":")
    return (run.amount >= SMALLEST_AMOUNT, ~is_base if wish.is_own_voice else is_base)
