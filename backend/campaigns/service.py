"""What can be done with a campaign. Services flush; whoever opened the session commits."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, case, cast, func, or_, select, true
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.campaigns.expansion import expander_of
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.schemas import (
    CampaignBody,
    CampaignChanges,
    CampaignProgress,
    Counts,
    Imported,
    NewCampaign,
    RowState,
)
from backend.campaigns.schemas import Mapping as ColumnMapping
from backend.campaigns.state import CampaignState
from backend.campaigns.template import nearest
from backend.db import utc_now
from backend.ids import new_id
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.schemas import MessageChanges
from backend.messages.state import MessageState
from backend.pages import Page, page_of
from backend.problems import Conflict, Invalid, NotFound
from backend.revisions import require_match, revision_of_parts

# Rows that tell how long the others take: so many at most, and so many at least.
_LEARN_FROM, _FEWEST = 10, 4


def create_campaign(session: Session, account: Account, body: NewCampaign) -> Campaign:
    """Begin a campaign: its template is a copy of one of the account's messages, or empty."""
    template = (
        messages.duplicate_message(session, account.id, body.message_id)
        if body.message_id
        else messages.create_draft(session, account.id, account.language, MessageChanges())
    )
    now = utc_now()
    campaign = Campaign(
        id=new_id("cmp"),
        account_id=account.id,
        template_message_id=template.id,
        name=body.name,
        state=CampaignState.DRAFT,
        columns=[],
        mapping={},
        imported={},
        checked_for="",
        version=1,
        created_at=now,
        updated_at=now,
        started_at=None,
        ended_at=None,
    )
    template.campaign_id = campaign.id
    session.add(campaign)
    session.flush()
    return campaign


def get_campaign(
    session: Session, account_id: str, campaign_id: str, *, for_change: bool = False
) -> Campaign:
    """Return the account's campaign or raise NotFound.

    for_change: lock it: whoever makes its rows may be changing it too
    """
    query = select(Campaign).where(Campaign.id == campaign_id, Campaign.account_id == account_id)
    campaign = session.scalar(query.with_for_update() if for_change else query)
    if campaign is None:
        raise NotFound.named("campaign_id", "There is no such campaign.")
    return campaign


def template_of(session: Session, campaign: Campaign) -> Message:
    """Return the message that stands for all of a campaign's rows."""
    return session.get_one(Message, campaign.template_message_id)


def list_campaigns(
    session: Session, account_id: str, state: CampaignState | None, limit: int, cursor: str | None
) -> Page[Campaign]:
    """Return the account's campaigns, newest first."""
    condition = Campaign.account_id == account_id
    if state is not None:
        condition &= Campaign.state == state
    return page_of(session, Campaign, condition, limit, cursor)


def change_campaign(
    session: Session,
    account_id: str,
    campaign_id: str,
    changes: CampaignChanges,
    if_match: str | None,
) -> Campaign:
    """Set the name, and, of a draft, what its columns are used for.

    raises: NotFound, Changed, Conflict, Invalid for a column that isn't there
    """
    campaign = get_campaign(session, account_id, campaign_id, for_change=True)
    require_match(if_match, revision_of(campaign))
    if "name" in changes.model_fields_set:
        campaign.name = changes.name
    if "mapping" in changes.model_fields_set:
        require_draft(campaign)
        _require_columns(campaign.columns, changes.mapping)
        campaign.mapping = changes.mapping.model_dump()
    note_change(campaign)
    session.flush()
    return campaign


def require_draft(campaign: Campaign) -> None:
    """Raise Conflict unless list, mapping and template may still change."""
    if campaign.state is not CampaignState.DRAFT:
        raise Conflict("This campaign has begun. Reopen it to change its list or its template.")


def note_change(campaign: Campaign) -> None:
    """Say that something changed, to whoever watches."""
    campaign.version += 1
    campaign.updated_at = utc_now()


def _require_columns(columns: Sequence[str], mapping: ColumnMapping) -> None:
    named = [("mapping.name", mapping.name), ("mapping.email", mapping.email)]
    named += [("mapping.readings", one) for pair in mapping.readings.items() for one in pair]
    for field, heading in named:
        if heading is not None and heading not in columns:
            near = nearest(heading, columns)
            fix = f"Do you mean “{near}”?" if near else "Choose one of the list's columns."
            told = f"There is no column “{heading[:60]}”."
            raise Invalid.field(field, "column_unknown", told, fix)


# --- as the wire shows it -------------------------------------------------------------------


def revision_of(campaign: Campaign) -> str:
    """Return the revision of what people change of a campaign; rows going on is none."""
    return revision_of_parts(campaign.name, campaign.mapping, campaign.imported, campaign.columns)


def revision_of_row(row: CampaignRow) -> str:
    """Return the revision of what people change of a row, and of the video that they approve."""
    return revision_of_parts(row.cells, row.is_left_out, row.approved_at, row.message_id)


def row_state() -> ColumnElement[str]:
    """Return the expression of where a row stands; its message is to be joined."""
    return case(
        (CampaignRow.is_left_out, RowState.LEFT_OUT.value),
        (CampaignRow.is_faulty, RowState.FAULTY.value),
        (or_(Message.id.is_(None), CampaignRow.is_wanted_again), RowState.WAITING.value),
        else_=cast(Message.state, String),
    )


def count_rows(
    session: Session, campaign_ids: Sequence[str], *, samples_only: bool = False
) -> dict[str, Counts]:
    """Return how many rows of each campaign are in which state."""
    state = row_state()
    query = (
        select(CampaignRow.campaign_id, state, func.count())
        .outerjoin(Message, Message.id == CampaignRow.message_id)
        .where(
            CampaignRow.campaign_id.in_(campaign_ids),
            CampaignRow.is_sample if samples_only else true(),
        )
        .group_by(CampaignRow.campaign_id, state)
    )
    counted: dict[str, dict[str, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, name, count in session.execute(query):
        counted[campaign_id][name] = count
    return {one: Counts(total=sum(by.values()), **by) for one, by in counted.items()}


def progress_of(session: Session, campaign: Campaign, counts: Counts) -> CampaignProgress:
    """Return how far the rows are that are to be made, and about how long the rest takes."""
    wanted = counts.total - counts.left_out - counts.faulty
    ended = counts.ready + counts.failed + counts.cancelled
    percent = round(100.0 * ended / wanted, 1) if wanted else 0.0
    is_going = campaign.state is CampaignState.RUNNING
    row_s = _seconds_a_row(session, campaign.id) if is_going else None
    eta_s = None if row_s is None else round(row_s * (wanted - ended), 1)
    return CampaignProgress(percent=percent, eta_s=eta_s)


def _seconds_a_row(session: Session, campaign_id: str) -> float | None:
    """Return how far apart the last rows became ready; None where too few did."""
    ready = (Message.campaign_id == campaign_id, Message.state == MessageState.READY)
    ended = session.scalars(
        select(Message.updated_at)
        .where(*ready)
        .order_by(Message.updated_at.desc())
        .limit(_LEARN_FROM)
    ).all()
    if len(ended) < _FEWEST:
        return None
    return (ended[0] - ended[-1]).total_seconds() / (len(ended) - 1)


def campaign_body(session: Session, campaign: Campaign) -> CampaignBody:
    """Return a campaign as the wire shows it."""
    counts = count_rows(session, [campaign.id])[campaign.id]
    return CampaignBody(
        id=campaign.id,
        revision=revision_of(campaign),
        name=campaign.name,
        state=campaign.state,
        template_message_id=campaign.template_message_id,
        columns=campaign.columns,
        mapping=ColumnMapping.model_validate(campaign.mapping),
        imported=Imported.model_validate(campaign.imported) if campaign.imported else None,
        counts=counts,
        progress=progress_of(session, campaign, counts),
        template_problems=expander_of(campaign, template_of(session, campaign)).problems,
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        started_at=campaign.started_at,
        ended_at=campaign.ended_at,
    )
