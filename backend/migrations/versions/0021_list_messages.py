"""list messages: an account's newest without sorting all of them"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_messages_listed", "messages", ["account_id", "campaign_id", "id"])
    op.drop_index("ix_messages_account_id", "messages")


def downgrade() -> None:
    """Go back."""
    op.create_index("ix_messages_account_id", "messages", ["account_id"])
    op.drop_index("ix_messages_listed", "messages")
