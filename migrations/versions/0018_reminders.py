"""Reminders by e-mail: who wants them, where and when."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("choice_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reminder"),
        sa.UniqueConstraint("user_id", name="uq_reminder_user_id"),
    )


def downgrade() -> None:
    op.drop_table("reminder")
