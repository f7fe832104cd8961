"""say sentences as told: tempo, pitch, volume and pause of a message's sentences"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "messages", sa.Column("deliveries", sa.JSON(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    """Go back."""
    op.drop_column("messages", "deliveries")
