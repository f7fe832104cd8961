"""list in order: PostgreSQL takes `IS NULL` for no order, and sorted all that an account has"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_index("ix_messages_listed", "messages")
    op.drop_index("ix_messages_campaign_id", "messages")
    _create("ix_messages_listed", "account_id", "campaign_id IS NULL")
    _create("ix_messages_campaign_id", "campaign_id", "campaign_id IS NOT NULL")


def _create(name: str, column: str, where: str) -> None:
    only = sa.text(where)
    op.create_index(name, "messages", [column, "id"], postgresql_where=only, sqlite_where=only)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_messages_listed", "messages")
    op.drop_index("ix_messages_campaign_id", "messages")
    op.create_index("ix_messages_campaign_id", "messages", ["campaign_id"])
    op.create_index("ix_messages_listed", "messages", ["account_id", "campaign_id", "id"])
