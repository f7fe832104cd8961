"""By what captions are timed: the recording, or the video that was made of it.

Kept ones are timed by the recording, so that they still fit when it is trimmed otherwise. Of a
message that is ready the sender hears the video, so what comes and goes then is timed by that.
"""

from collections.abc import Sequence

from backend.media.captions import Cue, as_webvtt
from backend.media.subtitles import parse_subtitles
from backend.messages.models import Message, MessageKind
from backend.messages.state import MessageState


def in_recording(message: Message, cues: Sequence[Cue]) -> list[Cue]:
    """Return captions timed by what the sender saw with the times of the recording."""
    return [cue.shifted(_shown_from_s(message)) for cue in cues]


def shown_captions(message: Message) -> str | None:
    """Return the kept captions with the times of what the sender sees: recording or video."""
    from_s = _shown_from_s(message)
    if message.captions_vtt is None or from_s == 0:
        return message.captions_vtt
    cues = parse_subtitles(message.captions_vtt.encode())
    return as_webvtt([cue.shifted(-from_s) for cue in cues if cue.end_s > from_s])


def _shown_from_s(message: Message) -> float:
    is_video = message.state is MessageState.READY
    has_own_sound = message.kind is MessageKind.RECORDING and message.voice is None
    return message.trim_start_s if is_video and has_own_sound else 0.0
