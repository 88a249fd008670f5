"""`flask --app wsgi restore DIR`: a back-up into an empty installation, proved before anything is served.

The master key file is in place already: it is in no back-up. Proved, in this order: the hashes of the files, that the master key opens
the key store, that this installation wrote the manifests, the log's chain, every row's seal, that every case has its key, one value
of each kind of compartment. Before that the erasure ledger is replayed: keys of cases that were erased after the back-up was made are
destroyed, their rows removed. The ledger is the one in CASEAPP_HOME or named with --ledger; what the key store itself knows to be
destroyed counts as well, so data from before an erasure and a key store from after it bring nothing back.

SQLite: everything is prepared in files beside, which take their places when all is proved. PostgreSQL: restored into the empty databases.
Until the end a marker lies in CASEAPP_HOME, and while it is there every request is answered with 503. A restore that failed is run
again: it removes what the earlier one left, which it may, since it began with nothing.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from caseapp import audit, installation
from caseapp.audit import GUARD
from caseapp.db import Base, Database, transaction
from caseapp.db.migrate import newest_revision, revisions, upgrade
from caseapp.formats import clock
from caseapp.keyholder import KeyRefused, KeyringError
from caseapp.keyholder import keystore as key_tables
from caseapp.terminal import CONFIGURATION
from config import Config

from . import ledger as erasures
from .backup import say
from .erasing import destroy_key, forget_traces, remove_rows
from .ledger import DamagedLedger, Erasure, Ledger, read_ledger
from .manifest import DATA, KEYSTORE, BadBackup, Manifest, check_manifest, read_manifest, write_private
from .postgresql_programs import ProgramFailed, run_program
from .proving import broken_seals, keys_against_rows, unopened_values

_BESIDE = ".restoring"


@dataclass(frozen=True)
class Restored:
    """What is in place now: cases in it, log entries, and how many cases were erased again."""

    cases: int
    entries: int
    erased_again: int


@dataclass(frozen=True)
class Source:
    """Where the parts lie. `ledger`: the erasure ledger to replay; None: the one in CASEAPP_HOME. `ledger_is_lost`: neither is left."""

    data: Path
    keystore: Path
    ledger: Path | None = None
    ledger_is_lost: bool = False


def restore(config: Config, source: Source, progress: Callable[[str], None] = lambda _step: None) -> Restored:
    """Put this back-up in place. Raises BadBackup, DamagedLedger, KeyRefused, KeyringError, ProgramFailed; nothing is served then."""
    _refuse_unless_empty(config)
    progress("checking the files")
    data, keys = read_manifest(source.data, DATA), read_manifest(source.keystore, KEYSTORE)
    master = installation.opened_master_key(config)
    kind = make_url(config.database_url).get_backend_name()
    if {data.kind, keys.kind} != {kind}:
        raise BadBackup(f"The back-up is of {data.kind} and the installation is set up for {kind}. Nothing was changed.")
    if data.revision not in revisions():
        raise BadBackup(f"The back-up has revision {data.revision}, which this version of the program does not know. Nothing was changed.")
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _umask(), _prepared(config, source, data, keys) as urls:
        prepared = Database(*urls, master)
        try:
            restored = _prove(prepared, config, source, data, keys, progress)
        finally:
            prepared.dispose()
    return restored


def _refuse_unless_empty(config: Config) -> None:
    if installation.unfinished_restore(config).exists():
        return
    if installation.holds_anything(config):
        raise BadBackup("There is an installation here already; a restore never writes over one. Nothing was changed.")


# -- proving ----------------------------------------------------------------------------------------------------------


def _prove(
    prepared: Database, config: Config, source: Source, data: Manifest, keys: Manifest, progress: Callable[[str], None]
) -> Restored:
    prepared.keyholder.open()
    check_manifest(data, prepared.keyholder)
    check_manifest(keys, prepared.keyholder)
    known, written = _ledger(prepared, config, source, data, keys)
    if data.revision != newest_revision():
        progress("bringing the data to this version of the program")
        upgrade(prepared.engine)
    prepared.bind()
    with transaction(reading=True) as session:
        last = session.get(audit.AuditEntry, data.sequence)
        if data.sequence and (last is None or last.mac.hex() != data.last_mac):
            raise BadBackup("The log in the data does not end as the manifest says.")
    progress("replaying the erasures")
    erased = _replay(prepared, known)
    progress("verifying the log")
    with transaction(reading=True) as session:
        count, findings = audit.verify(session, prepared.keyholder)
    wrong = [f"The log is not whole: entry {finding.sequence}, {finding.message}." for finding in findings[:1]]
    wrong = wrong or broken_seals(prepared, progress) or keys_against_rows(prepared) or unopened_values(prepared)[1]
    if wrong:
        raise BadBackup(wrong[0])
    _log(prepared, data, erased)
    _keep_ledger(config, written)
    with transaction(reading=True) as session:
        cases = session.scalar(text("SELECT count(*) FROM gate"))
    return Restored(int(cases or 0), count + 1, erased)


def _ledger(prepared: Database, config: Config, source: Source, data: Manifest, keys: Manifest) -> tuple[Ledger, bytes]:
    """The ledger to replay, and the bytes of its file."""
    place, copied = config.home / erasures.NAME, source.keystore / erasures.NAME
    chosen = source.ledger or place
    if not chosen.exists() and not source.ledger_is_lost:
        raise BadBackup(
            f"The erasure ledger {chosen} is missing, so cases erased since the back-up would come back. "
            "Name it with --ledger FILE; if it is lost, or nothing was ever erased, say --without-ledger."
        )
    if not chosen.exists():
        chosen = copied
    known, here = read_ledger(chosen, prepared.keyholder), read_ledger(place, prepared.keyholder)
    if not known.begins_with(*here.end):
        raise BadBackup(f"The erasure ledger {place} holds erasures that {chosen} does not. Name the newest, or take the older one away.")
    for manifest in (data, keys):
        if not known.begins_with(manifest.ledger_lines, manifest.ledger_mac) and not source.ledger_is_lost:
            raise BadBackup(f"The erasure ledger {chosen} is older than the back-up, or another one. Name the newest with --ledger FILE.")
    return known, chosen.read_bytes() if chosen.exists() else b""


def _keep_ledger(config: Config, written: bytes) -> None:
    place = config.home / erasures.NAME
    if written and (not place.exists() or place.read_bytes() != written):
        beside = place.with_name(place.name + _BESIDE)
        beside.unlink(missing_ok=True)
        write_private(beside, written)
        os.replace(beside, place)


def _replay(prepared: Database, known: Ledger) -> int:
    """Erase again what was erased since; how many cases that concerned."""
    chosen = {erasure.case_id: erasure for erasure in known.erasures}
    for case_id, is_alive in prepared.keyholder.standing_of_keys().items():
        if not is_alive:
            chosen.setdefault(case_id, Erasure(case_id, clock.now(), "key_destroyed", ()))
    count = 0
    for erasure in chosen.values():
        key = destroy_key(prepared, erasure.case_id, erasure.at)
        count += bool(remove_rows(prepared, erasure, reason="replayed")) or key
    if count:
        forget_traces(prepared)
    return count


def _log(prepared: Database, data: Manifest, erased: int) -> None:
    with transaction() as session:
        told = {"backup": data.backup, "made_at": data.at, "erased_again": erased}
        audit.append(
            session, prepared.keyholder, [audit.Entry(clock.now(), "", None, None, "restore", "installation.restore", detail=told)]
        )
        session.commit()


# -- places -----------------------------------------------------------------------------------------------------------


@contextmanager
def _prepared(config: Config, source: Source, data: Manifest, keys: Manifest) -> Iterator[tuple[str, str]]:
    """The addresses where data and key store are prepared; in their places when this ends without an error."""
    marker = installation.unfinished_restore(config)
    parts = ((config.database_url, source.data, data), (config.keystore_url, source.keystore, keys))
    if make_url(config.database_url).get_backend_name() == "sqlite":
        places = [Path(make_url(url).database or "") for url, _from, _manifest in parts]
        beside = [place.with_name(place.name + _BESIDE) for place in places]
        for place, prepared, (_url, directory, manifest) in zip(places, beside, parts, strict=True):
            _remove(prepared)
            if marker.exists():
                _remove(place)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(directory / _only_file(manifest), prepared)
        try:
            yield f"sqlite:///{beside[0]}", f"sqlite:///{beside[1]}"
        except BaseException:
            for prepared in beside:
                _remove(prepared)
            raise
        _mark(marker)
        for prepared, place in zip(beside, places, strict=True):
            os.replace(prepared, place)
    else:
        _mark(marker)
        for url, directory, manifest in parts:
            _into_postgresql(config, url, directory / _only_file(manifest), manifest.schema)
        yield config.database_url, config.keystore_url
    marker.unlink()


def _into_postgresql(config: Config, url: str, file: Path, schema: str) -> None:
    made = Database(url, config.keystore_url, installation.opened_master_key(config))
    engine = made.engine
    try:
        with engine.begin() as connection:
            here = connection.scalar(text("SELECT current_schema()"))
            if here != schema:
                raise BadBackup(f"The back-up was made of the schema {schema}, and the settings name {here}.")
            for name in _tables(is_keystore=url == config.keystore_url):
                connection.execute(text(f'DROP TABLE IF EXISTS "{name}" CASCADE'))
            if url == config.database_url:
                connection.execute(text("DROP FUNCTION IF EXISTS audit_append_only() CASCADE"))
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={schema}", str(file))
        run_program("pg_restore", engine, *words)
        if url == config.database_url:
            with engine.begin() as connection:  # privileges are not restored: the roles of another server have other names
                connection.execute(text(GUARD["postgresql"][-1]))
    finally:
        made.dispose()


def _tables(*, is_keystore: bool) -> list[str]:
    if is_keystore:
        return sorted(key_tables.metadata.tables)
    return [*sorted(Base.metadata.tables), "alembic_version"]


def _only_file(manifest: Manifest) -> str:
    names = [name for name in manifest.files if name != erasures.NAME]
    if len(names) != 1:
        raise BadBackup(f"The manifest of the {manifest.part} names {len(names)} files instead of one.")
    return names[0]


def _mark(marker: Path) -> None:
    if not marker.exists():
        write_private(marker, b"A restore was begun and is not proved yet. Run it again; nothing is served until then.\n")


def _remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


@contextmanager
def _umask() -> Iterator[None]:
    previous = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(previous)


# -- the command ------------------------------------------------------------------------------------------------------


@click.command("restore")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--keystore", type=click.Path(path_type=Path), help="The back-up (or its keystore directory) to take the keys from.")
@click.option("--ledger", type=click.Path(path_type=Path), help="The erasure ledger; otherwise erasures.log in CASEAPP_HOME.")
@click.option("--without-ledger", is_flag=True, help="No erasure ledger is left: replay only what the back-up itself knows.")
def restore_command(directory: Path, keystore: Path | None, ledger: Path | None, without_ledger: bool) -> None:
    """Put a back-up in place in an empty installation whose master key is there, and prove it before it may be served.

    Cases erased after the back-up was made are erased again. Exit 1 with one sentence where something is wrong, 78 for a key that
    cannot be used; nothing is served then.

    Example: flask --app wsgi restore backups/2026-11-25
    """
    keys = directory if keystore is None else keystore
    source = Source(_part(directory, DATA), _part(keys, KEYSTORE), ledger, without_ledger)
    try:
        restored = restore(current_app.extensions["caseapp.config"], source, say)
    except (KeyRefused, KeyringError) as error:
        click.echo(str(error), err=True)
        sys.exit(CONFIGURATION)
    except (BadBackup, DamagedLedger, ProgramFailed) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except DBAPIError as error:
        click.echo(f"The copies are no databases that can be read ({type(error.orig).__name__}).", err=True)
        sys.exit(1)
    click.echo(f"{restored.cases} cases and {restored.entries} log entries are in place; {restored.erased_again} cases were erased again.")
    click.echo("Everything was proved; the installation may be served.")


def _part(directory: Path, part: str) -> Path:
    inside = directory / part
    return (inside if inside.is_dir() else directory).absolute()
