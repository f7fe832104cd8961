"""credit every voice: a message may be said by several characters"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("messages") as batch_op:
        batch_op.alter_column("credit", type_=sa.Text(), existing_type=sa.String(200))


def downgrade() -> None:
    """Go back: what is too long is cut."""
    op.execute("UPDATE messages SET credit = substr(credit, 1, 200)")
    with op.batch_alter_table("messages") as batch_op:
        batch_op.alter_column("credit", type_=sa.String(200), existing_type=sa.Text())
