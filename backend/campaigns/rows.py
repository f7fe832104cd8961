"""A campaign's rows as they are looked at: a page of them, filtered, with what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.campaigns.expansion import FIELDS, Expander, Expansion, expander_of
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.schemas import (
    PersonalSpan,
    RowBody,
    RowList,
    RowMail,
    RowProblem,
    RowsQuery,
    RowState,
    RowWatched,
    problem_of,
)
from backend.campaigns.service import revision_of_row, row_state, template_of
from backend.campaigns.template import fold
from backend.mail.models import Email, EmailKind
from backend.mail.schemas import EmailProblem
from backend.mail.suppressions import suppressed_among
from backend.messages.models import Message
from backend.messages.schemas import Progress, message_body
from backend.messages.state import IN_WORK, MessageState
from backend.shares import audience
from backend.shares.models import Share
from backend.shares.service import share_token


@dataclass(frozen=True)
class Links:
    """What the address of a link is made of."""

    public_url: str
    key: bytes

    def url_of(self, share_id: str) -> str:
        """Return the address of a person's own link."""
        return f"{self.public_url}/s/{share_token(self.key, share_id)}"


def list_rows(session: Session, links: Links, campaign: Campaign, wanted: RowsQuery) -> RowList:
    """Return a page of a campaign's rows, in the list's order."""
    fitting = _fitting(campaign, wanted)
    total = session.scalar(select(func.count()).select_from(fitting.subquery())) or 0
    page = _joined().where(CampaignRow.id.in_(_page(fitting, wanted)))
    rows = _pairs(session, page.order_by(CampaignRow.position))
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    return RowList(
        items=row_bodies(session, links, campaign, rows),
        next_cursor=str(rows[-1][0].position) if more else None,
        total=total,
    )


def _joined() -> Select[CampaignRow, Message]:
    query = select(CampaignRow, Message)
    return query.outerjoin(Message, Message.id == CampaignRow.message_id)


def _fitting(campaign: Campaign, wanted: RowsQuery) -> Select[str]:
    query = select(CampaignRow.id).where(CampaignRow.campaign_id == campaign.id)
    if wanted.state is not None:
        query = query.outerjoin(Message, Message.id == CampaignRow.message_id)
        query = query.where(row_state() == wanted.state.value)
    if wanted.q.strip():
        query = query.where(CampaignRow.searched.contains(fold(wanted.q), autoescape=True))
    return query


def _page(fitting: Select[str], wanted: RowsQuery) -> Select[str]:
    if wanted.cursor is not None:
        fitting = fitting.where(CampaignRow.position > wanted.cursor)
    ordered = fitting.order_by(CampaignRow.position)
    return ordered.offset(wanted.offset).limit(wanted.limit + 1)


def get_body(session: Session, links: Links, campaign: Campaign, row_id: str) -> RowBody:
    """Return one row as the wire shows it."""
    rows = _pairs(session, _joined().where(CampaignRow.id == row_id))
    return row_bodies(session, links, campaign, rows)[0]


def _pairs(
    session: Session, query: Select[CampaignRow, Message]
) -> list[tuple[CampaignRow, Message | None]]:
    return [(row, message) for row, message in session.execute(query)]


def row_bodies(
    session: Session,
    links: Links,
    campaign: Campaign,
    rows: Sequence[tuple[CampaignRow, Message | None]],
) -> list[RowBody]:
    """Return rows as the wire shows them, with their mails and who watched."""
    expander = expander_of(campaign, template_of(session, campaign))
    share_ids = [row.share_id for row, _ in rows if row.share_id]
    mails, watched = _mails(session, share_ids), _watched(session, share_ids)
    addresses = [row.address for row, _ in rows if row.address]
    suppressed = suppressed_among(session, campaign.account_id, addresses)
    return [
        _row_body(
            row,
            message,
            expander,
            campaign,
            is_suppressed=row.address in suppressed,
            more={
                "share_url": links.url_of(row.share_id) if row.share_id in watched else None,
                "mail": mails.get(row.share_id or ""),
                "watched": watched.get(row.share_id or ""),
            },
        )
        for row, message in rows
    ]


def _row_body(
    row: CampaignRow,
    message: Message | None,
    expander: Expander,
    campaign: Campaign,
    *,
    is_suppressed: bool,
    more: dict[str, Any],
) -> RowBody:
    expansion = expander.expand(row.cells)
    shown = message_body(message) if message is not None else None
    problems = [RowProblem.model_validate(one) for one in row.problems]
    if message is not None and _is_outdated(message, expansion):
        told = "The video says what this row held before. Have it made again."
        problems.append(RowProblem.model_validate(problem_of(None, "outdated", told)))
    if is_suppressed:
        told = "No mail goes to this address: it is on the suppression list."
        heading = campaign.mapping.get("email")
        problems.append(RowProblem.model_validate(problem_of(heading, "suppressed", told)))
    return RowBody(
        id=row.id,
        revision=revision_of_row(row),
        position=row.position,
        cells=row.cells,
        state=state_of(row, message),
        problems=problems,
        script=expansion.script if message is None else message.script,
        personal_sentences=expansion.personal_sentences,
        spans=[PersonalSpan.model_validate(span) for span in message.spans] if message else [],
        message_id=row.message_id,
        video_url=shown.video_url if shown else None,
        poster_url=shown.poster_url if shown else None,
        progress=_progress(message),
        is_sample=row.is_sample,
        approved_at=row.approved_at,
        **more,
    )


def _is_outdated(message: Message, expansion: Expansion) -> bool:
    texts = [getattr(message, name) for name in FIELDS]
    return message.state is MessageState.READY and not expansion.is_in(texts)


def state_of(row: CampaignRow, message: Message | None) -> RowState:
    """Return where a row stands, as `row_state` says it in the database."""
    if row.is_left_out:
        return RowState.LEFT_OUT
    if row.is_faulty:
        return RowState.FAULTY
    if message is None or row.is_wanted_again:
        return RowState.WAITING
    return RowState(message.state.value)


def _progress(message: Message | None) -> Progress | None:
    if message is None or message.state not in IN_WORK:
        return None
    return Progress(
        stage=message.stage, percent=message.percent, eta_s=message.eta_s, note=message.note
    )


def _mails(session: Session, share_ids: Sequence[str]) -> dict[str, RowMail]:
    query = select(Email).where(Email.share_id.in_(share_ids), Email.kind == EmailKind.INVITATION)
    return {
        mail.share_id: RowMail(
            id=mail.id,
            state=mail.state,
            problem=EmailProblem(code=mail.problem, server_code=mail.server_code)
            if mail.problem
            else None,
            sent_at=mail.sent_at,
        )
        for mail in session.scalars(query.order_by(Email.id))
    }


def _watched(session: Session, share_ids: Sequence[str]) -> dict[str, RowWatched]:
    """Return who watched, of each link that is there."""
    there = session.scalars(select(Share.id).where(Share.id.in_(share_ids))).all()
    _, each = audience.tally(session, list(there))
    return {
        share_id: RowWatched(
            views=tally.views,
            percent=tally.watched_percent,
            replies=tally.replies,
            last_viewed_at=tally.last_viewed_at,
        )
        for share_id, tally in each.items()
    }
