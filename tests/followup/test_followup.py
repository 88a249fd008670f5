"""Follow-up through its actions: one measure before, what changed, who sees which domain, and how people experienced it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from caseapp import codelists
from caseapp.access import AlreadyDone, NotFound, Permission, Refused, StaleForm, Withheld, action, allow, session
from caseapp.consent import open_codes_for_statistics
from caseapp.followup import actions as followup
from caseapp.followup.actions import Led, Seen
from caseapp.followup.experience import GUARDIAN, YOUTH, statements
from caseapp.followup.models import Measure
from caseapp.plans import actions as plans
from caseapp.plans import interventions
from caseapp.plans.joint_plan import HeldBack
from tests.small_town import ALL_TYPES, DAY, Town

BEFORE = Seen(
    phase="before",
    measured_on=DAY,
    needs={"school": "3", "peers": "2", "substance": "2", "leisure": "9"},
    risk="high",
    protective=["trusted_adult"],
    responsivity=["npf"],
    instrument="savry",
    instrument_on=DAY - timedelta(days=4),
    instrument_level="high",
    attendance="a50",
    occupation="compulsory",
    youth_view="Skolan är stökig",
    guardian_view="Hon är trött",
    text="Behöver lugn",
)
AFTER = replace(
    BEFORE, phase="after", measured_on=DAY + timedelta(days=200), needs={"school": "1", "peers": "2", "substance": "3", "work": "0"}
)


def test_a_mapping_comes_back_as_it_was_answered(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)
    card = followup.read_followup(town.coordinator, town.case_id).course.before
    assert card is not None
    assert card.needs == BEFORE.needs
    assert (card.risk, card.protective, card.responsivity, card.attendance, card.occupation) == (
        "high",
        ("trusted_adult",),
        ("npf",),
        "a50",
        "compulsory",
    )
    assert (card.instrument, card.instrument_on, card.instrument_level) == ("savry", DAY - timedelta(days=4), "high")
    assert (card.youth_view, card.guardian_view, card.text) == ("Skolan är stökig", "Hon är trött", "Behöver lugn")


def test_what_was_not_answered_is_missing_and_not_zero(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, replace(BEFORE, needs={"school": "0"}))
    card = followup.read_followup(town.coordinator, town.case_id).course.measures[0]
    assert card.needs == {"school": "0"}
    assert len(card.unanswered) == 11


def test_there_is_one_measure_before_and_it_can_be_corrected(town: Town) -> None:
    measure = followup.save_measure(town.coordinator, town.case_id, BEFORE)
    with pytest.raises(Refused) as refusal:
        followup.save_measure(town.coordinator, town.case_id, BEFORE)
    assert refusal.value.reason == "measured_already"
    followup.save_measure(town.coordinator, town.case_id, replace(BEFORE, risk="medium"), measure_id=measure, version=1)
    (card,) = followup.read_followup(town.coordinator, town.case_id).course.measures
    assert card.risk == "medium"


def test_change_is_paired_by_domain_and_says_where_it_cannot_be_compared(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)
    followup.save_measure(town.coordinator, town.case_id, AFTER)
    pairs = followup.read_followup(town.coordinator, town.case_id).course.pairs
    assert {pair.domain: pair.direction for pair in pairs} == {
        "school": "less",
        "peers": "same",
        "substance": "more",
        "leisure": "unknown",
        "work": "unknown",
    }


def test_the_outcome_holds_assessed_change_experience_and_how_far_goals_were_reached(town: Town) -> None:
    goal = plans.write_goal(town.coordinator, town.case_id, domain="school", text="Närvaro")
    led = Led(
        changes={"school": "much_better", "substance": "worse"},
        youth={"listened": "5", "helped": "0"},
        guardian={"helped_us": "4"},
        youth_words="Det blev bra",
        guardian_words="Vi orkar mer",
        text="Fortsatt kontakt",
        goals={goal: "met"},
    )
    followup.save_measure(town.coordinator, town.case_id, AFTER, led=led)
    page = followup.read_followup(town.coordinator, town.case_id)
    outcome = page.course.measures[0].outcome
    assert outcome is not None
    assert outcome.changes == {"school": "much_better", "substance": "worse"}
    assert (outcome.youth, outcome.guardian) == ({"listened": "5", "helped": "0"}, {"helped_us": "4"})
    assert (outcome.youth_words, outcome.guardian_words, outcome.text) == ("Det blev bra", "Vi orkar mer", "Fortsatt kontakt")
    assert [(g.attainment, g.assessed_on) for g in page.plan.goals] == [("met", AFTER.measured_on)]


def test_nobody_outside_sees_the_mapping_without_a_consent(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)
    course = followup.read_followup(town.teacher, town.case_id).course
    assert (course.measures, course.held_back, course.hints) == ((), (HeldBack("Socialtjänsten", "no_consent", 1),), ())


def test_school_sees_the_mapping_but_not_the_drugs_when_the_consent_leaves_them_out(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)
    town.consent()
    card = followup.read_followup(town.teacher, town.case_id).course.measures[0]
    kept = Withheld("type_not_covered")
    assert card.needs == {
        "school": "3",
        "peers": "2",
        "leisure": "9",
        "substance": kept,
        "family": kept,
        "mental_health": kept,
        "norm_breaking": kept,
    }
    assert card.attendance == kept
    town.consent(dict.fromkeys(town.agencies, (*ALL_TYPES, "substance", "attendance")))
    card = followup.read_followup(town.teacher, town.case_id).course.measures[0]
    assert (card.needs["substance"], card.attendance) == ("2", "a50")


def test_withdrawal_closes_the_mapping_at_once(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)
    consent = town.consent()
    assert len(followup.read_followup(town.officer, town.case_id).course.measures) == 1
    town.withdraw(consent)
    assert followup.read_followup(town.officer, town.case_id).course.held_back == (HeldBack("Socialtjänsten", "consent_withdrawn", 1),)


def test_a_hint_is_gone_when_support_begins(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)

    def said() -> list[tuple[str, tuple[str, ...]]]:
        return [(hint.code, hint.domains) for hint in followup.read_followup(town.coordinator, town.case_id).course.hints]

    assert said() == [("high_risk_nothing_ongoing", ()), ("need_without_intervention", ("peers", "school", "substance"))]
    for_school = interventions.Support("school_attendance", "school", started_on=DAY)
    interventions.add_intervention(town.coordinator, town.case_id, for_school, agency_id=town.agencies["social_services"])
    assert said() == [("need_without_intervention", ("peers", "substance"))]


def test_only_the_coordinator_measures(town: Town) -> None:
    town.consent()
    with pytest.raises(NotFound):
        followup.save_measure(town.teacher, town.case_id, BEFORE)


def test_a_double_click_measures_once(town: Town) -> None:
    during = replace(BEFORE, phase="during")
    followup.save_measure(town.coordinator, town.case_id, during, once="b" * 64)
    with pytest.raises(AlreadyDone):
        followup.save_measure(town.coordinator, town.case_id, during, once="b" * 64)
    assert len(followup.read_followup(town.coordinator, town.case_id).course.measures) == 1


def test_a_stale_form_gets_what_is_stored_now(town: Town) -> None:
    measure = followup.save_measure(town.coordinator, town.case_id, BEFORE)
    followup.save_measure(town.coordinator, town.case_id, replace(BEFORE, text="Ny"), measure_id=measure, version=1)
    with pytest.raises(StaleForm) as stale:
        followup.save_measure(town.coordinator, town.case_id, replace(BEFORE, text="Min"), measure_id=measure, version=1)
    assert stale.value.current.text == "Ny"


@pytest.mark.parametrize(
    "wrong",
    [
        {"phase": "sometime"},
        {"needs": {"school": "4"}},
        {"needs": {"weather": "1"}},
        {"risk": "extreme"},
        {"protective": ["luck"]},
        {"attendance": "a110"},
    ],
)
def test_an_unknown_code_is_refused_and_nothing_is_saved(town: Town, wrong: dict[str, object]) -> None:
    with pytest.raises(codelists.UnknownCode):
        followup.save_measure(town.coordinator, town.case_id, replace(BEFORE, **wrong))
    assert followup.read_followup(town.coordinator, town.case_id).course.measures == ()


def test_nothing_of_a_measure_stands_in_the_open(town: Town) -> None:
    led = Led(changes={"substance": "much_worse"}, youth_words="KANARIEFÅGEL", text="KANARIEFÅGEL")
    followup.save_measure(town.coordinator, town.case_id, replace(AFTER, youth_view="KANARIEFÅGEL"), led=led)
    with town.database.engine.connect() as connection:
        for table in ("measure", "outcome"):
            stored = " ".join(str(row) for row in connection.execute(text(f"select * from {table}")))
            assert not any(word in stored for word in ("KANARIE", "substance", "much_worse", "savry"))


@action
def _count(actor, town):
    allow(actor, Permission.PREPARE_STATISTICS)
    open_codes_for_statistics({town.case_id: list(town.agencies.values())})
    (row,) = session().scalars(select(Measure))
    return row.per_domain(), row.answers["risk"], row.youth_view, row.text


def test_statistics_can_read_the_answers_of_a_measure_and_none_of_its_words(town: Town) -> None:
    followup.save_measure(town.coordinator, town.case_id, BEFORE)
    statistician = replace(town.leader, roles=frozenset({"statistician"}), teams={})
    needs, risk, *words = _count(statistician, town)
    assert (needs, risk) == (BEFORE.needs, "high")
    assert all(isinstance(word, Withheld) for word in words)


@pytest.mark.parametrize("who", [YOUTH, GUARDIAN])
def test_the_statements_have_words_in_both_languages(who: str) -> None:
    assert all(entry.sv and entry.en for entry in statements(who).values())
    assert 3 <= len(statements(who)) <= 8


def test_the_course_is_in_the_order_of_the_days_measured(town: Town) -> None:
    for months, phase in ((9, "post"), (1, "before"), (5, "during")):
        followup.save_measure(town.coordinator, town.case_id, replace(BEFORE, phase=phase, measured_on=date(2026, months, 1)))
    course = followup.read_followup(town.coordinator, town.case_id).course
    assert [measure.phase for measure in course.measures] == ["before", "during", "post"]
    assert course.previous_to(course.measures[1]) == course.measures[0]
    assert course.previous_to(None) == course.measures[2]
