"""Which days does a calendar's page show, and which page comes before and after it? Months and ISO weeks. Pure.

An address names a month as 2026-11 and a week as 2026-W48 (ISO 8601). Anything else is no span: the caller shows today's.
"""

import re
from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: The years an address may name: beyond them there are no meetings, and arithmetic with days ends.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Span:
    """A month or a week, by its first day."""

    is_month: bool
    first: date

    @property
    def key(self) -> str:
        """How an address names it."""
        year, week, _day = self.first.isocalendar()
        return f"{self.first:%Y-%m}" if self.is_month else f"{year}-W{week:02}"

    @property
    def before(self) -> "Span":
        """The month or week before."""
        day = self.first - timedelta(days=1)
        return month_of(day) if self.is_month else week_of(day)

    @property
    def after(self) -> "Span":
        """The month or week after."""
        return month_of(self.first + timedelta(days=31)) if self.is_month else week_of(self.first + timedelta(days=7))

    @property
    def weeks(self) -> Sequence[Sequence[date]]:
        """Whole weeks from Monday to Sunday; those of a month reach into the months beside it."""
        if self.is_month:
            return Calendar().monthdatescalendar(self.first.year, self.first.month)
        return [[self.first + timedelta(days=number) for number in range(7)]]


def month_of(day: date) -> Span:
    """The month this day lies in."""
    return Span(True, day.replace(day=1))


def week_of(day: date) -> Span:
    """The week this day lies in."""
    return Span(False, day - timedelta(days=day.weekday()))


def span_named(key: str) -> Span | None:
    """The month or week of this name; None for what names none."""
    found = re.fullmatch(r"([0-9]{4})-(W?)([0-9]{2})", key)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        return None
    try:
        if found[2]:
            return week_of(date.fromisocalendar(int(found[1]), int(found[3]), 1))
        return month_of(date(int(found[1]), int(found[3]), 1))
    except ValueError:
        return None
