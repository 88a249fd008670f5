"""The tables of the key store, which is a database of its own: what is kept of each key, always wrapped by the master key.

The first three make a key store what it is. The others came later and are made when a key store without them is opened: when each
version of the master key was made, the earlier keys of cases whose values are being sealed anew, which such rotation is going on, and
keys that last for hours.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, String, Table, inspect
from sqlalchemy.exc import DBAPIError

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
installation = Table(
    "installation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("created_at", String(32), nullable=False),
)
purpose_key = Table(
    "purpose_key",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
#: `created_at` is when the key was made that is in use now.
case_key = Table(
    "case_key",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", String(32), nullable=False),
    Column("destroyed_at", String(32)),
)
#: Keys that values of a case may still be sealed under; `made_at` is what `created_at` was.
earlier_case_key = Table(
    "earlier_case_key",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("made_at", String(32), primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
#: Versions of the master key made by a rotation. The first version is as old as the installation and is not written here.
master_version = Table(
    "master_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("made_at", String(32), nullable=False),
)
#: One line for each time the cases got new keys; at most one has no end.
case_rotation = Table(
    "case_rotation",
    metadata,
    Column("started_at", String(32), primary_key=True),
    Column("finished_at", String(32)),
)

#: Keys of what lies here for some hours only (a list on its way in). A destroyed one leaves no row: nothing of it is to be accounted for.
passing_key = Table(
    "passing_key",
    metadata,
    Column("name", String(36), primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", String(32), nullable=False),
)

#: Signed statements about the log: how long it was, and how it ended. Kept here because this is another database than the log's.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("written", String(512), nullable=False),
)

#: Every table that holds wrapped keys, with the column that names the key.
WRAPPED = (
    (purpose_key, purpose_key.c.name),
    (case_key, case_key.c.case_id),
    (earlier_case_key, earlier_case_key.c.case_id),
    (passing_key, passing_key.c.name),
)


def complete(engine: Engine) -> None:
    """Make the tables that an older key store lacks. Two processes that start at the same time both succeed."""
    missing = set(metadata.tables) - set(inspect(engine).get_table_names())
    if not missing:
        return
    try:
        metadata.create_all(engine)
    except DBAPIError:  # the other process was quicker
        if set(metadata.tables) - set(inspect(engine).get_table_names()):
            raise


def lock_writers(connection: Connection, *, alone: bool) -> None:
    """Wait for a place among the writers of wrapped keys, or (`alone`) until there are none, and keep it until the transaction ends.

    Without this, somebody who read the list of master keys before a version was removed could wrap a new key by it. SQLite has one
    writer at a time in any case.
    """
    if connection.dialect.name == "postgresql":
        mode = "SHARE ROW EXCLUSIVE" if alone else "ROW EXCLUSIVE"
        connection.exec_driver_sql(f"LOCK TABLE case_key IN {mode} MODE")


@contextmanager
def impatient(connection: Connection) -> Iterator[None]:
    """Give up instead of waiting for other writers: what is done here is done after somebody's answer was ready."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET LOCAL lock_timeout = 100")
        yield
        return
    (usual,) = connection.exec_driver_sql("PRAGMA busy_timeout").one()
    connection.exec_driver_sql("PRAGMA busy_timeout = 100")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(usual)}")
