"""Coming from Excel: that a list was taken in, which cases came of it, and for some hours the list itself, under a key of its own.

What stays of an import names nobody. The list's key lies in the key store and is destroyed with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "case_import",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("made_by_id", sa.String(length=36), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_import"),
    )
    op.create_index("ix_case_import_team_id", "case_import", ["team_id"], unique=False)
    op.create_index("ix_case_import_made_by_id", "case_import", ["made_by_id"], unique=False)
    op.create_table(
        "imported_case",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("why_not", sa.String(length=32), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_case"),
        sa.UniqueConstraint("import_id", "line", name="uq_imported_case_import_id_line"),
    )
    op.create_index("ix_imported_case_import_id", "imported_case", ["import_id"], unique=False)
    op.create_index("ix_imported_case_case_id", "imported_case", ["case_id"], unique=False)
    op.create_table(
        "imported_list",
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("choices_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_list"),
    )


def downgrade() -> None:
    for table in ("imported_list", "imported_case", "case_import"):
        op.drop_table(table)
