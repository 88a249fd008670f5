"""Signing in at the pages: password, code, throttling, invitations, the way back; and what of it stands in the log."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from caseapp.access import Refused
from caseapp.accounts.actions import bootstrap_administrator
from caseapp.accounts.models import FailedSignIn
from caseapp.accounts.second_factor import code_at
from caseapp.accounts.throttle import Attempt, TryLater, begin_attempt
from caseapp.audit import AuditEntry
from caseapp.db import transaction
from caseapp.formats import clock
from tests.accounts.conftest import PASSWORD, SmallOffice
from tests.conftest import client_of
from tests.pages import PageClient, form_values


def logged(action: str) -> list[tuple[str | None, str, str]]:
    """(actor, decision, reason) of each entry of the log under this word, oldest first."""
    with transaction(reading=True) as current:
        entries = current.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.sequence))
        return [(entry.actor_id, entry.decision, entry.reason) for entry in entries]


def test_a_person_signs_in_with_password_and_code_and_the_log_says_so(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    assert "Karin Ek" in browser.get("/account").text
    assert (small_office.people["coordinator"].id, "allowed", "") in logged("login")


@pytest.mark.asvs("6.3.3")
def test_the_password_alone_opens_nothing(small_office: SmallOffice) -> None:
    browser = small_office.visitor()
    browser.submit({"login": "coordinator@ekhamra.example", "password": PASSWORD}, on="/sign-in")
    assert browser.address == "/sign-in/code"
    assert browser.get("/account").status_code == 303


@pytest.mark.asvs("6.3.8")
def test_an_unknown_person_and_a_wrong_password_get_the_same_page(small_office: SmallOffice) -> None:
    pages = []
    for login in ("coordinator@ekhamra.example", "nobody@ekhamra.example"):
        browser = small_office.visitor()
        answer = browser.submit({"login": login, "password": "inte det rätta"}, on="/sign-in")
        assert answer.status_code == 422
        pages.append(re.sub(r'name="(csrf_token|once|next)" value="[^"]*"', "", answer.text).replace(login, ""))
    assert pages[0] == pages[1]
    assert "stämmer inte" in pages[0]
    reasons = [reason for _who, _decision, reason in logged("login_failed")]
    assert reasons == ["wrong_password", "unknown_login"]


@pytest.mark.asvs("6.5.1")
def test_a_code_works_once(small_office: SmallOffice) -> None:
    person = small_office.people["coordinator"]
    small_office.signed_in("coordinator")
    again = small_office.visitor()
    again.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    answer = again.submit({"code": person.code()})
    assert "redan använd" in answer.text
    assert again.get("/account").status_code == 303
    assert (person.id, "refused", "wrong_code") in logged("login_failed")


def test_half_a_sign_in_is_forgotten_after_five_minutes(small_office: SmallOffice) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    small_office.watch.passes(minutes=5, seconds=1)
    browser.submit({"code": person.code()})
    assert browser.address == "/sign-in"


@pytest.mark.asvs("6.3.1")
def test_after_five_wrong_passwords_even_the_right_one_waits_and_then_works(small_office: SmallOffice) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    for _attempt in range(5):
        browser.submit({"login": person.login, "password": "inte det rätta"}, on="/sign-in")
    answer = browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    assert "Försök igen om 15 sekunder" in answer.text
    assert logged("login_failed")[-1] == (person.id, "refused", "too_many_failures")
    small_office.watch.passes(seconds=16)
    browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    assert browser.address == "/sign-in/code"


@pytest.mark.asvs("6.1.1")
def test_somebody_guessing_elsewhere_does_not_keep_the_owner_out(small_office: SmallOffice) -> None:
    person = small_office.people["coordinator"]
    guesses = [begin_attempt(person.login, f"203.0.113.{number}") for number in range(31)]
    assert [type(guess) for guess in guesses] == [Attempt] * 30 + [TryLater]
    small_office.watch.passes(minutes=1)
    owner = small_office.visitor()
    owner.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    assert owner.address == "/sign-in/code"


def test_many_accounts_tried_from_one_network_slow_that_network_down_and_no_other(small_office: SmallOffice) -> None:
    tries = [begin_attempt(f"person{number}", "203.0.113.9") for number in range(51)]
    assert [type(one) for one in tries] == [Attempt] * 50 + [TryLater]
    assert isinstance(begin_attempt("person50", "203.0.113.10"), Attempt)


@pytest.mark.asvs("6.6.3")
def test_wrong_codes_are_slowed_down_too(small_office: SmallOffice) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    wrong = f"{(int(person.code()) + 1) % 1_000_000:06}"
    for _attempt in range(5):
        assert "stämmer inte" in browser.submit({"code": wrong}).text
    assert "Försök igen om 15 sekunder" in browser.submit({"code": person.code()}).text


def test_signing_in_forgives_the_failures_before_it(small_office: SmallOffice) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    for _attempt in range(4):
        browser.submit({"login": person.login, "password": "inte det rätta"}, on="/sign-in")
    small_office.signed_in("coordinator")
    for _attempt in range(4):
        browser.submit({"login": person.login, "password": "inte det rätta"}, on="/sign-in")
    browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    assert browser.address == "/sign-in/code"


def test_what_is_counted_holds_no_login_and_no_address(small_office: SmallOffice) -> None:
    small_office.visitor().submit({"login": "marked-login", "password": "inte det rätta"}, on="/sign-in")
    with transaction(reading=True) as current:
        subjects = [row.subject for row in current.scalars(select(FailedSignIn))]
    assert len(set(subjects)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", subject) for subject in subjects)


def test_what_was_typed_at_sign_in_is_not_in_the_log(small_office: SmallOffice) -> None:
    small_office.visitor().submit({"login": "marked-login", "password": "marked-password"}, on="/sign-in")
    with transaction(reading=True) as current:
        told = [str(entry.told()) for entry in current.scalars(select(AuditEntry))]
    assert told
    assert not any("marked-" in line for line in told)


# -- invitations ------------------------------------------------------------------------------------------------------


def invited(small_office: SmallOffice) -> str:
    """The path of an invitation made at the page."""
    browser = small_office.signed_in("admin")
    fields = {"name": "Nils Ny", "login": "nils@ekhamra.example", "agency": small_office.agency_id}
    shown = browser.submit(fields, on="/settings/people/new").text
    found = re.search(r"/invitation/[\w-]{43}", shown)
    assert found
    return found.group()


def accept(small_office: SmallOffice, path: str) -> str:
    """Accept the invitation as Nils would; the secret of his app."""
    nils = small_office.visitor()
    shown = nils.submit({"password": "gul cykel sover djupt"}, on=path).text
    found = re.search(r'class="secret-key">([A-Z2-7 ]+)<', shown)
    assert found
    secret = found.group(1).replace(" ", "")
    assert nils.submit({"code": code_at(secret, clock.now())}).status_code == 200
    return secret


def test_who_is_invited_chooses_password_and_app_alone_and_signs_in(small_office: SmallOffice) -> None:
    secret = accept(small_office, invited(small_office))
    nils = small_office.visitor()
    small_office.watch.passes(seconds=30)
    nils.submit({"login": "NILS@ekhamra.example", "password": "gul cykel sover djupt"}, on="/sign-in")
    nils.submit({"code": code_at(secret, clock.now())})
    assert "Nils Ny" in nils.get("/account").text


@pytest.mark.asvs("6.4.1")
def test_an_invitation_works_once(small_office: SmallOffice) -> None:
    path = invited(small_office)
    accept(small_office, path)
    assert small_office.visitor().get(path).status_code == 404


@pytest.mark.asvs("6.4.1")
def test_an_invitation_is_too_old_after_seven_days(small_office: SmallOffice) -> None:
    path = invited(small_office)
    small_office.watch.passes(days=7, seconds=-1)
    assert small_office.visitor().get(path).status_code == 200
    small_office.watch.passes(seconds=1)
    assert small_office.visitor().get(path).status_code == 404


def test_a_new_invitation_replaces_the_one_before(small_office: SmallOffice) -> None:
    first, browser = invited(small_office), small_office.signed_in("admin")
    nils = next(link for link, words in person_links(browser).items() if words == "Nils Ny")
    browser.get(nils)
    assert "/invitation/" in browser.submit(action=f"{nils}/invite").text
    assert small_office.visitor().get(first).status_code == 404


def person_links(browser: PageClient) -> dict[str, str]:
    """Address → name of the people on the administrator's page."""
    browser.get("/settings/people")
    assert browser.page is not None
    return browser.page.links


def test_a_weak_password_is_refused_with_a_sentence(small_office: SmallOffice) -> None:
    nils = small_office.visitor()
    answer = nils.submit({"password": "Ekhamra kommun 1"}, on=invited(small_office))
    assert answer.status_code == 422
    assert "består mest av namn" in answer.text


def test_the_app_must_show_that_it_works_before_the_invitation_is_used(small_office: SmallOffice) -> None:
    path, nils = invited(small_office), small_office.visitor()
    nils.submit({"password": "gul cykel sover djupt"}, on=path)
    assert "Koden stämmer inte" in nils.submit({"code": "000000"}).text
    accept(small_office, path)


def test_the_first_administrator_is_made_once(empty_app: Flask) -> None:
    empty_app.extensions["caseapp.database"].bind()
    with pytest.raises(Refused):
        bootstrap_administrator("Ekhamra kommun")


# -- the way back -----------------------------------------------------------------------------------------------------


def test_a_visitor_comes_back_to_the_page_that_was_asked_for(small_office: SmallOffice) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    browser.get("/account/password", follow_redirects=True)
    browser.submit({"login": person.login, "password": PASSWORD})
    small_office.watch.passes(seconds=30)
    browser.submit({"code": person.code()})
    assert browser.address == "/account/password"


@pytest.mark.parametrize("address", ["https://elsewhere.test/", "//elsewhere.test/", "/account", "signed.by.nobody", "\x00", "é" * 3000])
def test_only_an_address_we_signed_is_gone_back_to(small_office: SmallOffice, address: str) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    small_office.watch.passes(seconds=60)
    browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    fields = {"code": person.code(), "csrf_token": token_of(browser)}
    answer = browser.post("/sign-in/code", query_string={"next": address}, data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def token_of(browser: PageClient) -> str:
    """The page's token against forgery."""
    assert browser.page is not None
    return form_values(browser.page.forms()[0])["csrf_token"][0]


def test_sign_in_and_sign_out_need_their_token(small_office: SmallOffice) -> None:
    stranger = client_of(small_office.app)
    assert stranger.post("/sign-in", data={"login": "a", "password": "b"}).status_code == 400
    browser = small_office.signed_in("coordinator")
    assert browser.post("/sign-out").status_code == 400
    assert browser.get("/account").status_code == 200
