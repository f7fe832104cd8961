"""know the audience: what a link allows, who watched, reacted and replied"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _share_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("label", sa.String(length=100), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("view_limit", sa.Integer(), nullable=True),
        sa.Column("admissions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("allow_download", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("allow_reactions", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("allow_replies", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("cta_label", sa.String(length=40), nullable=True),
        sa.Column("cta_url", sa.String(length=2000), nullable=True),
    ]


def upgrade() -> None:
    """Go forward. Links that are there have an audience too."""
    # Never by batch: on SQLite a batch makes the table anew, and dropping the old one would take
    # along every row that refers to it.
    for column in _share_columns():
        op.add_column("shares", column)
    op.add_column("uploads", sa.Column("guest_of", sa.String(length=40), nullable=True))
    op.create_index(op.f("ix_uploads_guest_of"), "uploads", ["guest_of"], unique=False)
    _create_audiences()
    _create_viewers()
    _create_replies()
    op.execute(
        "INSERT INTO audiences (message_id, version) SELECT DISTINCT message_id, 0 FROM shares"
    )


def _create_audiences() -> None:
    op.create_table(
        "audiences",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_view_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_view_share_id", sa.String(length=40), nullable=True),
        sa.Column("first_view_told_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_audiences_message_id_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_audiences")),
    )


def _create_viewers() -> None:
    op.create_table(
        "viewers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("share_id", sa.String(length=40), nullable=False),
        sa.Column("viewer_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("last_viewed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("watched", sa.String(length=50), nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"],
            ["shares.id"],
            name=op.f("fk_viewers_share_id_shares"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewers")),
        sa.UniqueConstraint("share_id", "viewer_hash", name="uq_viewers_share"),
    )
    op.create_table(
        "reactions",
        sa.Column("viewer_id", sa.String(length=40), nullable=False),
        sa.Column("emoji", sa.String(length=8), nullable=False),
        sa.Column("position_s", sa.Double(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["viewer_id"],
            ["viewers.id"],
            name=op.f("fk_reactions_viewer_id_viewers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("viewer_id", "emoji", name=op.f("pk_reactions")),
    )


def _create_replies() -> None:
    op.create_table(
        "replies",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("share_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("upload_id", sa.String(length=40), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"],
            ["shares.id"],
            name=op.f("fk_replies_share_id_shares"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_replies_upload_id")),
    )
    op.create_index(op.f("ix_replies_share_id"), "replies", ["share_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    for table in ("replies", "reactions", "viewers", "audiences"):
        op.drop_table(table)
    op.drop_index(op.f("ix_uploads_guest_of"), table_name="uploads")
    op.drop_column("uploads", "guest_of")
    for column in reversed(_share_columns()):
        op.drop_column("shares", column.name)
