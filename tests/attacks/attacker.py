"""Somebody who can write to the databases: SQL past the application, its triggers and its keys.

The question answered here is "what can be done with a connection and the source code, but without a key?". Every statement goes through
a connection of its own that knows nothing of the application; what hits no row fails, so that an attack cannot succeed by missing.
"""

from typing import Any

from sqlalchemy import Connection, MetaData, NullPool, Table, create_engine, text

from tests.installations import Installation

Stored = dict[str, Any]
"""A row as it lies in the database: column → value."""

#: With PostgreSQL's highest right the triggers stay silent on this connection.
_PAST_TRIGGERS = "SET session_replication_role = replica"
LOG_TRIGGERS = {
    "sqlite": ["DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete"],
    "postgresql": [
        "DROP TRIGGER audit_entry_append_only ON audit_entry",
        "DROP TRIGGER audit_entry_no_truncate ON audit_entry",
    ],
}


class Attacker:
    """The connections of somebody who has the databases. `keystore=True` means the key store instead of the data."""

    def __init__(self, installation: Installation) -> None:
        self.kind = "postgresql" if installation.is_postgresql else "sqlite"
        self._data = create_engine(installation.environment["CASEAPP_DATABASE_URL"], poolclass=NullPool)
        self._keys = create_engine(installation.environment["CASEAPP_KEYSTORE_URL"], poolclass=NullPool)
        self._known: dict[str, Table] = {}

    def leave(self) -> None:
        """Close every connection."""
        self._data.dispose()
        self._keys.dispose()

    def carry_out(self, *statements: str, keystore: bool = False, **values: Any) -> int:
        """These statements in one transaction; how many rows the last one hit. One that hits none fails."""
        with (self._keys if keystore else self._data).begin() as connection:
            self._silence(connection)
            for statement in statements:
                named = {name: value for name, value in values.items() if f":{name}" in statement}
                hit = connection.execute(text(statement), named).rowcount
        assert hit != 0, f"the attack hit nothing: {statements[-1]}"
        return hit

    def look(self, query: str, *, keystore: bool = False, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with (self._keys if keystore else self._data).connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def rows(self, table: str, **where: Any) -> list[Stored]:
        """The rows with these values, as they lie there, in the order of their ids."""
        known = self._table(table)
        query = known.select().where(*(known.c[name] == value for name, value in where.items())).order_by(*known.primary_key.columns)
        with self._data.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def row(self, table: str, **where: Any) -> Stored:
        """The only row with these values."""
        (found,) = self.rows(table, **where)
        return found

    def rewrite(self, table: str, row_id: str, **values: Any) -> None:
        """Change these columns of one row, and no other: its seal stays as it was."""
        known = self._table(table)
        self._execute(known.update().where(known.c.id == row_id).values(**values))

    def put_in(self, table: str, row: Stored, **changed: Any) -> None:
        """Put a row in, with these columns changed."""
        with self._data.begin() as connection:
            self._silence(connection)
            connection.execute(self._table(table).insert().values(**(row | changed)))

    def put_back(self, table: str, row: Stored) -> None:
        """Put a row as it once was in the place of what it has become, seal and version included."""
        self.rewrite(table, row["id"], **row)

    def remove(self, table: str, row_id: str) -> None:
        """Remove one row."""
        known = self._table(table)
        self._execute(known.delete().where(known.c.id == row_id))

    def swap(self, table: str, columns: tuple[str, ...], first: Stored, second: Stored) -> None:
        """Let two rows exchange these columns."""
        self.rewrite(table, first["id"], **{name: second[name] for name in columns})
        self.rewrite(table, second["id"], **{name: first[name] for name in columns})

    def drop_guard(self) -> None:
        """Remove what keeps the log append-only, as its owner can."""
        with self._data.begin() as connection:
            for statement in LOG_TRIGGERS[self.kind]:
                connection.execute(text(statement))
            if self.kind == "postgresql":
                connection.execute(text("GRANT UPDATE, DELETE, TRUNCATE ON audit_entry TO CURRENT_USER"))

    def everything(self, *tables: str) -> dict[str, list[str]]:
        """Every row of these tables, for comparing before and after."""
        return {table: [repr(row) for row in self.rows(table)] for table in tables}

    def _execute(self, statement: Any) -> None:
        with self._data.begin() as connection:
            self._silence(connection)
            assert connection.execute(statement).rowcount == 1, "the attack did not hit exactly one row"

    def _silence(self, connection: Connection) -> None:
        if self.kind == "postgresql":
            connection.execute(text(_PAST_TRIGGERS))

    def _table(self, name: str) -> Table:
        # read from the database itself: what the application knows of its columns is not asked
        if name not in self._known:
            self._known[name] = Table(name, MetaData(), autoload_with=self._data)
        return self._known[name]


def flipped(envelope: bytes, position: int = -1, bit: int = 0) -> bytes:
    """The same bytes with one bit turned over."""
    spoiled = bytearray(envelope)
    spoiled[position] ^= 1 << bit
    return bytes(spoiled)
