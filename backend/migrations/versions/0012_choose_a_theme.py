"""choose a theme, and music that comes with the product"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("messages", sa.Column("theme", sa.String(length=40), nullable=True))
    op.add_column("messages", sa.Column("music_track", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("messages", "music_track")
    op.drop_column("messages", "theme")
