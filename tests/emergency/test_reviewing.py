"""What comes after an emergency opening: what the unit manager sees of it, from the log, and who may close the review, once."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from caseapp import audit
from caseapp.access import Actor, NotFound, Refused, StaleForm
from caseapp.cases.notes import read_notes
from caseapp.cases.participation import add_participant
from caseapp.db import bound_database, transaction
from caseapp.emergency.actions import end_emergency
from caseapp.emergency.reviewing import close_review, list_emergencies, read_emergency
from caseapp.formats import SWEDEN, clock
from tests.accounts.joining import join
from tests.emergency.conftest import MINUTE, REASON, Shut, rows
from tests.municipality import Municipality, actor_of

Actors = Callable[[str], Actor]
BreaksIn = Callable[..., Actor]
NOON = datetime(2031, 11, 26, 12, 0, tzinfo=SWEDEN)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def after(minutes: float) -> Any:
    return clock.at(NOON + timedelta(minutes=minutes))


@pytest.fixture
def opening(shut: Shut, breaks_in: BreaksIn, app: Flask) -> str:
    """Lena read the case at noon and ended it after five minutes. The id of the opening."""
    lena = breaks_in("lena", shut.number)
    with after(1):
        read_notes(lena, shut.id)
    with after(5):
        end_emergency(lena, shut.id)
    return str(rows(app)[0].id)


def test_the_unit_manager_reads_the_reason_and_what_was_read(opening: str, shut: Shut, actor: Actors, municipality: Municipality) -> None:
    with after(10):
        page = read_emergency(actor("ulla"), opening)
    assert (page.card.person, page.card.agency, page.card.case_number) == ("Lena Brodin", "Ekskolan", shut.number)
    assert page.reason == REASON
    assert (page.card.ended_at - page.card.begun_at) == 5 * MINUTE
    reading = next(line for line in page.lines if line.permission == "case.read")
    assert {agency for agency, _kinds in reading.opened} == {"Socialtjänsten", "Lokalpolisen", "Fritidsgården Kvarnen"}
    assert {"offences", "family"} <= set(dict(reading.opened)["Lokalpolisen"])


def test_what_others_or_the_person_later_read_is_not_in_the_review(
    opening: str, shut: Shut, actor: Actors, municipality: Municipality
) -> None:
    with after(3):
        read_notes(actor("pontus"), shut.id)
    with after(20):
        add_participant(actor("karin"), shut.id, municipality["lena"].id)
        read_notes(actor("lena"), shut.id)
        page = read_emergency(actor("ulla"), opening)
    assert [line.permission for line in page.lines] == ["case.break_glass", "case.read", "case.end_emergency"]


def test_a_review_is_closed_once_by_somebody_else(opening: str, shut: Shut, actor: Actors) -> None:
    with after(10):
        ulla = actor("ulla")
        (waiting,) = list_emergencies(ulla).to_do
        assert (waiting.id, waiting.is_overdue) == (opening, False)
        with pytest.raises(StaleForm):
            close_review(ulla, opening, verdict="follow_up", assessment="Skälet är oklart.", version=waiting.version - 1)
        close_review(ulla, opening, verdict="follow_up", assessment="Skälet är oklart.", version=waiting.version)
        page = read_emergency(ulla, opening)
        assert (page.verdict, page.assessment, page.card.reviewed_by) == ("follow_up", "Skälet är oklart.", "Ulla Vestin")
        with pytest.raises(Refused) as refusal:
            close_review(ulla, opening, verdict="justified", assessment="Nej, det var rätt.")
        assert refusal.value.reason == "reviewed_already"
        found = list_emergencies(ulla)
        assert (found.waiting, [card.id for card in found.closed]) == ((), [opening])


def test_nobody_reviews_themselves(app: Flask, opening: str, shut: Shut, actor: Actors, municipality: Municipality) -> None:
    person = municipality["lena"]
    join(actor, municipality, "lena", "unit_manager")
    with after(10):
        lena = actor_of(app, person)
        assert [card.why_not for card in list_emergencies(lena).waiting] == ["own_emergency"]
        assert list_emergencies(lena).to_do == ()
        for act in (
            lambda: read_emergency(lena, opening),
            lambda: close_review(lena, opening, verdict="justified", assessment="Det var rätt av mig."),
        ):
            with pytest.raises(Refused) as refusal:
                act()
            assert refusal.value.reason == "own_emergency"


@pytest.mark.parametrize("login", ["karin", "lena", "pontus", "stellan", "greta", "admin", "rasmus"])
def test_only_the_teams_unit_manager_reviews(opening: str, actor: Actors, login: str) -> None:
    with after(10):
        with pytest.raises(NotFound):
            read_emergency(actor(login), opening)
        with pytest.raises(NotFound):
            close_review(actor(login), opening, verdict="justified", assessment="Det var rätt.")
        with pytest.raises(Refused):
            list_emergencies(actor(login))


def test_a_running_opening_is_not_reviewed_yet(shut: Shut, breaks_in: BreaksIn, actor: Actors, app: Flask) -> None:
    with after(1):
        breaks_in("lena", shut.number)
        with pytest.raises(Refused) as refusal:
            close_review(actor("ulla"), str(rows(app)[0].id), verdict="justified", assessment="Det var rätt.")
        assert refusal.value.reason == "emergency_running"


def test_after_the_log_and_rows_are_whole(opening: str, actor: Actors) -> None:
    with after(10):
        close_review(actor("ulla"), opening, verdict="justified", assessment="Det var rätt.")
    with transaction(reading=True) as current:
        _count, findings = audit.verify(current, bound_database().keyholder)
    assert findings == []
