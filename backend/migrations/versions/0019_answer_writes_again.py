"""answer writes again: those that were sent with an Idempotency-Key"""

import sqlalchemy as sa
from alembic import op

from backend.db import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "idempotent_writes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("kept_until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "key_hash"),
    )
    op.create_index("ix_idempotent_writes_kept_until", "idempotent_writes", ["kept_until"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("idempotent_writes")
