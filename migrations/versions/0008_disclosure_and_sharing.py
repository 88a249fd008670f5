"""Disclosure and sharing: what was decided to be handed over without consent, and the register of each act of sharing.

A decision opens what one agency holds to one other; a line of the register says what was handed over, when, how and on which ground.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "disclosure_decision",
        sa.Column("to_agency_id", sa.String(length=36), nullable=True),
        sa.Column("covered_types", sa.String(length=255), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("two_decide", sa.Boolean(), nullable=False),
        sa.Column("second_id", sa.String(length=36), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.String(length=36), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("weighing_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("why_not_informed_sealed", sa.LargeBinary(), nullable=False),
        *_of_a_case(),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure_decision"),
    )
    op.create_index("ix_disclosure_decision_case_id", "disclosure_decision", ["case_id"], unique=False)
    op.create_table(
        "sharing_act",
        sa.Column("from_agency_id", sa.String(length=36), nullable=True),
        sa.Column("to_agency_id", sa.String(length=36), nullable=True),
        sa.Column("covered_types", sa.String(length=255), nullable=False),
        sa.Column("ground_kind", sa.String(length=16), nullable=False),
        sa.Column("ground_id", sa.String(length=36), nullable=True),
        sa.Column("shared_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("contents_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("counterpart_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        *_of_a_case(),
        sa.PrimaryKeyConstraint("id", name="pk_sharing_act"),
    )
    op.create_index("ix_sharing_act_case_id", "sharing_act", ["case_id"], unique=False)


def _of_a_case() -> list[sa.Column]:
    return [
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
    ]


def downgrade() -> None:
    op.drop_table("sharing_act")
    op.drop_table("disclosure_decision")
