"""A small installation to prove the ground on: three agencies, a team, four people, one case; on SQLite and PostgreSQL.

PostgreSQL takes part when CASEAPP_TEST_POSTGRESQL names a server (`scripts/test` starts one). What an attacker does is done
through a connection of its own, that knows nothing of the application.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from caseapp.access import Actor, Gate, Participation, Permission, action, allow, check_version, fetch, session
from caseapp.accounts.models import Agency, Membership, Team, User
from caseapp.audit import GUARD
from caseapp.cases.models import Note
from caseapp.consent import open_case
from caseapp.consent.models import Consent, ConsentScope, ConsentSignature
from caseapp.db import Base, Database, Row, bound_database, transaction
from caseapp.formats import clock
from caseapp.keyholder import create_keyring
from caseapp.keyholder.keystore import metadata as keystore

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SERVER = os.environ.get("CASEAPP_TEST_POSTGRESQL")
DATABASES = ["sqlite", "postgresql"] if SERVER else ["sqlite"]


@dataclass(frozen=True)
class Ground:
    """The installation. `url` and `keystore_url` are what an attacker connects to; `files` is where SQLite's files lie."""

    database: Database
    url: str
    keystore_url: str
    files: Path
    social: str
    school: str
    police: str
    team: str
    coordinator: Actor
    teacher: Actor
    officer: Actor
    outsider: Actor
    case: str

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def attack(self, *statements: str, keystore: bool = False, **values: object) -> None:
        """Carry out raw statements past the application and its triggers; at least one row must be hit by the last."""
        engine = create_engine(self.keystore_url if keystore else self.url, poolclass=NullPool)
        with engine.begin() as connection:
            for statement in [_PAST_TRIGGERS] if not self.is_sqlite else [] if keystore else _WITHOUT_TRIGGERS:
                connection.execute(text(statement))
            for statement in statements:
                done = connection.execute(text(statement), values)
            for statement in GUARD["sqlite"] if self.is_sqlite and not keystore else ():  # a tidy attacker leaves the guard as it was
                connection.execute(text(statement))
        engine.dispose()
        assert done.rowcount != 0, f"the attack hit nothing: {statements[-1]}"

    def look(self, query: str, keystore: bool = False, **values: object) -> list[tuple]:
        """The rows of a raw query past the application."""
        engine = create_engine(self.keystore_url if keystore else self.url, poolclass=NullPool)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(query), values)]
        engine.dispose()
        return rows

    def stored_bytes(self) -> bytes:
        """Everything in SQLite's files: data, key store, and what is written ahead of both."""
        return b"".join(file.read_bytes() for file in sorted(self.files.iterdir()) if ".db" in file.name)


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """A new installation on each database, the clock standing still on a Friday in November."""
    with clock.at(NOON):
        yield from _settled(*_databases(request.param, tmp_path), tmp_path)


@pytest.fixture
def ground_on_sqlite(tmp_path: Path) -> Iterator[Ground]:
    """A new installation on SQLite, for what only concerns its files."""
    with clock.at(NOON):
        yield from _settled(*_databases("sqlite", tmp_path), tmp_path)


def _databases(kind: str, directory: Path) -> tuple[str, str]:
    if kind == "sqlite":
        return f"sqlite:///{directory}/caseapp.db", f"sqlite:///{directory}/keystore.db"
    urls = _made_on_the_server()
    for url, tables in zip(urls, (Base.metadata, keystore), strict=True):
        _empty(url, [table.name for table in tables.sorted_tables])
    return urls


@cache
def _made_on_the_server() -> tuple[str, str]:
    """Two databases on the throw-away server, made once for this process; they go when the server does."""
    server = make_url(SERVER or "")
    names = [f"ground_{uuid4().hex}", f"ground_keys_{uuid4().hex}"]
    engine = create_engine(server.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    data, keys = (server.set(database=name).render_as_string(hide_password=False) for name in names)
    return data, keys


def _empty(url: str, tables: list[str]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(_PAST_TRIGGERS))
        for table in set(tables) & set(inspect(engine).get_table_names()):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()


_WITHOUT_TRIGGERS = [f"DROP TRIGGER IF EXISTS audit_entry_no_{verb}" for verb in ("update", "delete")]
#: What an attacker with PostgreSQL's highest right can do: triggers stay silent on this connection.
_PAST_TRIGGERS = "SET session_replication_role = replica"


def _settled(url: str, keystore_url: str, directory: Path) -> Iterator[Ground]:
    database = Database(url, keystore_url, create_keyring(directory / "master.key"))
    database.keyholder.create(str(uuid4()), NOON)
    Base.metadata.create_all(database.engine)
    database.bind()
    with transaction() as current:
        agencies = [Agency(actor=actor, name=name) for actor, name in _AGENCIES]
        social, school, police = (agency.id for agency in agencies)
        team = Team(home_agency_id=social, work_form="sspf", partner_accounts=True, name="Arbetsgruppen")
        current.add_all([*agencies, team])
        people = [
            _member(current, team.id, agency, role, name)
            for agency, role, name in (
                (social, "coordinator", "Sara Lind"),
                (school, "participant", "Leif Berg"),
                (police, "participant", "Petra Ek"),
                (social, "coordinator", "Ulf Sten"),
            )
        ]
        current.flush()
        founded = list(current.info["writes"])
        current.commit()
    case = begin_case(people[0], team.id, people[:3], founded=founded)
    yield Ground(database, url, keystore_url, directory, social, school, police, team.id, *people, case)
    database.dispose()


_AGENCIES = (("social_services", "Socialtjänsten"), ("school", "Skolan"), ("police", "Polisen"))


def _member(current, team_id: str, agency_id: str, role: str, name: str) -> Actor:
    user = User(login_index=uuid4().hex, agency_id=agency_id, name=name, login=name.casefold())
    current.add(user)
    current.add(Membership(user_id=user.id, team_id=team_id, role=role, from_day=date(2026, 1, 1)))
    return Actor(user.id, name, agency_id, teams={team_id: frozenset({role})})


# -- what people do ---------------------------------------------------------------------------------------------------


@action
def begin_case(actor: Actor, team_id: str, people: list[Actor], *, is_protected: bool = False, founded: Sequence[Row] = ()) -> str:
    """A new case in the team, in which these people take part. `founded`: rows from before there was a log, which its entry tells of."""
    allow(actor, Permission.CREATE_CASE, team=team_id)
    session().info["writes"].extend(founded)
    gate = Gate(team_id=team_id, home_agency_id=actor.agency_id, work_form="sspf", is_protected=is_protected)
    bound_database().keyholder.new_case(gate.id, clock.now())
    session().add(gate)
    for person in people:
        session().add(Participation(case_id=gate.id, user_id=person.user_id, from_day=date(2026, 1, 1), added_by_id=actor.user_id))
    return gate.id


@action
def write(actor: Actor, case_id: str, text: str, *, kind: str = "attendance") -> str:
    """A note of the actor's agency; its id."""
    gate = allow(actor, Permission.WRITE_NOTE, on=case_id)
    open_case(actor, gate)
    note = Note(
        case_id=case_id,
        owner_agency_id=actor.agency_id,
        information_type=kind,
        created_by_id=actor.user_id,
        occurred_on=date(2026, 11, 19),
        heading=f"Om {kind}",
        text=text,
    )
    session().add(note)
    return note.id


@action
def reword(actor: Actor, case_id: str, note_id: str, text: str, *, version: int | None = None) -> None:
    """The note says something else; from a form that was made from this version, if one is named."""
    open_case(actor, allow(actor, Permission.WRITE_NOTE, on=case_id))
    note = fetch(Note, note_id, case_id=case_id)
    check_version(note, version, current=note.text)
    note.text = text


@action
def read(actor: Actor, case_id: str) -> dict[str, object]:
    """Note id → its text, or what is shown instead."""
    gate = allow(actor, Permission.READ_CASE, on=case_id)
    open_case(actor, gate)
    return {note.id: note.text for note in session().query(Note).where(Note.case_id == case_id)}


@action
def give_consent(
    actor: Actor,
    case_id: str,
    scope: dict[str, tuple[str, ...]],
    *,
    valid_from: date = date(2026, 11, 1),
    valid_to: date = date(2027, 3, 3),
    decisions: tuple[str, ...] = ("given",),
) -> str:
    """A consent: agency id → the information types it may take part of; each decision is a required signature."""
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id)
    open_case(actor, gate)
    ours = {"case_id": case_id, "owner_agency_id": gate.home_agency_id, "created_by_id": actor.user_id}
    consent = Consent(**ours, valid_from=valid_from, valid_to=valid_to, details={"purpose": "sspf"}, informed_by="Sara Lind")
    session().add(consent)
    for agency, kinds in scope.items():
        for kind in kinds:
            session().add(ConsentScope(**ours, consent_id=consent.id, agency_id=agency, covered_type=kind))
    for decision in decisions:
        session().add(ConsentSignature(**ours, consent_id=consent.id, is_required=True, decision=decision, details={"method": "paper"}))
    gate.epoch += 1
    return consent.id


def with_roles(actor: Actor, *roles: str) -> Actor:
    """The same person with these roles in the installation."""
    return replace(actor, roles=frozenset(roles))
