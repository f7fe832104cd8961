"""What of a message can be played by now."""

from dataclasses import dataclass

from backend.messages.models import Message
from backend.messages.state import IN_WORK, MessageState
from backend.shares.schemas import Phase


@dataclass(frozen=True)
class Stream:
    """What can be watched before the video is made: its file and media type."""

    name: str
    media_type: str


def phase_of(message: Message) -> Phase:
    """Return how far the video is, as a recipient sees it."""
    if message.state is MessageState.READY:
        return "ready"
    return "processing" if message.state in IN_WORK else "failed"


def stream_of(_message: Message) -> Stream | None:
    """Return the stream; a photo message has none."""
    return None


def is_watchable(message: Message) -> bool:
    """Return whether anything can be played, so that a link has something to show."""
    return message.state is MessageState.READY or stream_of(message) is not None
