"""Days and levels as bands, counted by hand on a calendar."""

from __future__ import annotations

from datetime import date

import pytest

from caseapp.statistics.bands import Asked, consent_band, length_band, match_code, plan_band

NOTICE = date(2026, 1, 1)


def given(day: int, month: int = 1, *, withdrawn: bool = False) -> Asked:
    return Asked(date(2026, month, day), False, withdrawn)


AWAITED, DECLINED = Asked(None, False, False), Asked(None, True, False)


@pytest.mark.parametrize(
    ("asked", "band"),
    [
        ([], "unanswered"),
        ([AWAITED], "unanswered"),
        ([DECLINED], "declined"),
        ([DECLINED, AWAITED], "declined"),
        ([given(1)], "d14"),
        ([given(15)], "d14"),  # 1 January and 14 days
        ([given(16)], "d30"),
        ([given(31)], "d30"),  # 1 January and 30 days
        ([given(1, 2)], "d31_plus"),
        ([DECLINED, given(16)], "d30"),  # asked again, and given
        ([given(2), given(1, 7)], "d14"),  # renewed: the first counts
        ([given(2, withdrawn=True)], "withdrawn"),
        ([given(2, withdrawn=True), given(1, 3)], "d14"),  # withdrawn, and given again
        ([given(2), given(1, 3, withdrawn=True)], "withdrawn"),
    ],
)
def test_consent_is_told_by_its_outcome_and_its_days(asked: list[Asked], band: str) -> None:
    assert consent_band(NOTICE, asked) == band


@pytest.mark.parametrize(
    ("begun", "band"),
    [(None, "no_plan"), (date(2026, 1, 31), "d30"), (date(2026, 2, 1), "d60"), (date(2026, 3, 2), "d60"), (date(2026, 3, 3), "d61_plus")],
)
def test_days_to_the_plan_are_counted_from_the_notice(begun: date | None, band: str) -> None:
    assert plan_band(NOTICE, begun) == band


@pytest.mark.parametrize(
    ("closed", "band"),
    [
        (None, ""),
        (date(2026, 4, 2), "m3"),  # 91 days
        (date(2026, 4, 3), "m6"),
        (date(2026, 7, 2), "m6"),  # 182 days
        (date(2026, 7, 3), "m12"),
        (date(2027, 1, 1), "m12"),  # 365 days
        (date(2027, 1, 2), "m12_plus"),
    ],
)
def test_the_length_of_a_case_is_told_in_months(closed: date | None, band: str) -> None:
    assert length_band(NOTICE, closed) == band


@pytest.mark.parametrize(
    ("risk", "intensities", "code"),
    [
        ("low", [], "low_none"),
        ("medium", ["low", ""], "low_some"),
        ("low", ["low", "high"], "low_intensive"),
        ("high", [], "high_none"),
        ("very_high", ["medium"], "high_some"),
        ("very_high", ["high", "low"], "high_intensive"),
        ("not_assessed", ["high"], ""),
        ("", [], ""),
    ],
)
def test_risk_is_set_against_the_most_intensive_intervention(risk: str, intensities: list[str], code: str) -> None:
    assert match_code(risk, intensities) == code
