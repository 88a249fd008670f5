"""A meeting of ten cases is counted: what somebody does for each case, and how many pages are loaded. Counts, never times.

The promise: a case that is as it was takes at most four doings (a key pressed, a click, a field filled in), and the plans of ten cases are
reviewed within twelve page loads, from the start of the meeting to its record. On SQLite only: the screen is the same on every database.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.cases.starting import NewPerson, start_case
from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from caseapp.plans import actions as plans
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality, actor_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

CASES = 10


class Hands:
    """A person's hands at the meeting: everything done with them is counted."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.doings = visitor, 0

    def key(self, key: str) -> None:
        """Press a key, and wait for the page it leads to."""
        self.doings += 1
        with self.visitor.page.expect_navigation():
            self.visitor.page.keyboard.press(key)

    def choose(self, answer: str) -> None:
        """Click an answer."""
        self.doings += 1
        self.visitor.page.get_by_label(answer, exact=True).first.check()

    def write(self, **fields: str) -> None:
        """Fill in fields."""
        self.doings += len(fields)
        self.visitor.fill(**fields)


@pytest.fixture
def meeting_of_ten(app: Flask, municipality: Municipality) -> Callable[[bool], str]:
    """Called with whether each case has an open commitment: the address of a meeting about ten cases whose plans are due today."""
    karin, samir, today = actor_of(app, municipality["karin"]), municipality["samir"], clock.today()

    def plan(with_commitments: bool) -> str:
        for number in range(CASES):
            person = NewPerson(name=f"Ung {chr(65 + number)}", sex="m")
            case_id = start_case(karin, municipality.teams["norr"], person=person, participant_ids=[samir.id])
            plans.write_head(karin, case_id, text="Trygg i skolan", review_on=today)
            if with_commitments:
                social = municipality.agencies["social_services"]
                plans.add_commitment(karin, case_id, agency_id=social, text="Ring hem", due_on=today - timedelta(days=3))
        asked = [f"member:{samir.id}"]
        team = municipality.teams["norr"]
        return f"/meetings/{meetings.plan_meeting(karin, team, meeting_type='team', starts_at=clock.now(), asked=asked)}"

    return plan


def test_ten_cases_that_are_as_they_were_take_one_key_each_and_twelve_pages(
    visitors: Callable[..., Visitor], app: Flask, municipality: Municipality, codes: Codes, meeting_of_ten: Callable[[bool], str]
) -> None:
    address = meeting_of_ten(False)
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(address, "ten cases on the agenda")
    hands, before = Hands(karin), karin.pages_shown
    hands.key("s")
    karin.look("the first of ten")
    expect(karin.page.locator(".screen-buttons kbd")).to_have_text(["K", "N"])  # the keys are told on the screen
    per_case = []
    for number in range(1, CASES + 1):
        expect(karin.page.locator(".screen-count")).to_have_text(f"Ärende {number} av {CASES}")
        start = hands.doings
        hands.key("k")
        per_case.append(hands.doings - start)
    karin.press("Avsluta mötet", "the record of ten")
    pages = karin.pages_shown - before
    print(f"ten unchanged cases: {max(per_case)} doing a case, {pages} pages")
    assert max(per_case) <= 4
    assert pages <= 12
    expect(karin.page.locator("main").get_by_text("Inte genomgånget")).to_have_count(0)
    expect(karin.page.locator("main").get_by_text("Inget nytt beslut.")).to_have_count(CASES)


def test_the_plans_of_ten_cases_are_reviewed_within_twelve_pages(
    visitors: Callable[..., Visitor], app: Flask, municipality: Municipality, codes: Codes, meeting_of_ten: Callable[[bool], str]
) -> None:
    address = meeting_of_ten(True)
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(address, "ten plans to review")
    hands, before = Hands(karin), karin.pages_shown
    hands.key("s")
    for number in range(1, CASES + 1):
        expect(karin.page.locator(".turn").first).to_contain_text("Ring hem")
        hands.choose("Klar")  # the status of a commitment is one click
        hands.write(decision=f"Beslut {number}.", next_on="om 6 veckor")
        karin.page.locator("body").click(position={"x": 1, "y": 1})  # out of the field, where a letter would be typed
        hands.key("k")
    karin.press("Avsluta mötet", "the record of ten reviews")
    pages = karin.pages_shown - before
    print(f"ten plans reviewed: {hands.doings} doings, {pages} pages")
    assert pages <= 12
    record = karin.page.locator("main")
    expect(record.get_by_text("Ring hem – Socialtjänsten: klar")).to_have_count(CASES)
    expect(record.get_by_text("Nästa genomgång")).to_have_count(CASES)


def test_the_next_case_is_a_key_away_and_nothing_is_done_by_it(
    visitors: Callable[..., Visitor], app: Flask, municipality: Municipality, codes: Codes, meeting_of_ten: Callable[[bool], str]
) -> None:
    address = meeting_of_ten(False)
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(address)
    hands = Hands(karin)
    hands.key("s")
    hands.key("n")
    expect(karin.page.locator(".screen-count")).to_have_text(f"Ärende 2 av {CASES}")
    expect(karin.page.locator(".screen-agenda").get_by_text("Klart")).to_have_count(0)
    karin.look("the second case")
