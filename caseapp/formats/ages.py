"""How old is somebody on a day, and which quarter is it?

The bounds of the age bands are read from the code list. A person born on 29 February is a year older on 1 March in common
years: the first day on which the month and day of birth have been reached.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from caseapp import codelists
from caseapp.formats.days import known
from caseapp.formats.typed_dates import date_or_none


def age(birth: date, on: date) -> int:
    """Whole years of life on a day; negative before birth."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def birthday(birth: date, years: int) -> date:
    """The first day on which the person is so many years old."""
    return date_or_none(birth.year + years, birth.month, birth.day) or date(birth.year + years, 3, 1)


def age_band(years: int) -> str:
    """The code of AgeBand that holds an age; the bounds are read from the codes themselves (a12_14, a21_plus)."""
    for code in codelists.codelist("AgeBand"):
        low, _, high = code.removeprefix("a").partition("_")
        if int(low) <= years and (high == "plus" or years <= int(high)):
            return code
    raise ValueError(f"no age band holds {years} years")


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter; written 2026Q3."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise ValueError("a quarter is 1, 2, 3 or 4")

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """The quarter written 2026Q3; ValueError otherwise."""
        found = re.fullmatch(r"([0-9]{4})Q([1-4])", text)
        if not found:
            raise ValueError("a quarter is written like 2026Q3")
        return cls(int(found[1]), int(found[2]))

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The last day, which belongs to the quarter."""
        return self.next.start - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def previous(self) -> Quarter:
        """The quarter before."""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def words(self, lang: str = "sv") -> str:
        """kvartal 3 2026, quarter 3 2026."""
        return f"{'quarter' if known(lang) == 'en' else 'kvartal'} {self.number} {self.year}"


def quarter(day: date) -> Quarter:
    """The calendar quarter a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)
