"""The joint plan with goals, commitments and support; measures before, during and after, and outcomes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "commitment",
        sa.Column("goal_id", sa.String(length=36), nullable=True),
        sa.Column("responsible_id", sa.String(length=36), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_case_id"), "commitment", ["case_id"], unique=False)
    op.create_index(op.f("ix_commitment_due_on"), "commitment", ["due_on"], unique=False)
    op.create_table(
        "commitment_report",
        sa.Column("commitment_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_report")),
        sa.UniqueConstraint("commitment_id", "number", name=op.f("uq_commitment_report_commitment_id_number")),
    )
    op.create_index(op.f("ix_commitment_report_case_id"), "commitment_report", ["case_id"], unique=False)
    op.create_table(
        "goal",
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("indicator_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("baseline_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("target_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    op.create_index(op.f("ix_goal_case_id"), "goal", ["case_id"], unique=False)
    op.create_table(
        "intervention",
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervention")),
    )
    op.create_index(op.f("ix_intervention_case_id"), "intervention", ["case_id"], unique=False)
    op.create_table(
        "measure",
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("schooling_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("youth_view_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("guardian_view_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_family_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_health_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_offences_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_substance_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
    )
    op.create_index(op.f("ix_measure_case_id"), "measure", ["case_id"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("measure_id", sa.String(length=36), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("youth_words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("guardian_words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_family_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_health_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_offences_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("domains_substance_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_case_id"), "outcome", ["case_id"], unique=False)
    op.create_index(op.f("ix_outcome_measure_id"), "outcome", ["measure_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("case_id", name=op.f("uq_plan_case_id")),
    )
    op.create_index(op.f("ix_plan_case_id"), "plan", ["case_id"], unique=False)
    op.create_index(op.f("ix_plan_review_on"), "plan", ["review_on"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_plan_review_on"), table_name="plan")
    op.drop_index(op.f("ix_plan_case_id"), table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_outcome_measure_id"), table_name="outcome")
    op.drop_index(op.f("ix_outcome_case_id"), table_name="outcome")
    op.drop_table("outcome")
    op.drop_index(op.f("ix_measure_case_id"), table_name="measure")
    op.drop_table("measure")
    op.drop_index(op.f("ix_intervention_case_id"), table_name="intervention")
    op.drop_table("intervention")
    op.drop_index(op.f("ix_goal_case_id"), table_name="goal")
    op.drop_table("goal")
    op.drop_index(op.f("ix_commitment_report_case_id"), table_name="commitment_report")
    op.drop_table("commitment_report")
    op.drop_index(op.f("ix_commitment_due_on"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_case_id"), table_name="commitment")
    op.drop_table("commitment")
