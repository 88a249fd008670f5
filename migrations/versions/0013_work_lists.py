"""Work lists: the newest of ten thousand cases are found, and all of them counted, from an index alone.

Rows that hold seals are wide; a list of fifty read twenty thousand of them.
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("ix_case_file_work_list", "case_file", ["team_id", "is_open", "opened_on", "case_number", "id"], unique=False)
    op.create_index("ix_participation_cases_of", "participation", ["user_id", "case_id"], unique=False)
    op.drop_index("ix_case_file_team_id", table_name="case_file")
    op.drop_index("ix_participation_user_id", table_name="participation")


def downgrade() -> None:
    op.create_index("ix_participation_user_id", "participation", ["user_id"], unique=False)
    op.create_index("ix_case_file_team_id", "case_file", ["team_id"], unique=False)
    op.drop_index("ix_participation_cases_of", table_name="participation")
    op.drop_index("ix_case_file_work_list", table_name="case_file")
