"""What is worth a thought about risk, need and support: by table, worked out by hand from the principles, and who is told.

The catalogue of the table is one of its own, so that what it says does not move with the code list; the last tests read the real one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from caseapp import codelists
from caseapp.access import Actor, Withheld
from caseapp.followup import actions as followup
from caseapp.followup.actions import Seen, needs_now
from caseapp.followup.hints import KNOWLEDGE_SUPPORT, RISK_AND_NEED, Given, Hint, Kind, hints
from caseapp.followup.measured import catalogue
from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from caseapp.plans import actions as plans
from caseapp.plans import interventions
from caseapp.plans.rules import Recommendation
from tests.meetings.meeting_room import started
from tests.pages import Page, PageClient
from tests.small_town import DAY, Town

CATALOGUE = {
    "parents": Kind(Recommendation(6, 11), ("norms", "home")),
    "training": Kind(Recommendation(12, 17), ("norms", "anger")),
    "placement": Kind(Recommendation(12, 17), ("norms",), least="3"),
    "coach": Kind(),
    "talk": Kind(can_confront=True),
}
SCHOOL = Given("coach", "school", "medium")
PLANNED = replace(SCHOOL, has_begun=False)
OTHER = Withheld("no_consent")


@pytest.mark.parametrize(
    ("needs", "risk", "given", "all_seen", "said"),
    [
        # most support for the highest risk
        ({}, "high", [], True, ["high_risk_nothing_ongoing"]),
        ({}, "very_high", [], True, ["high_risk_nothing_ongoing"]),
        ({}, "high", [PLANNED], True, ["high_risk_nothing_ongoing"]),  # what is planned is not ongoing
        ({}, "high", [SCHOOL], True, []),
        ({}, "high", [], False, []),  # something may well be ongoing that this reader cannot see
        ({}, "medium", [], True, []),
        ({}, "not_assessed", [], True, []),
        ({}, OTHER, [], True, []),
        # nothing intensive at low risk
        ({}, "low", [replace(SCHOOL, intensity="high")], True, ["low_risk_intensive coach"]),
        ({}, "low", [replace(SCHOOL, intensity="high")], False, ["low_risk_intensive coach"]),  # it is there to be seen
        ({}, "low", [SCHOOL], True, []),
        ({}, "low", [replace(SCHOOL, intensity="")], True, []),
        ({}, "medium", [replace(SCHOOL, intensity="high")], True, []),
        ({}, "not_assessed", [replace(SCHOOL, intensity="high")], True, []),
        # aimed at what drives the risk
        ({"school": "2"}, "", [], True, ["need_without_intervention school"]),
        ({"school": "3", "peers": "1"}, "", [], True, ["need_without_intervention school"]),
        ({"school": "3", "peers": "2"}, "", [], True, ["need_without_intervention school,peers"]),
        ({"school": "3", "peers": "2"}, "", [SCHOOL], True, ["need_without_intervention peers"]),
        ({"school": "3"}, "", [SCHOOL], True, []),
        ({"school": "3"}, "", [PLANNED], True, []),  # the plan has an answer
        ({"school": "3"}, "", [replace(SCHOOL, focus="peers")], True, ["need_without_intervention school"]),
        ({"school": "3"}, "", [], False, []),
        ({"school": OTHER}, "", [], True, []),
        ({"school": "9"}, "", [], True, []),
        # and not at what does not
        ({"school": "0"}, "", [SCHOOL], True, ["intervention_without_need school coach"]),
        ({"school": "0"}, "", [PLANNED], True, ["intervention_without_need school coach"]),
        ({"school": "0"}, "", [SCHOOL], False, ["intervention_without_need school coach"]),
        ({"school": "1"}, "", [SCHOOL], True, []),
        ({"school": "9"}, "", [SCHOOL], True, []),  # unknown is not "no need"
        ({}, "", [SCHOOL], True, []),  # neither is what was never asked
        ({"school": OTHER}, "", [SCHOOL], True, []),
    ],
)
def test_support_is_compared_with_risk_and_need_and_nothing_is_said_of_what_is_unknown(
    needs: dict[str, object], risk: object, given: list[Given], all_seen: bool, said: list[str]
) -> None:
    assert told(hints(needs, risk, given, age=None, all_seen=all_seen, catalogue=CATALOGUE)) == said


@pytest.mark.parametrize(
    ("needs", "risk", "given", "age", "all_seen", "said"),
    [
        ({"norms": "2"}, "high", [], 12, True, ["norms training"]),
        ({"norms": "2"}, "high", [], 17, True, ["norms training"]),
        ({"norms": "2"}, "high", [], 11, True, ["norms parents"]),
        ({"norms": "2"}, "high", [], 18, True, []),
        ({"norms": "2"}, "high", [], 5, True, []),
        ({"norms": "2"}, "high", [], None, True, []),  # the age is not for everybody
        ({"norms": "3"}, "high", [], 15, True, ["norms training", "norms placement"]),  # instead of a placement: at level 3
        ({"norms": "2", "anger": "3"}, "high", [], 15, True, ["norms,anger training"]),
        ({"home": "3"}, "high", [], 15, True, []),  # recommended for a family, at another age
        ({"norms": "1"}, "high", [], 15, True, []),
        ({"norms": "9"}, "high", [], 15, True, []),
        ({"norms": OTHER}, "high", [], 15, True, []),
        ({"school": "3"}, "high", [], 15, True, []),  # not what any of them is aimed at
        ({"norms": "2"}, "low", [], 15, True, []),  # they are recommended at high risk
        ({"norms": "2"}, "medium", [], 15, True, ["norms training"]),
        ({"norms": "2"}, "", [], 15, True, ["norms training"]),
        ({"norms": "2"}, "high", [], 15, False, []),  # it may be given already
        ({"norms": "2"}, "high", [Given("training", "norms")], 15, True, []),
        ({"norms": "2"}, "high", [Given("training", "school")], 15, True, []),  # given already, for something else
        ({"norms": "3"}, "high", [Given("training", "norms")], 15, True, []),  # a recommended one is aimed at it: no second is asked for
        ({"norms": "2"}, "high", [Given("coach", "norms")], 15, True, ["norms training"]),
        ({"norms": "2"}, "high", [Given("unheard of", "norms")], 15, True, ["norms training"]),
    ],
)
def test_a_recommended_type_is_named_when_it_fits_the_age_and_a_clear_need_that_none_answers_yet(
    needs: dict[str, object], risk: str, given: list[Given], age: int | None, all_seen: bool, said: list[str]
) -> None:
    found = hints(needs, risk, given, age=age, all_seen=all_seen, catalogue=CATALOGUE)
    assert [one.removeprefix("recommended_fits ") for one in told(found) if one.startswith("recommended_fits")] == said


@pytest.mark.parametrize(
    ("needs", "given", "all_seen", "warns"),
    [
        ({"norm_breaking": "2"}, [], True, True),  # something is to be chosen
        ({"attitudes": "3"}, [], True, True),
        ({"norm_breaking": "2"}, [], False, False),  # perhaps it is chosen already
        ({"norm_breaking": "2"}, [Given("talk", "norm_breaking")], True, True),
        ({"norm_breaking": "2"}, [Given("talk", "norm_breaking")], False, True),
        ({"norm_breaking": "2"}, [Given("coach", "norm_breaking")], True, False),
        ({"norm_breaking": "2"}, [Given("unheard of", "norm_breaking")], True, False),
        ({"norm_breaking": "2", "attitudes": "2"}, [Given("coach", "norm_breaking")], True, True),
        ({"norm_breaking": "1"}, [Given("talk", "norm_breaking")], True, False),
        ({"norm_breaking": "9"}, [], True, False),
        ({"norm_breaking": OTHER}, [Given("talk", "norm_breaking")], True, False),
        ({"school": "3"}, [], True, False),
        ({}, [Given("talk", "norm_breaking")], True, False),
    ],
)
def test_confronting_programmes_are_advised_against_where_one_could_be_chosen(
    needs: dict[str, object], given: list[Given], all_seen: bool, warns: bool
) -> None:
    found = hints(needs, "", given, age=None, all_seen=all_seen, catalogue=CATALOGUE)
    assert ("nothing_confrontational" in told(found)) is warns


def test_each_hint_names_its_source() -> None:
    needs = {"norm_breaking": "3", "norms": "2", "school": "0"}
    found = hints(needs, "high", [replace(SCHOOL, has_begun=False)], age=15, all_seen=True, catalogue=CATALOGUE)
    found += hints({}, "low", [replace(SCHOOL, intensity="high")], age=15, all_seen=True, catalogue=CATALOGUE)
    assert {(hint.code, hint.source) for hint in found} == {
        ("high_risk_nothing_ongoing", RISK_AND_NEED),
        ("low_risk_intensive", RISK_AND_NEED),
        ("need_without_intervention", RISK_AND_NEED),
        ("intervention_without_need", RISK_AND_NEED),
        ("recommended_fits", KNOWLEDGE_SUPPORT),
        ("nothing_confrontational", KNOWLEDGE_SUPPORT),
    }


def test_the_catalogue_knows_the_five_types_recommended_in_2021_and_at_which_needs_they_are_aimed() -> None:
    found = {code: (kind.recommended, set(kind.needs)) for code, kind in catalogue().items() if kind.recommended}
    assert {code: (ages.lowest, ages.highest) for code, (ages, _needs) in found.items()} == {
        "parent_behavioural": (6, 11),
        "cbt_skills_child": (6, 11),
        "family_treatment": (12, 17),
        "tfco": (12, 17),
        "cbt_skills_youth": (12, 17),
    }
    assert all("norm_breaking" in needs for _ages, needs in found.values())
    assert {need for _ages, needs in found.values() for need in needs} <= set(codelists.codelist("NeedDomain"))


def told(found: tuple[Hint, ...]) -> list[str]:
    return [" ".join(part for part in (hint.code, ",".join(hint.domains), hint.type) if part) for hint in found]


# -- who is told ------------------------------------------------------------------------------------------------------

MAPPED = Seen("before", DAY, needs={"school": "3", "substance": "2", "norm_breaking": "3"}, risk="high")
FULL = ("identity", "assessment", "outcome", "plan", "support_ongoing", "offences", "substance")
ABOUT_SCHOOL = "need_without_intervention school"


def beside(town: Town, who: str) -> list[str]:
    return told(plans.read_plan(town.people[who], town.case_id, beside=needs_now).beside.hints)


def on_screen(town: Town, who: tuple[str, ...]) -> list[str]:
    page = meetings.open_meeting(town.coordinator, started(town, who), needs_now=needs_now)
    return told(page.case.needs.hints)


def test_the_coordinator_is_told_on_the_plan_the_mapping_and_the_meeting_and_the_same_everywhere(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, MAPPED)
    said = told(followup.read_followup(town.coordinator, town.case_id).course.hints)
    assert sorted(said) == sorted(
        [
            "high_risk_nothing_ongoing",
            "need_without_intervention school,norm_breaking,substance",
            "recommended_fits norm_breaking family_treatment",
            "recommended_fits norm_breaking tfco",
            "recommended_fits norm_breaking cbt_skills_youth",
            "nothing_confrontational",
        ]
    )
    assert beside(town, "coordinator") == on_screen(town, ("coordinator",)) == said


@pytest.mark.parametrize(
    ("scope", "some", "none"),
    [
        ({}, [], [ABOUT_SCHOOL, "high_risk_nothing_ongoing"]),
        ({"school": ("identity", "plan", "support_ongoing")}, [], [ABOUT_SCHOOL, "high_risk_nothing_ongoing"]),  # not the mapping
        ({"school": ("identity", "assessment", "support_ongoing")}, [ABOUT_SCHOOL], ["substance", "norm_breaking", "confrontational"]),
        ({"school": FULL}, ["need_without_intervention school,norm_breaking,substance", "nothing_confrontational"], []),
    ],
)
def test_a_teacher_is_told_what_rests_on_what_the_consent_opens_alone_with_the_room_as_by_themselves(
    town: Town, scope: dict[str, tuple[str, ...]], some: list[str], none: list[str]
) -> None:
    followup.save_measure(town.coordinator, town.case_id, MAPPED)
    town.consent({"social_services": FULL, **scope, "police": ("identity",)})
    shown = told(followup.read_followup(town.teacher, town.case_id).course.hints)
    for where in (shown, beside(town, "teacher"), on_screen(town, ("coordinator", "teacher"))):
        assert set(some) <= set(where)
        assert not [one for one in where if any(word in one for word in none)]
        if not some:
            assert where == []


def test_one_person_in_the_room_without_the_keys_takes_the_hint_from_everybody(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, MAPPED)
    town.consent({"social_services": FULL, "school": FULL, "police": ("identity",)})
    assert f"{ABOUT_SCHOOL},norm_breaking,substance" in on_screen(town, ("coordinator", "teacher"))
    assert on_screen(town, ("coordinator", "teacher", "officer")) == []


def test_support_that_is_not_for_the_reader_silences_what_would_rest_on_its_absence(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, MAPPED)
    town.consent({"social_services": FULL, "school": ("identity", "assessment", "offences"), "police": ("identity",)})
    assert f"{ABOUT_SCHOOL},norm_breaking" in beside(town, "teacher")  # as yet there is no support to hold back
    support = interventions.Support("coaching", "school", started_on=DAY)
    interventions.add_intervention(town.coordinator, town.case_id, support, agency_id=town.agencies["social_services"])
    assert beside(town, "teacher") == []
    assert "need_without_intervention norm_breaking,substance" in beside(town, "coordinator")


def test_what_has_ended_answers_no_need_and_what_is_planned_does(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, replace(MAPPED, needs={"school": "3", "peers": "2"}, risk="medium"))
    for focus, began, ended in (("school", DAY - timedelta(30), DAY - timedelta(1)), ("peers", DAY + timedelta(7), None)):
        support = interventions.Support("coaching", focus, started_on=began, ended_on=ended)
        interventions.add_intervention(town.coordinator, town.case_id, support, agency_id=town.agencies["social_services"])
    assert beside(town, "coordinator") == [ABOUT_SCHOOL]


def test_a_withdrawn_consent_takes_the_hints_at_once(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, MAPPED)
    consent = town.consent()
    assert ABOUT_SCHOOL in beside(town, "teacher")
    town.withdraw(consent)
    assert beside(town, "teacher") == []


def test_a_protected_identity_gives_no_hint_about_its_age(town: Town) -> None:
    from caseapp.access import NamedReader
    from caseapp.access.models import Gate
    from caseapp.db import transaction

    followup.save_measure(town.coordinator, town.case_id, MAPPED)
    with transaction() as current:
        current.get_one(Gate, town.case_id).is_protected = True
        current.add(NamedReader(case_id=town.case_id, user_id=town.coordinator.user_id))
        current.commit()
    assert not [one for one in beside(town, "coordinator") if one.startswith("recommended")]


@pytest.mark.parametrize("page", ["plan", "mapping", "follow-up"])
def test_the_page_says_the_hint_in_words_with_its_source_and_police_outside_the_consent_read_none(
    case_id: str, signed_in: Callable[[str], PageClient], actor: Callable[[str], Actor], page: str
) -> None:
    seen = Seen("before", clock.today(), needs={"school": "3", "norm_breaking": "3"}, risk="high")
    followup.save_measure(actor("karin"), case_id, seen)
    shown = Page(signed_in("karin").get(f"/cases/{case_id}/{page}").get_data(as_text=True)).text()
    for words in (
        "Risken är hög, men ingen insats pågår.",
        "Behovet är tydligt, men ingen insats riktas mot det: Normbrytande beteende och brott, Skola.",
        "Strukturerad familjebehandling i öppenvård rekommenderas för 12–17 år",
        "Scared Straight",
        "Källa: Andrews, Bonta & Hoge 1990",
        "Källa: Socialstyrelsen 2021",
    ):
        assert words in shown
    assert "Källa:" not in signed_in("pontus").get(f"/cases/{case_id}/{page}").get_data(as_text=True)
