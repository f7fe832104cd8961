"""The app's tables, brought up to date by alembic's revisions."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def upgrade(url: str) -> None:
    """Bring the database at `url` up to this release; safe to repeat."""
    command.upgrade(alembic_config(url), "head")


def alembic_config(url: str) -> Config:
    """Return alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config
