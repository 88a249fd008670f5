"""Are the rows still those that were last written? What the row seals cannot tell, told by the log.

A seal shows that a row was once written by the program, not that it is the latest version, nor that it is there at all. The log
holds (table, id, version, seal) of every committed write, so a row that was rolled back, removed or brought back is found here.
So is one that was edited, copied or moved to where no query looks for it (every row's seal is made anew and compared), and one that
no entry tells of. A row that is newer than its last mention tells that the end of the log was cut off; a row that was rolled back
together with the end of the log, or the whole database with it, is told by the checkpoints.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from caseapp.db import Base, DamagedRow, Row
from caseapp.db.rows import carries_its_seal

Write = tuple[str, str, int, str]
"""(table, row id, version, row seal in hexadecimal); version 0 says that the row was removed."""


@dataclass(frozen=True)
class _Written:
    sequence: int
    version: int
    seal: str


@dataclass
class LastWrites:
    """The latest write of every row, gathered while the log is walked."""

    _of_table: dict[str, dict[str, _Written]] = field(default_factory=dict)
    #: (table, row id, version, sequence of the last entry about it) of rows that are newer than the log, as far as it was read.
    _ahead: list[tuple[str, str, int, int]] = field(default_factory=list)
    #: (table, row id, what is wrong) of rows that no entry tells of, as far as the log was read.
    _unknown: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, sequence: int, writes: list[Write]) -> None:
        """Take in the writes of one entry."""
        for table, row_id, version, seal in writes:
            rows = self._of_table.setdefault(table, {})
            known = rows.get(row_id)
            # within one transaction an outer action's entry stands before that of an inner one, with the later version
            if known is None or version == 0 or known.version <= version:
                rows[row_id] = _Written(sequence, version, seal)

    def strays(self, session: Session) -> Iterator[tuple[int, str]]:
        """(sequence of the entry, what is wrong) for every row that is not what the log says; 0 where a table cannot be read."""
        there = set(inspect(session.connection()).get_table_names())
        for model in _kept():
            if model.__tablename__ not in there:
                yield 0, f"the table {model.__tablename__} is gone"
                continue
            name, logged = model.__tablename__, self._of_table.get(model.__tablename__, {})
            try:
                stored = _stored(session, model)
            except DamagedRow as damage:
                yield 0, f"{name} cannot be read: {damage}"
                continue
            for row_id, written in logged.items():
                found = stored.pop(row_id, None)
                if found is None and written.version:
                    yield written.sequence, f"{name} {row_id} is gone"
                elif found is not None and not written.version:
                    yield written.sequence, f"{name} {row_id} was removed and is back"
                elif found is not None and found.is_older_than(written):
                    yield written.sequence, f"{name} {row_id} is not version {written.version}, which was written last"
                elif found is not None and not found.fits:
                    yield written.sequence, f"{name} {row_id} does not carry its seal"
                elif found is not None and found.version > written.version:
                    self._ahead.append((name, row_id, found.version, written.sequence))
            for row_id, found in stored.items():
                wrong = "was put there past the application: no entry tells of it" if found.fits else "does not carry its seal"
                self._unknown.append((name, row_id, wrong))

    def newer_than_the_log(self, later: "LastWrites") -> Iterator[tuple[int, str]]:
        """(sequence, what is wrong) for rows found by `strays` whose last save is not in the log: its end was cut off.

        `later` holds the entries that were written while the rows were read.
        """
        for table, row_id, version, sequence in self._ahead:
            known = later._of_table.get(table, {}).get(row_id)
            if known is None or 0 < known.version < version:
                yield sequence, f"{table} {row_id} is version {version}, which the log does not know"

    def unknown(self, later: "LastWrites") -> Iterator[tuple[int, str]]:
        """(0, what is wrong) for rows found by `strays` that no entry tells of, those written while the rows were read included."""
        for table, row_id, wrong in self._unknown:
            if row_id not in later._of_table.get(table, {}):
                yield 0, f"{table} {row_id} {wrong}"


@dataclass(frozen=True)
class _Stored:
    version: int
    seal: str
    fits: bool

    def is_older_than(self, written: _Written) -> bool:
        """Whether this is not what was written last: an earlier version, or another row under the same one."""
        return self.version < written.version or (self.version == written.version and self.seal != written.seal)


def _kept() -> list[type[Row]]:
    kept = {m.class_.__tablename__: m.class_ for m in Base.registry.mappers if issubclass(m.class_, Row) and m.class_.IS_KEPT}
    return [kept[table.name] for table in Base.metadata.sorted_tables if table.name in kept]


def _stored(session: Session, model: type[Row]) -> dict[str, _Stored]:
    query = select(model.__table__).execution_options(yield_per=model.AT_A_TIME)
    return {row.id: _as_written(model, row._asdict(), session.info["row_key"]) for row in session.execute(query)}


def _as_written(model: type[Row], columns: dict[str, Any], key: bytes) -> _Stored:
    # SQLite lets any column hold anything: what is no version is older than all, what is no seal is nobody's
    version, seal = columns["version"], columns["row_seal"]
    return _Stored(
        version if isinstance(version, int) else -1, seal.hex() if isinstance(seal, bytes) else "", carries_its_seal(columns, model, key)
    )
