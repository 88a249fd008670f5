"""The pages of meetings and of my day as people without script use them: what is asked, what bad answers get, what is kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from caseapp.access import Refused
from caseapp.cases.actions import close_case
from caseapp.cases.starting import NewPerson, start_case
from caseapp.formats import clock
from caseapp.meetings import leading
from caseapp.meetings.leading import Said
from caseapp.plans import actions as plans
from tests.municipality import Municipality, actor_of
from tests.pages import PageClient

SignedIn = Callable[[str], PageClient]
HOSTILE = ["", "31/2", "99/99", "i förrförrgår", "0001-01-01", "\u202eabc", "😀" * 100, "a\x00b", "9" * 5000, "x" * 200_000]


@pytest.fixture
def case_id(app: Flask, municipality: Municipality) -> str:
    """A case in which Karin and Lena take part, with a commitment of Karin's agency."""
    karin = actor_of(app, municipality["karin"])
    alva = NewPerson(name="Alva Lind", sex="f")
    made = start_case(karin, municipality.teams["norr"], person=alva, participant_ids=[municipality["lena"].id])
    plans.add_commitment(karin, made, agency_id=municipality.agencies["social_services"], text="Ring hem", due_on=clock.today())
    return made


def planned(karin: PageClient, case_id: str) -> str:
    """The address of a planned meeting with the case on its agenda."""
    answer = karin.submit({"day": "imorgon", "hour": "13"}, on="/meetings/new")
    address = str(answer.request.path)
    karin.submit({"cases": case_id}, action=f"{address}/agenda")
    return address


def running(karin: PageClient, case_id: str) -> str:
    """The same, begun with Karin alone in the room: the others of the team take no part in the case."""
    address = planned(karin, case_id)
    assert karin.page is not None
    boxes = [box for box in karin.page.all("input") if box.get("name") == "present"]
    karin.submit({"present": boxes[0].get("value")}, action=f"{address}/start")
    return address


def test_a_meeting_is_planned_led_and_read_without_script(signed_in: SignedIn, case_id: str) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    assert karin.page is not None
    assert "Ring hem" in karin.page.text()
    karin.submit({"decision": "Vi ses igen.", "next_on": "om 2 veckor", "go": "done"}, action=address)
    assert "Alla ärenden är genomgångna" in karin.page.text()
    karin.submit({"go": "end"}, action=address)
    assert "Vi ses igen." in karin.page.text()
    lena = signed_in("lena")
    lena.get(address)
    assert lena.page is not None
    assert "Inget samtycke finns" in lena.page.text()
    assert "Vi ses igen." not in lena.page.text()


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_gets_a_page_and_nothing_is_lost(signed_in: SignedIn, case_id: str, typed: str) -> None:
    karin = signed_in("karin")
    karin.submit({"day": typed, "hour": typed, "place": typed}, on="/meetings/new")
    address = running(karin, case_id)
    said = {"decision": "Det här ska finnas kvar", "next_on": typed, "what_0": typed, "by_1": typed}
    answer = karin.submit({**said, "go": "later"}, action=address)
    assert answer.status_code in (200, 409, 422)
    karin.get(address)
    answer = karin.submit({**said, "go": "room"}, action=address)
    assert answer.status_code == 200
    assert "Det här ska finnas kvar" in answer.get_data(as_text=True)


def test_a_new_commitment_needs_somebody_who_does_it(signed_in: SignedIn, case_id: str) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    karin.submit({"what_0": "Prova fotboll", "decision": "Kvar", "go": "done"}, action=address)
    assert karin.page is not None
    assert "Välj vem som ska göra det." in karin.page.text()
    assert "Kvar" in karin.page.text()


def test_an_older_page_is_answered_with_both_texts(signed_in: SignedIn, case_id: str) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    old = karin.page
    karin.submit({"decision": "Först", "go": "later"}, action=address)
    karin.page = old
    answer = karin.submit({"decision": "Sedan", "go": "later"}, action=address)
    assert answer.status_code == 409
    assert "Först" in karin.page.text()
    assert "Sedan" in karin.page.text()
    answer = karin.submit({"go": "later"}, action=address)
    assert answer.status_code == 200


def test_a_meeting_that_is_not_there_and_one_of_another_team_look_the_same(signed_in: SignedIn, case_id: str) -> None:
    address = planned(signed_in("karin"), case_id)
    rasmus = signed_in("rasmus")
    nothing = "/meetings/00000000-0000-4000-8000-000000000000"
    for tail in ("", "/epoch", "/change"):
        assert rasmus.get(address + tail).status_code == rasmus.get(nothing + tail).status_code == 404
    assert rasmus.get("/meetings/%00").status_code == 404


def test_a_participant_reads_but_does_not_lead(signed_in: SignedIn, case_id: str) -> None:
    address = planned(signed_in("karin"), case_id)
    lena = signed_in("lena")
    assert lena.get(address).status_code == 200
    assert lena.get("/meetings/new").status_code == 403


@pytest.mark.parametrize("login", ["karin", "lena", "ulla", "stellan", "greta", "admin", "rasmus"])
def test_my_day_opens_for_every_role(signed_in: SignedIn, login: str) -> None:
    assert signed_in(login).get("/").status_code == 200


def test_my_day_leads_to_where_each_thing_is_done(signed_in: SignedIn, app: Flask, municipality: Municipality, case_id: str) -> None:
    karin = actor_of(app, municipality["karin"])
    plans.write_head(karin, case_id, text="", review_on=clock.today() - timedelta(days=1))
    browser = signed_in("karin")
    browser.get("/")
    assert browser.page is not None
    assert f"/cases/{case_id}/consent" in browser.page.links
    assert f"/cases/{case_id}/plan" in browser.page.links
    for address in [link for link in browser.page.links if link.startswith(f"/cases/{case_id}")]:
        assert browser.get(address).status_code == 200


def test_a_case_that_was_closed_since_shows_so_and_takes_no_decision(
    signed_in: SignedIn, case_id: str, app: Flask, municipality: Municipality
) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    close_case(actor_of(app, municipality["karin"]), case_id, reason="goals_met", closed_on=clock.today())
    karin.get(f"{address}?case={case_id}")
    assert karin.page is not None
    assert "avslutades" in karin.page.text()
    assert "Klart, nästa" not in karin.page.text()
    assert "Ring hem" not in karin.page.text()
    # a page from before the close, sent now
    with pytest.raises(Refused, match="case_closed"):
        leading.save_case(actor_of(app, municipality["karin"]), address.rpartition("/")[2], case_id, Said(decision="Vi ses."), done=True)
    karin.get(address)
    assert "Alla ärenden är genomgångna" in karin.page.text()


NOT_UNDERSTOOD = {"decision": "Mamma ringer skolan i morgon.", "what_0": "Ring mormor på fredag", "next_on": "31/2", "go": "later"}


def unsaved(page: PageClient) -> list[str]:
    """What the page gives back to be copied."""
    assert page.page is not None
    return [page.page.text(box) for box in page.page.all("textarea") if box.get("readonly") is not None]


def test_what_was_typed_survives_a_case_that_was_closed_while_it_was_typed(
    signed_in: SignedIn, case_id: str, app: Flask, municipality: Municipality
) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    close_case(actor_of(app, municipality["karin"]), case_id, reason="goals_met", closed_on=clock.today())
    answer = karin.submit(NOT_UNDERSTOOD, action=address)
    assert answer.status_code == 422
    assert "avslutades" in karin.page.text()
    assert unsaved(karin) == ["Mamma ringer skolan i morgon.", "Ring mormor på fredag", "31/2"]


def test_what_was_typed_survives_somebody_who_came_in_and_is_not_before_their_eyes(
    signed_in: SignedIn, case_id: str, app: Flask, municipality: Municipality
) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    leader, meeting_id = actor_of(app, municipality["karin"]), address.rpartition("/")[2]
    leading.take_attendance(leader, meeting_id, [f"member:{municipality[login].id}" for login in ("karin", "pontus")])
    answer = karin.submit(NOT_UNDERSTOOD, action=address)
    assert answer.status_code == 422
    assert "kan inte visas nu" in karin.page.text()
    assert unsaved(karin) == ["Mamma ringer skolan i morgon.", "Ring mormor på fredag", "31/2"]
    folded = [element for element in karin.page.all("details") if "Mamma ringer" in karin.page.text(element)]
    assert len(folded) == 1
    assert folded[0].get("open") is None


def test_what_was_typed_survives_a_meeting_that_was_ended_elsewhere(
    signed_in: SignedIn, case_id: str, app: Flask, municipality: Municipality
) -> None:
    karin = signed_in("karin")
    address = running(karin, case_id)
    leading.end_meeting(actor_of(app, municipality["karin"]), address.rpartition("/")[2])
    answer = karin.submit(NOT_UNDERSTOOD, action=address)
    assert answer.status_code == 409
    assert "Mamma ringer skolan i morgon." in unsaved(karin)
