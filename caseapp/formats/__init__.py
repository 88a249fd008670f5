"""How does a date, an age, a name or a number look to a Swedish caseworker, and what did they mean when they typed one?

Two directions. *Out*: dates, times, ages, numbers and initials in words, in Swedish (`sv`) or English (`en`); the language
is always an argument. *In*: `parse_date`, `parse_hour` and `parse_personal_number` understand what people type and refuse
the rest with a code.

Promised: pure functions of their arguments; nothing here knows the web or the database. The only clock of the program is
`clock`, so that a test or the demonstration can set the time for everything at once.
"""

from __future__ import annotations

from collections.abc import Callable

from caseapp import codelists
from caseapp.formats.ages import Quarter, age, age_band, birthday, quarter
from caseapp.formats.days import (
    clock_time,
    date_words,
    day_words,
    days_away,
    local_day,
    month_title,
    table_date,
    table_time,
    weekday_date,
    weekday_time,
    weekday_words,
)
from caseapp.formats.names import fold, initials, number, percent
from caseapp.formats.personal_numbers import PersonalNumber, PersonalNumberError, masked, parse_personal_number
from caseapp.formats.text_changes import changes, merged
from caseapp.formats.the_clock import SWEDEN, Clock, clock, midnight
from caseapp.formats.typed_dates import DateError, Lean, add_months, parse_date, parse_hour

__all__ = [
    "SWEDEN", "Clock", "DateError", "Lean", "PersonalNumber", "PersonalNumberError", "Quarter", "add_months", "age", "age_band",
    "birthday", "changes", "clock", "clock_time", "date_words", "day_words", "days_away", "fold", "initials", "local_day", "masked",
    "merged", "midnight", "month_title", "number", "page_filters", "parse_date", "parse_hour", "parse_personal_number", "percent",
    "quarter", "table_date", "table_time", "weekday_date", "weekday_time", "weekday_words",
]  # fmt: skip


def page_filters(language: Callable[[], str]) -> dict[str, Callable[..., str]]:
    """Template filters in the language of the page, which `language()` tells: `{{ day|day_words }}`."""

    def in_language(say: Callable[..., str]) -> Callable[..., str]:
        return lambda value, *rest, **named: say(value, *rest, lang=language(), **named)

    def code_label(value: str, name: str, lang: str) -> str:
        known = codelists.codelist(name)
        return known[value].label(lang) if value in known else value  # only a row changed past the application holds another

    spoken = (date_words, day_words, month_title, weekday_words, weekday_date, weekday_time, clock_time, days_away, number, percent)
    filters: dict[str, Callable[..., str]] = {say.__name__: in_language(say) for say in spoken}
    return filters | {
        "label": in_language(code_label),
        "quarter_words": in_language(Quarter.words),
        "table_date": table_date,
        "table_time": table_time,
        "initials": initials,
        "masked": masked,
    }
