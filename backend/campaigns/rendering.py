"""A row becomes a message: the template with the row's own words, put in the queue."""

from sqlalchemy.orm import Session

from backend.campaigns.expansion import Expander
from backend.campaigns.models import Campaign, CampaignRow
from backend.media.fonts import Font
from backend.messages import service as messages
from backend.messages.models import Message


def make_message(
    session: Session, campaign: Campaign, row: CampaignRow, expander: Expander, font: Font | None
) -> Message:
    """Make the row's message, or take the one that failed, and order it behind personal ones.

    A message that can't be made is failed with its reason, as one that could not be drawn is.
    """
    message = _message_of(session, campaign, row)
    expansion = expander.expand(row.cells)
    for field, text in expansion.texts.items():
        setattr(message, field, text)
    message.words = list(expansion.words)
    message.readings = list(expansion.readings)
    message.deliveries = list(expansion.deliveries)
    row.message_id, row.is_wanted_again = message.id, False
    messages.request_of_many(session, message, font)
    return message


def _message_of(session: Session, campaign: Campaign, row: CampaignRow) -> Message:
    if row.message_id is not None:
        return messages.get_message(session, campaign.account_id, row.message_id, for_change=True)
    template_id = campaign.template_message_id
    message = messages.duplicate_message(session, campaign.account_id, template_id)
    message.campaign_id, message.takes = campaign.id, []
    return message
