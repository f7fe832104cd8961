"""Mail to a campaign's people: a link of their own for each, and a letter with their values in it.

Some at a time: each transaction is a short one, and whoever asks again after a crash finds those
that were queued and writes to the others alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from backend.accounts.models import Account
from backend.bodies import on_one_line
from backend.campaigns import service
from backend.campaigns.expansion import FIELDS, columns_of, expander_of, fields_of
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.schemas import MailMerge, MailMergeBody
from backend.campaigns.template import Columns, Template, expand
from backend.db import utc_now
from backend.mail import service as mail
from backend.mail.models import Email, EmailKind
from backend.mail.queue import Letter, new_email
from backend.mail.service import Office
from backend.mail.suppressions import suppressed_among
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.shares.service import personal_share

_AT_ONCE = 100
_MAX_SUBJECT_CHARACTERS = 200


@dataclass(frozen=True)
class _Letters:
    """What is written to everybody, to be made each person's own."""

    body: MailMerge
    subject: Template
    note: Template
    columns: Columns
    name: str | None
    reply_to: str | None

    def to(self, row: CampaignRow) -> Letter | None:
        """Return a row's own letter; None where a value is missing in it."""
        note = expand(self.note, self.columns, row.cells)
        subject = expand(self.subject, self.columns, row.cells)
        if note.faults or subject.faults:
            return None
        return Letter(
            address=row.address or "",
            name=self.name_of(row),
            language=self.body.language,
            subject=(on_one_line(subject.text) or "")[:_MAX_SUBJECT_CHARACTERS] or None,
            note=note.text,
            reply_to=self.reply_to,
        )

    def name_of(self, row: CampaignRow) -> str | None:
        """Return whom a row is for, as a header takes it."""
        return name_of(self.columns, self.name, row)


def name_of(columns: Columns, heading: str | None, row: CampaignRow) -> str | None:
    """Return whom a row is for, on one line."""
    place = columns.place_of(heading) if heading else None
    cell = row.cells[place] if place is not None and place < len(row.cells) else ""
    return (on_one_line(cell) or "")[:100] or None


def send_to_all(
    sessions: sessionmaker[Session],
    key: bytes,
    office: Office,
    account: Account,
    campaign_id: str,
    body: MailMerge,
) -> MailMergeBody:
    """Queue a mail to each row that is ready and has had none; they leave at the rate asked for.

    raises: NotFound, Invalid for a placeholder, MailOff, MailLimit
    """
    office.require_open()
    with sessions.begin() as session:
        campaign = service.get_campaign(session, account.id, campaign_id, for_change=True)
        letters = _letters(campaign, account, body)
        outcome, row_ids = _sorted_out(session, campaign, letters)
        mail.require_left(session, office, account.id, len(row_ids))
    every = timedelta(minutes=1) / body.per_minute
    begin = utc_now()
    for first in range(0, len(row_ids), _AT_ONCE):
        some = row_ids[first : first + _AT_ONCE]
        with sessions.begin() as session:
            due = _queue(session, key, account.id, letters, some, begin + first * every, every)
            mail.spend(session, office, account.id, len(due))
        outcome.queued += len(due)
        outcome.last_leaves_at = due[-1] if due else outcome.last_leaves_at
    return outcome


def _letters(campaign: Campaign, account: Account, body: MailMerge) -> _Letters:
    read, columns = fields_of(campaign, {"subject": body.subject or "", "note": body.note})
    return _Letters(
        body=body,
        subject=read["subject"],
        note=read["note"],
        columns=columns,
        name=campaign.mapping.get("name"),
        reply_to=mail.own_address(account) if body.reply_to_me else None,
    )


def _sorted_out(
    session: Session, campaign: Campaign, letters: _Letters
) -> tuple[MailMergeBody, list[str]]:
    """Return whose rows are written to, in order, and how many are not, by reason."""
    rows = session.execute(_rows(campaign)).all()
    expander = expander_of(campaign, service.template_of(session, campaign))
    written = dict(iter(session.execute(_written(campaign))))
    unwanted = suppressed_among(
        session, campaign.account_id, [row.address for row, *_ in rows if row.address]
    )
    is_once = campaign.mapping.get("same_address") != "each"
    told = MailMergeBody()
    row_ids: list[str] = []
    reached = set(written.values())
    for row, state, *texts in rows:
        # One that says somebody else's name, since the row was changed, waits to be made again.
        if state is not MessageState.READY or not expander.expand(row.cells).is_in(texts):
            told.not_ready += 1
        elif row.address is None:
            told.no_address += 1
        elif row.share_id in written or (is_once and row.address in reached):
            told.had_one += 1
        elif row.address in unwanted:
            told.suppressed += 1
        elif letters.to(row) is None:
            told.no_value += 1
        else:
            row_ids.append(row.id)
            reached.add(row.address)
    return told, row_ids


def _rows(campaign: Campaign) -> Select[Any]:
    """Return each row with the state and the texts of its message."""
    texts = (getattr(Message, name) for name in FIELDS)
    query: Select[Any] = select(CampaignRow, Message.state, *texts)
    query = query.outerjoin(Message, Message.id == CampaignRow.message_id)
    query = query.where(CampaignRow.campaign_id == campaign.id, CampaignRow.is_left_out.is_(False))
    return query.order_by(CampaignRow.position)


def _written(campaign: Campaign) -> Select[str, str]:
    """Return links and where they went; a mail that was given up is sent again by itself."""
    query = select(Email.share_id, Email.address).join(
        CampaignRow, CampaignRow.share_id == Email.share_id
    )
    return query.where(CampaignRow.campaign_id == campaign.id, Email.kind == EmailKind.INVITATION)


def _queue(
    session: Session,
    key: bytes,
    account_id: str,
    letters: _Letters,
    row_ids: Sequence[str],
    begin: datetime,
    every: timedelta,
) -> list[datetime]:
    """Write to these rows, one after the other, and return when their mails leave.

    Whatever was written to meanwhile is left alone.
    """
    query = select(CampaignRow, Message).join(Message, Message.id == CampaignRow.message_id)
    query = query.where(CampaignRow.id.in_(row_ids)).order_by(CampaignRow.position)
    found = session.execute(query.with_for_update(of=CampaignRow)).all()
    shares = [row.share_id for row, _ in found if row.share_id]
    invited = (Email.share_id.in_(shares), Email.kind == EmailKind.INVITATION)
    written = set(session.scalars(select(Email.share_id).where(*invited)))
    addresses = [row.address for row, _ in found if row.address]
    unwanted = suppressed_among(session, account_id, addresses)
    due = []
    for place, (row, message) in enumerate(found):
        letter = letters.to(row)
        if letter is None or row.share_id in written or row.address in unwanted:
            continue
        share_id = give_link(session, key, row, message, letter.name or letter.address)
        kind = EmailKind.INVITATION
        due.append(begin + place * every)
        session.add(new_email(message.id, share_id, kind, letter, due[-1]))
    session.flush()
    return due


def give_link(session: Session, key: bytes, row: CampaignRow, message: Message, label: str) -> str:
    """Return the link of a row's person; it is made where there is none."""
    if row.share_id is None:
        row.share_id = personal_share(session, key, message, label).id
    return row.share_id


def give_links(
    sessions: sessionmaker[Session], key: bytes, account_id: str, campaign_id: str
) -> int:
    """Give each row whose video is ready its person's link; return how many had none.

    raises: NotFound
    """
    with sessions() as session:
        campaign = service.get_campaign(session, account_id, campaign_id)
    columns, name = columns_of(campaign.columns, campaign.mapping), campaign.mapping.get("name")
    query = select(CampaignRow, Message).join(Message, Message.id == CampaignRow.message_id)
    query = query.where(
        CampaignRow.campaign_id == campaign.id,
        CampaignRow.share_id.is_(None),
        Message.state == MessageState.READY,
    )
    made, is_more = 0, True
    while is_more:
        with sessions.begin() as session:
            found = session.execute(query.limit(_AT_ONCE).with_for_update(of=CampaignRow)).all()
            for row, message in found:
                label = name_of(columns, name, row) or row.address or str(row.position + 1)
                give_link(session, key, row, message, label)
        made += len(found)
        is_more = len(found) == _AT_ONCE
    return made
