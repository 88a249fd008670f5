"""Log review: the list of a month, the readings on it, and the questions asked about them.

A month has one list, so that making it twice changes nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "review_month",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.String(length=36), nullable=True),
        sa.Column("seed_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("settings_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("counts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_month"),
        sa.UniqueConstraint("month", name="uq_review_month_month"),
    )
    op.create_table(
        "review_item",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("closed_by_id", sa.String(length=36), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_item"),
    )
    op.create_index("ix_review_item_month", "review_item", ["month"], unique=False)
    op.create_index("ix_review_item_user_id", "review_item", ["user_id"], unique=False)
    op.create_index("ix_review_item_state", "review_item", ["state"], unique=False)
    op.create_table(
        "review_question",
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("asked_by_id", sa.String(length=36), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_question"),
    )
    op.create_index("ix_review_question_item_id", "review_question", ["item_id"], unique=False)
    op.create_index("ix_review_question_user_id", "review_question", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("review_question")
    op.drop_table("review_item")
    op.drop_table("review_month")
