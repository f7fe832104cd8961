"""A row becomes a message: the template with the row's own words, put in the queue."""

import logging

from sqlalchemy.orm import Session

from backend.campaigns.models import Campaign, CampaignRow
from backend.media.fonts import Font
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.schemas import MessageChanges

logger = logging.getLogger(__name__)


def make_message(
    session: Session, campaign: Campaign, row: CampaignRow, font: Font | None
) -> Message:
    """Make the row's message, or take the one that failed, and order it behind personal ones.

    A message that can't be made is failed with its reason, as one that could not be drawn is.
    """
    template = messages.get_message(session, campaign.account_id, campaign.template_message_id)
    message = _message_of(session, campaign, row)
    changes, words = expanded(campaign, row, template)
    for field, text in changes.model_dump(exclude_unset=True).items():
        setattr(message, field, text)
    message.words = words
    row.message_id, row.is_wanted_again = message.id, False
    messages.request_of_many(session, message, font)
    return message


def _message_of(session: Session, campaign: Campaign, row: CampaignRow) -> Message:
    if row.message_id is not None:
        return messages.get_message(session, campaign.account_id, row.message_id, for_change=True)
    message = messages.duplicate_message(session, campaign.account_id, campaign.template_message_id)
    message.campaign_id, message.takes = campaign.id, []
    return message


def expanded(
    campaign: Campaign, row: CampaignRow, template: Message
) -> tuple[MessageChanges, list[dict[str, str]]]:
    cells = dict(zip(campaign.columns, row.cells, strict=False))

    def filled(text: str) -> str:
        for heading, value in cells.items():
            text = text.replace("{{" + heading + "}}", value)
        return text

    return MessageChanges(
        title=filled(template.title),
        script=filled(template.script),
        title_card=filled(template.title_card),
        closing_card=filled(template.closing_card),
    ), []
