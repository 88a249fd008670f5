"""Consent on one's day, from the question to the renewal: days go by, custody changes, and each task leads to its form."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases import actions as cases
from caseapp.cases import consenting
from caseapp.cases.starting import NewRelated
from caseapp.consent.actions import Answer
from caseapp.day.actions import Task, my_day
from caseapp.formats import SWEDEN, clock
from tests.municipality import Municipality
from tests.pages import PageClient
from tests.small_town import DAY, Town

#: Alva of the small town is born on 15 April 2011: 15 on the day of this test, 18 in April 2029.
LAST = date(2027, 3, 1)


def ask(town: Town, **changed: object) -> str:
    given: dict[str, object] = {
        "agency_ids": [town.agencies["school"]],
        "types": ["plan"],
        "valid_from": DAY,
        "valid_to": LAST,
        "purpose": "sspf_cooperation",
    }
    return consenting.ask_for_consent(town.coordinator, town.case_id, **(given | changed))  # type: ignore[arg-type]


def sign(town: Town, consent_id: str) -> str:
    page = consenting.read_consent(town.coordinator, town.case_id)
    cards = next(one for one in page.consents if one.id == consent_id).signatures
    answers = [Answer(card.id, "given", clock.today(), "paper") for card in cards]
    return consenting.register_answers(town.coordinator, town.case_id, consent_id, answers)


def tasks(town: Town, on: date = DAY) -> list[tuple[str, str, str]]:
    """(kind, tone, consent) of what the coordinator's day says on this day."""
    with clock.at(datetime(on.year, on.month, on.day, 9, tzinfo=SWEDEN)):
        found: tuple[Task, ...] = my_day(town.coordinator).tasks
    return [(task.matter.kind, task.matter.tone, task.consent_id) for task in found]


def test_the_end_is_told_30_and_14_days_before_and_a_renewal_that_waits_takes_its_place(town: Town) -> None:
    consent = ask(town)
    assert tasks(town) == [("consent_pending", "wait", consent)]
    assert sign(town, consent) == "active"
    assert tasks(town, LAST - timedelta(days=31)) == []
    assert tasks(town, LAST - timedelta(days=30)) == [("consent_ends", "wait", consent)]
    assert tasks(town, LAST - timedelta(days=14)) == [("consent_ends", "late", consent)]
    with clock.at(datetime(2027, 2, 10, 9, tzinfo=SWEDEN)):
        renewal = ask(town, valid_from=date(2027, 2, 20), valid_to=date(2027, 9, 1), renews_id=consent)
    assert tasks(town, LAST - timedelta(days=18)) == [("renewal_pending", "wait", renewal)]
    assert tasks(town, LAST - timedelta(days=10)) == [("renewal_pending", "late", renewal)]
    with clock.at(datetime(2027, 2, 20, 9, tzinfo=SWEDEN)):
        assert sign(town, renewal) == "active"
    assert tasks(town, LAST - timedelta(days=5)) == []


def test_custody_that_changes_is_told_until_it_is_renewed_and_to_the_coordinator_alone(town: Town) -> None:
    consent = ask(town)
    sign(town, consent)
    assert tasks(town) == []
    cases.add_related(town.coordinator, town.case_id, NewRelated("Per Lind"))
    assert tasks(town) == [("custody_changed_signed", "late", consent)]
    assert my_day(town.teacher).tasks == ()
    renewal = ask(town, renews_id=consent)
    assert sign(town, renewal) == "active"
    assert tasks(town) == []


def test_a_renewal_that_is_signed_for_a_later_day_leaves_nothing_to_do_until_custody_changes(town: Town) -> None:
    consent = ask(town)
    sign(town, consent)
    with clock.at(datetime(2027, 2, 10, 9, tzinfo=SWEDEN)):
        successor = ask(town, valid_from=date(2027, 2, 20), valid_to=date(2027, 9, 1), renews_id=consent)
        assert sign(town, successor) == "not_yet_valid"
    assert tasks(town, date(2027, 2, 12)) == []
    with clock.at(datetime(2027, 2, 13, 9, tzinfo=SWEDEN)):
        cases.add_related(town.coordinator, town.case_id, NewRelated("Per Lind"))
    assert tasks(town, date(2027, 2, 13)) == [("custody_changed_signed", "late", successor)]


def test_a_question_asked_again_takes_the_place_of_the_one_that_went_to_the_wrong_people(town: Town) -> None:
    first = ask(town)
    cases.add_related(town.coordinator, town.case_id, NewRelated("Per Lind"))
    assert tasks(town) == [("custody_changed_asked", "late", first)]
    second = ask(town, renews_id=first)
    assert [kind for kind, _tone, _about in tasks(town)] == ["consent_pending"]
    assert sign(town, second) == "active"
    assert tasks(town) == []
    page = consenting.read_consent(town.coordinator, town.case_id)
    assert {one.id: one.state for one in page.consents} == {first: "superseded", second: "active"}


def test_a_question_to_somebody_who_lost_custody_is_told_in_place_of_the_missing_signature(town: Town) -> None:
    consent = ask(town)
    mona = consenting.read_consent(town.coordinator, town.case_id).people.custodians[0]
    cases.end_related(town.coordinator, town.case_id, mona.id)
    assert tasks(town) == [("custody_changed_asked", "late", consent)]


def test_a_18th_birthday_is_told_before_it_comes_and_after_it_came(town: Town) -> None:
    birthday = date(2029, 4, 15)
    with clock.at(datetime(2028, 10, 1, 9, tzinfo=SWEDEN)):
        consent = ask(town, valid_from=date(2028, 10, 1), valid_to=date(2029, 9, 1))
        sign(town, consent)
    assert tasks(town, birthday - timedelta(days=31)) == []
    assert tasks(town, birthday - timedelta(days=30)) == [("signer_changes", "wait", consent)]
    assert tasks(town, birthday - timedelta(days=14)) == [("signer_changes", "late", consent)]
    assert tasks(town, birthday) == [("age_changed_signed", "late", consent)]
    assert tasks(town, birthday + timedelta(days=60)) == [("age_changed_signed", "late", consent)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_each_warning_is_one_click_from_the_form_with_the_old_terms(
    signed_in: Callable[[str], PageClient], actor: Callable[[str], Actor], municipality: Municipality, case_id: str
) -> None:
    """A girl who is 15 in 20 days, whose consent ends in 25: both are told, and the birthday's renewal begins on that day."""
    karin, today = actor("karin"), clock.today()
    consent_id = consenting.ask_for_consent(
        karin,
        case_id,
        agency_ids=[municipality.agencies["police"]],
        types=["family", "plan"],
        valid_from=today,
        valid_to=today + timedelta(days=25),
        purpose="sspf_cooperation",
    )
    page = consenting.read_consent(karin, case_id)
    answers = [Answer(card.id, "given", today, "paper") for card in page.consents[0].signatures]
    assert consenting.register_answers(karin, case_id, consent_id, answers) == "active"
    browser, form = signed_in("karin"), f"/cases/{case_id}/consent/new?renew={consent_id}"
    day = browser.get("/").text
    assert "Samtycket går ut" in day
    assert "andra ska skriva under" in day
    assert {form, f"{form}&start=birthday"} <= set(browser.page.links)
    birthday = consenting.read_consent(karin, case_id).birthdays[0].isoformat()
    for address, start, signer in ((form, today.isoformat(), False), (f"{form}&start=birthday", birthday, True)):
        browser.get(address)
        filled = {e.get("name"): e.get("value") for e in browser.page.root.iter("input") if e.get("type") == "text"}
        ticked = [(e.get("name"), e.get("value")) for e in browser.page.root.iter("input") if e.get("checked") is not None]
        assert filled["valid_from"] == start
        assert {value for name, value in ticked if name == "types"} == {"family", "plan"}
        assert [value for name, value in ticked if name == "agencies"] == [municipality.agencies["police"]]
        assert ("den unge" in browser.page.text(browser.page.all("main")[0]).partition("Vilka verksamheter")[0].split(":", 1)[1]) is signer
    browser.submit({"valid_to": (today + timedelta(days=200)).isoformat()}, action=f"{form}&start=birthday")
    newest = consenting.read_consent(karin, case_id).consents[0]
    assert (newest.renews_id, newest.valid_from.isoformat(), len(newest.signatures)) == (consent_id, birthday, 3)
