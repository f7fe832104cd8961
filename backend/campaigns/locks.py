"""What a campaign keeps its messages from: they are changed by way of the campaign alone."""

from sqlalchemy.orm import Session

from backend.campaigns.models import Campaign
from backend.campaigns.state import CampaignState
from backend.problems import Conflict


class OfCampaign(Conflict):
    """409: the message is made, changed and deleted by its campaign."""

    code = "of_campaign"
    title = "This message belongs to a campaign"


def require_changeable(session: Session, campaign_id: str | None, message_id: str) -> None:
    """Raise OfCampaign where a campaign has begun with its template, or for a row's message."""
    campaign = _campaign(session, campaign_id)
    if campaign is None:
        return
    if campaign.template_message_id != message_id:
        raise OfCampaign("Change the row of the campaign, and make it again.")
    if campaign.state is not CampaignState.DRAFT:
        raise OfCampaign(
            "Its campaign has begun. Reopen the campaign to change its script, or begin another."
        )


def require_free(session: Session, campaign_id: str | None) -> None:
    """Raise OfCampaign for a message that is a campaign's to make and to delete."""
    if _campaign(session, campaign_id) is not None:
        raise OfCampaign("Start, stop or delete the campaign instead.")


def _campaign(session: Session, campaign_id: str | None) -> Campaign | None:
    return None if campaign_id is None else session.get(Campaign, campaign_id)
