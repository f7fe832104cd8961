"""By what captions are timed: the recording, or the video that was made of it.

Kept ones are timed by the recording, so that they still fit when it is trimmed otherwise. Of a
message that is ready the sender hears the video, so what comes and goes then is timed by that.
"""

from collections.abc import Sequence

from backend.media.captions import Cue, as_webvtt
from backend.media.style import FILMED_CARD_S
from backend.media.subtitles import parse_subtitles
from backend.messages.models import Message, MessageKind
from backend.messages.state import MessageState

_SHORTEST_S = 0.5


def in_recording(message: Message, cues: Sequence[Cue]) -> list[Cue]:
    """Return captions timed by what the sender saw with the times of the recording."""
    return [_from_the_start(cue.shifted(_shown_from_s(message))) for cue in cues]


def in_video(message: Message, cues: Sequence[Cue]) -> list[Cue]:
    """Return captions with the times of the recording timed by what the sender sees."""
    return [cue.shifted(-_shown_from_s(message)) for cue in cues]


def shown_captions(message: Message) -> str | None:
    """Return the kept captions with the times of what the sender sees: recording or video."""
    from_s = _shown_from_s(message)
    if message.captions_vtt is None or from_s == 0:
        return message.captions_vtt
    cues = parse_subtitles(message.captions_vtt.encode())
    return as_webvtt([cue.shifted(-from_s) for cue in cues if cue.end_s > from_s])


def _shown_from_s(message: Message) -> float:
    """Return which moment of the recording is at the start of what the sender sees.

    Below zero where a card comes first.
    """
    is_video = message.state is MessageState.READY
    if not is_video or message.kind is not MessageKind.RECORDING or message.voice is not None:
        return 0.0
    return message.trim_start_s - (FILMED_CARD_S if message.title_card.strip() else 0.0)


def _from_the_start(cue: Cue) -> Cue:
    """Return a caption as it can be kept: what would stand on the card begins after it."""
    if cue.start_s >= 0:
        return cue
    return Cue(start_s=0.0, end_s=max(cue.end_s, _SHORTEST_S), text=cue.text)
