"""How is a day or a time written for a Swedish caseworker?

In tables 2026-11-22; in sentences 22 november 2026, 3 mars, tor 26 nov 13.00, om 9 dagar. Times are shown in Swedish time.
Every function takes the language (`sv` or `en`) and gives an empty text for None.

Source: Språkrådet, *Svenska skrivregler* (2017).
"""

from __future__ import annotations

from datetime import date, datetime, time

from caseapp.formats.the_clock import SWEDEN, clock

NBSP = "\u00a0"

MONTHS = {
    "sv": (
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
MONTHS_SHORT = {
    "sv": ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
WEEKDAYS = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def local_day(value: date | datetime) -> date:
    """The Swedish calendar day of a moment; a date is itself."""
    return value.astimezone(SWEDEN).date() if isinstance(value, datetime) else value


def table_date(value: date | datetime | None) -> str:
    """2026-11-22; nothing for None. For tables and lists."""
    return local_day(value).isoformat() if value else ""


def table_time(value: datetime | None) -> str:
    """2026-11-22 13.00 in Swedish time; nothing for None."""
    return f"{table_date(value)} {value.astimezone(SWEDEN):%H.%M}" if value else ""


def date_words(value: date | datetime | None, lang: str = "sv") -> str:
    """22 november 2026. For sentences."""
    if value is None:
        return ""
    day = local_day(value)
    return f"{day.day}{NBSP}{MONTHS[known(lang)][day.month - 1]} {day.year}"


def day_words(value: date | datetime | None, lang: str = "sv", *, today: date | None = None) -> str:
    """3 mars; with the year when it is not the year of `today`. For sentences near at hand."""
    if value is None:
        return ""
    day = local_day(value)
    if day.year != (today or clock.today()).year:
        return date_words(day, lang)
    return f"{day.day}{NBSP}{MONTHS[known(lang)][day.month - 1]}"


def clock_time(value: time | datetime | None, lang: str = "sv") -> str:
    """13.00 (sv) or 13:00 (en)."""
    if value is None:
        return ""
    moment = value.astimezone(SWEDEN) if isinstance(value, datetime) else value
    return f"{moment:%H:%M}" if known(lang) == "en" else f"{moment:%H.%M}"


def weekday_date(value: date | datetime | None, lang: str = "sv", *, today: date | None = None) -> str:
    """tor 26 nov, and the year when it is another than that of `today`."""
    if value is None:
        return ""
    day, lang = local_day(value), known(lang)
    year = "" if day.year == (today or clock.today()).year else f" {day.year}"
    return f"{WEEKDAYS[lang][day.weekday()][:3]} {day.day}{NBSP}{MONTHS_SHORT[lang][day.month - 1]}{year}"


def weekday_words(value: date | datetime, lang: str = "sv") -> str:
    """tor: the day of the week, shortly."""
    return WEEKDAYS[known(lang)][local_day(value).weekday()][:3]


def month_title(value: date | datetime, lang: str = "sv") -> str:
    """November 2026, as a heading."""
    day = local_day(value)
    return f"{MONTHS[known(lang)][day.month - 1].capitalize()} {day.year}"


def weekday_time(value: datetime | None, lang: str = "sv", *, today: date | None = None) -> str:
    """tor 26 nov 13.00, in Swedish time."""
    return f"{weekday_date(value, lang, today=today)} {clock_time(value, lang)}" if value else ""


def days_away(value: date | datetime | None, lang: str = "sv", *, today: date | None = None) -> str:
    """idag, imorgon, igår, om 9 dagar, för 3 dagar sedan; beyond two months in months, beyond two years in years."""
    if value is None:
        return ""
    days = (local_day(value) - (today or clock.today())).days
    lang = known(lang)
    if days in _NEAR[lang]:
        return _NEAR[lang][days]
    amount = _amount(abs(days), lang)
    if lang == "en":
        return f"in {amount}" if days > 0 else f"{amount} ago"
    return f"om {amount}" if days > 0 else f"för {amount} sedan"


_NEAR = {"sv": {-1: "igår", 0: "idag", 1: "imorgon"}, "en": {-1: "yesterday", 0: "today", 1: "tomorrow"}}


def _amount(days: int, lang: str) -> str:
    if days <= 60:
        return f"{days}{NBSP}" + ("days" if lang == "en" else "dagar")
    if days <= 730:
        return f"{round(days / 30.44)}{NBSP}" + ("months" if lang == "en" else "månader")
    return f"{days // 365}{NBSP}" + ("years" if lang == "en" else "år")


def known(lang: str) -> str:
    """The language itself if we write it, else Swedish."""
    return lang if lang in MONTHS else "sv"
