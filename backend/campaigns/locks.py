"""What a campaign keeps its messages from: they are changed by way of the campaign alone."""

from sqlalchemy.orm import Session

from backend.campaigns.models import Campaign
from backend.campaigns.state import CampaignState
from backend.problems import Conflict


def require_changeable(session: Session, campaign_id: str | None, message_id: str) -> None:
    """Raise Conflict where a campaign has begun with its template, or for a row's message."""
    campaign = _campaign(session, campaign_id)
    if campaign is None:
        return
    if campaign.template_message_id != message_id:
        raise Conflict("It is of a campaign. Change its row there, and have it made again.")
    if campaign.state is not CampaignState.DRAFT:
        raise Conflict(
            "Its campaign has begun. Reopen the campaign to change its script, or begin another."
        )


def require_free(session: Session, campaign_id: str | None) -> None:
    """Raise Conflict for a message that is a campaign's to make and to delete."""
    if _campaign(session, campaign_id) is not None:
        raise Conflict("This message belongs to a campaign. Start, stop or delete that instead.")


def _campaign(session: Session, campaign_id: str | None) -> Campaign | None:
    return None if campaign_id is None else session.get(Campaign, campaign_id)
