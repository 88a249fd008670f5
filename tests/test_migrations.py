"""The migrations make exactly the database the program declares; each goes up, down and up again; the log keeps its guard."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from caseapp.db import Base
from caseapp.db.migrate import _HOME, downgrade, upgrade

REVISIONS = [revision.revision for revision in reversed(list(ScriptDirectory(str(_HOME)).walk_revisions()))]


def _differences(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return [difference for difference in compare_metadata(context, Base.metadata) if difference[0] != "remove_table"]


def _tables(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version", "installation", "purpose_key", "case_key"}


def test_there_is_one_head_and_the_numbers_are_in_order():
    assert len(ScriptDirectory(str(_HOME)).get_heads()) == 1
    assert sorted(REVISIONS) == REVISIONS


def test_a_new_installation_is_what_the_models_declare(empty_app):
    assert _differences(empty_app.extensions["caseapp.database"].engine) == []


def test_every_revision_goes_down_and_up_again(empty_app):
    engine = empty_app.extensions["caseapp.database"].engine
    everything = _tables(engine)
    for before in [*reversed(REVISIONS[:-1]), "base"]:
        downgrade(engine, before)
    assert _tables(engine) == set()
    for revision in REVISIONS:
        upgrade(engine, revision)
    assert _tables(engine) == everything
    assert _differences(engine) == []


def test_going_one_step_down_and_up_leaves_the_other_rooms_rows_alone(app):
    engine = app.extensions["caseapp.database"].engine
    with engine.connect() as connection:
        before = connection.execute(text("SELECT count(*) FROM user_account")).scalar_one()
    downgrade(engine, REVISIONS[0])
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM user_account")).scalar_one() == before > 0


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry"])
def test_a_migrated_log_is_append_only(app, statement):
    engine = app.extensions["caseapp.database"].engine
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
