"""stage the video: several photos or a colour, captions burned in, cards, what the voice moves"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for column in (
        sa.Column("more_photo_upload_ids", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("background", sa.String(length=7), nullable=True),
        sa.Column("burned_captions", sa.String(length=8), nullable=False, server_default="none"),
        sa.Column("waveform", sa.String(length=8), nullable=False, server_default="bars"),
        sa.Column("title_card", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("closing_card", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("made_from", sa.String(length=40), nullable=True),
    ):
        op.add_column("messages", column)


def downgrade() -> None:
    """Go back."""
    for name in (
        "made_from", "closing_card", "title_card", "waveform", "burned_captions", "background",
        "more_photo_upload_ids",
    ):  # fmt: skip
        op.drop_column("messages", name)
