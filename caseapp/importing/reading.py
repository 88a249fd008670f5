"""What does one cell say, as the answer to one question? A value, and what is to be told about it; or why it cannot be used.

Everything that stands in a cell comes as it was in the file: a text, or a number that a spreadsheet made of it. A number that lost its
first zero gets it back where the check digit then fits, and a number that is one of Excel's days becomes that day; both are told.
Raises Unusable with a code, which the page turns into a sentence. Pure functions; the present day is an argument.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from caseapp.fields import TextRefused, clean_text
from caseapp.formats import DateError, PersonalNumber, PersonalNumberError, parse_date, parse_personal_number

from .sheets import ERROR_VALUE, TOO_LONG, UNSAVED_FORMULA, Cell

_CANNOT = {UNSAVED_FORMULA: "unsaved_formula", ERROR_VALUE: "error_value", TOO_LONG: "text_too_long"}
#: Excel's days that lie in living memory (1926–2099); a smaller or larger number is no day.
_FIRST_DAY, _LAST_DAY = 9_500, 73_050
_PHONE = re.compile(r"(?:\+|00)?\d[\d \-/().]{4,18}\d")
#: A day of birth where a number should be: alone, or with four places that nobody filled in (0000, XXXX, a reserve number's T123).
_BIRTH_ALONE = re.compile(r"(?P<day>\d{8}|\d{6}|\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2})(?:-?(?:0000|[xX]{4}|[tT]\w{3}))?")
_BETWEEN_PEOPLE = re.compile(r"[;\n&]|\s+och\s+|\s*/\s*", re.IGNORECASE)
#: Longest name, telephone number and text that a case takes.
_NAME, _TELEPHONE, _TEXT = 120, 40, 4000


class Unusable(Exception):
    """The cell cannot be used: `code` says why."""

    def __init__(self, code: str, **told: object) -> None:
        super().__init__(code)
        self.code, self.told = code, told


@dataclass(frozen=True)
class Told:
    """Something the person is told about a row: a code, the field it is `about` ("" for the row), and what the sentence needs."""

    code: str
    about: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[str], None]


def readable(cell: Cell) -> str:
    """The cell as a text. Raises Unusable for what cannot be read, and for a formula that stands there as a text."""
    text = str(cell)
    if text in _CANNOT:
        raise Unusable(_CANNOT[text])
    if re.match(r"=\s*[\w@+\-('\"]", text):
        raise Unusable("formula")
    return text


def text_of(cell: Cell, *, longest: int = _TEXT, lines: bool = False) -> str:
    """A text as it will be kept."""
    try:
        return clean_text(readable(cell), max_length=longest, lines=lines)
    except TextRefused as refused:
        raise Unusable("text_too_long" if len(refused.shown) > longest else "odd_characters") from None


def name_of(cell: Cell, tell: Tell) -> str:
    """A name; "Lind, Alva" is turned round."""
    name = text_of(cell, longest=_NAME)
    if name and not any(letter.isalpha() for letter in name):
        raise Unusable("no_name")
    if any(letter.isdigit() for letter in name) or set(name) & set("@<>{}[]"):
        tell("odd_name")
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and last.strip() else name


def day_of(cell: Cell, *, today: date, tell: Tell, from_1904: bool = False) -> date | None:
    """A day in the past; None for an empty cell."""
    text = readable(cell).strip().lstrip("'")
    if not text:
        return None
    serial = _serial(cell, text)
    if serial is not None:
        tell("excel_day")
        day = date(1904, 1, 1) + timedelta(days=serial) if from_1904 else date(1899, 12, 30) + timedelta(days=serial)
    else:
        day = _typed_day(re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", text), today)
    if day > today:
        raise Unusable("future_day")
    return day


def _serial(cell: Cell, text: str) -> int | None:
    if isinstance(cell, float) or re.fullmatch(r"\d{5}([.,]\d+)?", text):
        number = int(float(text.replace(",", ".")))
        if _FIRST_DAY <= number <= _LAST_DAY:
            return number
        raise Unusable("no_day")
    return None


def _typed_day(text: str, today: date) -> date:
    try:
        return parse_date(text, today=today, lean="past")
    except DateError as error:
        raise Unusable("no_such_day" if error.code == "impossible" else "no_day") from None


def number_of(cell: Cell, *, today: date, tell: Tell) -> PersonalNumber | date | None:
    """An identity number, or the day of birth where that is all that stands there; None for an empty cell."""
    text = readable(cell).strip().lstrip("'")
    if not text:
        return None
    if _BIRTH_ALONE.fullmatch(text) and not (isinstance(cell, int) and len(text) == 8 and not text.startswith(("19", "20"))):
        return _born(text, today, tell)
    wholes = [text]
    if isinstance(cell, int) and len(text) in (7, 8, 9, 11):
        wholes = [text.zfill(10 if len(text) < 10 else 12), text]
    error = "not_a_number"
    for whole in wholes:
        try:
            number = parse_personal_number(whole, today=today)
        except PersonalNumberError as refused:
            error = refused.code if error == "not_a_number" else error
            continue
        if whole != text:
            tell("zero_restored")
        return number
    raise Unusable(error)


def _born(text: str, today: date, tell: Tell) -> date:
    found = _BIRTH_ALONE.fullmatch(text)
    day = _typed_day(found["day"] if found else text, today)
    if day > today:
        raise Unusable("future_date")
    tell("only_birth_date")
    return day


def phone_of(cell: Cell, tell: Tell) -> str:
    """A telephone number; a number that lost its first zero gets it back."""
    phone = text_of(cell, longest=_TELEPHONE)
    if isinstance(cell, int) and 7 <= len(phone) <= 10 and not phone.startswith("0"):
        tell("zero_restored")
        return f"0{phone}"
    return phone


def people_of(cell: Cell, tell: Tell) -> list[tuple[str, str]]:
    """(name, telephone) of everybody named in one cell: "Mona Lind 070-123 45 67; Bo Lind"."""
    found = []
    for part in _BETWEEN_PEOPLE.split(text_of(cell, lines=True)):
        phone = _PHONE.search(part)
        name = part.replace(phone[0], " ") if phone else part
        name = " ".join(name.strip(" ,:()-").split())
        if name:
            found.append((name_of(name, tell), phone[0].strip() if phone else ""))
    return found
