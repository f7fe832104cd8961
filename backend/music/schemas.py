"""What tracks look like on the wire."""

from pydantic import BaseModel

from backend.music.score import Names, Track


class TrackBody(BaseModel):
    """Music that comes with the product; it is looped for as long as a video lasts."""

    id: str
    name: Names
    duration_s: float
    content_url: str


class TrackList(BaseModel):
    """Every track there is."""

    items: list[TrackBody]


def track_body(track: Track) -> TrackBody:
    """Return `track` as the wire shows it."""
    return TrackBody(
        id=track.id,
        name=track.name,
        duration_s=track.duration_s,
        content_url=f"/api/v1/music/{track.id}",
    )
