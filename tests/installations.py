"""Installations for tests: made once per run and kind of database, copied for each test, so that every test has one of its own.

The question answered here is "how does a test get a real database in a tenth of a second?". Promised: the same code path as a person
who installs (`init`), real files and a real server, nothing shared between tests. The PostgreSQL server is named by
CASEAPP_TEST_POSTGRESQL, as `scripts/test` starts it; without it only SQLite is proved, and the run says so.
"""

import fcntl
import os
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import inspect, text

from caseapp import create_app
from caseapp.statistics.background import at_once

SERVER = os.environ.get("CASEAPP_TEST_POSTGRESQL", "")
BACKENDS = ("sqlite", "postgresql") if SERVER else ("sqlite",)
_numbers = count(1)


class _Compiled(BytecodeCache):
    """Templates as the first application of this process compiled them: every other one has the same."""

    def __init__(self) -> None:
        self._of: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._of:
            bucket.bytecode_from_string(self._of[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._of[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Compiled()


@dataclass(frozen=True)
class Installation:
    """One installation on disk: its settings as `create_app` takes them, and its home directory."""

    home: Path
    environment: dict[str, str] = field(repr=False)

    @property
    def is_postgresql(self) -> bool:
        """Whether its databases lie on the PostgreSQL server."""
        return self.environment["CASEAPP_DATABASE_URL"].startswith("postgresql")

    @contextmanager
    def application(self) -> Iterator[Flask]:
        """The application on this installation; its connections are closed afterwards."""
        app = create_app(self.environment)
        app.config["TESTING"] = True
        app.jinja_env.bytecode_cache = _TEMPLATES
        app.extensions["caseapp.runner"] = at_once  # what is asked for on a page is done when the page answers
        try:
            yield app
        finally:
            if app.extensions["caseapp.database"]:
                app.extensions["caseapp.database"].dispose()


def _environment(home: Path, database: str | None) -> dict[str, str]:
    # On PostgreSQL the key store is a schema of its own: one copy for each test instead of two
    data = f"{SERVER}/{database}" if database else f"sqlite:///{home}/caseapp.db"
    keys = f"{data}?options=-csearch_path%3Dkeystore" if database else f"sqlite:///{home}/keystore.db"
    return {"CASEAPP_HOME": str(home), "CASEAPP_DATABASE_URL": data, "CASEAPP_KEYSTORE_URL": keys}


def _administer(statement: str, database: str = "postgres") -> None:
    with psycopg.connect(f"{SERVER.replace('+psycopg', '')}/{database}", autocommit=True) as connection:
        connection.execute(statement.encode())


def _initialise(made: Installation) -> str:
    """`flask --app wsgi init`, in this process; the first administrator's invitation token."""
    app = create_app(made.environment)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["init", "--municipality", "Provköping"])
    assert done.exit_code == 0, done.output or done.exception
    app.extensions["caseapp.database"].dispose()
    return re.search(r"/invitation/(\S+)", done.output)[1]  # type: ignore[index]


class Workshop:
    """Makes templates, and copies of them. Workers of one run have the directory, and with it the templates, in common."""

    def __init__(self, directory: Path, worker: str) -> None:
        self._directory = directory
        self._worker = worker
        self._templates: dict[tuple[str, str], tuple[Installation, Any]] = {}

    def template(self, backend: str, name: str, fill: Callable[[Flask, str], Any]) -> tuple[Installation, Any]:
        """The template of this name, filled the first time; with what `fill(app, invitation token)` returned, which must be picklable."""
        key = (backend, name)
        if key not in self._templates:
            home = self._directory / f"{backend}-{name}"
            kept = home.with_suffix(".made")
            with home.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # whoever else needs it waits, and takes what was made
                if not kept.exists():
                    kept.write_bytes(pickle.dumps(self._make(backend, home, fill)))
            self._templates[key] = pickle.loads(kept.read_bytes())
        return self._templates[key]

    def _make(self, backend: str, home: Path, fill: Callable[[Flask, str], Any]) -> tuple[Installation, Any]:
        shutil.rmtree(home, ignore_errors=True)  # of a worker that was interrupted in the middle
        made = Installation(home, _environment(home, self._new_database(backend)))
        invitation = _initialise(made)
        with made.application() as app:
            return made, fill(app, invitation)

    @contextmanager
    def copy(self, template: Installation, home: Path) -> Iterator[Installation]:
        """An installation equal to the template, gone afterwards."""
        shutil.copytree(template.home, home)
        if not template.is_postgresql:
            yield Installation(home, _environment(home, None))
            return
        database = self._new_database("postgresql", template.environment["CASEAPP_DATABASE_URL"].rpartition("/")[2])
        try:
            yield Installation(home, _environment(home, database))
        finally:
            _administer(f'DROP DATABASE "{database}" WITH (FORCE)')

    @contextmanager
    def empty(self, like: Installation, home: Path) -> Iterator[Installation]:
        """A place for an installation, with nothing in it, on the same kind of database; gone afterwards."""
        home.mkdir(mode=0o700)
        database = self._new_database("postgresql" if like.is_postgresql else "sqlite")
        try:
            yield Installation(home, _environment(home, database))
        finally:
            if database:
                _administer(f'DROP DATABASE "{database}" WITH (FORCE)')

    def _new_database(self, backend: str, original: str = "") -> str | None:
        if backend == "sqlite":
            return None
        name = f"{self._worker}_{next(_numbers)}"
        # files are copied rather than pages logged: half the time where nothing is synchronised
        _administer(f'CREATE DATABASE "{name}" TEMPLATE "{original or "template0"}" STRATEGY file_copy')
        if not original:
            _administer("CREATE SCHEMA keystore", name)
        return name


def run_mark() -> str:
    """A short mark of this run, so that two runs against one server do not meet."""
    return os.urandom(4).hex()


def every_row_but_traces(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table but the log and the sessions."""
    database = app.extensions["caseapp.database"]
    tables = set(inspect(database.engine).get_table_names()) - {"audit_entry", "sign_in_session", "alembic_version"}
    with database.engine.connect() as connection:
        return {table: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"')))) for table in tables}
