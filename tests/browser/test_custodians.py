"""In a browser: custodians who disagree, one who cannot be reached, and birthdays that change who must sign, in the consent page's words.

On SQLite only: the rules are proved on both databases elsewhere; here it is the words a coordinator meets.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases import consenting
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer
from caseapp.formats import add_months, clock, date_words, day_words
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

Starts = Callable[[date], str]
#: By the built-in rule: under 15 all custodians, from 15 the young person as well, from 18 the young person alone.
SIGNS = 15
WHY = "Bor utomlands och har inte svarat på tre brev."


@pytest.fixture
def start(actor: Callable[[str], Actor], municipality: Municipality) -> Starts:
    """Called with a day of birth: a case of Karin's about a girl born then, whose parents both have custody; the teacher takes part."""
    karin = actor("karin")  # with today's roles, on whatever day she acts

    def begin(born: date) -> str:
        return start_case(
            karin,
            municipality.teams["norr"],
            person=NewPerson("Alva Lind", "f", born=born),
            related=[NewRelated("Mona Lind"), NewRelated("Per Lind")],
            participant_ids=[municipality["lena"].id],
        )

    return begin


def holds(karin: Actor, municipality: Municipality, case_id: str, until: date) -> None:
    """A consent for the school that everybody who must sign today has said yes to."""
    today = clock.today()
    asked = consenting.ask_for_consent(
        karin,
        case_id,
        agency_ids=[municipality.agencies["school"]],
        types=("assessment",),
        valid_from=today,
        valid_to=until,
        purpose="sspf_cooperation",
        informed_on=today,
    )
    (card,) = consenting.read_consent(karin, case_id).consents
    answers = [Answer(one.id, "given", today, "paper") for one in card.signatures]
    assert consenting.register_answers(karin, case_id, asked, answers) == "active"


def ask(karin: Visitor, case: str) -> None:
    """Ask both custodians, as far as the page with their answers."""
    karin.go(f"{case}/consent/new", "ask")
    expect(karin.page.locator("main")).to_contain_text("Just nu: Mona Lind vårdnadshavare, Per Lind vårdnadshavare.")
    karin.fill(types="assessment")
    karin.press("Fortsätt till underskrifter", "answers")


def test_custodians_who_disagree_are_told_in_words_with_what_can_be_done(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, start: Starts
) -> None:
    case = f"/cases/{start(add_months(clock.today(), -12 * 13))}"
    karin, lena = visitors(app), visitors(app)
    page, read = karin.page.locator("main"), lena.page.locator("main")
    lena.sign_in(municipality["lena"], codes)
    lena.go(case, "open")
    karin.sign_in(municipality["karin"], codes)
    ask(karin, case)
    karin.fill(decision_0="given", method_0="paper", decision_1="declined", reason_1="Vill inte att skolan får veta.")
    karin.press("Spara svaren", "they disagree")
    for words in (
        "Vårdnadshavarna är oense",
        "En vårdnadshavare har sagt ja och en nej. Med gemensam vårdnad bestämmer de tillsammans, så inget delas.",
        "Det här kan du göra:",
        "Prata med den som sade nej.",
        "anmälningsplikten",
        "Vill inte att skolan får veta.",
    ):
        expect(page).to_contain_text(words)
    expect(karin.page.locator(".case-bar")).to_contain_text("Samtycke gavs inte")
    lena.go(case, "nothing is shared")
    expect(read).to_contain_text("Samtycke gavs inte")
    expect(read).not_to_contain_text("Alva")

    karin.press("Rätta svaren", "he has changed his mind")
    karin.fill(decision_1="given", method_1="oral_documented")
    karin.press("Spara svaren", "they agree")
    expect(page).not_to_contain_text("oense")
    expect(karin.page.locator(".case-bar")).to_contain_text("Samtycke gäller till")
    lena.go(case, "shared")
    expect(read).to_contain_text("Alva Lind")


def test_a_custodian_who_cannot_be_reached_is_passed_over_with_a_reason_that_stays_to_be_read(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, start: Starts
) -> None:
    case = f"/cases/{start(add_months(clock.today(), -12 * 13))}"
    karin = visitors(app)
    page = karin.page.locator("main")
    karin.sign_in(municipality["karin"], codes)
    ask(karin, case)
    for place in (0, 1):
        karin.fill(**{f"decision_{place}": "waived", f"reason_{place}": WHY})
    karin.press("Spara svaren", "nobody at all has answered")
    expect(karin.page.locator(".error-summary")).to_contain_text("Minst en person måste ha svarat.")
    karin.fill(decision_0="given", method_0="eid", reason_1="")
    karin.press("Spara svaren", "no reason")
    expect(karin.page.locator(".error-summary")).to_contain_text("Skriv varför personen inte kan nås.")
    karin.page.locator(".error-summary a").first.click()
    expect(karin.page.locator("[name='reason_1']")).to_be_focused()
    expect(karin.page.locator("[name='decision_0'][value='given']")).to_be_checked()
    karin.fill(reason_1=WHY)
    karin.press("Spara svaren", "holds")
    expect(page).to_contain_text("Samtycket gäller nu.")
    absent = page.get_by_role("listitem").filter(has_text="Per Lind")
    expect(absent).to_contain_text("Kan inte nås")
    expect(absent).to_contain_text(f"Tillfrågas inte, för att personen inte kan nås. Skäl: {WHY}")


def test_a_birthday_that_changes_who_must_sign_is_announced_and_the_renewal_begins_on_it(
    app: Flask,
    visitors: Callable[[Flask], Visitor],
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    start: Starts,
) -> None:
    birthday = clock.today() + timedelta(days=20)
    born = add_months(birthday, -12 * SIGNS)
    case_id = start(born)
    birthday = add_months(born, 12 * SIGNS)  # 1 March is 28 February after SIGNS years back and forth in some years
    holds(actor("karin"), municipality, case_id, add_months(clock.today(), 6))
    karin = visitors(app)
    page = karin.page.locator("main")
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/cases/{case_id}/consent", "a birthday ahead")
    expect(page).to_contain_text(f"Den unge fyller år {day_words(birthday, 'sv')}")
    expect(page).to_contain_text("Då ska någon annan skriva under. Förnya samtycket till dess.")
    karin.press("Förnya från den dagen", "from the birthday")
    signers = "Mona Lind vårdnadshavare, Per Lind vårdnadshavare, Alva Lind den unge"
    expect(page).to_contain_text(f"Från {date_words(birthday, 'sv')}: {signers}.")
    expect(page.locator("[name='valid_from']")).to_have_value(birthday.isoformat())
    karin.press("Fortsätt till underskrifter", "three to sign")
    for place in (0, 1, 2):
        karin.fill(**{f"decision_{place}": "given", f"method_{place}": "paper"})
    karin.press("Spara svaren", "signed too early")
    expect(karin.page.locator(".error-summary")).to_contain_text(
        f"Enligt regeln kan den unge skriva under först från {SIGNS} år, den {date_words(birthday, 'sv')}."
    )
    karin.fill(decision_2="awaited")
    karin.press("Spara svaren", "the custodians have signed")
    expect(page).to_contain_text("Väntar på underskrift (2 av 3)")
    expect(karin.page.locator(".case-bar")).to_contain_text("Samtycke gäller till")


def test_after_the_birthday_the_consent_holds_and_the_page_says_whose_word_is_missing(
    app: Flask,
    visitors: Callable[[Flask], Visitor],
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    start: Starts,
) -> None:
    karin = visitors(app)
    page = karin.page.locator("main")
    signer, before = actor("karin"), clock.now() - timedelta(days=60)
    with clock.at(before):
        cases = [start(add_months(clock.today(), 1 - 12 * age)) for age in (15, 18)]
        for case_id in cases:
            holds(signer, municipality, case_id, add_months(clock.today(), 6))
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/cases/{cases[0]}/consent", "fifteen now")
    for words in (
        "Samtycket behöver förnyas",
        "Den unge har nått den ålder då den själv ska skriva under, och har inte tillfrågats.",
        "Det gäller tills det återkallas eller går ut.",
    ):
        expect(page).to_contain_text(words)
    karin.press("Förnya samtycket nu", "ask her too")
    expect(page).to_contain_text("Just nu: Mona Lind vårdnadshavare, Per Lind vårdnadshavare, Alva Lind den unge.")

    karin.go(f"/cases/{cases[1]}/consent", "eighteen now")
    expect(page).to_contain_text("Den unge är myndig och bestämmer själv. Vårdnadshavarnas underskrifter räknas inte längre.")
    karin.press("Förnya samtycket nu", "ask her alone")
    expect(page).to_contain_text("Just nu: Alva Lind den unge.")
