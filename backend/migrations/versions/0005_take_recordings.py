"""take recordings: open-ended uploads, and messages made of them"""

import sqlalchemy as sa
from alembic import op

import backend.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What is there are photo messages, and files whose size was known."""
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.alter_column("size_bytes", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("has_audio", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("frame_rate", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("stream_type", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("content_bytes", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("completing_until", backend.db.UtcDateTime(timezone=True), nullable=True)
        )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=10), nullable=False, server_default="photo")
        )
        batch_op.add_column(sa.Column("recording_upload_id", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column("trim_start_s", sa.Double(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("trim_end_s", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("captions_vtt", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("music_upload_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("width_px", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("height_px", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("stream_type", sa.String(length=16), nullable=True))
        for name in ("has_poster", "has_previews"):
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("needs_speech", sa.Boolean(), nullable=False, server_default=sa.true())
        )


def downgrade() -> None:
    """Go back. Recordings and what was made of them are lost."""
    op.execute("DELETE FROM messages WHERE kind = 'recording'")
    op.execute("DELETE FROM uploads WHERE kind = 'video'")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("needs_speech")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        for column in (
            "has_previews", "has_poster", "stream_type", "height_px", "width_px",
            "music_upload_id", "captions_vtt", "trim_end_s", "trim_start_s",
            "recording_upload_id", "kind",
        ):  # fmt: skip
            batch_op.drop_column(column)
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        for column in (
            "completing_until", "content_bytes", "stream_type", "frame_rate", "has_audio",
        ):  # fmt: skip
            batch_op.drop_column(column)
        batch_op.alter_column("size_bytes", existing_type=sa.Integer(), nullable=False)
