"""One installation: its directory, master key, key store and database. Made once by `init`, connected at every start.

Promised: keys are never made on the quiet. `create` refuses wherever anything of an installation exists already; `connect`
changes nothing, and refuses a missing, open or wrong master key while a key store exists.
"""

import os
from pathlib import Path
from uuid import uuid4

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from caseapp import audit
from caseapp.db import Database, transaction
from caseapp.db.engine import make_engine
from caseapp.db.migrate import upgrade
from caseapp.formats import clock
from caseapp.keyholder import KeyringError, MasterKey, master_key_of
from config import Config


class AlreadyInstalled(Exception):
    """There is an installation here already; nothing was changed."""


def is_installed(config: Config) -> bool:
    """Whether anything of an installation exists: a master key, a key store or tables in the database."""
    return master_key_of(config).exists() or holds_anything(config)


def unfinished_restore(config: Config) -> Path:
    """The file that is there while a restore has not been proved: until it is gone nothing is served."""
    return config.home / "restore.unfinished"


def holds_anything(config: Config) -> bool:
    """Whether there are tables in the key store or in the database."""
    return _has_tables(config.keystore_url) or _has_tables(config.database_url)


def opened_master_key(config: Config) -> MasterKey:
    """The master key that the settings choose, opened. Raises KeyringError."""
    master = master_key_of(config)
    master.open()
    return master


def connect(config: Config) -> Database | None:
    """The opened database of this installation, or None where nothing is installed yet or a restore is not finished."""
    if unfinished_restore(config).exists() or not holds_anything(config):
        return None
    database = Database(config.database_url, config.keystore_url, opened_master_key(config))
    database.keyholder.open()
    _vouch(database, config)
    return database


def create(config: Config) -> Database:
    """A new installation: directory, master key, key store, empty database.

    Raises AlreadyInstalled if there is one, KeyringError if there is a master key alone (it waits for a restore).
    """
    if master_key_of(config).exists() and not holds_anything(config):
        raise KeyringError(
            f"There is a master key already (provider {config.key_provider}): it waits for a restore and is never overwritten. "
            "Nothing was changed."
        )
    if is_installed(config):
        raise AlreadyInstalled("There is an installation here already; nothing was changed.")
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(config.home, 0o700)
    previous = os.umask(0o077)
    try:
        master = master_key_of(config)
        master.create()
        database = Database(config.database_url, config.keystore_url, master)
        database.keyholder.create(str(uuid4()), clock.now())
        upgrade(database.engine)
    finally:
        os.umask(previous)
    _vouch(database, config)
    return database


def _vouch(database: Database, config: Config) -> None:
    audit.keep_checkpoints(database.keyholder, config.home, entries=config.checkpoint_entries, seconds=config.checkpoint_seconds)


def _has_tables(url: str) -> bool:
    path = url.removeprefix("sqlite:///")
    if path != url and not os.path.exists(path):
        return False
    engine = make_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def answers() -> bool:
    """Whether the bound database answers a question."""
    try:
        with transaction(reading=True) as current:
            current.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True
