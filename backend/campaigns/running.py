"""What becomes of a campaign: started, listened to, run, paused, tried again, cancelled."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns.expansion import Expander, expander_of
from backend.campaigns.lists import get_row
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.schemas import Counts
from backend.campaigns.service import count_rows, get_campaign
from backend.campaigns.state import CampaignState, require_move
from backend.db import utc_now
from backend.media.fonts import find_font
from backend.messages import removal
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.state import IN_WORK, MessageState
from backend.power.work import note_ahead
from backend.problems import Conflict, FieldError, Invalid
from backend.speech.client import SpeechClient
from backend.storage import Storage, discard
from backend.webhooks.events import campaign_changed

S, M = CampaignState, MessageState


def in_work(counts: Counts) -> int:
    """Return how many rows are being made."""
    return before_speech(counts) + counts.composing


def before_speech(counts: Counts) -> int:
    """Return how many rows wait to be spoken, or are being spoken."""
    return counts.queued + counts.speaking


def move(session: Session, campaign: Campaign, to: CampaignState) -> None:
    """Move a campaign on, by a permitted move alone, and tell whoever listens. Raises Conflict."""
    require_move(campaign.state, to)
    now = utc_now()
    campaign.state, campaign.updated_at = to, now
    campaign.version += 1
    campaign.ended_at = now if to in (S.DONE, S.CANCELLED) else None
    if to is S.DRAFT:
        campaign.started_at = None
    elif campaign.started_at is None:
        campaign.started_at = now
    tell(session, campaign)


def tell(session: Session, campaign: Campaign) -> None:
    """Tell programs elsewhere how far it is."""
    session.flush()
    counts = count_rows(session, [campaign.id])[campaign.id]
    campaign_changed(session, campaign, counts.model_dump(exclude={"total"}))


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
        campaign = get_campaign(session, account_id, campaign_id)
        require_move(campaign.state, S.SAMPLING)
        template_id = campaign.template_message_id
    messages.require_sayable(sessions, speech, account_id, template_id)
    font = find_font(caption_font)
    with sessions.begin() as session:
        campaign = get_campaign(session, account_id, campaign_id, for_change=True)
        template = messages.get_message(session, account_id, template_id)
        _require_placeholders(expander_of(campaign, template))
        messages.require_makeable(session, template, font)
        first = first_rows(session, campaign.id, max(samples, 1))
        if not first:
            raise _nothing_to_make()
        move(session, campaign, S.SAMPLING if samples else S.RUNNING)
        for row in first if samples else ():
            row.is_sample = True
        return campaign


def _require_placeholders(expander: Expander) -> None:
    """Raise Invalid where the template names what isn't there."""
    fix = "Correct what stands between the braces."
    errors = [FieldError(one.field, one.code, one.detail, fix) for one in expander.problems]
    if errors:
        problem = Invalid(" ".join(error.message for error in errors), errors)
        problem.code = errors[0].code
        raise problem


def first_rows(session: Session, campaign_id: str, count: int) -> Sequence[CampaignRow]:
    """Return the first rows that can be made."""
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
    campaign = get_campaign(session, account_id, campaign_id, for_change=True)
    if campaign.state is not S.REVIEW:
        raise Conflict(f"A campaign that is {campaign.state} has no samples to approve.")
    move(session, campaign, S.RUNNING)
    return campaign


def pause(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Take up no more rows; what is in work is finished."""
    campaign = get_campaign(session, account_id, campaign_id, for_change=True)
    if campaign.state is not S.PAUSED:
        move(session, campaign, S.PAUSED)
        note_ahead(session, campaign.id, 0, 0.0)
    return campaign


def resume(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Go on where it was paused."""
    campaign = get_campaign(session, account_id, campaign_id, for_change=True)
    if campaign.state is not S.PAUSED:
        raise Conflict(f"A campaign that is {campaign.state} is not paused.")
    move(session, campaign, S.RUNNING)
    return campaign


def cancel(session: Session, account_id: str, campaign_id: str) -> Campaign:
    """Stop it, with what is in work; what is ready stays."""
    campaign = get_campaign(session, account_id, campaign_id, for_change=True)
    if campaign.state is S.CANCELLED:
        return campaign
    require_move(campaign.state, S.CANCELLED)
    _cancel_rows(session, campaign)
    move(session, campaign, S.CANCELLED)
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
    campaign = get_campaign(session, account_id, campaign_id, for_change=True)
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
        move(session, campaign, S.RUNNING)
    campaign.version += 1
    return campaign


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
        campaign = get_campaign(session, account_id, campaign_id, for_change=True)
        row = get_row(session, campaign, row_id, for_change=True)
        leftovers = _want_again(session, campaign, row)
        campaign.version += 1
    removal.finish(sessions, storage, speech, leftovers)
    return row


def _want_again(session: Session, campaign: Campaign, row: CampaignRow) -> list[removal.Leftover]:
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
        move(session, campaign, follows[campaign.state])
    if message is None or message.state is not M.READY:
        row.is_wanted_again = message is not None
        return []
    return _take_messages(session, campaign.account_id, [row])


def reopen(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
) -> Campaign:
    """Go back to the draft, whose script can be changed again; samples are deleted."""
    with sessions.begin() as session:
        campaign = get_campaign(session, account_id, campaign_id, for_change=True)
        require_move(campaign.state, S.DRAFT)
        _cancel_rows(session, campaign)
        rows = session.scalars(
            select(CampaignRow).where(
                CampaignRow.campaign_id == campaign.id,
                or_(CampaignRow.message_id.is_not(None), CampaignRow.is_sample),
            )
        ).all()
        leftovers = _take_messages(session, account_id, rows)
        for row in rows:
            row.is_sample, row.approved_at = False, None
        move(session, campaign, S.DRAFT)
    removal.finish(sessions, storage, speech, leftovers)
    # What was drawn for all of them may look otherwise now.
    discard(storage, f"messages/{campaign.template_message_id}/segments")
    return campaign


def _take_messages(
    session: Session, account_id: str, rows: Sequence[CampaignRow]
) -> list[removal.Leftover]:
    ids = [row.message_id for row in rows if row.message_id is not None]
    for row in rows:
        row.message_id, row.share_id, row.is_wanted_again = None, None, False
    session.flush()
    found = session.scalars(select(Message).where(Message.id.in_(ids))).all()
    return removal.take_messages(session, account_id, found)
