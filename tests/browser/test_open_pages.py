"""What anybody may see at a real browser without signing in, and signing in itself: by invitation, and each morning.

On SQLite only: what is looked at is the pages, which are the same on every database.
"""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from caseapp.access import Actor
from caseapp.accounts.second_factor import code_at
from caseapp.formats import clock
from caseapp.members import actions as members
from tests.browser.visitor import Visitor
from tests.municipality import PASSWORD, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def test_a_stranger_reads_the_accessibility_statement_and_meets_a_page_that_is_not_there(
    visitors: Callable[[Flask], Visitor], empty_app: Flask
) -> None:
    stranger = visitors(empty_app)
    stranger.go("/accessibility")
    stranger.go("/nowhere", "not found")
    assert stranger.page.locator("h1").inner_text()


def test_somebody_new_accepts_an_invitation_and_signs_in(
    visitors: Callable[[Flask], Visitor], app: Flask, municipality: Municipality, actor: Callable[[str], Actor]
) -> None:
    norr = {municipality.teams["norr"]: ("participant",)}
    token = members.invite_member(
        actor("admin"), name="Nora Ny", login="nora", agency_id=municipality.agencies["school"], teams=norr
    )[0]
    nora = visitors(app)
    nora.go(f"/invitation/{token}", "invitation")
    nora.fill(password="kort")
    nora.send("too short a password")
    nora.fill(password=PASSWORD)
    nora.send("connect the app")
    secret = re.sub(r"\s", "", nora.page.locator("main code").first.inner_text())
    nora.fill(code=code_at(secret, clock.now()))
    nora.send("may sign in")
    nora.fill(login="nora", password="något annat")
    nora.send("wrong password")
    nora.fill(login="nora", password=PASSWORD)
    nora.send("code")
    nora.fill(code="000000")
    nora.send("wrong code")
    assert nora.page.locator(".error-summary").count()
