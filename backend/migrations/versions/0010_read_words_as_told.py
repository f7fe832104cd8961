"""read words as told: people's own words, and the readings of a message's sentences"""

import sqlalchemy as sa
from alembic import op

from backend.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("messages", sa.Column("readings", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "words",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("surface", sa.String(length=40), nullable=False),
        sa.Column("kana", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_words_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_words")),
        sa.UniqueConstraint("account_id", "surface", name=op.f("uq_words_account_id")),
    )
    op.create_index(op.f("ix_words_account_id"), "words", ["account_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("words")
    op.drop_column("messages", "readings")
