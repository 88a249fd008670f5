"""Erasing a case so that it is gone: from the tables, from the files, and from every older back-up.

The question answered here is "how is a case erased, and what stays?". Who decides, and that two people approved, is settled above;
here two different approvers are demanded and written down. In this order, each step carried out if it was not:

1. a line in the erasure ledger, which every restore replays;
2. every row of the case, the pieces of its documents among them, in one transaction, with the entry in the log that names them;
3. the case key, destroyed: what older back-ups of the data hold of the case never opens again;
4. the traces in the databases' own files.

A crash after any step leaves a state that the same call finishes. Before the first step nothing has happened.

What stays is declared in STAYS. The log keeps its entries about the case (ids, times, words; the sealed detail of an entry may
hold a search word): it is the proof of who read the case. SQLite: the write-ahead file is emptied and both databases are written
anew. PostgreSQL: the touched tables are written anew (VACUUM FULL, which only their owner can); its archived write-ahead log, its
standby servers and the file system's own snapshots are beyond the program: there the destroyed key is what counts, and the key
store's archive must be as short-lived as its back-ups.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, delete, or_, select, text
from sqlalchemy.orm import Session

from caseapp import audit
from caseapp.access import Gate
from caseapp.db import Base, Database, Row, batches, transaction

from .ledger import NAME, Erasure, note_erasure

#: Tables with rows that name a case and outlive it, and why.
STAYS = {
    "audit_entry": "the proof of who read and changed the case, and that it was erased",
    "release": "sums that were released; no row of them is about one person",
    "erasure_decision": "who decided the erasure, and when",
    "legal_hold": "that the case was once kept back, by whom",
}
_BATCH = 500  # SQLite's oldest limit on variables in one statement is 999


@dataclass(frozen=True)
class Erased:
    """What one call did: how many rows it removed, whether it destroyed the key. Both are nothing where it was done before."""

    case_id: str
    rows: int
    key_destroyed: bool


class TracesLeft(Exception):
    """The cases are erased, but a reader kept the database's files from being cleaned; the same call later finishes it."""


def erase_cases(database: Database, home: Path, erasures: Iterable[Erasure]) -> list[Erased]:
    """Erase these cases for good; each needs two different approvers (ValueError). Raises TracesLeft, DamagedLedger.

    Called again with the same cases it finishes what a crash interrupted and otherwise changes nothing.
    """
    chosen = list(erasures)
    for erasure in chosen:
        if len(set(erasure.approved_by) - {""}) < 2:
            raise ValueError("an erasure is approved by two different people")
    done = [_erase(database, home, erasure) for erasure in chosen]
    forget_traces(database)
    return done


def _erase(database: Database, home: Path, erasure: Erasure) -> Erased:
    note_erasure(home / NAME, database.keyholder, erasure)
    rows = remove_rows(database, erasure)
    return Erased(erasure.case_id, rows, destroy_key(database, erasure.case_id, erasure.at))


def destroy_key(database: Database, case_id: str, at: datetime) -> bool:
    """Destroy the case's key if it is there and alive; whether it was."""
    if not database.keyholder.standing_of_keys().get(case_id, False):
        return False
    database.keyholder.destroy_case(case_id, at)
    return True


def remove_rows(database: Database, erasure: Erasure, *, reason: str = "") -> int:
    """Remove every row of the case in one transaction with its log entry; how many. `reason` is written in the entry ("replayed")."""
    database.bind()
    with transaction() as session:
        found = rows_of_case(session, erasure.case_id)
        gone = [(table.name, row_id) for table, ids in found.items() for row_id in sorted(ids)]
        if not gone:
            return 0
        for table, ids in found.items():
            for chosen in batches(sorted(ids), _BATCH):
                session.execute(delete(table).where(table.c.id.in_(chosen)))
        entry = audit.Entry(
            at=erasure.at,
            request_id="",
            actor_id=None,
            agency_id=None,
            action="purge",
            permission="erasure.carry_out",
            case_id=erasure.case_id,
            reason=reason,
            writes=[(table, row_id, 0, "") for table, row_id in gone],
            detail={"ground": erasure.ground, "approved_by": list(erasure.approved_by)},
        )
        audit.append(session, database.keyholder, [entry])
        session.commit()
    return len(gone)


# -- which rows -------------------------------------------------------------------------------------------------------


def rows_of_case(session: Session, case_id: str) -> dict[Table, set[str]]:
    """Table → ids of the rows that are the case's, or that name it or one of its rows, such as who was asked to its meeting.

    Found from the models, by id and unopened: a damaged row is erased like any other.
    """
    found: dict[Table, set[str]] = {}
    known: set[str] = set()
    new = {case_id}
    while new:
        known |= new
        reached: set[str] = set()
        for table in case_tables():
            ids = _naming(session, table, new, is_case=new == {case_id})
            reached |= ids - known
            if ids:
                found.setdefault(table, set()).update(ids)
        new = reached - known
    return found


def case_tables() -> list[Table]:
    """Every table whose rows can belong to a case and do not outlive it."""
    models = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Row)}
    return [table for table in Base.metadata.sorted_tables if table.name in models - STAYS.keys()]


def _naming(session: Session, table: Table, ids: Collection[str], *, is_case: bool) -> set[str]:
    columns = [column for column in table.columns if column.name.endswith("_id")]
    if table is Gate.__table__ and is_case:
        columns = [table.c.id]
    found: set[str] = set()
    for chosen in batches(sorted(ids), _BATCH):
        # a form's result is an id or an address that holds one
        led_there = [table.c.result.contains(row_id) for row_id in chosen] if "result" in table.c else []
        conditions: list[Any] = [column.in_(chosen) for column in columns] + led_there
        if conditions:
            found.update(session.scalars(select(table.c.id).where(or_(*conditions))))
    return found


# -- traces in the files ----------------------------------------------------------------------------------------------


def forget_traces(database: Database) -> None:
    """Write anew what held the rows and the keys. Raises TracesLeft where somebody who reads keeps the old pages alive."""
    tables = [table.name for table in case_tables()]
    for engine, touched in ((database.engine, tables), (database.keystore_engine, ["case_key", "earlier_case_key"])):
        if engine.dialect.name == "sqlite":
            _rewrite_sqlite(engine)
        else:
            _rewrite_postgresql(engine, touched)


def _rewrite_sqlite(engine: Engine) -> None:
    engine.dispose()  # our own idle connections may hold an old snapshot
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    if busy:
        raise TracesLeft("The case is erased, but somebody who reads keeps the old pages of the database alive. Run it again later.")


def _rewrite_postgresql(engine: Engine, tables: list[str]) -> None:
    quoted = engine.dialect.identifier_preparer.quote
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(f"VACUUM FULL {quoted(table)}"))
