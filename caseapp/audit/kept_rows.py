"""Are the rows still those that were last written? What the row seals cannot tell, told by the log.

A seal shows that a row was once written by the program, not that it is the latest version, nor that it is there at all. The log
holds (table, id, version, seal) of every committed write, so a row that was rolled back, removed or brought back is found here.
Not found: a row rolled back together with the end of the log; that takes a checkpoint kept elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from caseapp.db import Base, Row

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

    def note(self, sequence: int, writes: list[Write]) -> None:
        """Take in the writes of one entry."""
        for table, row_id, version, seal in writes:
            rows = self._of_table.setdefault(table, {})
            known = rows.get(row_id)
            # within one transaction an outer action's entry stands before that of an inner one, with the later version
            if known is None or version == 0 or known.version <= version:
                rows[row_id] = _Written(sequence, version, seal)

    def strays(self, session: Session) -> Iterator[tuple[int, str]]:
        """(sequence of the entry, what is wrong) for every row that is not what the log says."""
        for table in _kept_tables():
            logged = self._of_table.get(table.name, {})
            stored = _stored(session, table) if logged else {}
            for row_id, written in logged.items():
                found = stored.get(row_id)
                if found is None and written.version:
                    yield written.sequence, f"{table.name} {row_id} is gone"
                elif found is not None and not written.version:
                    yield written.sequence, f"{table.name} {row_id} was removed and is back"
                elif found is not None and (found[0] < written.version or (found[0] == written.version and found[1] != written.seal)):
                    yield written.sequence, f"{table.name} {row_id} is not version {written.version}, which was written last"


def _kept_tables() -> list[Table]:
    kept = {m.class_.__tablename__ for m in Base.registry.mappers if issubclass(m.class_, Row) and m.class_.IS_KEPT}
    return [table for table in Base.metadata.sorted_tables if table.name in kept]


def _stored(session: Session, table: Table) -> dict[str, tuple[int, str]]:
    query = select(table.c.id, table.c.version, table.c.row_seal)
    return {row_id: _as_written(version, seal) for row_id, version, seal in session.execute(query)}


def _as_written(version: object, seal: object) -> tuple[int, str]:
    # SQLite lets any column hold anything: what is no version is older than all, what is no seal is nobody's
    return version if isinstance(version, int) else -1, seal.hex() if isinstance(seal, bytes) else ""
