"""forget cached speech by what it was kept for"""

import sqlalchemy as sa
from alembic import op

import backend.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What was cached under keys is forgotten with its voice, or evicted."""
    op.drop_table("left_speech")
    op.create_table(
        "left_speech",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kept_for", sa.String(length=64), nullable=False),
        sa.Column("left_at", backend.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_left_speech")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("cache_keys")


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cache_keys", sa.JSON(), nullable=False, server_default="[]"))
    op.drop_table("left_speech")
    op.create_table(
        "left_speech",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("voice", sa.String(length=80), nullable=True),
        sa.Column("cache_keys", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_left_speech")),
    )
