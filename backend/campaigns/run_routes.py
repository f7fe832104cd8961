"""`/api/v1/campaigns/{id}/…`: what is done with a campaign once its list and script stand."""

import time
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from backend.accounts.models import Account
from backend.api_keys.access import CampaignReaderDep, CampaignWriterDep
from backend.campaigns import estimating, events, lists, rows, running, service
from backend.campaigns.routes import links_of
from backend.campaigns.schemas import CampaignBody, CampaignEstimate, CampaignStart, RowBody
from backend.dependencies import Collaborators, CollaboratorsDep, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.power.setup import power_of

router = APIRouter(tags=["campaigns"], route_class=IdempotentRoute)
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "How far it is, as it changes"}
}


@router.get("/campaigns/{campaign_id}/estimate")
def estimate_campaign(
    campaign_id: str, account: CampaignReaderDep, session: SessionDep, app: CollaboratorsDep
) -> CampaignEstimate:
    """Return about how long the rows that wait would take, and what that would cost."""
    campaign = service.get_campaign(session, account.id, campaign_id)
    return estimating.estimate(session, campaign, power_of(app.settings), time.time())


@router.post("/campaigns/{campaign_id}/start")
def start_campaign(
    campaign_id: str,
    account: CampaignWriterDep,
    app: CollaboratorsDep,
    body: CampaignStart | None = None,
) -> CampaignBody:
    """Make a few rows to be listened to, or all at once."""
    lists.judge_again(app.sessions, app.readers, app.speech, account.id, campaign_id)
    samples = (body or CampaignStart()).samples
    font = app.settings.caption_font
    running.start(app.sessions, app.speech, account.id, campaign_id, samples, font)
    return _body(app, account, campaign_id)


@router.post("/campaigns/{campaign_id}/approve")
def approve_campaign(
    campaign_id: str, account: CampaignWriterDep, session: SessionDep
) -> CampaignBody:
    """Make the rest: the samples are as they should be."""
    return service.campaign_body(session, running.approve(session, account.id, campaign_id))


@router.post("/campaigns/{campaign_id}/pause")
def pause_campaign(
    campaign_id: str, account: CampaignWriterDep, session: SessionDep
) -> CampaignBody:
    """Take up no more rows; the few in work are finished."""
    return service.campaign_body(session, running.pause(session, account.id, campaign_id))


@router.post("/campaigns/{campaign_id}/resume")
def resume_campaign(
    campaign_id: str, account: CampaignWriterDep, session: SessionDep
) -> CampaignBody:
    """Go on where it was paused."""
    return service.campaign_body(session, running.resume(session, account.id, campaign_id))


@router.post("/campaigns/{campaign_id}/retry")
def retry_campaign(
    campaign_id: str, account: CampaignWriterDep, session: SessionDep
) -> CampaignBody:
    """Make the failed rows once more; of a cancelled campaign all that is left."""
    return service.campaign_body(session, running.retry(session, account.id, campaign_id))


@router.post("/campaigns/{campaign_id}/cancel")
def cancel_campaign(
    campaign_id: str, account: CampaignWriterDep, session: SessionDep
) -> CampaignBody:
    """Stop it, with the rows in work; what is ready stays."""
    return service.campaign_body(session, running.cancel(session, account.id, campaign_id))


@router.post("/campaigns/{campaign_id}/reopen")
def reopen_campaign(
    campaign_id: str, account: CampaignWriterDep, app: CollaboratorsDep
) -> CampaignBody:
    """Go back to the draft to say it otherwise; the samples are deleted."""
    running.reopen(app.sessions, app.storage, app.speech, account.id, campaign_id)
    return _body(app, account, campaign_id)


@router.post("/campaigns/{campaign_id}/rows/{row_id}/retry")
def retry_row(
    campaign_id: str, row_id: str, account: CampaignWriterDep, app: CollaboratorsDep
) -> RowBody:
    """Make one row again, with its cells as they are now; what was made of it is deleted."""
    running.retry_row(app.sessions, app.storage, app.speech, account.id, campaign_id, row_id)
    with app.readers() as session:
        campaign = service.get_campaign(session, account.id, campaign_id)
        return rows.get_body(session, links_of(app), campaign, row_id)


@router.get("/campaigns/{campaign_id}/events", responses=STREAM, response_class=StreamingResponse)
async def follow_campaign(
    campaign_id: str, account: CampaignReaderDep, app: CollaboratorsDep
) -> StreamingResponse:
    """Tell how far it is, whenever that changes, as server-sent events."""
    await run_in_threadpool(events.require_campaign, app.readers, account.id, campaign_id)
    return StreamingResponse(
        events.progress_stream(app.readers, campaign_id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _body(app: Collaborators, account: Account, campaign_id: str) -> CampaignBody:
    with app.readers() as session:
        campaign = service.get_campaign(session, account.id, campaign_id)
        return service.campaign_body(session, campaign)
