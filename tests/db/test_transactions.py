"""How each database is spoken to: SQLite's settings, who waits for whom, and what is undone."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from caseapp.accounts.models import Agency
from caseapp.db import session, transaction
from caseapp.db.engine import make_engine

# https://www.sqlite.org/pragma.html: synchronous 2 is FULL, temp_store 2 is MEMORY
SECURE = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
    "recursive_triggers": 1,
    "busy_timeout": 15000,
    "temp_store": 2,
}


@pytest.mark.parametrize("setting", SECURE)
def test_every_connection_to_sqlite_has_the_secure_setting(ground_on_sqlite, setting):
    database = ground_on_sqlite.database
    for engine in (database.engine, database.keystore_engine):
        reading = engine.execution_options(reading=True)
        with reading.connect() as first, reading.connect() as second:
            found = {connection.execute(text(f"PRAGMA {setting}")).scalar_one() for connection in (first, second)}
        assert found == {SECURE[setting]}


def test_postgresql_reads_what_others_have_committed(ground):
    if ground.is_sqlite:
        return
    with ground.database.engine.connect() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"


def test_a_writing_transaction_on_sqlite_holds_the_pen_from_its_first_moment(ground_on_sqlite, tmp_path):
    impatient = make_engine(ground_on_sqlite.url)
    with transaction() as current:
        current.connection()
        with impatient.connect().execution_options(reading=True) as reader:
            reader.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(OperationalError, match="locked"):
                reader.exec_driver_sql("INSERT INTO case_number_series VALUES (2026, 1)")
    impatient.dispose()


def test_somebody_who_only_reads_does_not_wait_for_who_writes(ground):
    with transaction() as writer:
        writer.add(Agency(actor="other", name="Ännu inte sparad"))
        writer.flush()
        with transaction(reading=True) as reader:
            assert len(reader.scalars(select(Agency)).all()) == 3


def test_what_is_not_committed_is_undone(ground):
    with transaction() as current:
        current.add(Agency(actor="other", name="Aldrig"))
        current.flush()
    assert ground.look("SELECT count(*) FROM agency") == [(3,)]


def test_outside_a_transaction_there_is_no_session():
    with pytest.raises(RuntimeError, match="no transaction is open"):
        session()
