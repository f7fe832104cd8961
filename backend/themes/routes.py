"""`/api/v1/themes`."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from backend.dependencies import CollaboratorsDep, signed_in
from backend.themes.theme import Theme, all_themes

router = APIRouter(tags=["themes"], dependencies=[Depends(signed_in)])


class ThemeList(BaseModel):
    """Every theme there is."""

    items: list[Theme]


@router.get("/themes")
def list_themes(app: CollaboratorsDep) -> ThemeList:
    """Return the occasions that a message can be made for."""
    return ThemeList(items=list(all_themes(app.settings.themes_dir).values()))
