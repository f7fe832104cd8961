"""`/api/v1/suppressions`: addresses to which no more mail goes."""

from fastapi import APIRouter

from backend.api_keys.access import CampaignReaderDep, CampaignWriterDep
from backend.dependencies import CursorQuery, LimitQuery, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.mail import suppressions
from backend.mail.schemas import NewSuppression, SuppressionBody, SuppressionList
from backend.mail.suppressions import MANUAL, Unwilling

router = APIRouter(tags=["suppressions"], route_class=IdempotentRoute)


@router.get("/suppressions")
def list_suppressions(
    account: CampaignReaderDep,
    session: SessionDep,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
) -> SuppressionList:
    """Return to whom the account sends no mail, newest first."""
    page = suppressions.list_suppressions(session, account.id, limit, cursor)
    items = [SuppressionBody.model_validate(one, from_attributes=True) for one in page.items]
    return SuppressionList(items=items, next_cursor=page.next_cursor)


@router.post("/suppressions", status_code=201)
def add_suppression(
    body: NewSuppression, account: CampaignWriterDep, session: SessionDep
) -> SuppressionBody:
    """Send an address no more mail, what waits included; one that is there already stays."""
    who = Unwilling(account.id, body.address.lower())
    added = suppressions.suppress(session, who, MANUAL)
    return SuppressionBody.model_validate(added, from_attributes=True)


@router.delete("/suppressions/{suppression_id}", status_code=204)
def delete_suppression(
    suppression_id: str, account: CampaignWriterDep, session: SessionDep
) -> None:
    """Let an address get mail again."""
    suppressions.forget_suppression(session, account.id, suppression_id)
