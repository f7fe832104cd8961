"""What becomes of a campaign: started, listened to, run, paused, tried again, cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, true, update
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.state import CampaignState, require_move
from backend.db import utc_now
from backend.media.fonts import find_font
from backend.messages import removal
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.state import IN_WORK, WAITS_FOR_SPEECH, MessageState
from backend.power.work import note_ahead
from backend.problems import Conflict, Invalid, NotFound
from backend.speech import SpeechClient
from backend.storage import Storage, discard

S, M = CampaignState, MessageState
ROW_STATES = (
    "left_out", "faulty", "waiting", "queued", "speaking", "composing", "ready", "failed",
    "cancelled",
)  # fmt: skip


def row_state() -> ColumnElement[str]:
    """Return where a row stands, for queries that join its message by an outer join."""
    return case(
        (CampaignRow.is_left_out, "left_out"),
        (CampaignRow.is_faulty, "faulty"),
        (or_(CampaignRow.message_id.is_(None), CampaignRow.is_wanted_again), "waiting"),
        else_=func.coalesce(Message.state, "waiting"),
    )


def count_rows(session: Session, campaign_id: str, *, samples_only: bool = False) -> dict[str, int]:
    """Return how many rows stand where, each state named, and the total."""
    state = row_state().label("state")
    of_campaign = CampaignRow.campaign_id == campaign_id
    found = session.execute(
        select(state, func.count())
        .select_from(CampaignRow)
        .outerjoin(Message, Message.id == CampaignRow.message_id)
        .where(of_campaign, CampaignRow.is_sample if samples_only else true())
        .group_by(state)
    ).all()
    counts = dict.fromkeys(ROW_STATES, 0) | {str(name): count for name, count in found}
    return {"total": sum(counts.values()), **counts}


def in_work(counts: Mapping[str, int]) -> int:
    """Return how many rows are being made."""
    return sum(counts[state] for state in IN_WORK)


def before_speech(counts: Mapping[str, int]) -> int:
    """Return how many rows wait to be spoken, or are being spoken."""
    return sum(counts[state] for state in WAITS_FOR_SPEECH)


def campaign_of(
    session: Session, account_id: str, campaign_id: str, *, for_change: bool = False
) -> Campaign:
    """Return the account's campaign or raise NotFound."""
    query = select(Campaign).where(Campaign.id == campaign_id, Campaign.account_id == account_id)
    campaign = session.scalar(query.with_for_update() if for_change else query)
    if campaign is None:
        raise NotFound.named("campaign_id", "There is no such campaign.")
    return campaign


def row_of(session: Session, campaign: Campaign, row_id: str) -> CampaignRow:
    """Return the campaign's row or raise NotFound."""
    row = session.get(CampaignRow, row_id, with_for_update=True)
    if row is None or row.campaign_id != campaign.id:
        raise NotFound.named("row_id", "There is no such row in this campaign.")
    return row


def move(campaign: Campaign, to: CampaignState) -> None:
    """Move a campaign on, by a permitted move alone. Raises Conflict."""
    require_move(campaign.state, to)
    now = utc_now()
    campaign.state, campaign.updated_at = to, now
    campaign.version += 1
    campaign.ended_at = now if to in (S.DONE, S.CANCELLED) else None
    if to is S.DRAFT:
        campaign.started_at = None
    elif campaign.started_at is None:
        campaign.started_at = now


# --- starting -------------------------------------------------------------------------------


def start(
    sessions: sessionmaker[Session],
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
    samples: int,
    caption_font: Path | None = None,
) -> Campaign:
    """Make the first `samples` rows to be listened to, or all of them where that is 0.

    raises: Conflict where it has begun, Invalid where template or list lack something,
            SpeechRefused
    """
    with sessions() as session:
        campaign = campaign_of(session, account_id, campaign_id)
        require_move(campaign.state, S.SAMPLING)
        template_id = campaign.template_message_id
    messages.require_sayable(sessions, speech, account_id, template_id)
    font = find_font(caption_font)
    with sessions.begin() as session:
        campaign = campaign_of(session, account_id, campaign_id, for_change=True)
        template = messages.get_message(session, account_id, template_id)
        messages.require_makeable(session, template, font)
        first = _first_rows(session, campaign.id, max(samples, 1))
        if not first:
            raise _nothing_to_make()
        move(campaign, S.SAMPLING if samples else S.RUNNING)
        for row in first if samples else ():
            row.is_sample = True
        return campaign


def _first_rows(session: Session, campaign_id: str, count: int) -> Sequence[CampaignRow]:
    return session.scalars(
        select(CampaignRow)
        .where(CampaignRow.campaign_id == campaign_id, *_makeable())
        .order_by(CampaignRow.position)
        .limit(count)
    ).all()


def _makeable() -> tuple[ColumnElement[bool], ...]:
    return (~CampaignRow.is_left_out, ~CampaignRow.is_faulty)


def _nothing_to_make() -> Invalid:
    message = "There is no row to make: the list is empty, or each row is faulty or left out."
    return Invalid.field("list", "nothing_to_make", message, "Add a list, or mend its rows.")


def next_rows(session: Session, campaign: Campaign, count: int) -> Sequence[CampaignRow]:
    """Return the rows that are to be taken up next; samples alone while these are made."""
    waits = or_(CampaignRow.message_id.is_(None), CampaignRow.is_wanted_again)
    query = select(CampaignRow).where(CampaignRow.campaign_id == campaign.id, waits, *_makeable())
    if campaign.state is S.SAMPLING:
        query = query.where(CampaignRow.is_sample)
    return session.scalars(query.order_by(CampaignRow.position).limit(count)).all()


# --- on the way -----------------------------------------------------------------------------


def approve(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Make the rest: the samples were listened to."""
    campaign = campaign_of(session, account_id, campaign_id, for_change=True)
    if campaign.state is not S.REVIEW:
        raise Conflict(f"A campaign that is {campaign.state} has no samples to approve.")
    move(campaign, S.RUNNING)
    return campaign


def pause(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Take up no more rows; what is in work is finished."""
    campaign = campaign_of(session, account_id, campaign_id, for_change=True)
    if campaign.state is not S.PAUSED:
        move(campaign, S.PAUSED)
        note_ahead(session, campaign.id, 0, 0.0)
    return campaign


def resume(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Go on where it was paused."""
    campaign = campaign_of(session, account_id, campaign_id, for_change=True)
    if campaign.state is not S.PAUSED:
        raise Conflict(f"A campaign that is {campaign.state} is not paused.")
    move(campaign, S.RUNNING)
    return campaign


def cancel(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Stop it, with what is in work; what is ready stays."""
    campaign = campaign_of(session, account_id, campaign_id, for_change=True)
    if campaign.state is S.CANCELLED:
        return campaign
    move(campaign, S.CANCELLED)
    _cancel_rows(session, campaign)
    return campaign


def _cancel_rows(session: Session, campaign: Campaign) -> None:
    note_ahead(session, campaign.id, 0, 0.0)
    at_work = session.scalars(
        select(Message.id).where(Message.campaign_id == campaign.id, Message.state.in_(IN_WORK))
    ).all()
    for message_id in at_work:
        messages.cancel_message(session, campaign.account_id, message_id)


def retry(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Make once more what failed; of a cancelled campaign also what the cancel left."""
    campaign = campaign_of(session, account_id, campaign_id, for_change=True)
    if campaign.state in (S.DRAFT, S.REVIEW):
        raise Conflict(f"A campaign that is {campaign.state} has no failed rows to retry.")
    wanted = [M.FAILED, M.CANCELLED] if campaign.state is S.CANCELLED else [M.FAILED]
    failed = select(Message.id).where(Message.campaign_id == campaign.id, Message.state.in_(wanted))
    session.execute(
        update(CampaignRow)
        .where(CampaignRow.campaign_id == campaign.id, CampaignRow.message_id.in_(failed))
        .values(is_wanted_again=True)
        .execution_options(synchronize_session=False)
    )
    if campaign.state in (S.DONE, S.CANCELLED):
        if not next_rows(session, campaign, 1):
            raise Conflict("No row of this campaign failed.")
        move(campaign, S.RUNNING)
    campaign.version += 1
    return campaign


@dataclass(frozen=True)
class Removed:
    """A row's message that is made anew, or a draft's samples: what is left of them on disk."""

    message_ids: list[str]
    leftovers: list[removal.Leftover]


def retry_row(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
    row_id: str,
) -> CampaignRow:
    """Make one row again, also one that is ready: what was made of it is deleted.

    raises: NotFound, Conflict while it is in work or faulty
    """
    with sessions.begin() as session:
        campaign = campaign_of(session, account_id, campaign_id, for_change=True)
        row = row_of(session, campaign, row_id)
        removed = _want_again(session, campaign, row)
        campaign.version += 1
    _sweep(sessions, storage, speech, removed)
    return row


def _want_again(session: Session, campaign: Campaign, row: CampaignRow) -> Removed:
    if row.is_left_out or row.is_faulty:
        raise Conflict("This row is faulty or left out. Mend it first.")
    if campaign.state in (S.DRAFT, S.CANCELLED):
        raise Conflict(f"A campaign that is {campaign.state} makes no row. Start or retry it.")
    message = session.get(Message, row.message_id) if row.message_id else None
    if message is not None and message.state in IN_WORK:
        raise Conflict("This row is in work already.")
    row.approved_at = None
    if campaign.state is S.REVIEW:
        row.is_sample = True
    follows = {S.REVIEW: S.SAMPLING, S.DONE: S.RUNNING}
    if campaign.state in follows:
        move(campaign, follows[campaign.state])
    if message is None or message.state is not M.READY:
        row.is_wanted_again = message is not None
        return Removed([], [])
    return _take_messages(session, [row])


def reopen(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
) -> Campaign:
    """Go back to the draft, whose script can be changed again; samples are deleted."""
    with sessions.begin() as session:
        campaign = campaign_of(session, account_id, campaign_id, for_change=True)
        move(campaign, S.DRAFT)
        _cancel_rows(session, campaign)
        rows = session.scalars(
            select(CampaignRow).where(
                CampaignRow.campaign_id == campaign.id,
                or_(CampaignRow.message_id.is_not(None), CampaignRow.is_sample),
            )
        ).all()
        removed = _take_messages(session, rows)
        for row in rows:
            row.is_sample, row.approved_at = False, None
    _sweep(sessions, storage, speech, removed)
    # What was drawn for all of them may look otherwise now.
    discard(storage, f"messages/{campaign.template_message_id}/segments")
    return campaign


def _take_messages(session: Session, rows: Sequence[CampaignRow]) -> Removed:
    ids = [row.message_id for row in rows if row.message_id is not None]
    for row in rows:
        row.message_id, row.share_id, row.is_wanted_again = None, None, False
    session.flush()
    return Removed(ids, [removal.take(session, message_id) for message_id in ids])


def _sweep(
    sessions: sessionmaker[Session], storage: Storage, speech: SpeechClient, removed: Removed
) -> None:
    removal.clear_away(sessions, storage, speech, removed.message_ids, removed.leftovers)


# --- how far it is --------------------------------------------------------------------------


def progress_of(session: Session, campaign: Campaign, counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the percent that is made, and how long the rest should take by what was made of late.

    eta_s: None while nothing is known
    """
    wanted = counts["total"] - counts["left_out"] - counts["faulty"]
    over = counts["ready"] + counts["failed"] + counts["cancelled"]
    percent = round(100 * over / wanted, 1) if wanted else 0.0
    return {"percent": percent, "eta_s": _eta_s(session, campaign, wanted - over)}


def _eta_s(session: Session, campaign: Campaign, left: int) -> float | None:
    if campaign.state not in (S.SAMPLING, S.RUNNING):
        return None
    newest = session.scalars(
        select(Message.updated_at)
        .where(Message.campaign_id == campaign.id, Message.state == M.READY)
        .order_by(Message.updated_at.desc())
        .limit(10)
    ).all()
    if len(newest) < 3:
        return None
    each_s = (newest[0] - newest[-1]).total_seconds() / (len(newest) - 1)
    return round(left * each_s, 1)
