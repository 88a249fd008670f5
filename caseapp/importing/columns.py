"""Which row holds the headings, and what does each column hold? A guess from the words and from what stands below; a person decides.

Pure functions of a sheet. Promised: a guess never uses a field twice that can be used once, and what is not understood is left out, so
that nothing is taken in because a program thought so.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from caseapp.formats import DateError, PersonalNumberError, fold, parse_date, parse_personal_number

from .rules import FIELDS
from .sheets import HEAD_ROOM, Cell, Sheet

_EXAMPLES, _LOOKED_AT = 3, 50
_PHONE = re.compile(r"(?:\+|00)?[\d][\d \-/()]{5,16}\d")
_ENOUGH = 0.6


@dataclass(frozen=True)
class Column:
    """One column: its place (from 0), its letter, its heading ("" for none), some of its values, and how many rows have one."""

    place: int
    letter: str
    heading: str
    examples: tuple[str, ...]
    filled: int


def letter_of(place: int) -> str:
    """A, B … Z, AA … as the spreadsheet calls it."""
    return (letter_of(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def shown(cell: Cell) -> str:
    """A cell as it is shown; what cannot be read shows as nothing."""
    text = str(cell)
    return "" if text.startswith("\x1a") else text


def find_heading_row(sheet: Sheet) -> int:
    """The number (from 1) of the row that is most like headings: with the most known words, else the first with two texts."""
    best, most = 0, 0
    for number, row in enumerate(sheet.rows[:HEAD_ROOM], 1):
        known = sum(_named(fold(shown(cell))) is not None for cell in row if isinstance(cell, str) and cell)
        if known > most:
            best, most = number, known
    if best:
        return best
    rows = enumerate(sheet.rows[:HEAD_ROOM], 1)
    return next((number for number, row in rows if sum(isinstance(cell, str) and cell != "" for cell in row) > 1), 1)


def columns_of(sheet: Sheet, heading_row: int) -> tuple[Column, ...]:
    """The columns that have a heading or anything below it."""
    headings = _headings(sheet, heading_row)
    below = sheet.rows[heading_row:]
    width = max((len(row) for row in below), default=0)
    found = []
    for place in range(max(width, len(headings))):
        values = [shown(row[place]) for row in below if place < len(row) and shown(row[place])]
        heading = headings[place] if place < len(headings) else ""
        if heading or values:
            examples = tuple(value[:60] for value in dict.fromkeys(values))[:_EXAMPLES]
            found.append(Column(place, letter_of(place), heading[:80], examples, len(values)))
    return tuple(found)


def _headings(sheet: Sheet, heading_row: int) -> list[str]:
    """The headings; where a row of groups stands above them ("Vårdnadshavare" over "Namn" and "Telefon"), the group before each."""
    row = [" ".join(shown(cell).split()) for cell in sheet.rows[heading_row - 1]] if heading_row <= len(sheet.rows) else []
    if not has_groups_above(sheet, heading_row):
        return row
    above, group = sheet.rows[heading_row - 2], ""
    joined = []
    for place in range(max(len(row), len(above))):
        group = (shown(above[place]) if place < len(above) else "") or group
        own = row[place] if place < len(row) else ""
        joined.append(" ".join(f"{group} {own}".split()))
    return joined


def has_groups_above(sheet: Sheet, heading_row: int) -> bool:
    """Whether the headings are two rows: above them stands a row with merged cells and more than one text."""
    if heading_row < 2 or heading_row - 1 not in sheet.merged:
        return False
    return sum(shown(cell) != "" for cell in sheet.rows[heading_row - 2]) > 1


def guess(columns: Sequence[Column], sheet: Sheet, heading_row: int, today: date) -> dict[int, str]:
    """Place of a column → the field it is taken for; columns that are not understood are not in it."""
    guessed: dict[int, str] = {}

    def take(place: int, code: str | None) -> None:
        if code is not None and place not in guessed and (FIELDS[code].many or code not in guessed.values()):
            guessed[place] = code

    for column in columns:
        take(column.place, _named(fold(column.heading)))
    for column in columns:
        take(column.place, _begins(fold(column.heading)))
    for column in columns:
        if not column.heading or column.place not in guessed:
            take(column.place, _by_content(_values(sheet, heading_row, column.place), today))
    if "name" in guessed.values() and {"first_name", "last_name"} <= set(guessed.values()):
        guessed = {place: code for place, code in guessed.items() if code != "name"}
    if "last_name" in guessed.values() and "first_name" not in guessed.values():
        guessed = {place: "first_name" if code == "name" else code for place, code in guessed.items()}
    return guessed


def _values(sheet: Sheet, heading_row: int, place: int) -> list[Cell]:
    return [row[place] for row in sheet.rows[heading_row:] if place < len(row) and row[place] != ""][:_LOOKED_AT]


_BY_HEADING: Mapping[str, str] = {words: code for code, field in FIELDS.items() for words in field.headings}


def _named(heading: str) -> str | None:
    return _BY_HEADING.get(heading)


def _begins(heading: str) -> str | None:
    """By the longest known heading that the words begin with."""
    fitting = [words for words in _BY_HEADING if heading.startswith(f"{words} ")]
    return _BY_HEADING[max(fitting, key=len)] if fitting else None


def _by_content(values: Sequence[Cell], today: date) -> str | None:
    """Only what can hardly be anything else: identity numbers, and telephone numbers."""
    kinds = Counter(_kind(value, today) for value in values)
    return next((kind for kind in ("number", "phone") if values and kinds[kind] >= _ENOUGH * len(values)), None)


def _kind(value: Cell, today: date) -> str:
    text = shown(value)
    try:
        parse_personal_number(text.zfill(10) if isinstance(value, int) else text, today=today)
        return "number"
    except PersonalNumberError:
        pass
    try:
        parse_date(text, today=today)
        return "date"
    except DateError:
        return "phone" if _PHONE.fullmatch(text) else ""
