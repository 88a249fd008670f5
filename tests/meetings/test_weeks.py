"""Months and weeks as an address names them; expected values from the calendar on the wall and from ISO 8601."""

from datetime import date

import pytest

from caseapp.meetings.weeks import month_of, span_named, week_of


def test_a_month_shows_whole_weeks() -> None:
    """November 2026 begins on a Sunday and ends on a Monday: six weeks, from 26 October to 6 December."""
    weeks = month_of(date(2026, 11, 26)).weeks
    assert (len(weeks), weeks[0][0], weeks[-1][-1]) == (6, date(2026, 10, 26), date(2026, 12, 6))
    assert all(week[0].weekday() == 0 for week in weeks)


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("2026-01", "2025-12", "2026-02"),
        ("2026-12", "2026-11", "2027-01"),
        ("2026-W53", "2026-W52", "2027-W01"),  # 2026 has 53 weeks
        ("2027-W01", "2026-W53", "2027-W02"),
    ],
)
def test_the_one_before_and_the_one_after(key: str, before: str, after: str) -> None:
    span = span_named(key)
    assert span is not None
    assert (span.key, span.before.key, span.after.key) == (key, before, after)


def test_a_week_across_new_year_has_the_year_of_its_thursday() -> None:
    assert week_of(date(2027, 1, 1)).key == "2026-W53"
    assert week_of(date(2026, 1, 1)).key == "2026-W01"


@pytest.mark.parametrize(
    "key", ["", "2026", "2026-13", "2026-00", "2026-W00", "2027-W53", "9999-12", "0001-01", "2026-1", "2026-W1", "x" * 99]
)
def test_what_names_no_month_and_no_week_is_none(key: str) -> None:
    assert span_named(key) is None


def test_twelve_steps_are_a_year_whatever_the_length_of_the_months() -> None:
    span = month_of(date(2024, 1, 31))
    for _month in range(12):
        span = span.after
    assert span.key == "2025-01"
