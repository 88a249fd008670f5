"""Rule sets of who must sign a consent, written by the municipality itself: one row for each version, never altered.

Going down forgets them: consents that were asked under one then name a rule that nobody knows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "consent_rule_set",
        sa.Column("set_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.String(length=36), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_en_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("terms_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent_rule_set"),
        sa.UniqueConstraint("set_id", "number", name="uq_consent_rule_set_set_id_number"),
    )
    op.create_index("ix_consent_rule_set_set_id", "consent_rule_set", ["set_id"], unique=False)


def downgrade() -> None:
    op.drop_table("consent_rule_set")
