"""keep campaigns: their lists, whose message is whose, and who wants no more mail"""

import sqlalchemy as sa
from alembic import op

from backend.db import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("template_message_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("imported", sa.JSON(), nullable=False),
        sa.Column("checked_for", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_campaigns_account_id", "campaigns", ["account_id"])
    op.create_index("ix_campaigns_state", "campaigns", ["state"])
    op.create_table(
        "campaign_rows",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("address", sa.String(254), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("is_faulty", sa.Boolean(), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("is_wanted_again", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(40), nullable=True),
        sa.Column("share_id", sa.String(40), nullable=True),
        sa.Column("approved_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "position"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_campaign_rows_address", "campaign_rows", ["campaign_id", "address"])
    op.create_index("ix_campaign_rows_share_id", "campaign_rows", ["share_id"])
    op.create_table(
        "suppressions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "address"),
    )
    op.create_index("ix_suppressions_account_id", "suppressions", ["account_id"])
    op.add_column("messages", sa.Column("campaign_id", sa.String(40), nullable=True))
    op.add_column("messages", sa.Column("words", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("messages", sa.Column("spans", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_messages_campaign_id", "messages", ["campaign_id"])
    op.create_table(
        "bulk_ahead",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("noted_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )


def downgrade() -> None:
    """Go back: what was made for a campaign stays, each a message like any other."""
    op.drop_index("ix_messages_campaign_id", table_name="messages")
    op.drop_table("bulk_ahead")
    op.drop_column("messages", "spans")
    op.drop_column("messages", "words")
    op.drop_column("messages", "campaign_id")
    op.drop_table("suppressions")
    op.drop_table("campaign_rows")
    op.drop_table("campaigns")
