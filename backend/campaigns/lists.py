"""A campaign's list: taken in, judged, judged again when the template changes, and corrected."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns import checking, service
from backend.campaigns.checking import READING_WRONG, Checked
from backend.campaigns.columns import guess_mapping
from backend.campaigns.expansion import Expander, expander_of
from backend.campaigns.importing import ImportedList
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.schemas import RowChanges
from backend.campaigns.state import CampaignState
from backend.campaigns.template import fold
from backend.db import utc_now
from backend.ids import new_id
from backend.messages.models import Message
from backend.messages.state import IN_WORK, MessageState
from backend.problems import Conflict, Invalid, NotFound
from backend.revisions import require_match
from backend.speech.client import SpeechClient

_Sessions = sessionmaker[Session]


def replace_list(
    sessions: _Sessions,
    readers: _Sessions,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
    given: ImportedList,
    if_match: str | None = None,
) -> None:
    """Put a list in the place of a draft's present one, with a guess at what its columns are.

    All is worked out first: the transaction that writes it is a short one.
    if_match: the header, of the campaign's revision
    raises: NotFound, Changed, Conflict
    """
    mapping = guess_mapping(given.columns, given.rows)
    with readers() as session:
        campaign = service.get_campaign(session, account_id, campaign_id)
        service.require_draft(campaign)
        template = service.template_of(session, campaign)
    expander = Expander(template, given.columns, mapping)
    unreadable = checking.unreadable_words(speech, checking.words_in(expander, given.rows))
    width = len(given.columns)
    rows = [[*row, *[""] * (width - len(row))] for row in given.rows]
    found = _judged(expander, mapping, rows, unreadable)
    with sessions.begin() as session:
        campaign = service.get_campaign(session, account_id, campaign_id, for_change=True)
        service.require_draft(campaign)
        require_match(if_match, service.revision_of(campaign))
        session.execute(delete(CampaignRow).where(CampaignRow.campaign_id == campaign.id))
        session.execute(insert(CampaignRow), _new_rows(campaign.id, rows, found))
        campaign.columns, campaign.mapping = given.columns, mapping
        campaign.imported = given.about.model_dump()
        campaign.checked_for = checking.fingerprint(template, given.columns, mapping)
        service.note_change(campaign)


def _new_rows(
    campaign_id: str, rows: Sequence[list[str]], found: Sequence[Checked]
) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id("row"),
            "campaign_id": campaign_id,
            "position": place,
            "cells": cells,
            "searched": _searched(cells),
            "address": checked.address,
            "problems": checked.problems,
            "is_faulty": bool(checked.problems),
            "is_left_out": False,
            "is_sample": False,
            "is_wanted_again": False,
        }
        for place, (cells, checked) in enumerate(zip(rows, found, strict=True))
    ]


def _searched(cells: Sequence[str]) -> str:
    return "\n".join(map(fold, cells))


def _judged(
    expander: Expander,
    mapping: Mapping[str, Any],
    rows: Sequence[Sequence[str]],
    unreadable: checking.Unreadable,
    left_out: Sequence[bool] = (),
) -> list[Checked]:
    """Return what is wrong with each row, its address being another's included."""
    found = checking.check_rows(expander, mapping, rows, unreadable)
    is_out = left_out or [False] * len(found)
    addresses = [None if out else one.address for one, out in zip(found, is_out, strict=True)]
    return [
        Checked(one.address, checking.with_twice(mapping, one.problems, is_twice=again))
        for one, again in zip(found, checking.twice(mapping, addresses), strict=True)
    ]


# --- judged again ---------------------------------------------------------------------------


def judge_again(
    sessions: _Sessions,
    readers: _Sessions,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
) -> None:
    """Judge a draft's rows where its template or mapping is another than they were judged by.

    Whoever looks at the rows asks for it: the composer saves at every pause in typing.
    """
    with readers() as session:
        campaign = service.get_campaign(session, account_id, campaign_id)
        template = service.template_of(session, campaign)
        wanted = checking.fingerprint(template, campaign.columns, campaign.mapping)
        if campaign.state is not CampaignState.DRAFT or campaign.checked_for == wanted:
            return
        rows = session.execute(_all_rows(campaign.id)).all()
    expander = expander_of(campaign, template)
    is_only_text = campaign.checked_for.partition(".")[2] == wanted.partition(".")[2]
    words = set() if is_only_text else checking.words_in(expander, (row.cells for row in rows))
    unreadable = checking.unreadable_words(speech, words)
    cells, left_out = [row.cells for row in rows], [row.is_left_out for row in rows]
    found = _judged(expander, campaign.mapping, cells, unreadable, left_out)
    changed = [
        {
            "id": row.id,
            "address": one.address,
            "problems": problems,
            "is_faulty": bool(problems),
        }
        for row, one in zip(rows, found, strict=True)
        if (problems := _kept(row.problems, one.problems, is_only_text)) != row.problems
        or one.address != row.address
    ]
    with sessions.begin() as session:
        now = service.get_campaign(session, account_id, campaign_id, for_change=True)
        if now.version != campaign.version:
            return  # changed meanwhile: the next look judges again
        if changed:
            session.execute(update(CampaignRow), changed)
        now.checked_for = wanted
        service.note_change(now)


def _all_rows(campaign_id: str) -> Any:
    row = CampaignRow
    query = select(row.id, row.cells, row.problems, row.address, row.is_left_out)
    return query.where(row.campaign_id == campaign_id).order_by(row.position)


def _kept(
    before: Sequence[dict[str, Any]], after: list[dict[str, Any]], is_only_text: bool
) -> list[dict[str, Any]]:
    """Keep the speech service's findings where another template changes none of them."""
    if not is_only_text:
        return after
    own = [problem for problem in after if problem["code"] != READING_WRONG]
    return [*own, *(problem for problem in before if problem["code"] == READING_WRONG)]


# --- one row --------------------------------------------------------------------------------


class SeenRow(NamedTuple):
    """A row, and the `If-Match` that says as what it was seen, where one was sent."""

    id: str
    if_match: str | None = None


def get_row(
    session: Session, campaign: Campaign, row_id: str, *, for_change: bool = False
) -> CampaignRow:
    """Return a campaign's row or raise NotFound."""
    query = select(CampaignRow).where(
        CampaignRow.id == row_id, CampaignRow.campaign_id == campaign.id
    )
    row = session.scalar(query.with_for_update() if for_change else query)
    if row is None:
        raise NotFound.named("row_id", "There is no such row.")
    return row


def change_row(
    sessions: _Sessions,
    readers: _Sessions,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
    seen: SeenRow,
    changes: RowChanges,
) -> None:
    """Correct a row, leave it out, or approve it; whoever shares its address is judged again.

    raises: NotFound, Changed, Conflict while its message is made, Invalid for too few or many
            cells
    """
    with readers() as session:
        campaign = service.get_campaign(session, account_id, campaign_id)
        row = get_row(session, campaign, seen.id)
        template = service.template_of(session, campaign)
    given = changes.model_fields_set
    if "cells" in given:
        _require_width(campaign, changes.cells)
    expander = expander_of(campaign, template)
    cells = changes.cells if "cells" in given else row.cells
    unreadable = checking.unreadable_words(speech, checking.words_in(expander, [cells]))
    with sessions.begin() as session:
        campaign = service.get_campaign(session, account_id, campaign_id, for_change=True)
        row = get_row(session, campaign, seen.id, for_change=True)
        require_match(seen.if_match, service.revision_of_row(row))
        if given & {"cells", "is_left_out"}:
            _require_still(session, row)
            _correct(session, campaign, row, changes, expander, unreadable)
        if "approved" in given:
            _approve(session, row, is_approved=changes.approved)
        service.note_change(campaign)


def _correct(
    session: Session,
    campaign: Campaign,
    row: CampaignRow,
    changes: RowChanges,
    expander: Expander,
    unreadable: checking.Unreadable,
) -> None:
    before = row.address
    if "cells" in changes.model_fields_set:
        row.cells, row.searched = changes.cells, _searched(changes.cells)
    if "is_left_out" in changes.model_fields_set:
        row.is_left_out = changes.is_left_out
    (found,) = checking.check_rows(expander, campaign.mapping, [row.cells], unreadable)
    row.address, row.problems = found.address, found.problems
    row.is_faulty = bool(row.problems)
    session.flush()
    _judge_addresses(session, campaign, {one for one in (before, row.address) if one})


def _judge_addresses(session: Session, campaign: Campaign, addresses: set[str]) -> None:
    """Say anew who has these addresses first."""
    query = select(CampaignRow).where(
        CampaignRow.campaign_id == campaign.id, CampaignRow.address.in_(addresses)
    )
    rows = session.scalars(query.order_by(CampaignRow.position).with_for_update()).all()
    named = [None if row.is_left_out else row.address for row in rows]
    for row, again in zip(rows, checking.twice(campaign.mapping, named), strict=True):
        if row.message_id is None:
            row.problems = checking.with_twice(campaign.mapping, row.problems, is_twice=again)
            row.is_faulty = bool(row.problems)


def _require_width(campaign: Campaign, cells: Sequence[str]) -> None:
    if len(cells) != len(campaign.columns):
        told = f"A row of this list has {len(campaign.columns)} cells."
        raise Invalid.field("cells", "cells_count", told, "Send all of them, empty ones too.")


def _require_still(session: Session, row: CampaignRow) -> None:
    """What was made stays as it was until the row is made again."""
    message = session.get(Message, row.message_id) if row.message_id else None
    if message is not None and message.state in IN_WORK:
        raise Conflict("This row is being made. Change it when that has ended.")


def _approve(session: Session, row: CampaignRow, *, is_approved: bool) -> None:
    message = session.get(Message, row.message_id) if row.message_id else None
    if is_approved and (message is None or message.state is not MessageState.READY):
        raise Conflict("There is no video yet to approve. Listen to it when it is ready.")
    row.approved_at = utc_now() if is_approved else None
