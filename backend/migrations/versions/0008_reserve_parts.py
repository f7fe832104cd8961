"""reserve parts: as long as the longest address that was given for them"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    column = sa.Column("reserved_bytes", sa.Integer(), nullable=False, server_default="0")
    op.add_column("upload_parts", column)
    op.execute("UPDATE upload_parts SET reserved_bytes = size_bytes")


def downgrade() -> None:
    """Go back."""
    op.drop_column("upload_parts", "reserved_bytes")
