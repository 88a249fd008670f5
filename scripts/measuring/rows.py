"""Reading rows with six sealed attributes: against the same rows in plaintext, and against sqlalchemy-utils' encrypted type.

The peer is StringEncryptedType of sqlalchemy-utils with each of its engines: AesGcmEngine, which seals as we do (AES-256-GCM, but with
no place as associated data, no padding, no row seal), and AesEngine, its default (AES-256-CBC with a fixed initialisation vector, no
authentication). Both sides read the same number of rows through the ORM. `glance()` is how the program reads long lists.
"""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_utils import StringEncryptedType
from sqlalchemy_utils.types.encrypted.encrypted_type import AesEngine, AesGcmEngine

from caseapp.db import Base, CaseRow, Database, glance, new_id, opened, sealed, transaction
from caseapp.formats import clock
from caseapp.keyholder import create_keyring

from . import Figure, as_in_a_worker, in_turn, milliseconds, ratio

_VALUES = {
    "a": "Mentorssamtal varje vecka",
    "b": "Går bra",
    "c": "tydligt",
    "d": "visst",
    "e": "070-174 06 05",
    "f": "Mamma är orolig för umgänget",
}
_PEER_KEY = "a key of the peer's own, as its documentation shows"


class SealedSix(CaseRow):
    __tablename__ = "measured_sealed"
    IS_KEPT = False

    a = sealed()
    b = sealed()
    c = sealed()
    d = sealed()
    e = sealed()
    f = sealed()


class _Open:
    """The same columns as a row of a case has."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int]
    case_id: Mapped[str] = mapped_column(String(36))
    owner_agency_id: Mapped[str] = mapped_column(String(36))
    source_agency_id: Mapped[str] = mapped_column(String(36))
    information_type: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    created_by_id: Mapped[str] = mapped_column(String(36))


class PlainSix(_Open, Base):
    __tablename__ = "measured_plain"

    a: Mapped[str]
    b: Mapped[str]
    c: Mapped[str]
    d: Mapped[str]
    e: Mapped[str]
    f: Mapped[str]


def _peer(engine: type) -> Any:
    return mapped_column(StringEncryptedType(String, _PEER_KEY, engine))


class PeerSix(_Open, Base):
    __tablename__ = "measured_peer"

    a: Mapped[str] = _peer(AesGcmEngine)
    b: Mapped[str] = _peer(AesGcmEngine)
    c: Mapped[str] = _peer(AesGcmEngine)
    d: Mapped[str] = _peer(AesGcmEngine)
    e: Mapped[str] = _peer(AesGcmEngine)
    f: Mapped[str] = _peer(AesGcmEngine)


class PeerDefaultSix(_Open, Base):
    __tablename__ = "measured_peer_default"

    a: Mapped[str] = _peer(AesEngine)
    b: Mapped[str] = _peer(AesEngine)
    c: Mapped[str] = _peer(AesEngine)
    d: Mapped[str] = _peer(AesEngine)
    e: Mapped[str] = _peer(AesEngine)
    f: Mapped[str] = _peer(AesEngine)


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures for 10 000 rows (1 000 with `quick`)."""
    count, rounds = (1_000, 5) if quick else (10_000, 15)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        database = Database(f"sqlite:///{home}/rows.db", f"sqlite:///{home}/keys.db", create_keyring(home / "master.key"))
        database.keyholder.create(new_id(), clock.now())
        tables: Any = [SealedSix.__table__, PlainSix.__table__, PeerSix.__table__, PeerDefaultSix.__table__]
        Base.metadata.create_all(database.engine, tables=tables)
        database.bind()
        case_id, agency_id = new_id(), new_id()
        database.keyholder.new_case(case_id, clock.now())
        keys = database.keyholder.hand_out({case_id: [(agency_id, "health")]})
        _fill(keys, count, case_id, agency_id)

        def read(model: Any, *, checked: bool = True, limit: int = count, glanced: bool = False) -> list[tuple[str, ...]]:
            with transaction(reading=True) as session:
                at_hand = opened.get()
                assert at_hand is not None
                at_hand.open(keys)
                if not checked:
                    session.info["row_key"] = None
                query = select(model).limit(limit)
                return [(r.a, r.b, r.c, r.d, r.e, r.f) for r in (glance(model, query) if glanced else session.scalars(query))]

        expected = tuple(_VALUES.values())
        assert read(SealedSix)[-1] == read(PlainSix)[-1] == read(PeerSix, limit=1)[-1] == read(PeerDefaultSix, limit=1)[-1] == expected
        taken = in_turn(
            rounds,
            sealed=lambda: read(SealedSix),
            plain=lambda: read(PlainSix),
            unchecked=lambda: read(SealedSix, checked=False),
        )
        with as_in_a_worker():
            worker = in_turn(rounds, sealed=lambda: read(SealedSix), plain=lambda: read(PlainSix))
            peers = in_turn(
                3 if quick else 5,
                gcm=lambda: read(PeerSix),
                default=lambda: read(PeerDefaultSix),
                ours=lambda: read(SealedSix),
                glanced=lambda: read(SealedSix, glanced=True),
            )
        database.dispose()
    size = f"{count} rows, six sealed attributes"
    sealed, unchecked = ratio(taken["sealed"], taken["plain"]), ratio(taken["unchecked"], taken["plain"])
    yield Figure("reading sealed rows against plaintext", sealed, "×", 1.6, note=f"{size}, row seals checked")
    yield Figure("the same without checking row seals", unchecked, "×", note="what the seals add is the difference")
    bare = ratio(worker["sealed"], worker["plain"])
    yield Figure("the same with the program's own objects out of collection", bare, "×", note="as a worker does: both sides are quicker")
    gcm = "peer: StringEncryptedType(String, key, AesGcmEngine)"
    default = "peer: StringEncryptedType(String, key, AesEngine), its default: CBC, not authenticated"
    yield Figure("how much faster than StringEncryptedType (AES-GCM)", ratio(peers["gcm"], peers["ours"]), "×", 4.0, True, note=gcm)
    yield Figure("the same, ours read by glance()", ratio(peers["gcm"], peers["glanced"]), "×", note="as the program reads long lists")
    yield Figure("how much faster than StringEncryptedType (default)", ratio(peers["default"], peers["ours"]), "×", note=default)
    yield Figure("sealed", milliseconds(taken["sealed"]), "ms", note=size)
    yield Figure("plaintext", milliseconds(taken["plain"]), "ms", note=size)


def _fill(keys: Any, count: int, case_id: str, agency_id: str) -> None:
    common = {"case_id": case_id, "owner_agency_id": agency_id, "information_type": "health", "created_by_id": new_id()}
    with transaction() as session:
        at_hand = opened.get()
        assert at_hand is not None
        at_hand.open(keys)
        for _ in range(count):
            session.add(SealedSix(**common, **_VALUES))
            plain = {"version": 1, "source_agency_id": agency_id, "created_at": clock.now(), **common, **_VALUES}
            session.add(PlainSix(id=new_id(), **plain))
            session.add(PeerSix(id=new_id(), **plain))
            session.add(PeerDefaultSix(id=new_id(), **plain))
        session.commit()
