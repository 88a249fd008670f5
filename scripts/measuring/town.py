"""A municipality with very many cases, for measuring: rows made in bulk, sealed as the application seals them, or in plaintext.

`plaintext()` is the same program with its cryptography taken out: sealing stores the bytes as they are, keys are not fetched and row
seals are neither made nor checked. Everything else, the log included, stays. It exists only here.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import insert

from caseapp import create_app, installation
from caseapp.access import Actor, Gate, Participation, Permission, action, allow, session
from caseapp.accounts.actions import bootstrap_administrator
from caseapp.cases.models import Case, YoungPerson
from caseapp.consent.models import Consent, ConsentScope, ConsentSignature
from caseapp.crypto import Sealer
from caseapp.db import Database, new_id, opened
from caseapp.db import rows as row_seals
from caseapp.formats import clock
from caseapp.keyholder import CompartmentKey, Keyholder
from caseapp.keyholder.keystore import case_key
from config import load
from tests.municipality import Municipality, actor_of, build

FIRST = ("Alva", "Björn", "Cornelia", "Dante", "Ebba", "Fatima", "Gustav", "Hodan", "Idris", "Jasmin", "Kevin", "Linnéa")
LAST = ("Andersson", "Bergkvist", "Celik", "Dahlgren", "Ekström", "Farah", "Granath", "Hussein", "Isaksson", "Jönsson", "Karlsson")
_BATCH = 500


class _Bare(Sealer):
    """Stores and returns the bytes as they are."""

    def __init__(self) -> None:
        super().__init__(bytes(32))

    def seal(self, plaintext: bytes, at: bytes, **_how: Any) -> bytes:  # noqa: ARG002
        return plaintext

    def open(self, envelope: bytes, at: bytes) -> bytes:  # noqa: ARG002
        return envelope


_BARE = _Bare()
_BARE_KEY = CompartmentKey(_BARE, _BARE)


@contextmanager
def plaintext() -> Iterator[None]:
    """The program without its cryptography, for as long as this lasts."""

    def hand_out(_self: Keyholder, wanted: Any, **_how: Any) -> dict[Any, CompartmentKey]:
        return {(case_id, *pair): _BARE_KEY for case_id, pairs in wanted.items() for pair in pairs}

    with (
        patch.object(Keyholder, "hand_out", hand_out),
        patch.object(Keyholder, "purpose_sealer", lambda _self, _name: _BARE),
        patch.object(row_seals, "_seal", lambda _state, _model, _key: b"-"),
    ):
        yield


def settings(home: Path) -> dict[str, str]:
    """The environment of an installation at this place."""
    return {
        "CASEAPP_HOME": str(home),
        "CASEAPP_DATABASE_URL": f"sqlite:///{home}/caseapp.db",
        "CASEAPP_KEYSTORE_URL": f"sqlite:///{home}/keystore.db",
    }


def make(home: Path, cases: int, *, own: int | None = None) -> Municipality:
    """An installation at this place with so many open cases: all are the coordinator `karin`'s, or the first `own` of them."""
    create_app(settings(home))  # so that every room's tables are known
    database = installation.create(load(settings(home)))
    database.bind()
    invitation = bootstrap_administrator("Provköping")
    app = create_app(settings(home))
    town = build(app, invitation)
    made = app.extensions["caseapp.database"]
    made.bind()
    chance = random.Random(1)  # noqa: S311 - plausible names, not secrets
    for start in range(0, cases, _BATCH):
        _add_cases(app, town, range(start, min(start + _BATCH, cases)), chance, cases if own is None else own)
    made.dispose()
    return town


def _add_cases(app: Flask, town: Municipality, numbers: range, chance: random.Random, own: int) -> None:
    database = app.extensions["caseapp.database"]
    ids = [new_id() for _ in numbers]
    with database.keystore_engine.begin() as connection:
        wrapped = [database.keyholder._wrapping.wrap(random.randbytes(32), "case", case_id) for case_id in ids]  # noqa: S311
        stamped = [{"case_id": i, "created_at": clock.now().isoformat(), **w} for i, w in zip(ids, wrapped, strict=True)]
        connection.execute(insert(case_key), stamped)
    _fill_cases(actor_of(app, town["karin"]), database, town, dict(zip(numbers, ids, strict=True)), chance, own)


@action
def _fill_cases(
    actor: Actor, database: Database, town: Municipality, ids: Mapping[int, str], chance: random.Random, own: int
) -> None:
    """The rows of these cases (number → id), in an entry of the log that tells of each: a restore proves it."""
    home_agency, team, karin, day = town.agencies["social_services"], town.teams["norr"], actor.user_id, clock.today()
    allow(actor, Permission.CREATE_CASE, team=team)
    at_hand = opened.get()
    assert at_hand is not None
    kinds = ("identity", "contact", "assessment", "outcome")
    at_hand.open(database.keyholder.hand_out({case_id: [(home_agency, kind) for kind in kinds] for case_id in ids.values()}))
    for number, case_id in ids.items():
        common: dict[str, Any] = {"case_id": case_id, "owner_agency_id": home_agency, "created_by_id": karin}
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        opened_on = day - timedelta(days=chance.randrange(400))
        session().add(Gate(id=case_id, team_id=team, home_agency_id=home_agency, work_form="sspf"))
        whose = karin if number < own else town["lena"].id
        session().add(Participation(case_id=case_id, user_id=whose, from_day=opened_on, until_day=None, added_by_id=karin))
        session().add(
            Case(
                **common,
                id=case_id,
                case_number=f"{2000 + number // 5000}-{number % 5000:04d}",
                team_id=team,
                number_index=database.keyholder.blind_index("measured", str(number)),
                opened_on=opened_on,
                progress={"status": "active"},
                answers={"referral_source": "school", "concerns": ["peers_crime"]},
            )
        )
        answers = {"sex": chance.choice("fm"), "born": f"{2008 + number % 6}-05-17", "id_type": "none", "protected": "none"}
        session().add(YoungPerson(**common, name=name, number="", answers=answers, phone="070-174 06 05", address="Storgatan 1"))
        consent = Consent(**common, valid_from=opened_on, valid_to=day + timedelta(days=90), details={"purpose": "sspf_cooperation"})
        session().add(consent)
        for agency in town.agencies.values():
            for kind in ("identity", "assessment", "plan"):
                session().add(ConsentScope(**common, consent_id=consent.id, agency_id=agency, covered_type=kind))
        session().add(
            ConsentSignature(**common, consent_id=consent.id, is_required=True, decision="given", decided_on=opened_on, details={})
        )
