"""The database of one installation: engines, and transactions that hold keys only as long as they last.

SQLite: every transaction that may write starts with BEGIN IMMEDIATE (the driver's own way lets two writers read the same
last log entry and fork the chain), WAL with full synchronisation, foreign keys, secure deletion, recursive triggers (without
them INSERT OR REPLACE walks past the append-only guard). PostgreSQL: READ COMMITTED; the log takes an advisory lock last.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Date, DateTime, Dialect, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from caseapp.keyholder import Keyholder, Keyring, MasterKey

from .opened import Opened, opened
from .rows import DamagedRow

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA temp_store=MEMORY",
)

#: Seconds that a piece of work waits for another one's lock; then the answer is that the system is busy, and nothing was done.
LONGEST_WAIT = 15

_session: ContextVar[Session | None] = ContextVar("session", default=None)
_bound: ContextVar["Database | None"] = ContextVar("database", default=None)


class _AsFound:
    """SQLite lets any column hold anything. What is no date is handed on as it is, for the row seal to refuse, instead of a crash."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        parse = super().result_processor(dialect, coltype)  # type: ignore[misc]

        def read(stored: Any) -> Any:
            try:
                return parse(stored)
            except (TypeError, ValueError):
                return stored

        return read


class _Day(_AsFound, sqlite.DATE):
    pass


class _Moment(_AsFound, sqlite.DATETIME):
    pass


def make_engine(url: str) -> Engine:
    """An engine with this installation's settings for SQLite or PostgreSQL."""
    parsed = make_url(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    event.listen(engine, "handle_error", _refuse_what_is_no_value)
    return engine


def _refuse_what_is_no_value(context: ExceptionContext) -> None:
    """A day that is infinite, a text that is no text: nothing the program writes, so somebody else did.

    It is the driver that cannot make a value of it, so its error has no code of the database's.
    """
    error = context.original_exception
    known = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorcode", None)
    if not known and (isinstance(error, psycopg.DataError) or "decode to UTF-8" in str(error)):
        raise DamagedRow("a column holds what cannot be read as a value of its kind")


def _postgresql(parsed: URL) -> Engine:
    engine = create_engine(parsed, pool_size=10, max_overflow=10, pool_pre_ping=True, isolation_level="READ COMMITTED")

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = '{LONGEST_WAIT}s'")
        connection.autocommit = False

    return engine


def _sqlite(parsed: URL) -> Engine:
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(parsed, poolclass=QueuePool, pool_size=10, max_overflow=10, connect_args={"check_same_thread": False})
    engine.dialect.colspecs = {**engine.dialect.colspecs, Date: _Day, DateTime: _Moment}

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.execute(f"PRAGMA busy_timeout={1000 * LONGEST_WAIT}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class Database:
    """Engine and keyholder of one installation. `bind()` makes it the one that `transaction()` uses in this context."""

    def __init__(self, url: str, keystore_url: str, master: MasterKey | Keyring) -> None:
        self.engine = make_engine(url)
        self.keystore_engine = make_engine(keystore_url)
        self.keyholder = Keyholder(self.keystore_engine, master)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=True)

    def bind(self) -> None:
        """Make this the database of the current context."""
        _bound.set(self)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.keystore_engine.dispose()

    def new_session(self, *, reading: bool = False) -> Session:
        """A session that seals and checks rows. The caller closes it."""
        session = self._sessions()
        session.info.update(row_key=self.keyholder.purpose_key("rows"), writes=[], removals=[])
        if reading:
            session.connection(execution_options={"reading": True})
        return session


def bound_database() -> Database:
    """The database of the current context. Raises RuntimeError outside one."""
    database = _bound.get()
    if database is None:
        raise RuntimeError("no database is bound here: work inside the application's context")
    return database


def session() -> Session:
    """The session of the transaction at hand. Raises RuntimeError outside one."""
    current = _session.get()
    if current is None:
        raise RuntimeError("no transaction is open: call this from inside an action")
    return current


@contextmanager
def transaction(*, reading: bool = False) -> Iterator[Session]:
    """A new transaction with no compartment open; committed by the caller, rolled back otherwise, its keys gone at the end.

    `reading` promises that nothing is written (on SQLite it then does not wait for writers).
    """
    database = bound_database()
    current = database.new_session(reading=reading)
    session_token = _session.set(current)
    opened_token = opened.set(Opened(database.keyholder.purpose_sealer("office")))
    try:
        yield current
    finally:
        current.close()
        opened.reset(opened_token)
        _session.reset(session_token)


def in_transaction() -> bool:
    """Whether a transaction is open in this context."""
    return _session.get() is not None


def is_twin(error: IntegrityError) -> bool:
    """Whether a row was refused because one like it is there already, and not for a mistake of the program (a missing value, no parent)."""
    if isinstance(error.orig, sqlite3.IntegrityError):
        return error.orig.sqlite_errorname in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    return isinstance(error.orig, psycopg.errors.UniqueViolation)
