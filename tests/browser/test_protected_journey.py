"""In a browser: a girl's identity becomes protected, then her mother's; who is on a list reads, who is not meets a number.

On SQLite only: who learns what is proved on both databases elsewhere; here it is what several people see, one after the other.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.actions import read_case
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import clock
from caseapp.plans.actions import write_head
from tests.accounts.joining import join
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.review.conftest import Past, past  # noqa: F401 - a fixture
from tests.small_town import ALL_TYPES, give_consent

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

GIRL, MOTHER = "Silvermossa", "Tjärblomster"
PHONE, ADDRESS, NEW_ADDRESS = "070-174 06 11", "Rosenpilörten 4", "Ekgatan 9"
ON_IT = re.compile("På listan")  # and not "Inte på listan"
AIM = "Att komma till skolan utan att magen knyter sig."


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """Karin's case about a girl whose plan is due: Samir, who coordinates too, and Lena take part and may read everything."""
    join(actor, municipality, "samir", "coordinator")
    karin, today = actor("karin"), clock.today()
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson(f"{GIRL} Lind", "f", born=today - timedelta(days=14 * 366), phone=PHONE, address=ADDRESS),
        related=[NewRelated(f"{MOTHER} Lind")],
        participant_ids=[municipality[login].id for login in ("samir", "lena")],
    )
    give_consent(
        karin,
        made,
        {municipality.agencies[kind]: (*ALL_TYPES, "contact", "family") for kind in ("social_services", "school")},
        today + timedelta(days=90),
    )
    write_head(karin, made, text=AIM, review_on=today)
    return made


@pytest.fixture
def number(actor: Callable[[str], Actor], case_id: str) -> str:
    """The number of the case."""
    return read_case(actor("karin"), case_id).bar.case_number


def find(visitor: Visitor, words: str, name: str) -> None:
    """Search from the field at the top of every page."""
    visitor.page.get_by_label("Sök ärende").first.fill(words)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.look(name)


def reload(visitor: Visitor, name: str) -> None:
    """Press what the page that has closed offers."""
    visitor.page.get_by_role("button", name="Ladda om sidan").click()
    visitor.look(name)


def protect_the_girl(karin: Visitor, case: str) -> None:
    """Set protected population registration as a coordinator does, who first tries to write where she lives now."""
    karin.go(f"{case}/young-person", "the girl")
    karin.fill(protected="skyddad_folkbokforing", address=NEW_ADDRESS)
    karin.press("Spara", "no address is taken")
    wrong = karin.page.locator(".error-summary")
    expect(wrong).to_contain_text("sparas ingen adress")
    expect(wrong).to_contain_text("Kryssa i att det som är sparat ska tas bort")
    expect(karin.page.locator("[name='address']")).to_have_value(NEW_ADDRESS)
    karin.fill(address="", phone="")
    karin.page.locator("[name='remove_contact']").check()
    karin.press("Spara", "protected")
    main = karin.page.locator("main")
    expect(main).to_contain_text("Skyddad folkbokföring")
    for gone in (PHONE, ADDRESS, NEW_ADDRESS):
        expect(main).not_to_contain_text(gone)


def test_a_girl_who_becomes_protected_is_a_number_to_colleagues_and_closed_to_those_not_on_the_list(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str, number: str
) -> None:
    case = f"/cases/{case_id}"
    karin, samir, lena = (visitors(app) for _each in range(3))
    for visitor, login in ((karin, "karin"), (samir, "samir"), (lena, "lena")):
        visitor.sign_in(municipality[login], codes)
    for visitor in (samir, lena):
        visitor.go(case, "open to both")
        expect(visitor.page.locator("main")).to_contain_text(f"{GIRL} Lind")

    protect_the_girl(karin, case)
    for visitor in (samir, lena):
        expect(visitor.page.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=10_000)
        expect(visitor.page.locator("body")).not_to_contain_text(GIRL)
    karin.go(f"{case}/participants", "nobody else on the list")
    listed = karin.page.get_by_role("row")
    expect(listed.filter(has_text=ON_IT)).to_have_count(1)
    karin.press("Sätt på listan Lena Brodin", "one reader is named")
    expect(listed.filter(has_text="Lena Brodin")).to_contain_text(ON_IT)
    expect(listed.filter(has_text="Samir Aziz")).to_contain_text("Inte på listan")

    # who is on the list: the number alone where others may look on, everything inside
    reload(lena, "open again to who is named")
    expect(lena.page.locator("main")).to_contain_text(f"{GIRL} Lind")
    lena.go("/cases", "a number in the list")
    find(lena, GIRL, "a number among the hits")
    for place in ("/cases", ""):
        if place:
            lena.go(place, "the list again")
        row = lena.page.locator("main").get_by_role("row").filter(has_text=number)
        expect(row).to_contain_text("Skyddade personuppgifter")
        expect(row).not_to_contain_text(GIRL)

    # who is not: nothing in the list, nothing found, no such case
    reload(samir, "no such case")
    expect(samir.page.locator("main")).not_to_contain_text(number)
    samir.go("/cases", "not in the list")
    expect(samir.page.locator("main")).not_to_contain_text(number)
    for words in (GIRL, number):
        find(samir, words, "not found")
        expect(samir.page.locator("main")).to_contain_text("Ingen träff bland dina ärenden")

    # the meeting: the number on the agenda, and a screen that waits until who is not on the list has left the room
    karin.go("/meetings/new", "plan a meeting")
    karin.fill(day="idag", hour="13", place="Rådhuset, sal 2")
    for login in ("pontus", "fia"):
        karin.page.get_by_label(municipality[login].name).uncheck()
    karin.press("Planera mötet", "the agenda")
    agenda = karin.page.locator(".agenda-list li")
    expect(agenda).to_have_count(1)
    expect(agenda).to_contain_text(number)
    meeting = karin.page.url.removeprefix(karin.origin)
    samir.go(meeting, "the agenda of who is not on the list")
    expect(samir.page.locator(".agenda-list li")).to_contain_text(number)
    expect(samir.page.locator(".agenda-list li")).to_contain_text("Du deltar inte i ärendet")
    expect(samir.page.locator(".agenda-list li a")).to_have_count(0)

    karin.press("Starta mötesläge S", "somebody in the room is not on the list")
    screen = karin.page.locator("main")
    expect(screen).to_contain_text(f"Ärende {number} kan inte visas nu")
    expect(screen).to_contain_text("Samir Aziz, Socialtjänsten står inte på listan för skyddade personuppgifter.")
    expect(screen).not_to_contain_text("Lena Brodin, Ekskolan står inte")
    samir.go(meeting, "the screen of who is not on the list")
    expect(samir.page.locator("main")).to_contain_text(number)
    with karin.page.expect_navigation():
        karin.page.get_by_label(municipality["samir"].name).uncheck()
    karin.look("who is not on the list has left")
    expect(screen.locator(".screen-initials")).to_have_text(number)
    expect(screen).to_contain_text("Skyddade personuppgifter")
    for visitor in (karin, samir):
        for told in (GIRL, MOTHER, "S.L.", PHONE):
            expect(visitor.page.locator("body")).not_to_contain_text(told)


def test_a_mother_who_becomes_protected_has_a_list_of_her_own(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str
) -> None:
    case = f"/cases/{case_id}"
    karin, lena = visitors(app), visitors(app)
    main, read = karin.page.locator("main"), lena.page.locator("main")
    karin.sign_in(municipality["karin"], codes)
    protect_the_girl(karin, case)
    karin.go(f"{case}/participants", "the list of the case")
    karin.press("Sätt på listan Lena Brodin", "named for the case")
    lena.sign_in(municipality["lena"], codes)
    lena.go(case, "mother and daughter")
    expect(read).to_contain_text(f"{MOTHER} Lind")

    karin.go(case, "overview")
    karin.press(f"Ändra {MOTHER} Lind", "the mother")
    karin.fill(protected="fingerade")
    karin.press("Spara", "the mother is protected too")
    expect(main).to_contain_text("Fingerade personuppgifter")
    expect(lena.page.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=10_000)
    expect(lena.page.locator("body")).not_to_contain_text(MOTHER)
    reload(lena, "the daughter alone")
    expect(read).to_contain_text(f"{GIRL} Lind")
    expect(read).to_contain_text("du står inte på personens lista")
    for part in ("/consent", "/participants", "/plan"):
        lena.go(case + part, f"without the mother {part}")
        expect(read).not_to_contain_text(MOTHER)

    karin.go(f"{case}/participants", "the mother's list")
    hers = main.get_by_role("region", name=f"Lista för {MOTHER} Lind")
    expect(hers).to_contain_text("Bara de som står på listan ser namn och telefon.")
    hers.get_by_role("button", name="Ta bort från listan Karin Hellberg").click()
    karin.look("the last one stays")
    expect(main).to_contain_text("Någon måste stå på personens lista. Sätt en annan på listan först.")
    hers.get_by_role("button", name="Sätt på listan Lena Brodin").click()
    karin.look("named for the mother")
    expect(main).to_contain_text("Personen står på listan.")
    lena.go(case, "mother and daughter again")
    expect(read).to_contain_text(f"{MOTHER} Lind")


def test_paper_about_her_takes_a_step_with_a_reason(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str, number: str
) -> None:
    karin = visitors(app)
    main, refused = karin.page.locator("main"), karin.page.locator(".paper-refused")
    karin.sign_in(municipality["karin"], codes)
    protect_the_girl(karin, f"/cases/{case_id}")
    karin.go(f"/cases/{case_id}/plan", "the plan on the screen")
    expect(main).to_contain_text(AIM)
    expect(refused).to_be_hidden()
    karin.page.emulate_media(media="print")
    expect(main).to_be_hidden()
    expect(refused).to_contain_text(f"Ärende {number}: skyddade personuppgifter. Sidan skrivs inte ut utan det extra steget.")
    karin.page.emulate_media(media="screen")
    expect(main.get_by_role("button", name="Skriv ut", exact=True)).to_have_count(0)

    karin.press("Planen på papper", "the step")
    expect(main).to_contain_text("Det här kommer att stå på pappret")
    expect(main).not_to_contain_text(AIM)
    karin.press("Fortsätt till utskriften", "why?")
    expect(karin.page.locator(".error-summary")).to_contain_text("Skriv varför pappret behövs.")
    karin.fill(reason="Ska skrivas under hemma.")
    karin.press("Fortsätt till utskriften", "the plan may be printed")
    expect(main.get_by_role("button", name="Skriv ut", exact=True)).to_be_visible()
    karin.page.emulate_media(media="print")
    expect(main).to_contain_text(AIM)
    expect(main).to_be_visible()
    expect(refused).to_have_count(0)
    karin.page.emulate_media(media="screen")
    karin.go(f"/cases/{case_id}/mapping", "another page needs a step of its own")
    karin.page.emulate_media(media="print")
    expect(main).to_be_hidden()
    karin.page.emulate_media(media="screen")


def test_each_opening_of_a_protected_case_stands_in_the_reviewers_queue(
    app: Flask,
    past: Past,  # noqa: F811
    visitors: Callable[[Flask], Visitor],
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
) -> None:
    protected, other = past.case(f"{GIRL} Lind", protected="fingerade"), past.case("Bo Ek")
    for case_id in (protected, other):
        past.read("karin", case_id, day=3)
    number = read_case(actor("karin"), protected).bar.case_number
    greta = visitors(app)
    main = greta.page.locator("main")
    greta.sign_in(municipality["greta"], codes)
    greta.go("/review", "nothing chosen yet")
    greta.fill(month=past.month.written)
    greta.press("Gör månadens urval", "chosen")
    row = main.get_by_role("row").filter(has_text=number).filter(has_text=past.day(3).isoformat())
    expect(row).to_contain_text("Karin Hellberg")
    expect(row).to_contain_text("Skyddade personuppgifter")
    expect(main.get_by_role("row").filter(has_text="Skyddade personuppgifter").filter(has_not_text=number)).to_have_count(0)
    row.get_by_role("link").click()
    greta.look("the opening")
    expect(main).to_contain_text(number)
    expect(greta.page.locator("body")).not_to_contain_text(GIRL)
