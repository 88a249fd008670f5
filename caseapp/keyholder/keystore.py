"""The key store and what is handed out of it.

Guarantees: a case key leaves this module only as compartment sealers; a wrapped key opens only for the case, the installation
and the master version it was wrapped for; a destroyed key stays destroyed, with the time it happened.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, delete, insert, inspect, select, update

from caseapp.crypto import Sealer, SuccessorSealer, derive, derive_at, new_key, place
from caseapp.crypto import blind_index as _blind_index

from .case_rotation import CaseRotation
from .keyring import HeldKeyring, Keyring
from .master import MasterKey
from .master_rotation import MasterRotation
from .standing import KeyStanding, standing
from .tables import case_key, checkpoint, complete, earlier_case_key, impatient, installation, metadata, passing_key, purpose_key
from .wrapping import KeyRefused, LackingVersion, Wrapping, WrongMasterKey

__all__ = ["PURPOSES", "CompartmentKey", "KeyRefused", "Keyholder", "WrongMasterKey", "case_key", "metadata"]

# The two drawers of a compartment: coded answers can be opened for statistics without opening names, numbers or text.
_TEXT, _CODES = place("text"), place("codes")

#: Each purpose has a random key of its own: look-up of numbers, the log's chain, row seals, the office register, sign-in, sessions.
PURPOSES = ("lookup", "audit", "rows", "office", "credentials", "sessions")

_BATCH = 500  # SQLite's oldest limit on variables in one statement is 999

CompartmentPlace = tuple[str, str, str]
"""(case id, owner agency id, information type)"""
_Spoiled = Callable[[str], None] | None


class CompartmentKey:
    """The sealers of one compartment. `codes` opens coded answers, `text` names, numbers and free text (None: not handed out)."""

    __slots__ = ("codes", "text")

    def __init__(self, codes: Sealer, text: Sealer | None) -> None:
        self.codes, self.text = codes, text


class Keyholder:
    """Holds the master key and the key store of one installation."""

    def __init__(self, engine: Engine, master: MasterKey | Keyring) -> None:
        """`master` is an opened master key, or its bare versions."""
        self._engine = engine
        self._wrapping = Wrapping(engine, HeldKeyring(master) if isinstance(master, Keyring) else master)
        self._purposes: dict[str, bytes] = {}

    @property
    def installation_id(self) -> str:
        """The id that everything wrapped and sealed here is bound to; "" before the store is opened."""
        return self._wrapping.installation_id

    # -- life ---------------------------------------------------------------------------------------------------------

    def create(self, installation_id: str, at: datetime) -> None:
        """Make the key store: its tables, the installation's id and one random key for each purpose."""
        metadata.create_all(self._engine)
        self._wrapping.installation_id = installation_id
        with self._wrapping.writing() as connection:
            connection.execute(insert(installation).values(id=installation_id, created_at=at.isoformat()))
            for name in PURPOSES:
                connection.execute(insert(purpose_key).values(name=name, **self._wrapping.wrap(new_key(), "purpose", name)))
        self.open()

    def open(self) -> None:
        """Unwrap the purpose keys. Raises WrongMasterKey if the master key is not this key store's; nothing is changed."""
        if not inspect(self._engine).has_table(installation.name):
            raise KeyRefused("The key store is empty. Run `flask --app wsgi init` first.")
        with self._engine.connect().execution_options(reading=True) as connection:
            self._wrapping.installation_id = connection.execute(select(installation.c.id)).scalar_one_or_none() or ""
            rows = connection.execute(select(purpose_key)).all()
        missing = set(PURPOSES) - {row.name for row in rows}
        if not self.installation_id or missing:
            raise KeyRefused("The key store is not complete. Restore it from its back-up; nothing was changed.")
        self._purposes = {row.name: self._wrapping.unwrap(row.wrapped, row.master_version, "purpose", row.name) for row in rows}
        complete(self._engine)

    def keep_checkpoint(self, sequence: int, written: str) -> None:
        """Store a checkpoint of the log unless one of this number is kept already. Raises DBAPIError at once if the store is busy."""
        # reading: on SQLite nothing is locked before the first write
        with self._engine.connect().execution_options(reading=True) as connection, impatient(connection):
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
        with self._wrapping.writing() as connection:
            wrapped = self._wrapping.wrap(new_key(), "case", case_id)
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
        for case_id, keys in self._case_keys([case_id for case_id, pairs in wanted.items() if pairs], spoiled).items():
            here = place(self.installation_id, case_id)
            for agency_id, information_type in wanted[case_id]:
                compartment = place(agency_id, information_type)
                codes = _sealer(keys, compartment + _CODES, here)
                text = None if codes_only else _sealer(keys, compartment + _TEXT, here)
                handed[case_id, agency_id, information_type] = CompartmentKey(codes, text)
        return handed

    def standing_of_keys(self) -> dict[str, bool]:
        """Every case that ever had a key → whether the key is there (False: it was destroyed). Nothing is unwrapped."""
        with self._engine.connect().execution_options(reading=True) as connection:
            query = select(case_key.c.case_id, case_key.c.wrapped.is_not(None))
            return {case_id: bool(alive) for case_id, alive in connection.execute(query)}

    def destroy_case(self, case_id: str, at: datetime) -> None:
        """Destroy the keys of a case for good, earlier ones and traces in the store's files too. What they sealed never opens again.

        Raises KeyRefused if there is no such key, or if it was destroyed already.
        """
        alive = (case_key.c.case_id == case_id) & case_key.c.wrapped.is_not(None)
        with self._engine.begin() as connection:
            found = connection.execute(update(case_key).where(alive).values(wrapped=None, destroyed_at=at.isoformat()))
            if found.rowcount != 1:
                raise KeyRefused(f"There is no key to destroy for case {case_id}.")
            connection.execute(delete(earlier_case_key).where(earlier_case_key.c.case_id == case_id))
        self._wrapping.forget_earlier_pages()

    def _case_keys(self, case_ids: list[str], spoiled: _Spoiled) -> dict[str, list[bytes]]:
        """Case id → its key, then the earlier ones that values may still be sealed under."""
        try:
            return self._read_case_keys(case_ids, spoiled, last=False)
        except LackingVersion:  # a version that was removed between our reading and our unwrapping: the store says now which one it is
            return self._read_case_keys(case_ids, spoiled, last=True)

    def _read_case_keys(self, case_ids: list[str], spoiled: _Spoiled, *, last: bool) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        earlier = earlier_case_key.alias("earlier")
        # One statement for both: between two, a key could move from one table to the other unseen.
        query = select(case_key.c.case_id, case_key.c.wrapped, case_key.c.master_version, earlier.c.wrapped, earlier.c.master_version)
        query = query.select_from(case_key.outerjoin(earlier, earlier.c.case_id == case_key.c.case_id))
        with self._engine.connect().execution_options(reading=True) as connection:
            for start in range(0, len(case_ids), _BATCH):
                chosen = case_ids[start : start + _BATCH]
                for case_id, wrapped, version, before, version_before in connection.execute(query.where(case_key.c.case_id.in_(chosen))):
                    if wrapped is None:
                        continue
                    try:
                        if case_id not in found:
                            found[case_id] = [self._wrapping.unwrap(wrapped, version, "case", case_id)]
                        if before is not None:
                            found[case_id].append(self._wrapping.unwrap(before, version_before, "case", case_id))
                    except WrongMasterKey as error:
                        if spoiled is None or (isinstance(error, LackingVersion) and not last):
                            raise
                        found.pop(case_id, None)
                        spoiled(case_id)
        return found

    # -- what lasts for hours -----------------------------------------------------------------------------------------

    def new_passing_key(self, name: str, at: datetime) -> None:
        """Make and store a random key for something that is to be gone soon; committed at once."""
        with self._wrapping.writing() as connection:
            wrapped = self._wrapping.wrap(new_key(), "passing", name)
            connection.execute(insert(passing_key).values(name=name, created_at=at.isoformat(), **wrapped))

    def passing_sealer(self, name: str) -> Sealer | None:
        """What seals and opens under that key; None once it is destroyed."""
        with self._engine.connect().execution_options(reading=True) as connection:
            row = connection.execute(select(passing_key).where(passing_key.c.name == name)).first()
        if row is None:
            return None
        key = self._wrapping.unwrap(row.wrapped, row.master_version, "passing", name)
        return Sealer(derive(key, "sealing"), place(self.installation_id, "", "passing", name))

    def passing_keys(self, *, made_before: datetime) -> frozenset[str]:
        """The names of the keys that are there and were made before this moment."""
        with self._engine.connect().execution_options(reading=True) as connection:
            made = connection.execute(select(passing_key.c.name, passing_key.c.created_at)).all()
        return frozenset(name for name, created_at in made if datetime.fromisoformat(created_at) < made_before)

    def destroy_passing_key(self, name: str) -> bool:
        """Destroy that key for good, traces in the store's files too; whether it was there. What it sealed never opens again."""
        with self._engine.begin() as connection:
            found = connection.execute(delete(passing_key).where(passing_key.c.name == name))
        self._wrapping.forget_earlier_pages()
        return bool(found.rowcount)

    # -- rotation -----------------------------------------------------------------------------------------------------

    def standing(self) -> KeyStanding:
        """How old the keys are, how many there are, and what lingers."""
        master = self._wrapping.master
        master.open()
        with self._engine.connect().execution_options(reading=True) as connection:
            return standing(connection, master.provider, master.versions, master.current)

    def master_rotation(self) -> MasterRotation:
        """The steps of a new version of the master key."""
        return MasterRotation(self._wrapping)

    def case_rotation(self) -> CaseRotation:
        """The steps of new keys for the cases."""
        return CaseRotation(self._wrapping)

    def key_to_share(self) -> bytes:
        """The master key, for being written down in shares. Raises NoShares where it cannot be taken out."""
        return self._wrapping.master.key_to_share()


def _sealer(keys: Sequence[bytes], drawer: bytes, here: bytes) -> Sealer:
    sealers = [Sealer(derive_at(key, drawer), here + drawer) for key in keys]
    return sealers[0] if len(sealers) == 1 else SuccessorSealer(sealers)
