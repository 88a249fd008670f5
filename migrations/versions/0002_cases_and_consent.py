"""The young person, the people around, the case and its notes; consents, who signed them, what they cover, their withdrawal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "case_file",
        sa.Column("case_number", sa.String(length=16), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("number_index", sa.String(length=32), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("progress_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("closure_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("closure_summary_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("case_number", name=op.f("uq_case_file_case_number")),
    )
    op.create_index(op.f("ix_case_file_case_id"), "case_file", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_file_number_index"), "case_file", ["number_index"], unique=False)
    op.create_index(op.f("ix_case_file_opened_on"), "case_file", ["opened_on"], unique=False)
    op.create_index(op.f("ix_case_file_team_id"), "case_file", ["team_id"], unique=False)
    op.create_index(
        "uq_case_file_open_person",
        "case_file",
        ["team_id", "number_index"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "case_number_series",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_number_series")),
    )
    op.create_table(
        "consent",
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by_id", sa.String(length=36), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("paper_reference_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("informed_by_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_case_id"), "consent", ["case_id"], unique=False)
    op.create_table(
        "consent_scope",
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("agency_id", sa.String(length=36), nullable=False),
        sa.Column("covered_type", sa.String(length=32), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_scope")),
    )
    op.create_index(op.f("ix_consent_scope_case_id"), "consent_scope", ["case_id"], unique=False)
    op.create_index(op.f("ix_consent_scope_consent_id"), "consent_scope", ["consent_id"], unique=False)
    op.create_table(
        "consent_signature",
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("witness_sealed", sa.LargeBinary(), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_signature")),
    )
    op.create_index(op.f("ix_consent_signature_case_id"), "consent_signature", ["case_id"], unique=False)
    op.create_index(op.f("ix_consent_signature_consent_id"), "consent_signature", ["consent_id"], unique=False)
    op.create_table(
        "consent_withdrawal",
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("agency_id", sa.String(length=36), nullable=True),
        sa.Column("covered_type", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_from_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_how_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_withdrawal")),
    )
    op.create_index(op.f("ix_consent_withdrawal_case_id"), "consent_withdrawal", ["case_id"], unique=False)
    op.create_index(op.f("ix_consent_withdrawal_consent_id"), "consent_withdrawal", ["consent_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("replaces_id", sa.String(length=36), nullable=True),
        sa.Column("replaced_by_id", sa.String(length=36), nullable=True),
        sa.Column("heading_sealed", sa.LargeBinary(), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_case_id"), "note", ["case_id"], unique=False)
    op.create_table(
        "related_person",
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_related_person")),
    )
    op.create_index(op.f("ix_related_person_case_id"), "related_person", ["case_id"], unique=False)
    op.create_table(
        "young_person",
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_agency_id", sa.String(length=36), nullable=False),
        sa.Column("source_agency_id", sa.String(length=36), nullable=False),
        sa.Column("information_type", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_young_person")),
        sa.UniqueConstraint("case_id", name=op.f("uq_young_person_case_id")),
    )
    op.create_index(op.f("ix_young_person_case_id"), "young_person", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_young_person_case_id"), table_name="young_person")
    op.drop_table("young_person")
    op.drop_index(op.f("ix_related_person_case_id"), table_name="related_person")
    op.drop_table("related_person")
    op.drop_index(op.f("ix_note_case_id"), table_name="note")
    op.drop_table("note")
    op.drop_index(op.f("ix_consent_withdrawal_consent_id"), table_name="consent_withdrawal")
    op.drop_index(op.f("ix_consent_withdrawal_case_id"), table_name="consent_withdrawal")
    op.drop_table("consent_withdrawal")
    op.drop_index(op.f("ix_consent_signature_consent_id"), table_name="consent_signature")
    op.drop_index(op.f("ix_consent_signature_case_id"), table_name="consent_signature")
    op.drop_table("consent_signature")
    op.drop_index(op.f("ix_consent_scope_consent_id"), table_name="consent_scope")
    op.drop_index(op.f("ix_consent_scope_case_id"), table_name="consent_scope")
    op.drop_table("consent_scope")
    op.drop_index(op.f("ix_consent_case_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_table("case_number_series")
    op.drop_index("uq_case_file_open_person", table_name="case_file", sqlite_where=sa.text("is_open"), postgresql_where=sa.text("is_open"))
    op.drop_index(op.f("ix_case_file_team_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_opened_on"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_number_index"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_case_id"), table_name="case_file")
    op.drop_table("case_file")
