"""Calendar quarters as text: which quarter is a day in, when does it end, which one comes next?

Written `2026Q3`, so that they sort as text. Pure arithmetic; `counted_in` is the one rule: what becomes known too late for its own
quarter is counted in the first quarter that was still open, so that nobody falls between two releases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta


def quarter_of(day: date) -> str:
    """The quarter a day is in."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def is_quarter(text: str) -> bool:
    """Whether this is a quarter as we write it."""
    return re.fullmatch(r"[0-9]{4}Q[1-4]", text) is not None


def first_day(quarter: str) -> date:
    """The first day of a quarter."""
    return date(int(quarter[:4]), 3 * int(quarter[5]) - 2, 1)


def last_day(quarter: str) -> date:
    """The last day of a quarter."""
    return first_day(following(quarter)) - timedelta(days=1)


def following(quarter: str) -> str:
    """The next quarter."""
    year, number = int(quarter[:4]), int(quarter[5])
    return f"{year + 1}Q1" if number == 4 else f"{year}Q{number + 1}"


def preceding(quarter: str) -> str:
    """The quarter before."""
    return quarter_of(first_day(quarter) - timedelta(days=1))


def has_ended(quarter: str, on: date) -> bool:
    """Whether the quarter is over on this day."""
    return last_day(quarter) < on


def counted_in(happened: str, noted_at: datetime, counted: Mapping[str, datetime]) -> str:
    """The quarter something counts in: its own, or the first one after it that had not been counted when it was noted.

    `counted`: released quarter → the moment its records were read.
    """
    while happened in counted and counted[happened] < noted_at:
        happened = following(happened)
    return happened
