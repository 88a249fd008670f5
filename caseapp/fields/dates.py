"""Which day did they mean, and is it one this question may be answered with?

`DateField` takes dates as people type them, `PersonalNumberField` identity numbers. Both answer each mistake with a sentence that
says what to do. The present day comes from the program's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from caseapp.fields.basic import Answer
from caseapp.fields.typed_text import language
from caseapp.formats import (
    DateError,
    Lean,
    PersonalNumber,
    PersonalNumberError,
    clock,
    date_words,
    parse_date,
    parse_personal_number,
    table_date,
)

Bound = date | Callable[[], date] | None

_DATE_SAYS = {
    "not_understood": _l("Skriv datumet som 2026-03-03, 3/3 eller imorgon."),
    "impossible": _l("Det datumet finns inte. Kontrollera dag och månad."),
    "out_of_range": _l("Kontrollera året. Det ska ligga mellan 1900 och 2200."),
}
_NUMBER_SAYS = {
    "not_a_number": _l("Skriv numret med 10 eller 12 siffror, ÅÅÅÅMMDD-NNNN."),
    "impossible_date": _l("Numret börjar inte med ett datum som finns. Kontrollera år, månad och dag."),
    "check_digit": _l("Kontrollsiffran stämmer inte. Jämför numret med underlaget, siffra för siffra."),
    "future_date": _l("Födelsedatumet ligger i framtiden. Kontrollera året."),
}


class DateField(Answer):
    """A day as people type it: 3/3, imorgon, om 2 veckor, 2026-03-03; the value is a date.

    `lean`: where a day without year lies (past, future, near). `earliest`, `latest`: bounds that belong to the question, a date
    or a function that tells it (`clock.today`).
    """

    kind = "date"

    def __init__(
        self,
        label: Any = None,
        *,
        lean: Lean = "near",
        earliest: Bound = None,
        latest: Bound = None,
        width: int | None = 16,
        **named: Any,
    ) -> None:
        super().__init__(label, width=width, **named)
        self.lean, self.earliest, self.latest = lean, earliest, latest

    def understand(self, text: str) -> date:
        """The day, inside its bounds."""
        today = clock.today()
        try:
            day = parse_date(text, today=today, lean=self.lean)
        except DateError as refused:
            raise ValueError(_DATE_SAYS.get(refused.code, _DATE_SAYS["not_understood"])) from None
        earliest, latest = _told(self.earliest), _told(self.latest)
        if latest is not None and day > latest:
            if latest == today:
                raise ValueError(_l("Datumet ligger i framtiden. Skriv idag eller en tidigare dag."))
            raise ValueError(_l("Datumet får vara senast %(day)s.", day=date_words(latest, language())))
        if earliest is not None and day < earliest:
            if earliest == today:
                raise ValueError(_l("Datumet har passerat. Skriv idag eller en senare dag."))
            raise ValueError(_l("Datumet får vara tidigast %(day)s.", day=date_words(earliest, language())))
        # Asked again, the page shows the day we understood, so that a misread 3/3 is seen.
        self.typed = table_date(day)
        return day

    def show(self, value: date) -> str:
        """2026-03-03"""
        return table_date(value)


class PersonalNumberField(Answer):
    """A personnummer or samordningsnummer; the value is a checked PersonalNumber."""

    kind = "text"

    def __init__(self, label: Any = None, *, width: int | None = 16, **named: Any) -> None:
        super().__init__(label, width=width, **named)

    def understand(self, text: str) -> PersonalNumber:
        """The checked number."""
        try:
            return parse_personal_number(text, today=clock.today())
        except PersonalNumberError as refused:
            raise ValueError(_NUMBER_SAYS.get(refused.code, _NUMBER_SAYS["not_a_number"])) from None

    def show(self, value: PersonalNumber) -> str:
        """20120415-1234"""
        return value.written


def not_before(other: str, message: Any) -> Callable[[wtforms.Form, wtforms.Field], None]:
    """A rule for a field: its value may not lie before that of another field of the form (end before start)."""

    def rule(form: wtforms.Form, field: wtforms.Field) -> None:
        start = form[other].data
        if start is not None and field.data is not None and field.data < start:
            raise ValidationError(message)

    return rule


def _told(bound: Bound) -> date | None:
    return bound() if callable(bound) else bound
