"""A deleted campaign leaves nothing: its messages some at a time, at last its list and itself."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns import service
from backend.campaigns.state import CampaignState
from backend.messages import removal
from backend.messages.models import Message
from backend.messages.removal import Leftover
from backend.power.work import note_ahead
from backend.speech.client import SpeechClient
from backend.storage import Storage

# So that nobody else waits long for the database.
_AT_ONCE = 50


def delete_campaign(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    account_id: str,
    campaign_id: str,
) -> None:
    """Delete a campaign with its list and all that was made for it.

    Cancelled first, it makes no more; whoever is interrupted in between deletes it again.
    """
    with sessions.begin() as session:
        campaign = service.get_campaign(session, account_id, campaign_id, for_change=True)
        campaign.state = CampaignState.CANCELLED
        note_ahead(session, campaign.id, 0, 0.0)
        service.note_change(campaign)
    is_gone = False
    while not is_gone:
        with sessions.begin() as session:
            leftovers, is_gone = _take_some(session, account_id, campaign_id)
        removal.finish(sessions, storage, speech, leftovers)


def _take_some(session: Session, account_id: str, campaign_id: str) -> tuple[list[Leftover], bool]:
    """Remove some of the rows' messages; with the last of them the campaign and its template."""
    campaign = service.get_campaign(session, account_id, campaign_id, for_change=True)
    query = select(Message).where(
        Message.campaign_id == campaign.id, Message.id != campaign.template_message_id
    )
    some = list(session.scalars(query.limit(_AT_ONCE)))
    is_last = len(some) < _AT_ONCE
    if is_last:
        some.append(service.template_of(session, campaign))
        session.delete(campaign)
    return removal.take_messages(session, account_id, some), is_last
