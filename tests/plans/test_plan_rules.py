"""Late, settled, recommended: by table. Expected values read off the calendar and the code list, not off the code."""

from datetime import date

import pytest

from caseapp import codelists
from caseapp.plans.rules import Rating, Recommendation, is_late, is_ongoing, is_settled, may_report, rating, recommendation, shown_status

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("due", "settled", "late"),
    [
        (date(2026, 11, 21), False, True),
        (date(2026, 11, 22), False, False),  # the whole day is theirs
        (date(2026, 11, 23), False, False),
        (date(2026, 11, 21), True, False),
        (None, False, False),
    ],
)
def test_a_commitment_is_late_from_the_day_after_and_never_once_it_is_settled(due: date | None, settled: bool, late: bool) -> None:
    assert is_late(due, settled, DAY) is late


@pytest.mark.parametrize(
    ("reported", "due", "shown"),
    [
        ("planned", date(2026, 11, 21), "late"),
        ("ongoing", date(2026, 11, 21), "late"),
        ("ongoing", date(2026, 11, 30), "ongoing"),
        ("late", date(2026, 11, 30), "late"),  # somebody knows already that it will be
        ("done", date(2026, 11, 1), "done"),
        ("not_done", date(2026, 11, 1), "not_done"),
        ("cancelled", None, "cancelled"),
    ],
)
def test_late_is_shown_where_the_day_has_passed_or_somebody_chose_it(reported: str, due: date | None, shown: str) -> None:
    assert shown_status(reported, due, DAY) == shown


def test_done_not_done_and_cancelled_ask_nothing_more() -> None:
    settled = {code for code in codelists.codelist("CommitmentStatus") if is_settled(code)}
    assert settled == {"done", "not_done", "cancelled"}


@pytest.mark.parametrize(("mine", "owner", "leads", "may"), [("a", "a", False, True), ("a", "b", False, False), ("a", "b", True, True)])
def test_people_report_for_their_own_agency_and_the_coordinator_for_all(mine: str, owner: str, leads: bool, may: bool) -> None:
    assert may_report(mine, owner, leads) is may


@pytest.mark.parametrize(
    ("code", "age", "fits"),
    [
        ("parent_behavioural", 11, True),
        ("parent_behavioural", 12, False),
        ("family_treatment", 12, True),
        ("family_treatment", 17, True),
        ("family_treatment", 18, False),
        ("family_treatment", None, False),
        ("cbt_skills_child", 5, False),
    ],
)
def test_a_recommended_type_fits_the_ages_of_the_catalogue(code: str, age: int | None, fits: bool) -> None:
    found = recommendation(codelists.codelist("InterventionType")[code].extra)
    assert found is not None
    assert found.fits(age) is fits


def test_five_types_are_recommended() -> None:
    recommended = [code for code, entry in codelists.codelist("InterventionType").items() if recommendation(entry.extra)]
    assert recommended == ["parent_behavioural", "cbt_skills_child", "family_treatment", "tfco", "cbt_skills_youth"]


@pytest.mark.parametrize(
    ("start", "end", "runs"),
    [
        ("2026-11-22", None, True),
        ("2026-11-23", None, False),
        ("2026-01-01", "2026-11-22", True),
        ("2026-01-01", "2026-11-21", False),
        (None, None, False),
    ],
)
def test_support_runs_from_its_first_day_to_its_last(start: str | None, end: str | None, runs: bool) -> None:
    assert is_ongoing(start, end, DAY) is runs


def test_what_nobody_has_rated_is_said_to_be_unrated() -> None:
    assert rating({}) == Rating("", "not_rated", None)
    written = {"prevention": "indicated", "evidence": "high", "recommended": True, "age": "12-17"}
    assert rating(written) == Rating("indicated", "high", Recommendation(12, 17))


def test_what_the_catalogue_says_of_a_type_is_in_the_code_lists() -> None:
    for entry in codelists.codelist("InterventionType").values():
        found = rating(entry.extra)
        assert found.prevention == "" or found.prevention in codelists.codelist("PreventionLevel")
        assert found.evidence in codelists.codelist("EvidenceStrength")
