"""What a preview looks like on the wire."""

from pydantic import BaseModel

from backend.media.captions import Cue
from backend.media.framing import Crop
from backend.media.sizes import CANVAS_PX
from backend.media.style import Waveform as WaveformStyle
from backend.media.timeline import Timeline
from backend.messages.previewing import MessagePreview


class PreviewSegment(BaseModel):
    """A stretch of the video.

    card: what a card says, where it is one
    picture: which of `photo_urls` is seen
    depth:   how far its zoom goes
    focus_x, focus_y: the point that stays, as fractions of the frame
    """

    start_frame: int
    frame_count: int
    picture: int
    depth: float
    focus_x: float
    focus_y: float
    sound_url: str
    card: str


class PreviewBody(BaseModel):
    """A message laid out: what is seen and heard when, as the video will have it.

    photo_crops: which part of each of `photo_urls` is seen; null is all of it
    background: a colour in place of photos; accent, shade: the occasion's colours
    ornament_url: what lies around the words of its cards, as large as the video
    draft: whether a base voice stands for the chosen clone
    """

    duration_s: float
    frame_rate: int
    width_px: int
    height_px: int
    segments: list[PreviewSegment]
    cues: list[Cue]
    photo_urls: list[str]
    photo_crops: list[Crop | None]
    background: str | None
    accent: str | None
    shade: str | None
    ornament_url: str | None
    waveform: WaveformStyle
    music_url: str | None
    credit: str | None
    draft: bool


def preview_body(preview: MessagePreview) -> PreviewBody:
    """Return `preview` as the wire shows it."""
    timeline = preview.timeline
    base = f"/api/v1/messages/{preview.message_id}/preview"
    return PreviewBody(
        duration_s=timeline.duration_s,
        frame_rate=timeline.frame_rate,
        width_px=timeline.width_px,
        height_px=timeline.height_px,
        segments=[
            PreviewSegment(
                start_frame=segment.start_frame,
                frame_count=segment.frame_count,
                picture=segment.picture,
                depth=segment.motion.depth,
                focus_x=segment.motion.focus[0],
                focus_y=segment.motion.focus[1],
                sound_url=f"{base}/{sound}",
                card=segment.card,
            )
            for segment, sound in zip(timeline.segments, preview.sounds, strict=True)
        ],
        cues=list(timeline.cues),
        photo_urls=[f"/api/v1/uploads/{photo}/content" for photo in preview.photo_upload_ids],
        photo_crops=list(timeline.crops),
        background=timeline.style.background,
        accent=timeline.palette.accent,
        shade=timeline.palette.shade,
        ornament_url=_ornament_url(timeline),
        waveform=timeline.style.waveform,
        music_url=_music_url(preview),
        credit=timeline.credit,
        draft=preview.is_draft,
    )


def _ornament_url(timeline: Timeline) -> str | None:
    size_px = (timeline.width_px, timeline.height_px)
    aspect = next((name for name, shape in CANVAS_PX.items() if shape == size_px), None)
    if timeline.palette.ornament == "none" or aspect is None:
        return None
    return f"/api/v1/themes/{timeline.palette.scatter}/ornament?aspect={aspect}"


def _music_url(preview: MessagePreview) -> str | None:
    if preview.music_upload_id is not None:
        return f"/api/v1/uploads/{preview.music_upload_id}/content"
    return f"/api/v1/music/{preview.music_track}" if preview.music_track else None
