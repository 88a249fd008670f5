"""The log: how long a million entries take to verify and in how much memory, and how many a second eight writers add without a fork."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import func, select

from caseapp import audit
from caseapp.access import Actor, Permission, action, allow
from caseapp.audit import AuditEntry, Entry
from caseapp.db import Database, new_id, transaction
from caseapp.db.migrate import upgrade
from caseapp.formats import clock
from caseapp.keyholder import create_keyring, read_keyring

from . import Figure

_AT_A_TIME = 10_000
_WRITERS = 8
_ROOT = Path(__file__).resolve().parents[2]


def measure(*, quick: bool) -> Iterator[Figure]:
    """A million entries (a hundred thousand with `quick`), then eight writers on each kind of database that is at hand."""
    with tempfile.TemporaryDirectory() as place:
        yield from _verifying(Path(place), 100_000 if quick else 1_000_000)
    with tempfile.TemporaryDirectory() as place:
        yield from _writers(f"sqlite:///{place}/log.db", f"sqlite:///{place}/keys.db", Path(place), 50 if quick else 150, "SQLite")
    server = os.environ.get("CASEAPP_TEST_POSTGRESQL")
    if server:
        with tempfile.TemporaryDirectory() as place:
            yield from _on_postgresql(server, Path(place), 50 if quick else 150)


def _installation(url: str, keystore_url: str, place: Path) -> Database:
    database = Database(url, keystore_url, create_keyring(place / "master.key"))
    database.keyholder.create(new_id(), clock.now())
    upgrade(database.engine)
    database.bind()
    return database


def _verifying(place: Path, count: int) -> Iterator[Figure]:
    url, keys = f"sqlite:///{place}/log.db", f"sqlite:///{place}/keys.db"
    database = _installation(url, keys, place)
    _fill(database, count)
    database.dispose()
    told = {"url": url, "keys": keys, "keyring": str(place / "master.key")}
    asked = [sys.executable, "-m", "scripts.measuring.log"]
    worker = subprocess.run(asked, input=json.dumps(told), capture_output=True, text=True, check=True, cwd=_ROOT)  # noqa: S603 - our own
    said = json.loads(worker.stdout)
    assert said["count"] == count, f"{said['count']} entries were walked"
    note = f"{count} entries, one process, {said['findings']} findings"
    yield Figure("verifying the log", said["seconds"], "s", 60 if count == 1_000_000 else None, note=note)
    yield Figure("peak memory of verifying", said["megabytes"], "MB", note=note)


def _fill(database: Database, count: int) -> None:
    begun, actor, agency = clock.now() - timedelta(days=365), new_id(), new_id()
    for start in range(0, count, _AT_A_TIME):
        with transaction() as current:
            entries = [
                Entry(
                    at=begun + timedelta(seconds=start + number),
                    request_id=new_id(),
                    actor_id=actor,
                    agency_id=agency,
                    action="view",
                    permission="case.read",
                    case_id=new_id(),
                    detail={"opened": {"case": [[agency, "identity", "own_agency", ""], [agency, "plan", "own_agency", ""]]}},
                )
                for number in range(min(_AT_A_TIME, count - start))
            ]
            audit.append(current, database.keyholder, entries)
            current.commit()


def _on_postgresql(server: str, place: Path, entries: int) -> Iterator[Figure]:
    name = f"measured_{uuid4().hex}"
    plain = server.replace("+psycopg", "")
    with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        with psycopg.connect(f"{plain}/{name}", autocommit=True) as connection:
            connection.execute(b"CREATE SCHEMA keystore")
        url = f"{server}/{name}"
        yield from _writers(url, f"{url}?options=-csearch_path%3Dkeystore", place, entries, "PostgreSQL")
    finally:
        with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _writers(url: str, keys: str, place: Path, entries: int, kind: str) -> Iterator[Figure]:
    database = _installation(url, keys, place)
    told = {"url": url, "keys": keys, "keyring": str(place / "master.key"), "entries": entries}
    asked = [sys.executable, "-m", "scripts.measuring.log"]
    writers = [
        subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT)  # noqa: S603 - our own
        for _writer in range(_WRITERS)
    ]
    for writer in writers:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(json.dumps(told) + "\n")
        writer.stdin.flush()
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.close()
    for writer in writers:
        assert writer.wait(300) == 0
    seconds = time.perf_counter() - began
    with transaction(reading=True) as current:
        written = current.scalar(select(func.count()).select_from(AuditEntry)) or 0
        _count, findings = audit.verify(current, database.keyholder)
    database.dispose()
    assert written == _WRITERS * entries
    yield Figure(f"entries a second, {_WRITERS} writers, {kind}", written / seconds, "/s", note=f"{written} actions")
    yield Figure(f"forks of the chain, {kind}", len(findings), "", 0, note="what verify found")


def _work() -> None:
    """One process on its own: verifies, or writes entries when it is told to go."""
    told = json.loads(sys.stdin.readline())
    database = Database(told["url"], told["keys"], read_keyring(Path(told["keyring"])))
    database.keyholder.open()
    database.bind()
    if "entries" in told:
        print("ready", flush=True)
        sys.stdin.readline()
        actor = Actor(new_id(), "", new_id())
        for _number in range(told["entries"]):
            _look(actor)
        return
    began = time.perf_counter()
    with transaction(reading=True) as current:
        count, findings = audit.verify(current, database.keyholder)
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"count": count, "findings": len(findings), "seconds": seconds, "megabytes": megabytes}))


@action
def _look(actor: Actor) -> None:
    allow(actor, Permission.OWN_ACCOUNT)


if __name__ == "__main__":
    _work()
