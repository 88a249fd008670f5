"""`flask --app wsgi backup DIR`: a copy of the data and one of the key store, made while the application is running.

They are two parts (`DIR/data`, `DIR/keystore`), each with a manifest of its own, so that they can be kept apart and for different
times: the key store's copies must be short-lived, because erasing a case destroys its key. The data are copied first and the keys
afterwards: a key is stored before its case, so a pair always has a key for every case in it, except for cases that were erased
meanwhile, and those the key store names. The master key file is never copied.

SQLite: VACUUM INTO, which reads one moment and leaves what was deleted behind. PostgreSQL: pg_dump of one exported snapshot.
"""

import json
import os
import sqlite3
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import click
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from caseapp import audit
from caseapp.db import Database, transaction
from caseapp.formats import clock
from caseapp.terminal import database

from . import ledger
from .ledger import DamagedLedger, read_ledger
from .manifest import DATA, KEYSTORE, BadBackup, Manifest, sha256, write_manifest, write_private
from .postgresql_programs import ProgramFailed, run_program

#: In CASEAPP_HOME: {at: ISO moment of the newest back-up, sequence: the log's last entry in it}.
STATE = "backup.json"
_PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@dataclass(frozen=True)
class _Told:
    """What the copied data say of themselves."""

    revision: str
    cases: int
    sequence: int
    last_mac: str


def back_up(made: Database, home: Path, directory: Path, progress: Callable[[str], None] = lambda _step: None) -> Manifest:
    """Write a back-up into this directory, new or empty; the manifest of its data. Raises BadBackup, ProgramFailed, DamagedLedger."""
    _make_empty(directory)
    at, pair = clock.now(), str(uuid4())
    _log(made, at, pair)
    known = read_ledger(home / ledger.NAME, made.keyholder)
    progress("copying the data")
    (directory / DATA).mkdir(mode=0o700)
    data_file, told, schema = _copy(made.engine, directory / DATA, "caseapp")
    if told is None:
        raise BadBackup("The database holds no log, so it is no database of this program.")
    progress("copying the key store")
    (directory / KEYSTORE).mkdir(mode=0o700)
    keys_file, _nothing, keys_schema = _copy(made.keystore_engine, directory / KEYSTORE, "keystore")
    extra = {}
    if known.erasures:
        copied = directory / KEYSTORE / ledger.NAME
        write_private(copied, (home / ledger.NAME).read_bytes())
        extra = {copied.name: sha256(copied)}
    progress("computing hashes")
    common = {
        "backup": pair,
        "kind": made.engine.dialect.name,
        "installation": made.keyholder.installation_id,
        "at": at.isoformat(),
        "program": program_version(),
        **vars(told),
        "ledger_lines": known.end[0],
        "ledger_mac": known.end[1],
    }
    written = Manifest(part=DATA, schema=schema, files={data_file.name: sha256(data_file)}, **common)
    write_manifest(directory / DATA, written, made.keyholder)
    keys = Manifest(part=KEYSTORE, schema=keys_schema, files={keys_file.name: sha256(keys_file), **extra}, **common)
    write_manifest(directory / KEYSTORE, keys, made.keyholder)
    _note_state(home, at, told.sequence)
    return written


def program_version() -> str:
    """The program's version."""
    return str(tomllib.loads(_PYPROJECT.read_text("utf-8"))["project"]["version"])


def _make_empty(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(directory.iterdir()):
            raise BadBackup(f"{directory} is not empty; a back-up is never written over another. Nothing was changed.")
        directory.chmod(0o700)
    except OSError as error:
        raise BadBackup(f"{directory} cannot be written: {error.strerror}. Nothing was changed.") from None


def _log(made: Database, at: datetime, pair: str) -> None:
    made.bind()
    with transaction() as session:
        entry = audit.Entry(at, "", None, None, "backup", "installation.backup", detail={"backup": pair})
        audit.append(session, made.keyholder, [entry])
        session.commit()


def _note_state(home: Path, at: datetime, sequence: int) -> None:
    beside = home / f"{STATE}.new"
    beside.unlink(missing_ok=True)
    write_private(beside, json.dumps({"at": at.isoformat(), "sequence": sequence}).encode())
    os.replace(beside, home / STATE)


# -- copying one database ---------------------------------------------------------------------------------------------


def _copy(engine: Engine, directory: Path, name: str) -> tuple[Path, _Told | None, str]:
    """The copy's file, what the data say of themselves (None for a key store), and the schema it lay in ("" on SQLite)."""
    if engine.dialect.name == "sqlite":
        file = directory / f"{name}.db"
        write_private(file, b"")  # VACUUM INTO takes an empty file, which then has this mode from the beginning
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM INTO ?", (str(file),))
        finally:
            raw.close()
        _on_disk(file)
        with _read_only(file) as copied:
            return file, _told(copied), ""
    file = directory / f"{name}.dump"
    write_private(file, b"")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        schema = str(connection.scalar(text("SELECT current_schema()")))
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        told = _told(connection)
        words = ("--format=custom", f"--schema={schema}", f"--snapshot={snapshot}", f"--file={file}")
        run_program("pg_dump", engine, *words)
    _on_disk(file)
    return file, told, schema


def _told(connection: Connection) -> _Told | None:
    if not inspect(connection).has_table("audit_entry"):
        return None
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    cases = connection.scalar(text("SELECT count(*) FROM gate"))
    last = connection.execute(text("SELECT sequence, mac FROM audit_entry ORDER BY sequence DESC LIMIT 1")).first()
    return _Told(str(revision), int(cases or 0), last.sequence if last else 0, bytes(last.mac).hex() if last else "")


@contextmanager
def _read_only(file: Path) -> Iterator[Connection]:
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _on_disk(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


# -- the command ------------------------------------------------------------------------------------------------------


def say(step: str) -> None:
    """Tell somebody who watches the terminal what is being done."""
    if sys.stderr.isatty():
        click.echo(f"{step} …", err=True)


@click.command("backup")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: the manifest of the data.")
def backup_command(directory: Path, as_json: bool) -> None:
    """Copy data and key store into two parts of a new directory, while the application is running.

    Keep the parts apart, the key store's for a few days only. The master key file is not copied: keep it elsewhere.

    Example: flask --app wsgi backup backups/2026-11-25
    """
    try:
        written = back_up(database(), current_app.extensions["caseapp.config"].home, directory.absolute(), say)
    except (BadBackup, ProgramFailed, DamagedLedger) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(vars(written), sort_keys=True))
    else:
        click.echo(f"{written.cases} cases and {written.sequence} log entries are in {directory / DATA},")
        click.echo(f"their keys in {directory / KEYSTORE}. Keep the two apart.")
