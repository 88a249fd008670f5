"""Members: who was proposed for a team and who decided it, who is away and who stands in, and why somebody is blocked from a case.

Memberships and blocks that exist stay as they are: they were decided in their day, and have no proposal and no reason.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_WAITS = sa.text("state = 'proposed'")


def upgrade() -> None:
    op.create_table(
        "membership_proposal",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by_id", sa.String(length=36), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_membership_proposal"),
    )
    op.create_index("ix_membership_proposal_team_id", "membership_proposal", ["team_id"], unique=False)
    op.create_index(
        "uq_membership_proposal_waiting",
        "membership_proposal",
        ["user_id", "team_id", "role"],
        unique=True,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_table(
        "leave_of_absence",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("stand_in_id", sa.String(length=36), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by_id", sa.String(length=36), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leave_of_absence"),
    )
    for column in ("team_id", "user_id", "stand_in_id"):
        op.create_index(f"ix_leave_of_absence_{column}", "leave_of_absence", [column], unique=False)
    op.create_table(
        "block_reason",
        sa.Column("block_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_block_reason"),
    )
    for column in ("block_id", "case_id"):
        op.create_index(f"ix_block_reason_{column}", "block_reason", [column], unique=False)


def downgrade() -> None:
    op.drop_table("block_reason")
    op.drop_table("leave_of_absence")
    op.drop_table("membership_proposal")
