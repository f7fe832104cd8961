"""A campaign's progress as server-sent events: where it stands now, and again when that changes."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns import service
from backend.campaigns.models import Campaign
from backend.campaigns.schemas import CampaignNews
from backend.campaigns.state import CampaignState

# Read from the tables and not from a channel: it works across processes and restarts alike.
POLL_INTERVAL_S = 0.5
HEARTBEAT_S = 15.0
# A row of a campaign in these may move on at any moment; else its version tells of each change.
_MOVING = frozenset({CampaignState.SAMPLING, CampaignState.RUNNING, CampaignState.PAUSED})


def require_campaign(readers: sessionmaker[Session], account_id: str, campaign_id: str) -> None:
    """Raise NotFound before the stream begins: afterwards there is no status to answer."""
    with readers() as session:
        service.get_campaign(session, account_id, campaign_id)


async def progress_stream(readers: sessionmaker[Session], campaign_id: str) -> AsyncIterator[str]:
    """Yield how it stands and each change of that, heartbeats in between; end with the campaign."""
    last: CampaignNews | None = None
    silent_s = 0.0
    while True:
        news = await run_in_threadpool(_news, readers, campaign_id, last)
        if news is None:
            return
        silent_s += POLL_INTERVAL_S
        if news != last:
            last, silent_s = news, 0.0
            yield f"id: {news.version}\nevent: progress\ndata: {news.model_dump_json()}\n\n"
        if silent_s >= HEARTBEAT_S:
            silent_s = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(POLL_INTERVAL_S)


def _news(
    readers: sessionmaker[Session], campaign_id: str, last: CampaignNews | None
) -> CampaignNews | None:
    """Return how the campaign stands, None when it is gone."""
    with readers() as session:
        campaign = session.get(Campaign, campaign_id)
        if campaign is None:
            return None
        is_still = campaign.state not in _MOVING
        if is_still and last is not None and last.version == campaign.version:
            return last  # a list of ten thousand is not counted twice a second for nothing
        counts = service.count_rows(session, [campaign.id])[campaign.id]
        return CampaignNews(
            version=campaign.version,
            state=campaign.state,
            counts=counts,
            progress=service.progress_of(session, campaign, counts),
        )
