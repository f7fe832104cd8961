"""`/api/v1/music`."""

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from backend.api_keys.access import reads_messages
from backend.dependencies import CollaboratorsDep
from backend.music import service
from backend.music.schemas import TrackList, track_body
from backend.music.score import all_tracks
from backend.problems import NotFound
from backend.storage.response import StoredFileResponse
from backend.transactions import OneThreadRoute

router = APIRouter(
    tags=["music"], dependencies=[Depends(reads_messages)], route_class=OneThreadRoute
)


@router.get("/music")
def list_tracks() -> TrackList:
    """Return the music that comes with the product."""
    return TrackList(items=[track_body(track) for track in all_tracks().values()])


@router.get("/music/{track}", response_class=FileResponse)
def get_track(track: str, app: CollaboratorsDep) -> FileResponse:
    """Return a track's sound."""
    return StoredFileResponse(
        app.storage,
        service.kept_track(app.storage, service.get_track(track)),
        NotFound.named("track", "There is no such music."),
        media_type=service.MEDIA_TYPE,
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
