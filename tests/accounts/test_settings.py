"""The settings: what an administrator can do at the pages, what is refused, and that nobody else comes near."""

import re

import pytest
from sqlalchemy import select

from caseapp.access import NotFound, Refused, StaleForm
from caseapp.accounts import actions, office
from caseapp.accounts.actions import LoginTaken
from caseapp.accounts.directory import Office
from caseapp.accounts.models import Membership
from caseapp.audit import entries_of_case
from caseapp.db import transaction
from caseapp.members.actions import leave_team
from tests.accounts.conftest import PASSWORD, SmallOffice


def register() -> Office:
    """The office as it is stored now."""
    with transaction(reading=True):
        return office()


PAGES = ("/settings", "/settings/municipality", "/settings/agencies/new", "/settings/teams/new", "/settings/people", "/settings/people/new")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["coordinator", "reviewer"])
def test_only_an_administrator_sees_the_settings(small_office: SmallOffice, name: str, path: str) -> None:
    assert small_office.signed_in(name).get(path).status_code == 403


def test_an_administrator_sees_no_case_and_no_search(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    for path in ("/cases", "/meetings", "/statistics", "/log"):
        assert browser.get(path).status_code in (403, 404)
    assert 'role="search"' not in browser.get("/settings").text


def test_what_is_set_at_the_page_is_what_the_register_says(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    fields = {"name": "Ekhamra", "plan_label": "handlingsplan", "youngest": "12", "oldest": "20"}
    assert browser.submit(fields | {"consent_sspf": "one_custodian", "threshold": "6"}, on="/settings/municipality").status_code == 200
    assert browser.submit({"code": "1283"}, on="/settings/municipality").status_code == 200
    found = register()
    assert found.settings["code"] == "1283"
    assert found.municipality == "Ekhamra"
    assert found.settings["plan_label"] == "handlingsplan"
    assert found.settings["ages"] == [12, 20]
    assert found.settings["threshold"] == 6
    assert found.consent_rules("sspf") == "one_custodian"
    assert found.consent_rules("sig_child") == "default"


def test_the_log_tells_which_protection_somebody_asked_for_and_the_page_from_when_it_holds(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    same = {"youngest": "12", "oldest": "20"}
    assert "Ändrade tal gäller från nästa kvartal som ges ut" in browser.get("/settings/municipality").text
    browser.submit(same | {"threshold": "7", "width": "4"}, on="/settings/municipality")
    browser.submit(same, on="/settings/municipality")
    keyholder = small_office.app.extensions["caseapp.database"].keyholder
    with transaction(reading=True) as current:
        changes = [entry for entry in entries_of_case(current, keyholder, None) if entry.action not in ("view", "refused")]
    told = [entry.detail for entry in changes if entry.detail and "threshold" in entry.detail]
    assert [(detail["threshold"], detail["width"]) for detail in told] == [(7, 4)]


def test_what_is_hidden_rather_and_which_tables_are_kept_whole_is_set_and_shown_again(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    same = {"youngest": "12", "oldest": "20"}
    browser.submit(same | {"hiding_cost": "value", "spared_tables": ["A1", "A7"]}, on="/settings/municipality")
    assert (register().settings["hiding_cost"], register().settings["spared_tables"]) == ("value", ["A1", "A7"])
    browser.submit(same, on="/settings/municipality")  # as the page shows it
    assert (register().settings["hiding_cost"], register().settings["spared_tables"]) == ("value", ["A1", "A7"])
    assert browser.submit(same | {"spared_tables": ["A99"]}, on="/settings/municipality").status_code == 422


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"youngest": "21", "oldest": "12"}, "Byt plats på dem"),
        ({"youngest": "tolv"}, "Skriv ett heltal"),
        ({"threshold": "2"}, "Skriv ett heltal mellan 3 och 30"),
        ({"width": "1"}, "Skriv ett heltal mellan 2 och 10"),
        ({"rounding_base": "2"}, "Skriv ett heltal mellan 3 och 20"),
        ({"threshold": "5", "width": "5"}, "Osäkerheten måste vara mindre än det lägsta antalet personer i en cell"),
        ({"name": ""}, "Skriv kommunens namn"),
        ({"name": "a\u202eb"}, "läsriktningen"),
        ({"consent_sspf": "nobody"}, "Välj ett av alternativen"),
    ],
)
def test_settings_that_make_no_sense_come_back_with_a_sentence(small_office: SmallOffice, wrong: dict[str, str], sentence: str) -> None:
    browser = small_office.signed_in("admin")
    answer = browser.submit({"youngest": "12", "oldest": "20"} | wrong, on="/settings/municipality")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "ages" not in register().settings


def test_settings_saved_by_somebody_else_meanwhile_are_not_overwritten(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    browser.get("/settings/municipality")
    actions.set_municipality(small_office.actor("admin"), name="Nya Ekhamra")
    answer = browser.submit({"name": "Gamla Ekhamra", "youngest": "12", "oldest": "20"})
    assert answer.status_code == 409
    assert register().municipality == "Nya Ekhamra"


def test_an_old_form_for_a_team_or_an_agency_is_stale_as_well(small_office: SmallOffice) -> None:
    admin = small_office.actor("admin")
    for _time in range(2):
        actions.change_agency(admin, small_office.agency_id, name=f"Socialtjänsten {_time}", kind="social_services")
        actions.change_team(admin, small_office.team_id, name=f"SSPF {_time}", agency_ids=(), partner_accounts=False)
    with pytest.raises(StaleForm):
        actions.change_agency(admin, small_office.agency_id, name="Annat", kind="school", version=2)
    with pytest.raises(StaleForm):
        actions.change_team(admin, small_office.team_id, name="Annat", agency_ids=(), partner_accounts=False, version=2)


def test_an_agency_and_a_team_are_added_and_changed_at_the_page(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    browser.submit({"name": "Björkskolan", "kind": "school"}, on="/settings/agencies/new")
    school = next(card.id for card in register().agencies.values() if card.name == "Björkskolan")
    browser.submit({"name": "SSPF Ekhamra", "agencies": school, "partner_accounts": "1"}, on=f"/settings/teams/{small_office.team_id}")
    team = register().teams[small_office.team_id]
    assert team.agency_ids == (small_office.agency_id, school)
    assert team.partner_accounts
    browser.submit({"name": "Björkskolan", "kind": "school"}, on=f"/settings/agencies/{school}")
    assert register().agencies[school].is_active
    form = {"name": "SIG Ekhamra", "work_form": "sig_child", "home_agency": small_office.agency_id}
    browser.submit(form, on="/settings/teams/new")
    assert {card.name for card in register().teams.values()} == {"SSPF Ekhamra", "SIG Ekhamra"}


def test_the_home_agency_cannot_be_left_out_of_its_team(small_office: SmallOffice) -> None:
    actions.change_team(small_office.actor("admin"), small_office.team_id, name="SSPF", agency_ids=(), partner_accounts=False)
    assert register().teams[small_office.team_id].agency_ids == (small_office.agency_id,)


def test_an_unknown_id_is_not_found(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in (f"/settings/agencies/{nobody}", f"/settings/teams/{nobody}", f"/settings/people/{nobody}"):
        assert browser.get(path).status_code == 404


# -- people -----------------------------------------------------------------------------------------------------------


def test_a_double_click_invites_once(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    fields = {"name": "Nils Ny", "login": "nils@ekhamra.example", "agency": small_office.agency_id}
    browser.get("/settings/people/new")
    page = browser.page
    first = browser.submit(fields)
    browser.page = page
    second = browser.submit(fields)
    assert "/invitation/" in first.text
    assert "/invitation/" not in second.text
    assert second.request.path.startswith("/settings/people/")
    assert [card.name for card in actions.list_people(small_office.actor("admin"))].count("Nils Ny") == 1


def test_a_login_belongs_to_one_person_however_it_is_written(small_office: SmallOffice) -> None:
    twin = {"name": "Karin Två", "login": "COORDINATOR@ekhamra.example ", "agency_id": small_office.agency_id}
    with pytest.raises(LoginTaken):
        actions.invite(small_office.actor("admin"), **twin)  # type: ignore[arg-type]
    browser = small_office.signed_in("admin")
    fields = {"name": "Karin Två", "login": "Coordinator@Ekhamra.example", "agency": small_office.agency_id}
    answer = browser.submit(fields, on="/settings/people/new")
    assert answer.status_code == 422
    assert "Någon har redan det användarnamnet" in answer.text


def test_roles_given_at_the_page_hold_from_the_next_request(small_office: SmallOffice) -> None:
    admin, karin = small_office.signed_in("admin"), small_office.signed_in("coordinator")
    assert karin.get("/log").status_code == 403
    path = f"/settings/people/{small_office.people['coordinator'].id}"
    admin.submit({"roles": "log_reviewer"}, on=path)
    assert karin.get("/log").status_code == 200
    held = register().users[small_office.people["coordinator"].id]
    assert held.roles == {"log_reviewer"}
    assert held.teams == {small_office.team_id: {"coordinator"}}


def test_a_role_that_ended_yesterday_stays_in_the_register_as_history(small_office: SmallOffice) -> None:
    boss, karin = small_office.actor("boss"), small_office.people["coordinator"].id
    small_office.watch.passes(days=3)
    leave_team(boss, small_office.team_id, karin)
    assert register().users[karin].teams == {}
    with transaction(reading=True) as current:
        rows = current.scalars(select(Membership).where(Membership.user_id == karin)).all()
    assert [(str(row.from_day), str(row.until_day)) for row in rows] == [("2026-09-15", "2026-09-17")]


def test_administrators_cannot_shut_themselves_out(small_office: SmallOffice) -> None:
    admin = small_office.actor("admin")
    with pytest.raises(Refused):
        actions.disable_person(admin, admin.user_id)
    with pytest.raises(Refused):
        actions.change_person(admin, admin.user_id, name="Åsa", roles=["statistician"])


def test_a_closed_account_can_be_opened_again_and_gets_no_invitation_meanwhile(small_office: SmallOffice) -> None:
    browser, karin = small_office.signed_in("admin"), small_office.people["coordinator"]
    browser.get(f"/settings/people/{karin.id}")
    assert "stängt" in browser.submit(action=f"/settings/people/{karin.id}/disable").text
    with pytest.raises(NotFound):
        actions.invite_again(small_office.actor("admin"), karin.id)
    browser.get(f"/settings/people/{karin.id}")
    browser.submit(action=f"/settings/people/{karin.id}/enable")
    assert small_office.signed_in("coordinator").get("/account").status_code == 200


@pytest.mark.asvs("7.4.5")
def test_an_administrator_signs_somebody_out_everywhere(small_office: SmallOffice) -> None:
    karin, admin = small_office.signed_in("coordinator"), small_office.signed_in("admin")
    path = f"/settings/people/{small_office.people['coordinator'].id}"
    admin.get(path)
    admin.submit(action=f"{path}/end-sessions")
    assert karin.get("/account").status_code == 303


@pytest.mark.asvs("6.4.6")
def test_no_page_lets_an_administrator_choose_somebodys_password(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("admin")
    for path in (*PAGES, f"/settings/people/{small_office.people['coordinator'].id}"):
        assert 'type="password"' not in browser.get(path).text


@pytest.mark.asvs("6.4.4")
def test_a_new_invitation_asks_for_a_fresh_code_and_leaves_the_old_password_until_it_is_accepted(small_office: SmallOffice) -> None:
    browser, karin = small_office.signed_in("admin"), small_office.people["coordinator"]
    small_office.watch.passes(minutes=6)
    path = f"/settings/people/{karin.id}"
    browser.get(path)
    browser.submit(action=f"{path}/invite")
    assert browser.address == "/prove"
    browser.submit({"code": small_office.people["admin"].code()})
    assert browser.address == path
    assert re.search(r"/invitation/[\w-]{43}", browser.submit(action=f"{path}/invite").text)
    other = small_office.visitor()
    other.submit({"login": karin.login, "password": PASSWORD}, on="/sign-in")
    assert other.address == "/sign-in/code"
