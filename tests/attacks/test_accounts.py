"""Attacks on who somebody is: credentials swapped, roles given, sessions re-pointed or prolonged, invitations re-opened.

What is promised is the same as for consent: nobody becomes somebody else or more than they were; the log names the row that was met, and
`audit verify` names it whether it was met or not. A session's own row is not in the log's keeping: a changed one is simply over.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from caseapp.access import Actor
from caseapp.accounts import actions as accounts
from tests.attacks.attacker import Attacker, Stored
from tests.attacks.victim import Victim, incidents, verified
from tests.conftest import client_of
from tests.municipality import PASSWORD, Codes, Municipality
from tests.planted_texts import Plantation

DAMAGED = "En rad som avgör behörigheten är skadad"


def account(attacker: Attacker, municipality: Municipality, login: str) -> Stored:
    """The row of this person."""
    return attacker.row("user_account", id=municipality[login].id)


def tries_to_sign_in(app: Flask, codes: Codes, login: str, telephone_of: Any) -> int:
    """Password, then a code of this person's telephone. The status of the answer; 200 on the first page only if a session began."""
    browser = client_of(app)
    browser.submit({"login": login, "password": PASSWORD}, on="/sign-in")
    if browser.page is not None and browser.address.endswith("/code"):
        browser.submit({"code": codes.next(telephone_of)})
    answer = browser.get("/account")
    assert answer.status_code < 500
    return answer.status_code


def test_signing_in_when_nothing_was_changed(app: Flask, municipality: Municipality, codes: Codes) -> None:
    """Tries: sign in as oneself. Must: it works, or the tests below would prove nothing."""
    assert tries_to_sign_in(app, codes, "lena", municipality["lena"]) == 200


@pytest.mark.parametrize("columns", [("credentials_sealed",), ("credentials_sealed", "row_seal"), ("login_index",)], ids="+".join)
def test_credentials_swapped(
    columns: tuple[str, ...], app: Flask, attacker: Attacker, municipality: Municipality, codes: Codes
) -> None:
    """Tries: give the coordinator the officer's password and telephone, or login. Must: neither can sign in; the log names the row."""
    karin, pontus = (account(attacker, municipality, login) for login in ("karin", "pontus"))
    if "login_index" in columns:  # unique: they change places by way of a third
        attacker.rewrite("user_account", karin["id"], login_index="x" * 32)
        attacker.rewrite("user_account", pontus["id"], login_index=karin["login_index"])
        attacker.rewrite("user_account", karin["id"], login_index=pontus["login_index"])
    else:
        attacker.swap("user_account", columns, karin, pontus)
    for login in ("karin", "pontus"):
        for telephone in ("karin", "pontus"):
            assert tries_to_sign_in(app, codes, login, municipality[telephone]) != 200
    met = {row for incident in incidents() for row in incident.rows}
    assert {("user_account", karin["id"]), ("user_account", pontus["id"])} <= met
    assert {finding for finding in verified() if "user_account" in finding}


@pytest.mark.parametrize("role", ["administrator", "coordinator", "log_reviewer", "statistician", "unit_manager"])
def test_role_given(role: str, attacker: Attacker, municipality: Municipality, victim: Callable[[str], Victim]) -> None:
    """Tries: write a role of the installation into one's own row. Must: one can do nothing any more, least of all that."""
    pontus = victim("pontus")
    attacker.rewrite("user_account", municipality["pontus"].id, roles=role)
    for page in ("/settings", "/settings/people", "/log", "/statistics", "/cases", "/"):
        answer = pontus.goes_to(page)
        assert answer.status == 403, page
        assert DAMAGED in answer.says
    assert ("user_account", municipality["pontus"].id) in incidents()[-1].rows
    assert verified() == [f"user_account {municipality['pontus'].id} does not carry its seal"]


def test_disabled_person_enabled(
    app: Flask, attacker: Attacker, municipality: Municipality, actor: Callable[[str], Actor], codes: Codes
) -> None:
    """Tries: mark somebody who was disabled as active again. Must: they cannot sign in."""
    accounts.disable_person(actor("admin"), municipality["pontus"].id)
    attacker.rewrite("user_account", municipality["pontus"].id, is_active=True)
    assert tries_to_sign_in(app, codes, "pontus", municipality["pontus"]) != 200


def test_used_code_made_unused(attacker: Attacker, municipality: Municipality, app: Flask, codes: Codes) -> None:
    """Tries: set back the step of the last code, to use a code again that was seen. Must: nobody signs in with it."""
    assert tries_to_sign_in(app, codes, "lena", municipality["lena"]) == 200
    attacker.rewrite("user_account", municipality["lena"].id, totp_step=0)
    assert tries_to_sign_in(app, Codes(), "lena", municipality["lena"]) != 200


# -- sessions ---------------------------------------------------------------------------------------------------------

#: what is tried → the columns that are changed in a session's row, given the attacker's own row and the coordinator's
SESSIONS: dict[str, Callable[[Stored, Stored], dict[str, Any]]] = {
    "re-pointed to another user": lambda mine, hers: {"user_id": hers["user_id"]},
    "given the contents of another session": lambda mine, hers: {"content_sealed": hers["content_sealed"], "user_id": hers["user_id"]},
    "given everything of another session but the token": lambda mine, hers: hers
    | {"id": mine["id"], "token_hash": mine["token_hash"]},
    "its use set to now": lambda mine, hers: {"seen_at": datetime.now(UTC) + timedelta(hours=1)},
    "its beginning moved": lambda mine, hers: {"created_at": datetime.now(UTC) + timedelta(hours=9)},
    "proved just now": lambda mine, hers: {"proved_at": datetime.now(UTC)},
}


@pytest.mark.parametrize("tried", SESSIONS)
def test_session(tried: str, attacker: Attacker, municipality: Municipality, victim: Callable[[str], Victim]) -> None:
    """Tries: change one's own session's row, as named. Must: the session is over, once in the log, and the person can sign in again."""
    pontus, karin = victim("pontus"), victim("karin")
    mine, hers = (attacker.rows("sign_in_session", user_id=municipality[login].id)[-1] for login in ("pontus", "karin"))
    attacker.rewrite("sign_in_session", mine["id"], **SESSIONS[tried](mine, hers))
    for _twice in range(2):
        answer = pontus.goes_to("/cases")
        assert answer.path == "/sign-in"
        assert b"Karin Hellberg" not in answer.content
    assert [("sign_in_session", mine["id"]) in incident.rows for incident in incidents()] == [True]
    assert karin.goes_to("/cases").path == "/cases"


def test_ended_session_revived(
    attacker: Attacker, municipality: Municipality, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: take back that a session was ended by the administrator. Must: it stays over."""
    pontus = victim("pontus")
    mine = attacker.rows("sign_in_session", user_id=municipality["pontus"].id)[-1]
    accounts.end_sessions(actor("admin"), municipality["pontus"].id)
    attacker.rewrite("sign_in_session", mine["id"], ended_at=None)
    assert pontus.goes_to("/cases").path == "/sign-in"


def test_session_that_is_damaged_on_purpose_when_all_are_ended(
    attacker: Attacker, municipality: Municipality, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: damage a stolen session so that it cannot be ended, and put it right afterwards. Must: disabling somebody removes it."""
    pontus = victim("pontus")
    mine = attacker.rows("sign_in_session", user_id=municipality["pontus"].id)[-1]
    attacker.rewrite("sign_in_session", mine["id"], seen_at=datetime.now(UTC) + timedelta(days=1))
    accounts.disable_person(actor("admin"), municipality["pontus"].id)
    assert not [row for row in attacker.rows("sign_in_session", user_id=municipality["pontus"].id) if row["ended_at"] is None]
    assert pontus.goes_to("/cases").path == "/sign-in"


# -- invitations ------------------------------------------------------------------------------------------------------

INVITATIONS: dict[str, dict[str, Any]] = {
    "re-opened after its use": {"used_at": None},
    "prolonged": {"expires_at": datetime(2099, 1, 1, tzinfo=UTC)},
    "pointed at the coordinator": {"user_id": "the coordinator"},
}


@pytest.mark.parametrize("tried", INVITATIONS)
def test_invitation(tried: str, app: Flask, attacker: Attacker, municipality: Municipality, actor: Callable[[str], Actor]) -> None:
    """Tries: change an invitation's row, to choose a password for an account. Must: it lets nobody choose anything."""
    if tried.startswith("re-opened"):
        invitation, token = attacker.row("invitation", user_id=municipality["admin"].id), secrets.token_urlsafe(32)
        changed = INVITATIONS[tried] | {"token_hash": hashlib.sha256(token.encode()).hexdigest()}
    else:
        home = municipality.agencies["social_services"]
        token = accounts.invite(actor("admin"), name="Ny Person", login="ny", agency_id=home, roles=())
        invitation = attacker.row("invitation", used_at=None)
        changed = INVITATIONS[tried]
        changed = {"user_id": municipality["karin"].id} if "user_id" in changed else changed
    attacker.rewrite("invitation", invitation["id"], **changed)
    before = attacker.everything("user_account")
    answer = client_of(app).get(f"/invitation/{token}")
    assert answer.status_code == 403
    assert DAMAGED in answer.text
    assert attacker.everything("user_account") == before
    assert f"invitation {invitation['id']} does not carry its seal" in verified()


# -- releases ---------------------------------------------------------------------------------------------------------

RELEASES: dict[str, dict[str, Any]] = {
    "approved by the attacker": {"state": "approved"},
    "another fingerprint": {"sha256": "0" * 64},
    "another preparer, so that they may approve it themselves": {"prepared_by_id": "somebody else"},
    "moved to another quarter": {"quarter": "2020Q1"},
}


@pytest.mark.parametrize("tried", RELEASES)
def test_release(tried: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: edit the ledger of releases, as named. Must: no bundle leaves, work with releases stops, the log names the row."""
    stellan = victim("stellan")
    attacker.rewrite("release", plantation.release, **RELEASES[tried])
    for page in ("/statistics", f"/statistics/releases/{plantation.release}", f"/statistics/releases/{plantation.release}/bundle"):
        answer = stellan.goes_to(page)
        assert answer.status == 403
        assert not answer.content.startswith(b"PK")
    assert ("release", plantation.release) in incidents()[-1].rows
    assert verified() == [f"release {plantation.release} does not carry its seal"]


def test_bytes_of_a_release_exchanged(attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: put another sealed value in the place of the archive. Must: it is not handed out."""
    release = attacker.row("release", id=plantation.release)
    attacker.rewrite("release", plantation.release, archive_sealed=release["counts_sealed"])
    assert victim("ulla").goes_to(f"/statistics/releases/{plantation.release}").status == 403
