"""The pages of teams: what waits, leaving with what must be handed over, being away, moving; and the sentences of what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.accounts import actions as accounts
from caseapp.cases.participation import remove_participant
from caseapp.formats import clock
from caseapp.members import actions as members
from tests.accounts.joining import ACT, can_open, join
from tests.municipality import Municipality
from tests.pages import PageClient
from tests.shared_case import case_id  # noqa: F401 - a fixture

SIGN = Callable[[str], PageClient]


def test_an_administrator_proposes_at_the_page_and_the_unit_manager_finds_it_on_the_day(
    signed_in: SIGN, actor: ACT, municipality: Municipality
) -> None:
    admin, norr = signed_in("admin"), municipality.teams["norr"]
    path = f"/settings/people/{municipality['greta'].id}"
    answer = admin.submit({"team_roles": f"{norr}:participant"}, on=path)
    assert "Det föreslagna väntar på enhetschefen" in answer.text
    assert "Väntar på enhetschefen" in admin.get(path).text
    answer = admin.submit({"team_roles": f"{norr}:participant", "name": "Greta Å"}, on=path)
    assert answer.status_code == 422
    assert "redan föreslagen och väntar" in answer.text
    assert 'value="Greta Å"' in answer.text  # what was typed stays, and nothing of it was saved
    assert actor("greta").name == "Greta Åhs"
    ulla = signed_in("ulla")
    assert "1 person väntar på ditt godkännande" in ulla.get("/").text
    page = ulla.get("/members")
    assert "Greta Åhs" in page.text
    approve = next(form.get("action", "") for form in ulla.page.forms() if form.get("action", "").endswith("/approve"))
    assert "Godkänt" in ulla.submit({}, action=approve).text
    assert actor("greta").teams == {norr: {"participant"}}


def test_the_administrators_own_page_offers_no_role_and_no_team(signed_in: SIGN, municipality: Municipality) -> None:
    admin = signed_in("admin")
    page = admin.get(f"/settings/people/{municipality['admin'].id}")
    assert "ändras av en annan administratör" in page.text
    assert 'name="roles"' not in page.text
    assert 'name="team_roles"' not in page.text
    assert "sparad" in admin.submit({"name": "Åsa Ny"}).text


def test_an_invitation_with_a_team_outside_the_agency_is_refused_whole(signed_in: SIGN, actor: ACT, municipality: Municipality) -> None:
    admin = signed_in("admin")
    fields = {"name": "Nora Ny", "login": "nora", "agency": municipality.agencies["school"]}
    answer = admin.submit(fields | {"team_roles": f"{municipality.teams['soder']}:participant"}, on="/settings/people/new")
    assert answer.status_code == 422
    assert "verksamhet ingår inte i teamet" in answer.text
    assert all(card.login != "nora" for card in accounts.list_people(actor("admin")))


def test_leaving_asks_for_somebody_who_takes_over_and_keeps_the_answers(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str  # noqa: F811
) -> None:
    join(actor, municipality, "samir", "coordinator")
    members.leave_team(actor("ulla"), municipality.teams["norr"], municipality["samir"].id, roles=["participant"])
    samir = municipality["samir"].id
    remove_participant(actor("karin"), case_id, samir)
    browser = signed_in("karin")
    path = f"/members/{municipality.teams['norr']}/leave"
    answer = browser.submit({}, on=path)
    assert answer.status_code == 422
    assert "Välj vem som tar över" in answer.text
    answer = browser.submit({"all_to": samir})
    assert answer.request.path == "/"
    assert can_open(actor("samir"), case_id)
    assert not can_open(actor("karin"), case_id)


def test_the_last_unit_manager_is_told_why_not(signed_in: SIGN, municipality: Municipality) -> None:
    ulla = signed_in("ulla")
    path = f"/members/{municipality.teams['norr']}/leave"
    assert "Teamet skulle stå utan enhetschef" in ulla.get(path).text
    answer = ulla.submit({})
    assert answer.status_code == 422
    assert "Teamet skulle stå utan enhetschef" in answer.text


def test_a_leave_is_asked_for_and_confirmed_at_the_pages(signed_in: SIGN, actor: ACT, municipality: Municipality) -> None:
    join(actor, municipality, "samir", "coordinator")
    karin, path = signed_in("karin"), f"/members/{municipality.teams['norr']}/absence"
    first, last = str(clock.today() + timedelta(days=3)), str(clock.today() + timedelta(days=5))
    answer = karin.submit({"from_day": last, "until_day": first, "stand_in": municipality["samir"].id}, on=path)
    assert answer.status_code == 422
    assert "Byt plats på dem" in answer.text
    assert f'value="{last}"' in answer.text
    answer = karin.submit({"from_day": first, "until_day": last})
    assert "Den gäller när enhetschefen har bekräftat" in answer.text
    answer = karin.submit({"from_day": first, "until_day": first}, on=path)
    assert answer.status_code == 422
    assert "redan frånvarande" in answer.text
    ulla = signed_in("ulla")
    assert "1 frånvaro att bekräfta" in ulla.get("/").text
    assert "Samir Aziz" in ulla.get("/members").text
    confirm = next(form.get("action", "") for form in ulla.page.forms() if form.get("action", "").endswith("/confirm"))
    assert "bekräftad" in ulla.submit({}, action=confirm).text


@pytest.mark.parametrize("login", ["karin", "lena"])
def test_a_member_sees_who_is_in_the_team_and_decides_nothing(signed_in: SIGN, actor: ACT, municipality: Municipality, login: str) -> None:
    members.propose(actor("admin"), municipality["greta"].id, municipality.teams["norr"], "participant")
    browser = signed_in(login)
    page = browser.get("/members")
    assert "Ulla Vestin" in page.text
    assert "Greta Åhs" not in page.text
    other = municipality["samir"].id
    for what in ("leave", "absence"):
        for somebody in (other, municipality[login].id):
            assert browser.get(f"/members/{municipality.teams['norr']}/people/{somebody}/{what}").status_code in (403, 404)


def test_moving_shows_numbers_and_waits_for_what_must_be_handed_over(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str  # noqa: F811
) -> None:
    admin, school = signed_in("admin"), municipality.agencies["school"]
    path = f"/settings/people/{municipality['karin'].id}/agency"
    assert "SSPF Norr: 1 ärende" in admin.get(path).text
    answer = admin.submit({"agency": school})
    assert answer.status_code == 422
    assert "måste lämnas över" in answer.text
    assert case_id not in answer.text
    lena = signed_in("lena")
    answer = admin.submit({"agency": municipality.agencies["leisure"]}, on=f"/settings/people/{municipality['lena'].id}/agency")
    assert "flyttad" in answer.text
    assert lena.get("/account").status_code == 303  # signed out
    assert actor("lena").teams == {}


def test_bias_is_declared_at_the_page_and_the_case_is_then_not_there(signed_in: SIGN, case_id: str) -> None:  # noqa: F811
    lena = signed_in("lena")
    answer = lena.submit({"reason": ""}, on=f"/cases/{case_id}/bias")
    assert answer.status_code == 422
    assert "Skriv varför" in answer.text
    assert "stängt för dig" in lena.submit({"reason": "Alva går i min dotters klass."}).text
    there, nowhere = lena.get(f"/cases/{case_id}"), lena.get("/cases/00000000-0000-4000-8000-000000000000")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert "jäv" not in there.text.casefold()
    page = signed_in("karin").get(f"/cases/{case_id}/participants")
    assert "Anmält av personen själv" in page.text
    assert "Alva går i min dotters klass." in page.text


def test_the_absent_one_is_told_so_and_the_stand_in_too(signed_in: SIGN, actor: Callable[[str], Actor], municipality: Municipality) -> None:
    join(actor, municipality, "samir", "coordinator")
    last = clock.today() + timedelta(days=2)
    members.take_leave(
        actor("ulla"),
        municipality.teams["norr"],
        municipality["karin"].id,
        from_day=clock.today(),
        until_day=last,
        stand_in_id=municipality["samir"].id,
    )
    karin = signed_in("karin")
    assert "registrerad som frånvarande till och med" in karin.get("/").text
    assert karin.get("/cases").status_code == 403
    assert "Du är ersättare för Karin Hellberg" in signed_in("samir").get("/").text
