"""What the tests of erasure share: an erasure two people approved, and what lies in the databases before and after."""

from typing import Any

from flask import Flask
from sqlalchemy import LargeBinary, inspect, select, text

from caseapp.audit import verify
from caseapp.db import Base, transaction
from caseapp.formats import clock
from caseapp.keyholder.keystore import case_key
from caseapp.upkeep.ledger import Erasure
from tests.installations import Installation


def agreed(case_id: str) -> Erasure:
    """An erasure on a ground, approved by two people."""
    return Erasure(case_id, clock.now(), "time_out", ("somebody", "somebody else"))


def ciphertexts(app: Flask, case_id: str) -> list[bytes]:
    """Every sealed value of the case's rows, and its wrapped key."""
    database = app.extensions["caseapp.database"]
    found: list[bytes] = []
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            sealed = [column for column in table.columns if column.name.endswith("_sealed") and isinstance(column.type, LargeBinary)]
            if "case_id" in table.c and sealed and table.name != "audit_entry":
                for row in connection.execute(select(*sealed).where(table.c.case_id == case_id)):
                    found += row
    with database.keystore_engine.connect() as connection:
        found += connection.scalars(select(case_key.c.wrapped).where(case_key.c.case_id == case_id))
    assert len(found) > 20
    return found


def on_disk(installation: Installation) -> bytes:
    """Every byte in the files of the installation's home (databases, write-ahead files …)."""
    return b"".join(path.read_bytes() for path in sorted(installation.home.rglob("*")) if path.is_file())


def naming(app: Flask, mark: str) -> set[str]:
    """The tables in which some row holds this text in some column."""
    database = app.extensions["caseapp.database"]
    found = set()
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            if any(mark in repr(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))):
                found.add(table)
    return found


def log_findings(app: Flask) -> list[Any]:
    """What `audit verify` finds."""
    database = app.extensions["caseapp.database"]
    database.bind()
    with transaction(reading=True) as session:
        return verify(session, database.keyholder)[1]
