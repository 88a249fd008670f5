"""Wrapping keys by the master key, each for its place: what a wrapped key is, and what a wrong master key gets.

A wrapped key opens only for the installation, the kind, the name and the master version it was wrapped for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from caseapp.crypto import place

from .master import Damaged, MasterKey, UnknownVersion
from .tables import lock_writers


class KeyRefused(Exception):
    """A key cannot be handed out."""


class WrongMasterKey(KeyRefused):
    """The master key does not belong to this key store."""


class LackingVersion(WrongMasterKey):
    """The master key lacks a version that a key is wrapped by."""


class Wrapping:
    """The hands that wrap and unwrap for one key store."""

    def __init__(self, engine: Engine, master: MasterKey) -> None:
        self.engine, self.master = engine, master
        self.installation_id = ""

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Connection]:
        """A transaction in which keys may be wrapped: the versions of the master key are those of this moment until it ends.

        `alone`: nobody else wraps anything meanwhile, so that a version can be removed.
        """
        with self.engine.begin() as connection:
            lock_writers(connection, alone=alone)
            self.master.open()
            yield connection

    def wrap(self, key: bytes, kind: str, name: str) -> dict[str, object]:
        """The columns of a wrapped key. Called within `writing`."""
        version = self.master.current
        return {"master_version": version, "wrapped": self.master.wrap(key, self._place(kind, name, version), version)}

    def unwrap(self, wrapped: bytes, version: int, kind: str, name: str) -> bytes:
        """The key. Raises WrongMasterKey if it was not wrapped for this place by the master key at hand."""
        at = self._place(kind, name, version)
        try:
            try:
                return self.master.unwrap(wrapped, at, version)
            except UnknownVersion:  # the master key was rotated since this process read it
                self.master.open()
                return self.master.unwrap(wrapped, at, version)
        except UnknownVersion as error:
            raise LackingVersion(str(error)) from None
        except Damaged:
            raise WrongMasterKey(
                f"The {_WHERE.get(self.master.provider, 'master key')} does not belong to this key store (or the store is damaged). "
                "Nothing was changed."
            ) from None

    def forget_earlier_pages(self) -> None:
        """Empty SQLite's write-ahead file, where the page as it was before still lies (PostgreSQL: its own archive's age decides)."""
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def _place(self, kind: str, name: str, version: int) -> bytes:
        return place("wrap", self.installation_id, kind, name, str(version))


_WHERE = {"file": "key file", "memory": "key file"}
