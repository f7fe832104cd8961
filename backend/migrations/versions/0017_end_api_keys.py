"""end API keys: one that was replaced goes on for a while"""

import sqlalchemy as sa
from alembic import op

from backend.db import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("api_keys", sa.Column("expires_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back: what is over or ends soon is revoked, since nothing would end it any more."""
    op.execute("DELETE FROM api_keys WHERE expires_at IS NOT NULL")
    op.drop_column("api_keys", "expires_at")
