"""Around a meeting at a real browser: the calendar by keys, an agenda in order, an address for one's own calendar, reading afterwards.

On SQLite only: what is looked at is the screen, which is the same on every database.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from caseapp.meetings import leading
from caseapp.plans import actions as plans
from tests.browser.test_meeting_journey import three_cases  # noqa: F401 - a fixture
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality, actor_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_meeting_is_planned_ordered_and_found_in_the_calendar(
    visitors: Callable[..., Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    three_cases: list[str],  # noqa: F811
    scripts: bool,
) -> None:
    karin = visitors(app, scripts=scripts)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/meetings/new")
    karin.fill(day="idag", hour="13")
    karin.press("Planera mötet", "what the room will not see")
    ahead = karin.page.locator(".ahead")
    expect(ahead).to_contain_text("kan inte visas medan Pontus Ek är i rummet: får inte ta del av ärendet (jäv).")
    expect(ahead).to_contain_text("visas inget innehåll medan")
    lines = karin.page.locator(".agenda-list .agenda-number")
    before = lines.all_inner_texts()
    karin.page.locator(".agenda-list li").nth(2).get_by_role("button", name="Upp").click()
    karin.look("in another order")
    assert lines.all_inner_texts() == [before[0], before[2], before[1]]
    karin.page.locator(".agenda-list li").nth(0).get_by_role("button", name="Ta bort").click()
    karin.look("one left out")
    expect(karin.page.locator(".agenda-proposed")).to_contain_text("uppföljning")
    karin.page.locator(".agenda-proposed").get_by_role("button", name="Lägg till").click()
    karin.look("and put back")
    assert lines.all_inner_texts() == [before[2], before[1], before[0]]

    karin.go("/", "my day on the day of a meeting")
    assert karin.page.locator("main h2").first.inner_text() == "Möte idag"
    karin.go("/meetings/calendar", "the calendar")
    expect(karin.page.locator(".calendar-today")).to_contain_text("13.00 Arbetsgruppsmöte")
    if scripts:
        month = karin.page.locator(".calendar-title").inner_text()
        for key, same in (("n", False), ("p", True), ("p", False), ("i", True)):
            with karin.page.expect_navigation():
                karin.page.keyboard.press(key)
            assert (karin.page.locator(".calendar-title").inner_text() == month) is same, key
    karin.press("Visa veckan", "the week")
    karin.page.locator(".calendar-today .calendar-meetings a").click()
    karin.look("the meeting from the calendar")


def test_an_address_for_the_own_calendar_is_made_and_switched_off(
    visitors: Callable[[Flask], Visitor], app: Flask, municipality: Municipality, codes: Codes
) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/account", "no address yet")
    karin.press("Gör en adress", "the address, once")
    address = karin.page.locator("main code").inner_text()
    fetched = karin.page.request.get(address)
    assert fetched.status == 200
    assert fetched.text().startswith("BEGIN:VCALENDAR\r\n")
    karin.press("Klar", "with an address")
    karin.press("Stäng av adressen", "switched off")
    assert karin.page.request.get(address).status == 404


def test_who_was_absent_reads_what_was_decided_in_one_click_and_sees_what_has_changed(
    visitors: Callable[[Flask], Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    three_cases: list[str],  # noqa: F811
) -> None:
    lena, actor = visitors(app), actor_of(app, municipality["karin"])
    lena.sign_in(municipality["lena"], codes)
    lena.go("/", "before anything happened")
    asked = [f"member:{municipality['lena'].id}"]
    team = municipality.teams["norr"]
    meeting_id = meetings.plan_meeting(actor, team, meeting_type="team", starts_at=clock.now(), asked=asked)
    leading.start_meeting(actor, meeting_id, [f"member:{municipality['karin'].id}"])
    leading.save_case(actor, meeting_id, three_cases[0], leading.Said(decision="Skolan ringer på fredag."), done=True)
    leading.end_meeting(actor, meeting_id)
    school = municipality.agencies["school"]
    plans.add_commitment(actor, three_cases[0], agency_id=school, text="Ring på fredag", due_on=clock.today() + timedelta(days=9))
    again = visitors(app)
    again.sign_in(municipality["lena"], codes)
    again.go("/", "my day after a meeting")
    task = again.page.locator("li.task", has_text="Läs vad som beslutades")
    expect(task).to_contain_text("Arbetsgruppsmöte · 1 ärende")
    expect(again.page.locator(".since")).to_contain_text("1 ändring i 1 ärende")
    task.locator("a").click()
    again.look("what was decided")
    expect(again.page.locator("main")).to_contain_text("Skolan ringer på fredag.")
    again.page.get_by_role("link", name="Minnesanteckning").first.click()
    again.look("minutes of one case")
    expect(again.page.locator(".sheet")).to_contain_text("Skolan ringer på fredag.")
    again.go("/", "nothing left to read")
    expect(again.page.locator("li.task", has_text="Läs vad som beslutades")).to_have_count(0)
