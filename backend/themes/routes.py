"""`/api/v1/themes`."""

import io
from typing import Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from backend.api_keys.access import reads_messages
from backend.dependencies import CollaboratorsDep
from backend.media.ornaments import ornament_layer
from backend.media.sizes import CANVAS_PX
from backend.problems import NotFound
from backend.themes.theme import Theme, all_themes
from backend.transactions import OneThreadRoute

router = APIRouter(
    tags=["themes"], dependencies=[Depends(reads_messages)], route_class=OneThreadRoute
)


PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "The ornament on a clear ground"}
}


class ThemeList(BaseModel):
    """Every theme there is."""

    items: list[Theme]


@router.get("/themes")
def list_themes(app: CollaboratorsDep) -> ThemeList:
    """Return the occasions that a message can be made for."""
    return ThemeList(items=list(all_themes(app.settings.themes_dir).values()))


@router.get("/themes/{theme}/ornament", response_class=Response, responses=PICTURE)
def get_ornament(
    theme: str, app: CollaboratorsDep, aspect: Literal["16:9", "9:16", "1:1"] = "16:9"
) -> Response:
    """Return what lies around the words of the theme's cards, in the size of the video."""
    found = all_themes(app.settings.themes_dir).get(theme)
    if found is None or found.ornament == "none":
        raise NotFound.named("theme", "There is no such ornament.")
    png = io.BytesIO()
    ornament_layer(CANVAS_PX[aspect], found.palette).save(png, "PNG")
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(png.getvalue(), media_type="image/png", headers=headers)
