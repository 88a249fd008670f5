"""One case: its page with everything on it against the same program without cryptography, and what it costs to write a note.

The note is written by its action: allowed, its case opened, sealed, row seal, log entry, commit. It is set beside a bare insert of the
same text into a table without any of this, through the same engine and session, committed in the same way: BEGIN IMMEDIATE, one row,
COMMIT with full synchronisation. Seconds of the clock, since waiting for the disk is what a commit is.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from caseapp import create_app
from caseapp.access import Actor
from caseapp.cases.actions import add_related
from caseapp.cases.finding import list_cases
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewRelated
from caseapp.db import Base, new_id, transaction
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment, write_head
from tests.municipality import Codes, Municipality, actor_of, sign_in
from tests.pages import PageClient

from . import Figure, as_in_a_worker, in_turn, milliseconds, ratio
from .pages import fetch
from .town import make, plaintext, settings

_TEXT = "Mamma ringde. Hon är orolig för umgänget på kvällarna och vill att vi ses redan i veckan."
_HEADING = "Samtal med vårdnadshavare"


class BareNote(Base):
    """The columns of a note, with nothing but the text."""

    __tablename__ = "measured_bare_note"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(36), index=True)
    owner_agency_id: Mapped[str] = mapped_column(String(36))
    information_type: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    created_by_id: Mapped[str] = mapped_column(String(36))
    occurred_on: Mapped[date]
    heading: Mapped[str]
    text: Mapped[str]


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures, in an installation of 50 cases."""
    rounds = 5 if quick else 41
    with tempfile.TemporaryDirectory() as place:
        sealed_home, plain_home = Path(place) / "sealed", Path(place) / "plain"
        sealed = _Desk(sealed_home, make(sealed_home, 50))
        with plaintext():
            plain = _Desk(plain_home, make(plain_home, 50))

        def page_without() -> bytes:
            with plaintext():
                return plain.page()

        def note_without() -> None:
            with plaintext():
                plain.note()

        assert sealed.page().count(b"Rut Lind") == page_without().count(b"Rut Lind")
        with as_in_a_worker():
            pages = in_turn(rounds, sealed=sealed.page, plain=page_without)
            computed = in_turn(rounds, sealed=sealed.note, plain=note_without, bare=sealed.bare)
            waited = in_turn(rounds, timer=time.perf_counter, sealed=sealed.note, bare=sealed.bare)
    what = "a case with a consent, 4 people around, 20 notes, a plan of 12 commitments; log entry included"
    yield Figure("case page against the same program without cryptography", ratio(pages["sealed"], pages["plain"]), "×", 1.3, note=what)
    yield Figure("case page", milliseconds(pages["sealed"]), "ms", note=what)
    same = "same engine and session, SQLite with full synchronisation; the clock's time"
    yield Figure("writing a note with log entry against a bare insert", ratio(waited["sealed"], waited["bare"]), "×", 2.5, note=same)
    yield Figure("writing a note with log entry", milliseconds(waited["sealed"]), "ms", note=same)
    yield Figure("a bare insert", milliseconds(waited["bare"]), "ms", note=same)
    told = "processor time: everything the action asks and writes is in both"
    yield Figure("writing a note against the same without cryptography", ratio(computed["sealed"], computed["plain"]), "×", note=told)
    yield Figure("the same against the bare insert", ratio(computed["sealed"], computed["bare"]), "×", note="processor time")


class _Desk:
    """Karin at work in one case of an installation."""

    def __init__(self, home: Path, town: Municipality) -> None:
        self._app: Any = create_app(settings(home))
        self._app.test_client_class = PageClient
        self._database = self._app.extensions["caseapp.database"]
        self._database.bind()
        tables: Any = [BareNote.__table__]
        Base.metadata.create_all(self._database.engine, tables=tables)
        self._karin: Actor = actor_of(self._app, town["karin"])
        self._case = list_cases(self._karin).bars[0].case_id
        _furnish(self._karin, self._case)
        self._client = sign_in(self._app.test_client(), town["karin"], Codes())

    def page(self) -> bytes:
        """The case's page, as it is sent."""
        return fetch(self._client, f"/cases/{self._case}")

    def note(self) -> None:
        """Write a note."""
        self._database.bind()
        add_note(self._karin, self._case, information_type="assessment", text=_TEXT, heading=_HEADING)

    def bare(self) -> None:
        """Insert the same text as it is, and commit."""
        self._database.bind()
        with transaction() as session:
            note = {"case_id": self._case, "owner_agency_id": self._karin.agency_id, "information_type": "assessment"}
            when = {"created_at": clock.now(), "created_by_id": self._karin.user_id, "occurred_on": clock.today()}
            session.add(BareNote(id=new_id(), **note, **when, heading=_HEADING, text=_TEXT))
            session.commit()


def _furnish(karin: Actor, case_id: str) -> None:
    for number, role in enumerate(("custodian", "custodian", "step_parent", "relative")):
        add_related(karin, case_id, NewRelated(name=f"Rut Lind {number}", role=role, phone="070-174 06 05"))
    for number in range(20):
        add_note(karin, case_id, information_type="assessment", text=f"{number}. {_TEXT}", heading=_HEADING)
    write_head(karin, case_id, text="Tillbaka i skolan", review_on=clock.today() + timedelta(days=30))
    for number in range(12):
        add_commitment(karin, case_id, agency_id=karin.agency_id, text=f"Samtal {number}", due_on=clock.today() + timedelta(days=number))
