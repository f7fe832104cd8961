"""What of a message can be played by now, as a recipient sees it."""

from backend.messages.models import Message
from backend.messages.state import IN_WORK, MessageState
from backend.shares.schemas import Phase


def phase_of(message: Message) -> Phase:
    """Return how far the video is."""
    if message.state is MessageState.READY:
        return "ready"
    return "processing" if message.state in IN_WORK else "failed"


def is_made(message: Message, name: str) -> bool:
    """Return whether a file of the message is to be shown; it may still not be there."""
    if name == "poster.jpg":
        return message.is_poster_there
    return message.state is MessageState.READY
