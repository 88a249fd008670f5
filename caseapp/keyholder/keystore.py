"""The key store and what is handed out of it.

Guarantees: a case key leaves this module only as compartment sealers; a wrapped key opens only for the case, the installation
and the master version it was wrapped for; a destroyed key stays destroyed, with the time it happened.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, String, Table, insert, inspect, select, update

from caseapp.crypto import Damaged, Sealer, derive, derive_at, new_key, place
from caseapp.crypto import blind_index as _blind_index

from .keyring import Keyring

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
installation = Table(
    "installation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("created_at", String(32), nullable=False),
)
purpose_key = Table(
    "purpose_key",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
case_key = Table(
    "case_key",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", String(32), nullable=False),
    Column("destroyed_at", String(32)),
)

#: Signed statements about the log: how long it was, and how it ended. Kept here because this is another database than the log's.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("written", String(512), nullable=False),
)

# The two drawers of a compartment: coded answers can be opened for statistics without opening names, numbers or text.
_TEXT, _CODES = place("text"), place("codes")

#: Each purpose has a random key of its own: look-up of numbers, the log's chain, row seals, the office register, sign-in, sessions.
PURPOSES = ("lookup", "audit", "rows", "office", "credentials", "sessions")

_BATCH = 500  # SQLite's oldest limit on variables in one statement is 999

CompartmentPlace = tuple[str, str, str]
"""(case id, owner agency id, information type)"""


@contextmanager
def _impatient(connection: Connection) -> Iterator[None]:
    """Give up instead of waiting for other writers: what is done here is done after somebody's answer was ready."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET LOCAL lock_timeout = 100")
        yield
        return
    (usual,) = connection.exec_driver_sql("PRAGMA busy_timeout").one()
    connection.exec_driver_sql("PRAGMA busy_timeout = 100")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(usual)}")


class KeyRefused(Exception):
    """A key cannot be handed out."""


class WrongMasterKey(KeyRefused):
    """The key file does not belong to this key store."""


class CompartmentKey:
    """The sealers of one compartment. `codes` opens coded answers, `text` names, numbers and free text (None: not handed out)."""

    __slots__ = ("codes", "text")

    def __init__(self, codes: Sealer, text: Sealer | None) -> None:
        self.codes, self.text = codes, text


class Keyholder:
    """Holds the master key and the key store of one installation."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine, self._keyring = engine, keyring
        self._purposes: dict[str, bytes] = {}
        self.installation_id = ""

    # -- life ---------------------------------------------------------------------------------------------------------

    def create(self, installation_id: str, at: datetime) -> None:
        """Make the key store: its tables, the installation's id and one random key for each purpose."""
        metadata.create_all(self._engine)
        self.installation_id = installation_id
        with self._engine.begin() as connection:
            connection.execute(insert(installation).values(id=installation_id, created_at=at.isoformat()))
            for name in PURPOSES:
                connection.execute(insert(purpose_key).values(name=name, **self._wrap(new_key(), "purpose", name)))
        self.open()

    def open(self) -> None:
        """Unwrap the purpose keys. Raises WrongMasterKey if the master key is not this key store's; nothing is changed."""
        if not inspect(self._engine).has_table(installation.name):
            raise KeyRefused("The key store is empty. Run `flask --app wsgi init` first.")
        with self._engine.connect().execution_options(reading=True) as connection:
            self.installation_id = connection.execute(select(installation.c.id)).scalar_one_or_none() or ""
            rows = connection.execute(select(purpose_key)).all()
        missing = set(PURPOSES) - {row.name for row in rows}
        if not self.installation_id or missing:
            raise KeyRefused("The key store is not complete. Restore it from its back-up; nothing was changed.")
        self._purposes = {row.name: self._unwrap(row.wrapped, row.master_version, "purpose", row.name) for row in rows}
        metadata.create_all(self._engine)  # a store from before checkpoints gets their table

    def keep_checkpoint(self, sequence: int, written: str) -> None:
        """Store a checkpoint of the log unless one of this number is kept already. Raises DBAPIError at once if the store is busy."""
        # reading: on SQLite nothing is locked before the first write
        with self._engine.connect().execution_options(reading=True) as connection, _impatient(connection):
            if connection.execute(select(checkpoint.c.sequence).where(checkpoint.c.sequence == sequence)).first() is None:
                connection.execute(insert(checkpoint).values(sequence=sequence, written=written))
            connection.commit()

    def kept_checkpoints(self) -> list[str]:
        """Every checkpoint as it was written, in order."""
        with self._engine.connect().execution_options(reading=True) as connection:
            return list(connection.scalars(select(checkpoint.c.written).order_by(checkpoint.c.sequence)))

    def purpose_key(self, name: str) -> bytes:
        """The key of one purpose (32 bytes)."""
        return self._purposes[name]

    def purpose_sealer(self, name: str) -> Sealer:
        """A sealer for values that belong to no case, such as staff names or second-factor secrets."""
        return Sealer(derive(self._purposes[name], "sealing"), place(self.installation_id, "", "", name))

    def web_secret(self) -> bytes:
        """The key Flask signs form tokens and return addresses with."""
        return derive(self._purposes["sessions"], "signing")

    def blind_index(self, *parts: str) -> str:
        """The look-up value (32 hexadecimal characters) for these parts."""
        return _blind_index(self._purposes["lookup"], *parts)

    # -- cases --------------------------------------------------------------------------------------------------------

    def new_case(self, case_id: str, at: datetime) -> None:
        """Make and store a random key for a case. It is committed at once: a key without a case harms nothing, the reverse would."""
        with self._engine.begin() as connection:
            wrapped = self._wrap(new_key(), "case", case_id)
            connection.execute(insert(case_key).values(case_id=case_id, created_at=at.isoformat(), **wrapped))

    def hand_out(
        self,
        wanted: Mapping[str, Iterable[tuple[str, str]]],
        *,
        codes_only: bool = False,
        spoiled: Callable[[str], None] | None = None,
    ) -> dict[CompartmentPlace, CompartmentKey]:
        """Sealers for the wanted compartments.

        `wanted`: case id → (owner agency id, information type) pairs. Cases whose key was destroyed or is unknown are left
        out of the result. With `codes_only` the text drawers stay shut. A wrapped key that is not its case's raises
        WrongMasterKey, or is told to `spoiled` and left out, so that one spoiled row does not shut every other case.
        """
        handed: dict[CompartmentPlace, CompartmentKey] = {}
        for case_id, key in self._case_keys([case_id for case_id, pairs in wanted.items() if pairs], spoiled).items():
            here = place(self.installation_id, case_id)
            for agency_id, information_type in wanted[case_id]:
                compartment = place(agency_id, information_type)
                codes = Sealer(derive_at(key, compartment + _CODES), here + compartment + _CODES)
                text = None if codes_only else Sealer(derive_at(key, compartment + _TEXT), here + compartment + _TEXT)
                handed[case_id, agency_id, information_type] = CompartmentKey(codes, text)
        return handed

    def standing_of_keys(self) -> dict[str, bool]:
        """Every case that ever had a key → whether the key is there (False: it was destroyed). Nothing is unwrapped."""
        with self._engine.connect().execution_options(reading=True) as connection:
            query = select(case_key.c.case_id, case_key.c.wrapped.is_not(None))
            return {case_id: bool(alive) for case_id, alive in connection.execute(query)}

    def destroy_case(self, case_id: str, at: datetime) -> None:
        """Destroy the key of a case for good, its traces in the store's files too. What was sealed under it never opens again.

        Raises KeyRefused if there is no such key, or if it was destroyed already.
        """
        alive = (case_key.c.case_id == case_id) & case_key.c.wrapped.is_not(None)
        with self._engine.begin() as connection:
            found = connection.execute(update(case_key).where(alive).values(wrapped=None, destroyed_at=at.isoformat()))
            if found.rowcount != 1:
                raise KeyRefused(f"There is no key to destroy for case {case_id}.")
        self._forget_earlier_pages()

    def _forget_earlier_pages(self) -> None:
        """Empty SQLite's write-ahead file, where the page as it was before still lies (PostgreSQL: its own archive's age decides)."""
        if self._engine.dialect.name != "sqlite":
            return
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def _case_keys(self, case_ids: list[str], spoiled: Callable[[str], None] | None) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        with self._engine.connect().execution_options(reading=True) as connection:
            for start in range(0, len(case_ids), _BATCH):
                chosen = case_ids[start : start + _BATCH]
                query = select(case_key.c.case_id, case_key.c.wrapped, case_key.c.master_version).where(case_key.c.case_id.in_(chosen))
                for case_id, wrapped, version in connection.execute(query):
                    if wrapped is None:
                        continue
                    try:
                        found[case_id] = self._unwrap(wrapped, version, "case", case_id)
                    except WrongMasterKey:
                        if spoiled is None:
                            raise
                        spoiled(case_id)
        return found

    # -- wrapping -----------------------------------------------------------------------------------------------------

    def _wrap(self, key: bytes, kind: str, name: str) -> dict[str, object]:
        version = self._keyring.current
        wrapped = Sealer(self._keyring.keys[version]).seal(key, self._wrap_place(kind, name, version))
        return {"master_version": version, "wrapped": wrapped}

    def _unwrap(self, wrapped: bytes, version: int, kind: str, name: str) -> bytes:
        master = self._keyring.keys.get(version)
        if master is None:
            raise WrongMasterKey(f"The key file lacks version {version} of the master key, which the key store needs. Nothing was changed.")
        try:
            return Sealer(master).open(wrapped, self._wrap_place(kind, name, version))
        except Damaged:
            raise WrongMasterKey("The key file does not belong to this key store (or the store is damaged). Nothing was changed.") from None

    def _wrap_place(self, kind: str, name: str, version: int) -> bytes:
        return place("wrap", self.installation_id, kind, name, str(version))
