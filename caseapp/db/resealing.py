"""Sealing the rows of cases anew, under the key their case has now: which rows there are, a batch of them, and what is left.

Promised: a value keeps its plaintext to the byte; a row is locked while it is read and written, or left for the next round if somebody
else has it, so nobody's change is overwritten and every row seal fits its row; a damaged row, or a value that none of the case's keys
opens, is left alone and named. Nothing is opened for anybody: what is read here goes into the same row and nowhere else.
Not promised: that nobody works with a key that was handed out before (`wait_for_earlier_work` waits for them).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select, text
from sqlalchemy.orm import Session

from caseapp.crypto import Damaged
from caseapp.keyholder import Keyholder

from .batching import batches
from .opened import at_work
from .rows import Base, CaseRow, DamagedRow, sealed_attributes
from .sealed import SealedAttribute

_AT_A_TIME = 500  # rows looked at together, where they are small
_PAUSE = 0.05  # seconds between two looks at who is still at work


@dataclass
class Resealed:
    """What a batch came to: rows looked at, rows sealed anew, and (table, row id, case id) of each that was left as it is."""

    seen: int = 0
    renewed: int = 0
    left: list[tuple[str, str, str]] = field(default_factory=list)


def sealed_case_models() -> list[type[CaseRow]]:
    """Every kind of row that holds values sealed under a case's key, in the order of its table's name."""
    models = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, CaseRow)}
    return sorted((model for model in models if sealed_attributes(model)), key=lambda model: model.__tablename__)


def count_rows(session: Session, case_ids: Sequence[str]) -> int:
    """How many rows of these cases hold sealed values."""
    return sum(
        session.execute(select(func.count()).select_from(model).where(model.case_id.in_(case_ids))).scalar_one()
        for model in sealed_case_models()
    )


def row_batches(session: Session, case_ids: Sequence[str], size: int) -> Iterator[tuple[type[CaseRow], list[str]]]:
    """The ids of the rows of these cases that hold sealed values, at most `size` of one kind at a time, and fewer where they are large."""
    for model in sealed_case_models():
        ids = session.scalars(select(model.id).where(model.case_id.in_(case_ids)).order_by(model.id)).all()
        for some in batches(ids, min(size, model.AT_A_TIME)):
            yield model, some


def reseal(session: Session, keyholder: Keyholder, model: type[CaseRow], row_ids: Sequence[str]) -> Resealed:
    """Seal these rows anew in the transaction at hand, which the caller commits with its entry in the log.

    Rows that somebody else is writing just now are left out: `seen` does not count them.
    """
    rows, damaged = _load(session, model, model.id.in_(row_ids), lock=True)
    _open(keyholder, rows)
    result = Resealed(seen=len(rows) + len(damaged), left=damaged)
    for row in rows:
        try:
            changes = _renewed(row)
        except Damaged:
            result.left.append(_named(row))
            continue
        for column, envelope in changes.items():
            setattr(row, column, envelope)
        result.renewed += bool(changes)
    return result


def remaining(session: Session, keyholder: Keyholder, case_ids: Sequence[str]) -> dict[str, int]:
    """Case id → how many of its rows are not, or not for certain, sealed under the key the case has now; without cases that have none.

    On SQLite called in a transaction that may write, so that nobody else writes meanwhile.
    """
    found: dict[str, int] = {}
    for model, row_ids in row_batches(session, case_ids, _AT_A_TIME):
        rows, damaged = _load(session, model, model.id.in_(row_ids))
        _open(keyholder, rows)
        for case_id in [*(case_id for _table, _id, case_id in damaged), *(row.case_id for row in rows if not _is_renewed(row))]:
            found[case_id] = found.get(case_id, 0) + 1
        session.expunge_all()
    return found


def wait_for_earlier_work(engine: Engine, seconds: float) -> bool:
    """Wait until every transaction that is at work now has ended; False if some have not after so many seconds.

    PostgreSQL: each transaction holds a lock on its own virtual id, which everybody may see (as CREATE INDEX CONCURRENTLY waits).
    SQLite: a full checkpoint succeeds once no writer is at work and no reader looks at an older state.
    """
    is_over = _checkpoint if engine.dialect.name == "sqlite" else _those_at_work_ended(engine)
    until = time.monotonic() + seconds
    while not is_over(engine):
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _checkpoint(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout")
        (patience,) = cursor.fetchone() or (0,)
        cursor.execute("PRAGMA busy_timeout=50")  # writers wait as long as this waits for a reader: ask often instead
        try:
            cursor.execute("PRAGMA wal_checkpoint(FULL)")
            (is_busy, _in_file, _moved) = cursor.fetchone() or (1, 0, 0)
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
        return not is_busy
    finally:
        connection.close()


_AT_WORK = text(
    "SELECT virtualtransaction FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'virtualxid' "
    "AND granted AND pid <> pg_backend_pid() AND datname = current_database()"
)


def _those_at_work_ended(engine: Engine) -> Callable[[Engine], bool]:
    def at_work() -> set[str]:
        with engine.connect() as connection:
            return set(connection.scalars(_AT_WORK))

    earlier = at_work()
    return lambda _engine: not earlier or not earlier & at_work()


def _load(
    session: Session, model: type[CaseRow], chosen: ColumnElement[bool], *, lock: bool = False
) -> tuple[list[CaseRow], list[tuple[str, str, str]]]:
    """The whole rows, and the names of the damaged ones."""
    query = select(model).where(chosen).order_by(model.id)
    if lock:
        # NO KEY UPDATE: rows that refer to these may still be added meanwhile. Never waiting, so never part of a deadlock.
        query = query.with_for_update(key_share=True, skip_locked=True)
    try:
        rows: list[CaseRow] = list(session.scalars(query))
        return [row for row in rows if not _is_damaged(row)], [_named(row) for row in rows if _is_damaged(row)]
    except DamagedRow:  # one that decides access: find out which, one by one
        session.expunge_all()
    whole: list[CaseRow] = []
    damaged: list[tuple[str, str, str]] = []
    for row_id, case_id in session.execute(select(model.id, model.case_id).where(chosen)).all():
        try:
            whole += session.scalars(query.where(model.id == row_id)).all()
        except DamagedRow:
            damaged.append((model.__tablename__, row_id, case_id))
    return whole, damaged


def _is_damaged(row: CaseRow) -> bool:
    return "row_damaged" in row.__dict__


def _named(row: CaseRow) -> tuple[str, str, str]:
    return row.__tablename__, row.id, row.case_id


def _open(keyholder: Keyholder, rows: Sequence[CaseRow]) -> None:
    work = at_work()
    work.keys.clear()
    wanted: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        kinds = {attribute.information_type or row.information_type for attribute in _attributes(type(row))}
        wanted.setdefault(row.case_id, set()).update((row.owner_agency_id, kind) for kind in kinds)
    work.open(keyholder.hand_out(wanted))


def _attributes(model: Any) -> list[SealedAttribute]:
    # from the classes' own dictionaries: asked for as an attribute, it stands for its value
    declared = {name: value for kind in reversed(model.__mro__) for name, value in vars(kind).items()}
    return [declared[name] for name in sealed_attributes(model)]


def _renewed(row: CaseRow) -> dict[str, bytes]:
    """Column → value under the newest key, for those that are not under it. Raises Damaged if any value of the row does not open."""
    found = {attribute.column: attribute.renewed(row) for attribute in _attributes(type(row))}
    return {column: envelope for column, envelope in found.items() if envelope is not None}


def _is_renewed(row: CaseRow) -> bool:
    try:
        return not _renewed(row)
    except Damaged:
        return False
