"""The doctor's look at what is stored: keys, revision, settings of the database, the log's guard and chain, one value of each kind."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from caseapp import audit
from caseapp.db import transaction
from caseapp.db.engine import make_engine
from caseapp.db.migrate import newest_revision
from caseapp.formats import clock
from caseapp.keyholder import KeyRefused

from . import ledger
from .key_age import key_age_warnings
from .ledger import DamagedLedger, read_ledger
from .looking import FAILED, OK, WARNING, Observation, Patient, all_or_one
from .proving import keys_against_rows, unopened_values

#: How many of the newest entries are walked unless the whole log is asked for.
NEWEST = 2000
_PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "recursive_triggers": "1"}
_AHEAD = timedelta(minutes=1)


def key_store(patient: Patient) -> Iterator[Observation]:
    """The master key opens the key store."""
    try:
        patient.database.keyholder.open()
    except KeyRefused as error:
        yield Observation(FAILED, str(error))
        return
    yield Observation(OK, "The master key opens the key store.")


def key_age(patient: Patient) -> Iterator[Observation]:
    """The master key is not too old, and nothing of an earlier rotation lingers."""
    warnings = key_age_warnings(patient.database.keyholder.standing(), clock.now(), master_key_days=patient.config.master_key_days)
    if not warnings:
        yield Observation(OK, "The master key is young enough, and no earlier key lingers.")
    for sentence in warnings:
        yield Observation(WARNING, sentence)


def case_keys(patient: Patient) -> Iterator[Observation]:
    """Every case has a key, and no case whose key was destroyed has rows."""
    standing = patient.database.keyholder.standing_of_keys()
    destroyed = sum(not alive for alive in standing.values())
    fine = f"Every case has its key; {destroyed} keys are destroyed and have no rows."
    yield from all_or_one(keys_against_rows(patient.database), fine)


def erasures(patient: Patient) -> Iterator[Observation]:
    """The erasure ledger is whole, and every erasure in it was carried out to the end."""
    try:
        known = read_ledger(patient.config.home / ledger.NAME, patient.database.keyholder)
    except DamagedLedger as error:
        yield Observation(FAILED, str(error))
        return
    standing = patient.database.keyholder.standing_of_keys()
    begun = sorted(case_id for case_id in known.case_ids if standing.get(case_id))
    wrong = [f"The erasure of case {case_id} was begun and not finished: run it again." for case_id in begun]
    lost = sorted(case_id for case_id, alive in standing.items() if not alive and case_id not in known.case_ids)
    if lost:
        wrong.append(f"{len(lost)} destroyed keys are not in the erasure ledger, {lost[0]} is the first: fetch the newest ledger.")
    yield from all_or_one(wrong, f"The erasure ledger is whole and has {len(known.erasures)} lines.")


def values(patient: Patient) -> Iterator[Observation]:
    """A value of each kind of compartment opens."""
    tried, wrong = unopened_values(patient.database)
    yield from all_or_one(wrong, f"A value of each of {tried} kinds opens.")


def revision(patient: Patient) -> Iterator[Observation]:
    """The database has the shape this version of the program expects."""
    with patient.database.engine.connect().execution_options(reading=True) as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found == newest_revision():
        yield Observation(OK, f"The database is at revision {found}, the newest.")
    else:
        told = f"The database is at revision {found} and {newest_revision()} is the newest."
        yield Observation(FAILED, f"{told} Run: flask --app wsgi db upgrade")


def settings_of_database(patient: Patient) -> Iterator[Observation]:
    """SQLite: what every connection must have. PostgreSQL: the role that the program works as."""
    if patient.is_sqlite:
        yield from _pragmas(patient)
    else:
        with patient.database.engine.connect() as connection:
            yield from _role(connection, patient)


def _pragmas(patient: Patient) -> Iterator[Observation]:
    wrong = []
    for url in (patient.config.database_url, patient.config.keystore_url):
        engine = make_engine(url)
        try:
            with engine.connect().execution_options(reading=True) as connection:
                found = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in _PRAGMAS}
        finally:
            engine.dispose()
        wrong += [f"SQLite's {name} is {found[name]} instead of {wanted}." for name, wanted in _PRAGMAS.items() if found[name] != wanted]
    yield from all_or_one(wrong, "SQLite writes ahead and fully, deletes securely, keeps foreign keys and fires every trigger.")


def _role(connection: Connection, patient: Patient) -> Iterator[Observation]:
    serious = WARNING if patient.is_demonstration else FAILED
    if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        yield Observation(serious, "The program works as a superuser of PostgreSQL: give it a role of its own without that (NOSUPERUSER).")
    elif connection.scalar(text("SELECT has_table_privilege('audit_entry', 'UPDATE') OR has_table_privilege('audit_entry', 'DELETE')")):
        yield Observation(serious, "The program's role may change the log: REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry from it.")
    else:
        yield Observation(OK, "The program's role is no superuser and may not change the log.")


def guard(patient: Patient) -> Iterator[Observation]:
    """The log refuses to be changed: tried, and undone."""
    wrong = []
    tried = {
        "changed": "UPDATE audit_entry SET reason = 'x' WHERE sequence = (SELECT max(sequence) FROM audit_entry)",
        "removed": "DELETE FROM audit_entry WHERE sequence = (SELECT max(sequence) FROM audit_entry)",
    }
    for word, statement in tried.items():
        with patient.database.engine.connect() as connection:
            try:
                connection.execute(text(statement))
                wrong.append(f"An entry of the log could be {word} (it was undone at once): its guard is gone.")
            except DBAPIError:
                pass
            finally:
                connection.rollback()
    yield from all_or_one(wrong, "The log refuses that an entry is changed or removed.")


def chain(patient: Patient) -> Iterator[Observation]:
    """The log is whole: its newest entries, or all of it."""
    patient.database.bind()
    with transaction(reading=True) as session:
        if patient.is_whole:
            count, findings = audit.verify(session, patient.database.keyholder)
            wrong = [f"Entry {finding.sequence} of the log: {finding.message}." for finding in findings]
        else:
            count, broken = audit.verify_newest(session, patient.database.keyholder, NEWEST)
            wrong = [f"Entry {sequence} of the log does not follow the one before." for sequence in broken]
    yield from all_or_one(wrong, f"The {'whole log' if patient.is_whole else 'end of the log'} verifies ({count} entries).")


def checkpoints(patient: Patient) -> Iterator[Observation]:
    """The log holds every entry that a checkpoint outside its database vouches for."""
    patient.database.bind()
    with transaction(reading=True) as session:
        count, wrong = audit.verify_checkpoints(session, patient.database.keyholder)
    if not count and not wrong:
        yield Observation(WARNING, "No checkpoint vouches for the log yet: one is made with the next entry, or by `audit verify`.")
    else:
        yield from all_or_one(wrong, f"The log holds what its {count} checkpoints vouch for.")


def the_clock(patient: Patient) -> Iterator[Observation]:
    """The clock does not stand before the last entry of the log."""
    patient.database.bind()
    with transaction(reading=True) as session:
        last = _last_moment(session)
    if last is not None and last > clock.now() + _AHEAD:
        yield Observation(FAILED, f"The clock stands before the log's last entry ({last.isoformat(timespec='seconds')}): set it right.")
    else:
        yield Observation(OK, "The clock stands after the log's last entry.")


def _last_moment(session: Session) -> datetime | None:
    return session.scalar(select(audit.AuditEntry.at).order_by(audit.AuditEntry.sequence.desc()).limit(1))
