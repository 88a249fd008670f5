"""A key file made again from the master key itself, after the file was lost. Nothing is written before the key has proved itself."""

from pathlib import Path

from sqlalchemy import Engine, inspect, select

from .keyring import Keyring, write_new
from .keystore import Keyholder
from .master import KeyringError
from .tables import WRAPPED
from .wrapping import KeyRefused, WrongMasterKey


def recover_key_file(engine: Engine, key: bytes, path: Path) -> int:
    """Write the key file of this key store with this one key; the version it is.

    Raises KeyringError if the file exists or the store needs other versions as well, WrongMasterKey if the key is not this store's,
    KeyRefused where there is no key store. Nothing is written then.
    """
    if path.exists():
        raise KeyringError(f"The key file {path} exists already and is never overwritten.")
    present = set(inspect(engine).get_table_names())
    if not {"installation", "purpose_key", "case_key"} <= present:
        raise KeyRefused("There is no key store here that the key could be checked against. Restore it from its back-up first.")
    with engine.connect().execution_options(reading=True) as connection:
        tables = [table for table, _name in WRAPPED if table.name in present]
        queries = [select(table.c.master_version).where(table.c.wrapped.is_not(None)).distinct() for table in tables]
        versions = {version for query in queries for version in connection.scalars(query)}
    if len(versions) > 1:
        raise KeyringError(
            f"The key store needs versions {', '.join(map(str, sorted(versions)))} of the master key, and shares hold one: "
            "restore the key file from its back-up. Nothing was written."
        )
    version = versions.pop() if versions else 1
    ring = Keyring(version, {version: key})
    try:
        Keyholder(engine, ring).open()
    except WrongMasterKey:
        raise WrongMasterKey("These shares give a key that does not belong to this key store. Nothing was written.") from None
    write_new(path, ring)
    return version
