"""Emergency openings: who opened a case for an hour, why, and what was thought of it afterwards.

At most one of a person's openings is running in a case: two forms sent at once become one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"

_RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "break_glass",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.String(length=36), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.String(length=36), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("assessment_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_break_glass"),
    )
    op.create_index("ix_break_glass_case_id", "break_glass", ["case_id"], unique=False)
    op.create_index("ix_break_glass_user_id", "break_glass", ["user_id"], unique=False)
    op.create_index(
        "uq_break_glass_running",
        "break_glass",
        ["case_id", "user_id"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )


def downgrade() -> None:
    op.drop_table("break_glass")
