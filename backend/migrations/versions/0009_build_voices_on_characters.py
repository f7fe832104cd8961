"""build voices on characters: who reads before the sentence gets somebody's tone"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("voices", sa.Column("base_voice", sa.String(length=80), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("voices", "base_voice")
