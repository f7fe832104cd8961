"""keep the GPU lane, its ledger, and who waits for it"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "gpu_lane",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since_s", sa.Double(), nullable=False),
        sa.Column("ordered_s", sa.Double(), nullable=False),
        sa.Column("worked_s", sa.Double(), nullable=False),
        sa.Column("personal_s", sa.Double(), nullable=True),
        sa.Column("retry_s", sa.Double(), nullable=False),
        sa.Column("leaves_s", sa.Double(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("unready_looks", sa.Integer(), nullable=False),
        sa.Column("boot_s", sa.Double(), nullable=True),
        sa.Column("url", sa.String(length=200), nullable=True),
        sa.Column("run_id", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("keep_on_until_s", sa.Double(), nullable=False),
        sa.Column("stay_off_until_s", sa.Double(), nullable=False),
        sa.Column("leader", sa.String(length=80), nullable=True),
        sa.Column("leader_token", sa.Integer(), nullable=False),
        sa.Column("leader_until_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gpu_lane")),
    )
    op.create_table(
        "power_decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_decisions")),
    )
    op.create_table(
        "power_ledger",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("hour_usd_micro", sa.Integer(), nullable=False),
        sa.Column("billed_s", sa.Integer(), nullable=True),
        sa.Column("usd_micro", sa.Integer(), nullable=True),
        sa.Column("jobs", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_ledger")),
        sa.UniqueConstraint("run_id", "kind", name="uq_power_ledger_run"),
    )
    op.create_index(op.f("ix_power_ledger_at_s"), "power_ledger", ["at_s"], unique=False)
    op.create_table(
        "speech_jobs",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("is_bulk", sa.Boolean(), nullable=False),
        sa.Column("submitted_s", sa.Double(), nullable=False),
        sa.Column("leased_until_s", sa.Double(), nullable=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "attempt", name=op.f("pk_speech_jobs")),
    )
    op.create_index(
        "ix_speech_jobs_waiting", "speech_jobs", ["lane", "is_bulk", "submitted_s"], unique=False
    )
    op.create_table(
        "power_intents",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("seen_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_power_intents")),
    )
    op.create_index(op.f("ix_power_intents_seen_s"), "power_intents", ["seen_s"], unique=False)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_bulk", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("step_runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.String(), nullable=True))
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("speech_s", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("speech_usd_micro", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        for column in ("speech_usd_micro", "speech_s", "lane"):
            batch_op.drop_column(column)
    with op.batch_alter_table("step_runs", schema=None) as batch_op:
        batch_op.drop_column("lane")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("is_bulk")
    for table in ("power_intents", "speech_jobs", "power_ledger", "power_decisions", "gpu_lane"):
        op.drop_table(table)
