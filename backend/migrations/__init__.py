"""The app's tables, brought up to date by alembic's revisions."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session


def upgrade(url: str) -> None:
    """Bring the database at `url` up to this release; safe to repeat."""
    command.upgrade(alembic_config(url), "head")


def is_current(session: Session) -> bool:
    """Return whether the database's tables are those of this release. Raises where none are."""
    held = session.scalar(text("SELECT version_num FROM alembic_version"))
    return bool(held == _newest())


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()


def alembic_config(url: str) -> Config:
    """Return alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config
