"""Sessions: stolen, expired, ended; what the cookie is, and that taking a role away works on the next request."""

import pytest
from flask import request
from flask_login import encode_cookie
from sqlalchemy import func, select, text

from caseapp.access import Refused
from caseapp.accounts import actions
from caseapp.accounts.models import SignInSession
from caseapp.accounts.sessions import COOKIE, do_not_prolong, token_hash
from caseapp.db import transaction
from tests.accounts.conftest import PASSWORD, SmallOffice
from tests.conftest import client_of
from tests.pages import PageClient, form_values


def token(browser: PageClient) -> str:
    """The token this browser holds."""
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)


def holding(small_office: SmallOffice, stolen: str) -> PageClient:
    """A browser that sends this token."""
    browser = client_of(small_office.app)
    browser.set_cookie(COOKIE, stolen)
    return browser


def stays_out(browser: PageClient) -> bool:
    """Whether the browser is sent to sign in."""
    answer = browser.get("/account")
    return answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")


@pytest.mark.asvs("3.3.1")
@pytest.mark.asvs("3.3.4")
def test_the_cookie_is_secure_for_this_host_only_and_hidden_from_scripts(small_office: SmallOffice) -> None:
    answer = small_office.visitor().get("/sign-in")
    written = answer.headers.getlist("Set-Cookie")
    assert len(written) == 1
    name, *flags = written[0].split("; ")
    assert name.startswith("__Host-caseapp=")
    assert len(name.partition("=")[2]) == 43  # 256 bits in base64 without padding
    assert set(flags) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.asvs("7.2.3")
def test_the_database_holds_the_hash_and_not_the_token(small_office: SmallOffice) -> None:
    held = token(small_office.signed_in("coordinator"))
    with transaction(reading=True) as current:
        rows = current.execute(text("SELECT * FROM sign_in_session")).all()
    assert any(token_hash(held) in row for row in rows)
    assert not any(held in str(row) or held.encode() in bytes(value) for row in rows for value in row if isinstance(value, bytes))


@pytest.mark.asvs("7.2.4")
def test_a_token_from_before_the_sign_in_opens_nothing_afterwards(small_office: SmallOffice) -> None:
    browser, person = small_office.visitor(), small_office.people["coordinator"]
    small_office.watch.passes(seconds=60)
    browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    before = token(browser)
    browser.submit({"code": person.code()})
    assert token(browser) != before
    assert stays_out(holding(small_office, before))
    assert not stays_out(browser)


@pytest.mark.asvs("7.4.1")
def test_a_token_is_worthless_after_signing_out(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    stolen = token(browser)
    browser.get("/account")
    answer = browser.post("/sign-out", data={"csrf_token": _token(browser)})
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert stays_out(holding(small_office, stolen))


def _token(browser: PageClient) -> str:
    assert browser.page is not None
    return form_values(browser.page.forms("/sign-out")[0])["csrf_token"][0]


@pytest.mark.asvs("7.3.1")
def test_a_session_ends_after_twenty_minutes_without_use(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    for _quarter in range(3):
        small_office.watch.passes(minutes=19)
        assert not stays_out(browser)
    small_office.watch.passes(minutes=20)
    assert stays_out(browser)


@pytest.mark.asvs("7.3.2")
def test_a_session_ends_after_ten_hours_however_much_it_is_used(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    for _hour in range(40):
        small_office.watch.passes(minutes=14)
        assert not stays_out(browser)
    small_office.watch.passes(minutes=14)  # 9 h 34 min
    assert not stays_out(browser)
    small_office.watch.passes(minutes=14)
    small_office.watch.passes(minutes=12)  # 10 h 00 min
    assert stays_out(browser)


def test_a_request_that_comes_by_itself_does_not_prolong_the_session(small_office: SmallOffice) -> None:
    @small_office.app.before_request
    def _as_the_epoch_watcher() -> None:
        if request.headers.get("X-By-Itself"):
            do_not_prolong()

    browser = small_office.signed_in("coordinator")
    for _time in range(2):
        small_office.watch.passes(minutes=9)
        assert browser.get("/still-here", headers={"X-By-Itself": "1"}).status_code == 204
    small_office.watch.passes(minutes=2)
    assert stays_out(browser)


@pytest.mark.asvs("7.4.2")
def test_a_disabled_person_is_out_at_once_and_cannot_sign_in(small_office: SmallOffice) -> None:
    browser, person = small_office.signed_in("coordinator"), small_office.people["coordinator"]
    actions.disable_person(small_office.actor("admin"), person.id)
    assert stays_out(browser)
    answer = small_office.visitor().submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
    assert "stämmer inte" in answer.text


def test_a_role_that_is_taken_away_is_gone_on_the_next_request(small_office: SmallOffice) -> None:
    browser, person = small_office.signed_in("reviewer"), small_office.people["reviewer"]
    assert browser.get("/log").status_code == 200
    actions.change_person(small_office.actor("admin"), person.id, name="Olle Sund", roles=[])
    assert browser.get("/log").status_code == 403


@pytest.mark.asvs("7.5.2")
def test_people_see_and_end_their_own_sessions_and_no_others(small_office: SmallOffice) -> None:
    here, there, other = (small_office.signed_in(name) for name in ("coordinator", "coordinator", "reviewer"))
    with transaction(reading=True) as current:
        theirs = current.scalars(select(SignInSession.id).where(SignInSession.token_hash == token_hash(token(other)))).one()
    assert here.get("/account").text.count("/end&#34;") + here.get("/account").text.count('/end"') == 1
    here.post(f"/account/sessions/{theirs}/end", data={"csrf_token": _token(here)})
    assert not stays_out(other)
    here.get("/account")
    here.submit(action="/account/sessions/end-others")
    assert stays_out(there)
    assert not stays_out(here)


@pytest.mark.asvs("7.4.3")
def test_a_new_password_ends_the_persons_other_sessions(small_office: SmallOffice) -> None:
    here, there = small_office.signed_in("coordinator"), small_office.signed_in("coordinator")
    fields = {"current_password": PASSWORD, "new_password": "gul cykel sover djupt"}
    assert "bytt" in here.submit(fields, on="/account/password").text
    assert stays_out(there)
    assert not stays_out(here)


@pytest.mark.asvs("6.2.3")
def test_a_new_password_asks_for_the_one_before(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    fields = {"current_password": "inte det rätta", "new_password": "gul cykel sover djupt"}
    assert browser.submit(fields, on="/account/password").status_code == 422


@pytest.mark.asvs("7.5.1")
def test_a_new_password_asks_for_a_fresh_code_and_the_token_changes(small_office: SmallOffice) -> None:
    browser, person = small_office.signed_in("coordinator"), small_office.people["coordinator"]
    small_office.watch.passes(minutes=6)
    browser.get("/account/password", follow_redirects=True)
    assert browser.address == "/prove"
    before = token(browser)
    browser.submit({"code": person.code()})
    assert browser.address == "/account/password"
    assert token(browser) != before
    assert stays_out(holding(small_office, before))


def test_an_action_that_asks_for_a_fresh_proof_refuses_an_old_one(small_office: SmallOffice) -> None:
    admin = small_office.actor("admin")
    small_office.watch.passes(minutes=5)
    with pytest.raises(Refused, match="step_up"):
        actions.invite_again(admin, small_office.people["coordinator"].id)


@pytest.mark.parametrize("column", ["user_id", "content_sealed", "created_at"])
def test_a_session_edited_in_the_database_opens_nothing(small_office: SmallOffice, column: str) -> None:
    browser = small_office.signed_in("coordinator")
    other = {"user_id": "'somebody-else'", "content_sealed": "row_seal", "created_at": "'2027-01-01 00:00:00+00:00'"}[column]
    with transaction() as current:
        current.execute(text(f"UPDATE sign_in_session SET {column} = {other}"))
        current.commit()
    assert stays_out(browser)


def test_sessions_that_are_over_are_swept_away(small_office: SmallOffice) -> None:
    for _visit in range(5):
        small_office.visitor().get("/sign-in")
    small_office.watch.passes(minutes=21)
    small_office.visitor().get("/sign-in")
    with transaction(reading=True) as current:
        assert current.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_a_style_sheet_asks_nothing_of_the_session(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    with browser.get("/static/app.css") as answer:
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_remember_cookie_is_not_read(small_office: SmallOffice) -> None:
    with small_office.app.app_context():
        forged = encode_cookie(small_office.people["coordinator"].id)
    browser = client_of(small_office.app)
    browser.set_cookie("remember_token", forged)
    assert stays_out(browser)


def test_the_language_is_kept_and_comes_back_at_the_next_sign_in(small_office: SmallOffice) -> None:
    browser = small_office.signed_in("coordinator")
    browser.get("/account")
    chosen = {"csrf_token": _token(browser), "lang": "en", "next": form_next(browser)}
    answer = browser.post("/language", data=chosen, follow_redirects=True)
    assert browser.address == "/account"
    assert '<html lang="en">' in answer.text
    assert '<html lang="en">' in small_office.signed_in("coordinator").get("/account").text


def form_next(browser: PageClient) -> str:
    """The signed address the language form carries."""
    assert browser.page is not None
    return form_values(browser.page.forms("/language")[0])["next"][0]
