"""Erasure: what two people decided about a case whose time is out, and holds that keep a case from it.

The rows outlive the case: they are the account of what was erased. At most one decision is under way for a case.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_UNDER_WAY = sa.text("state IN ('proposed', 'approved')")


def upgrade() -> None:
    op.create_table(
        "erasure_decision",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("proposed_by_id", sa.String(length=36), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.String(length=36), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_decision"),
    )
    op.create_index("ix_erasure_decision_case_id", "erasure_decision", ["case_id"], unique=False)
    op.create_index(
        "uq_erasure_decision_under_way",
        "erasure_decision",
        ["case_id"],
        unique=True,
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )
    op.create_table(
        "legal_hold",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("set_by_id", sa.String(length=36), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("lifted_by_id", sa.String(length=36), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
    )
    op.create_index("ix_legal_hold_case_id", "legal_hold", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("legal_hold")
    op.drop_table("erasure_decision")
