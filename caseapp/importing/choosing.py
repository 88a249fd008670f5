"""Which sheet, which columns, which codes? What the person says of the list, asked in that order; each answer can be changed.

What is shown of the list is shown to the one person who sent it. Promised: nothing is saved here but the answers, sealed beside the list.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from caseapp.access import Actor, action, log_as
from caseapp.cases.notes import NOTE_TYPES

from . import rules
from .at_hand import AtHand, ImportCard, agencies_of, at_hand, card_of
from .columns import Column, columns_of, has_groups_above, shown
from .lines import unknown_values
from .taking_in import guessed


@dataclass(frozen=True)
class SheetsPage:
    """The sheets to choose from, with how many rows each has and what is wrong with it; the first rows of the chosen one."""

    card: ImportCard
    sheets: tuple[tuple[int, str, int, str], ...]
    hidden: tuple[str, ...]
    chosen: int
    heading_row: int
    beginning: tuple[tuple[int, tuple[str, ...]], ...]


@action
def read_sheets(actor: Actor, import_id: str) -> SheetsPage:
    """The sheets of the file, and the beginning of the chosen one."""
    here = at_hand(actor, import_id)
    log_as("view")
    sheets = tuple((place, one.name, len(one.rows), one.problem) for place, one in enumerate(here.book.sheets))
    beginning = [(number, tuple(shown(cell)[:30] for cell in row[:8])) for number, row in enumerate(here.sheet.rows[:10], 1) if row]
    return SheetsPage(card_of(here.row), sheets, here.book.hidden, here.choices["sheet"], here.heading_row, tuple(beginning))


@action
def choose_sheet(actor: Actor, import_id: str, sheet: int, heading_row: int | None) -> None:
    """Read this sheet, with the headings in this row (None: as it seems). What was said of the columns is guessed anew."""
    here = at_hand(actor, import_id)
    if not 0 <= sheet < len(here.book.sheets) or here.book.sheets[sheet].problem:
        raise ValueError("there is no such sheet, or it cannot be read")
    is_other = sheet != here.choices["sheet"]
    here.keep(sheet=sheet, values={}, **guessed(here.book.sheets[sheet], None if is_other else heading_row))


@dataclass(frozen=True)
class ColumnsPage:
    """The columns with what each is taken for. `merged`: some rows of the list have merged cells; `groups`: the headings are two rows."""

    card: ImportCard
    sheet_name: str
    sheet_problem: str
    sheets: int
    hidden: tuple[str, ...]
    heading_row: int
    rows: int
    columns: tuple[Column, ...]
    mapping: dict[int, str]
    note_type: str
    merged: bool
    groups: bool
    skipped_above: bool


@action
def read_columns(actor: Actor, import_id: str) -> ColumnsPage:
    """The columns of the chosen sheet, each with some of its values and what it is taken for."""
    here = at_hand(actor, import_id)
    log_as("view")
    sheet, head = here.sheet, here.heading_row
    return ColumnsPage(
        card=card_of(here.row),
        sheet_name=sheet.name,
        sheet_problem=sheet.problem,
        sheets=len(here.book.sheets),
        hidden=here.book.hidden,
        heading_row=head,
        rows=sum(bool(row) for row in sheet.rows[head:]),
        columns=columns_of(sheet, head),
        mapping=here.mapping,
        note_type=here.choices["note_type"],
        merged=any(row > head for row in sheet.merged),
        groups=has_groups_above(sheet, head),
        skipped_above=any(sheet.rows[: head - 1]) and not has_groups_above(sheet, head),
    )


@action
def choose_columns(actor: Actor, import_id: str, mapping: Mapping[int, str], note_type: str) -> bool:
    """Take each column for this field (columns that are left out are not in it); whether there are words to choose codes for.

    Raises ValueError for a mapping that `rules.wrong_with_mapping` does not let through.
    """
    here = at_hand(actor, import_id)
    if rules.wrong_with_mapping(mapping.values()) or note_type not in NOTE_TYPES:
        raise ValueError("this mapping cannot be read")
    here.keep(mapping={str(place): code for place, code in mapping.items()}, note_type=note_type)
    return bool(unknown_values(here.reading()))


# -- words and codes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnknownValue:
    """Words that no code is known for: `key` is what stands for them in the form, `chosen` what was chosen, "" for nothing yet."""

    key: str
    field: str
    words: str
    times: int
    chosen: str


@dataclass(frozen=True)
class ValuesPage:
    """The words to choose codes for. `agencies`: [(id, name)] of the team's agencies."""

    card: ImportCard
    values: tuple[UnknownValue, ...]
    agencies: tuple[tuple[str, str], ...]


@action
def read_values(actor: Actor, import_id: str) -> ValuesPage:
    """The words in coded columns that no code is known for."""
    here = at_hand(actor, import_id)
    log_as("view")
    chosen = here.choices["values"]
    found = [
        UnknownValue(key_of(code, folded), code, words, times, chosen.get(code, {}).get(folded, ""))
        for code, folded, words, times in unknown_in(here)
    ]
    agencies = tuple((agency.id, agency.name) for agency in agencies_of(here.row.team_id))
    return ValuesPage(card_of(here.row), tuple(found), agencies)


def unknown_in(here: AtHand) -> list[tuple[str, str, str, int]]:
    """(field, folded words, words as written, how often) of everything no code is known for."""
    found = unknown_values(here.reading())
    return [(code, folded, words, times) for code, here_ in sorted(found.items()) for folded, (words, times) in sorted(here_.items())]


def key_of(code: str, folded: str) -> str:
    """What stands for these words in the form: by the words and not by their place, which an answer elsewhere may move."""
    return f"value_{hashlib.sha256(f'{code} {folded}'.encode()).hexdigest()[:16]}"


@action
def choose_values(actor: Actor, import_id: str, chosen: Mapping[str, str]) -> None:
    """Take the words with this key (`read_values`) for this code, agency or LEFT_OUT. Words that are not named stay unknown."""
    here = at_hand(actor, import_id)
    values: dict[str, dict[str, str]] = {}
    for code, folded, _words, _times in unknown_in(here):
        if meant := chosen.get(key_of(code, folded)):
            values.setdefault(code, {})[folded] = meant
    here.keep(values=values)
