"""frame the photos: what was seen in them, and which part of each is shown"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("uploads", sa.Column("was_turned", sa.Boolean(), nullable=True))
    op.add_column("uploads", sa.Column("faces", sa.JSON(), nullable=True))
    op.add_column(
        "messages", sa.Column("photo_crops", sa.JSON(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    """Go back."""
    op.drop_column("messages", "photo_crops")
    op.drop_column("uploads", "faces")
    op.drop_column("uploads", "was_turned")
