"""Versions of a plan: how it stood when it was gone through with the family, and what each of them said to it.

A version is a copy, item by item, each in the compartment of the row it was copied from, so that consent decides who reads it as it
does for the plan itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "plan_agreement",
        sa.Column("plan_version_id", sa.String(length=36), nullable=False),
        sa.Column("who_id", sa.String(length=36), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_agreement"),
        sa.UniqueConstraint("plan_version_id", "who_id", name="uq_plan_agreement_plan_version_id_who_id"),
    )
    op.create_index("ix_plan_agreement_case_id", "plan_agreement", ["case_id"], unique=False)
    op.create_table(
        "plan_version",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fixed_on", sa.Date(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("left_out_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_version"),
        sa.UniqueConstraint("case_id", "number", name="uq_plan_version_case_id_number"),
    )
    op.create_index("ix_plan_version_case_id", "plan_version", ["case_id"], unique=False)
    op.create_table(
        "plan_version_item",
        sa.Column("plan_version_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("indicator_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("baseline_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("target_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_version_item"),
        sa.UniqueConstraint("plan_version_id", "item_id", name="uq_plan_version_item_plan_version_id_item_id"),
    )
    op.create_index("ix_plan_version_item_case_id", "plan_version_item", ["case_id"], unique=False)


def downgrade() -> None:
    for table in ("plan_version_item", "plan_version", "plan_agreement"):
        op.drop_table(table)
