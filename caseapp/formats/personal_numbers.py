"""Is this a Swedish identity number, of which kind, and which birth date does it carry?

Personnummer and samordningsnummer (day plus 60), with 10 or 12 digits. Each way to be wrong has a code of its own, so that
the form can say what to do. The check digit is the `personnummer` library's; the century is worked out here, because the
library asks the computer's own clock.

Source: folkbokföringslagen (SFS 1991:481) 18, 18 a §§.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from personnummer import personnummer

from caseapp.formats.typed_dates import date_or_none


class PersonalNumberError(ValueError):
    """Typed text that is no identity number. `code`: empty, not_a_number, impossible_date, check_digit or future_date."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PersonalNumber:
    """A checked personnummer or samordningsnummer: 12 digits, its kind (a code of IdType) and the birth date it carries."""

    canonical: str
    kind: str
    birth_date: date

    @property
    def masked(self) -> str:
        """20120415-····"""
        return masked(self.canonical)

    @property
    def written(self) -> str:
        """20120415-1234. Showing it is a reading that is logged."""
        return f"{self.canonical[:8]}-{self.canonical[8:]}"

    def __repr__(self) -> str:
        # A traceback or a log line must not carry the number.
        return f"<PersonalNumber {self.kind}>"


def masked(canonical: str) -> str:
    """20120415-···· from 12 digits."""
    return f"{canonical[:8]}-····"


def parse_personal_number(text: str, *, today: date) -> PersonalNumber:
    """The identity number somebody typed, with 10 or 12 digits, hyphen, plus or spaces; PersonalNumberError by code.

    Ten digits: the latest year with those two digits that is not after this year; with a plus sign, a hundred years earlier
    (18 §: plus from the year a person turns 100).
    """
    if not text.strip():
        raise PersonalNumberError("empty")
    compact = re.sub(r"\s", "", text[:100])
    compact = re.sub(r"[\u2010-\u2015\u2212]", "-", compact)
    found = re.fullmatch(r"([0-9]{6}|[0-9]{8})([-+]?)([0-9]{4})", compact)
    if not found:
        raise PersonalNumberError("not_a_number")
    date_digits, sign, last_four = found.groups()
    if len(date_digits) == 6:
        latest = today.year - (100 if sign == "+" else 0)
        date_digits = f"{latest - (latest - int(date_digits[:2])) % 100:04d}{date_digits[2:]}"
    day = int(date_digits[6:])
    kind = "samordningsnummer" if day > 60 else "personnummer"
    birth = date_or_none(int(date_digits[:4]), int(date_digits[4:6]), day - 60 if day > 60 else day)
    if birth is None or birth.year < today.year - 130:
        raise PersonalNumberError("impossible_date")
    canonical = date_digits + last_four
    if not personnummer.valid(canonical):
        raise PersonalNumberError("check_digit")
    if birth > today:
        raise PersonalNumberError("future_date")
    return PersonalNumber(canonical, kind, birth)
