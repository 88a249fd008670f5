"""PostgreSQL's own programs for copying a database: where they are, and running them without showing a password to anybody.

Found as `scripts/postgresql.sh` finds them: CASEAPP_POSTGRESQL_BIN, the usual directories (the newest first), the search path. The
password goes by the environment, which only the same user can read; the rest of the address stands on the command line.
"""

import glob
import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine

_USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


class ProgramFailed(Exception):
    """A program of PostgreSQL is missing or refused; the message is one sentence."""


def run_program(name: str, engine: Engine, *words: str) -> None:
    """Run `pg_dump` or `pg_restore` against this engine's database. Raises ProgramFailed with the program's last line."""
    _positional, named = engine.dialect.create_connect_args(engine.url)
    password = named.pop("password", None)
    named.pop("options", None)  # the schema is named in the words
    address = make_conninfo(**{key: str(value) for key, value in named.items() if isinstance(value, str | int)})
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's with words of our own
        [_program(name), "--no-password", f"--dbname={address}", *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason was given"]
        raise ProgramFailed(f"{name} refused: {said[0].removeprefix(f'{name}: ')}.")


def _program(name: str) -> str:
    directories = [os.environ.get("CASEAPP_POSTGRESQL_BIN", "")]
    directories += [place for pattern in _USUAL for place in sorted(glob.glob(pattern), key=_version, reverse=True)]
    for directory in filter(None, directories):
        if os.access(Path(directory) / name, os.X_OK):
            return str(Path(directory) / name)
    found = shutil.which(name)
    if found is None:
        raise ProgramFailed(f"{name} is missing: install the package postgresql-client, or name its directory in CASEAPP_POSTGRESQL_BIN.")
    return found


def _version(directory: str) -> int:
    return int("".join(letter for letter in directory if letter.isdigit()) or 0)
