"""Which day, or which hour, did they mean when they typed that?

`parse_date` understands what people write in a hurry and refuses the rest with a code that the form turns into a sentence.
Pure: the present day is an argument. Not promised: other languages than Swedish and English, other calendars.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time, timedelta
from typing import Literal

from caseapp.formats.days import MONTHS, WEEKDAYS

Lean = Literal["past", "future", "near"]


class DateError(ValueError):
    """Typed text that is no date. `code`: empty, not_understood, impossible or out_of_range."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_DAY_WORDS = {
    "idag": 0, "i dag": 0, "today": 0, "imorgon": 1, "i morgon": 1, "imorrn": 1, "tomorrow": 1, "igår": -1, "i går": -1,
    "yesterday": -1, "övermorgon": 2, "i övermorgon": 2, "iövermorgon": 2, "förrgår": -2, "i förrgår": -2, "iförrgår": -2,
}  # fmt: skip
_NUMBER_WORDS = {
    "en": 1, "ett": 1, "a": 1, "one": 1, "två": 2, "two": 2, "tre": 3, "three": 3, "fyra": 4, "four": 4, "sex": 6, "six": 6,
}  # fmt: skip
_UNITS = {
    "dag": "days", "dagar": "days", "day": "days", "days": "days", "d": "days",
    "vecka": "weeks", "veckor": "weeks", "week": "weeks", "weeks": "weeks", "v": "weeks",
    "månad": "months", "månader": "months", "month": "months", "months": "months", "mån": "months",
    "år": "years", "year": "years", "years": "years",
}  # fmt: skip
_SHORT_MONTH = {name[:3].lower(): number for names in MONTHS.values() for number, name in enumerate(names, 1)}
_SHORT_WEEKDAY = {name[:3].lower(): number for names in WEEKDAYS.values() for number, name in enumerate(names)}


def parse_date(text: str, *, today: date, lean: Lean = "near") -> date:
    """The day somebody typed: 3/3, 3/3 2026, 3 mars, idag, om 2 veckor, fredag, 20260303, 2026-03-03 …

    A day without a year is taken in the past, in the future, or where it lies nearest to `today`, by `lean`.
    DateError tells what is wrong, by code.
    """
    words = " ".join(unicodedata.normalize("NFC", text[:200]).casefold().strip(" .,").split())
    if not words:
        raise DateError("empty")
    if len(words) > 40:
        raise DateError("not_understood")
    for reading in (_by_word, _by_distance, _by_weekday, _by_digits, _by_day_and_month):
        day = reading(words, today, lean)
        if day is not None:
            return day
    raise DateError("not_understood")


def _by_word(words: str, today: date, _lean: Lean) -> date | None:
    return _shift(today, days=_DAY_WORDS[words]) if words in _DAY_WORDS else None


def _by_distance(words: str, today: date, _lean: Lean) -> date | None:
    ahead = re.fullmatch(r"(?:om|in) (\w+) ?([a-zåäö]+)", words)
    back = re.fullmatch(r"(?:för )?(\w+) ?([a-zåäö]+) (?:sedan|sen|ago)", words)
    found = ahead or back
    if not found or found[2] not in _UNITS:
        return None
    amount = _NUMBER_WORDS.get(found[1])
    if amount is None:
        if not re.fullmatch(r"[0-9]+", found[1]):
            return None
        if len(found[1]) > 4:
            raise DateError("out_of_range")
        amount = int(found[1])
    return _shift(today, **{_UNITS[found[2]]: amount if ahead else -amount})


def _by_weekday(words: str, today: date, lean: Lean) -> date | None:
    found = re.fullmatch(r"(på |i |nästa |on |next |last |förra )?([a-zåäö]+)", words)
    if not found:
        return None
    prefix, name = (found[1] or "").strip(), found[2]
    number = _SHORT_WEEKDAY.get(name[:3])
    if number is None or not any(
        name in (full.casefold(), full.casefold()[:3], full.casefold() + "s", full.casefold() + "en")
        for full in (WEEKDAYS["sv"][number], WEEKDAYS["en"][number])
    ):
        return None
    if prefix in ("i", "last", "förra") or (not prefix and lean == "past"):
        back = (today.weekday() - number) % 7
        return _shift(today, days=-(back or (7 if prefix else 0)))
    ahead = (number - today.weekday()) % 7
    return _shift(today, days=ahead or (7 if prefix in ("nästa", "next") else 0))


def _by_digits(words: str, today: date, _lean: Lean) -> date | None:
    found = re.fullmatch(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})", words)
    if found and (found[2] or len(words) == 8):
        return _date(int(found[1]), int(found[3]), int(found[4]))
    found = re.fullmatch(r"([0-9]{2})([0-9]{2})([0-9]{2})", words)
    if found:
        return _date(_full_year(found[1], today), int(found[2]), int(found[3]))
    if re.fullmatch(r"[0-9]{5,}", words):
        raise DateError("not_understood")
    return None


def _by_day_and_month(words: str, today: date, lean: Lean) -> date | None:
    found = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[ ,/.-]+([0-9]{4}|[0-9]{2}))?", words)
    if found:
        month: int | None = int(found[2])
    else:
        ordinal = r"(?::[ae]|\.|st|nd|rd|th)?"
        found = re.fullmatch(rf"(?:den )?([0-9]{{1,2}}){ordinal} ?([a-zåäö]{{3,9}})\.?(?: ([0-9]{{4}}|[0-9]{{2}}))?", words)
        month = _month(found[2]) if found else None
    if not found or month is None:
        return None
    if found[3]:
        return _date(_full_year(found[3], today), month, int(found[1]))
    return _without_year(int(found[1]), month, today, lean)


def _month(name: str) -> int | None:
    number = _SHORT_MONTH.get(name[:3])
    return number if number and any(names[number - 1].lower().startswith(name) for names in MONTHS.values()) else None


def _without_year(day: int, month: int, today: date, lean: Lean) -> date:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise DateError("impossible")
    # Eight years either way, because a 29 February may be that far off.
    years = range(today.year - 8, today.year + 9)
    candidates = [found for year in years if (found := date_or_none(year, month, day))]
    if lean == "past":
        candidates = [one for one in candidates if one <= today]
    elif lean == "future":
        candidates = [one for one in candidates if one >= today]
    if not candidates:
        raise DateError("impossible")
    return min(candidates, key=lambda one: abs((one - today).days))


def _full_year(digits: str, today: date) -> int:
    """Two digits mean the latest such year that is at most ten years ahead."""
    if len(digits) == 4:
        return int(digits)
    latest = today.year + 10
    return latest - (latest - int(digits)) % 100


def _date(year: int, month: int, day: int) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise DateError("out_of_range")
    found = date_or_none(year, month, day)
    if found is None:
        raise DateError("impossible")
    return found


def date_or_none(year: int, month: int, day: int) -> date | None:
    """The day, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shift(day: date, *, days: int = 0, weeks: int = 0, months: int = 0, years: int = 0) -> date:
    try:
        found = add_months(day, months + 12 * years) + timedelta(days=days, weeks=weeks)
    except (ValueError, OverflowError):
        raise DateError("out_of_range") from None
    return _date(found.year, found.month, found.day)


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day and (found := date_or_none(year, month + 1, last)):
            return found
    raise ValueError("beyond the calendar")


def parse_hour(text: str) -> time:
    """The time of day somebody typed: 13, 13.00, 13:00, 1300, kl 9. ValueError if it is none."""
    words = re.sub(r"^kl\.? ?", "", text[:40].casefold().strip())
    found = re.fullmatch(r"([0-9]{1,2})(?:[.:]?([0-9]{2}))?", words)
    if not found:
        raise ValueError("not a time of day")
    return time(int(found[1]), int(found[2] or 0))
