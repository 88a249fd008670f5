"""A new version of the master key: made, put to use for every key in the store, and the old one removed when nothing needs it.

The order is the promise. The new version is kept for good before anything is wrapped by it; each batch of keys is wrapped anew in one
transaction; an old version goes only after a count, during which nobody can wrap anything, has found no use of it. So the installation
starts after a crash at any point, and calling the same again finishes what was begun.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from .tables import WRAPPED, master_version
from .wrapping import Wrapping

_BATCH = 2000
_KINDS = {"purpose_key": "purpose", "case_key": "case", "earlier_case_key": "case", "passing_key": "passing"}


class MasterRotation:
    """The steps, in the order in which they are taken."""

    def __init__(self, wrapping: Wrapping) -> None:
        self._wrapping = wrapping

    def begin(self, at: datetime) -> bool:
        """Make a new version; False if an earlier rotation was interrupted and its version is to be put to use first."""
        with self._wrapping.writing(alone=True) as connection:
            master = self._wrapping.master
            is_new = len(master.versions) == 1 and not self._count(connection)
            version = master.add_version() if is_new else master.current
            known = connection.execute(select(master_version.c.version).where(master_version.c.version == version)).first()
            if known is None and version > 1:
                connection.execute(insert(master_version).values(version=version, made_at=at.isoformat()))
        return is_new

    def remaining(self) -> int:
        """How many keys are not wrapped by the current version."""
        with self._wrapping.engine.connect().execution_options(reading=True) as connection:
            return self._count(connection)

    def rewrap(self) -> Iterator[int]:
        """Wrap every key by the current version, batch after batch; gives the size of each batch when it is stored."""
        for table, _name in WRAPPED:
            while True:
                with self._wrapping.writing() as connection:
                    done = self._rewrap_batch(connection, table)
                if not done:
                    break
                yield done

    def remove_unused(self) -> tuple[int, ...]:
        """Remove every version that nothing is wrapped by any more; which ones."""
        removed = []
        with self._wrapping.writing(alone=True) as connection:
            master = self._wrapping.master
            for version in [version for version in master.versions if version != master.current]:
                if not self._count(connection, only=version):
                    master.remove_version(version)
                    removed.append(version)
        return tuple(removed)

    def _count(self, connection: Connection, only: int | None = None) -> int:
        current, total = self._wrapping.master.current, 0
        for table, _name in WRAPPED:
            other = table.c.master_version != current if only is None else table.c.master_version == only
            total += connection.execute(select(func.count()).select_from(table).where(other, table.c.wrapped.is_not(None))).scalar_one()
        return total

    def _rewrap_batch(self, connection: Connection, table: Table) -> int:
        name, kind = next(column for t, column in WRAPPED if t is table), _KINDS[table.name]
        other = (table.c.master_version != self._wrapping.master.current) & table.c.wrapped.is_not(None)
        rows = connection.execute(select(name, table.c.wrapped, table.c.master_version).where(other).limit(_BATCH)).all()
        if not rows:
            return 0
        changes = []
        for key_name, wrapped, version in rows:
            key = self._wrapping.unwrap(wrapped, version, kind, key_name)
            anew = self._wrapping.wrap(key, kind, key_name)
            changes.append({"key_name": key_name, "before": wrapped, "version": anew["master_version"], "anew": anew["wrapped"]})
        # by its earlier bytes as well: a key that was destroyed meanwhile is not brought back
        change = update(table).where(name == bindparam("key_name"), table.c.wrapped == bindparam("before"))
        connection.execute(change.values(master_version=bindparam("version"), wrapped=bindparam("anew")), changes)
        return len(rows)
