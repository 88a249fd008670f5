"""What will the list become, row by row, and which rows are to? Everything is looked through before anything is saved."""

from collections.abc import Collection
from dataclasses import dataclass

from caseapp.access import Actor, Permission, Refused, action, log_as, log_detail

from .at_hand import ImportCard, agencies_of, at_hand, card_of
from .choosing import unknown_in
from .known import compare
from .lines import Line, read_lines


@dataclass(frozen=True)
class Report:
    """What every row will become. `unknown`: words without a code are left to choose for."""

    card: ImportCard
    lines: tuple[Line, ...]
    unknown: int
    agencies: dict[str, str]
    chosen: frozenset[int]

    @property
    def fine(self) -> tuple[Line, ...]:
        """The rows that can become cases."""
        return tuple(line for line in self.lines if line.is_fine)

    @property
    def wrong(self) -> tuple[Line, ...]:
        """The rows with something to mend."""
        return tuple(line for line in self.lines if not line.is_fine)


@action
def check(actor: Actor, import_id: str) -> Report:
    """Look every row through, also against the register as far as this person may know it. Nothing is saved."""
    here = at_hand(actor, import_id)
    log_as("search")
    lines = compare(actor, here.row.team_id, read_lines(here.reading()))
    log_detail(by="number", before="import", rows=len(lines))
    unknown = sum(not here.choices["values"].get(code, {}).get(folded) for code, folded, _words, _times in unknown_in(here))
    names = {agency.id: agency.name for agency in agencies_of(here.row.team_id)}
    return Report(card_of(here.row), lines, unknown, names, frozenset(here.choices["lines"]))


@action
def choose_rows(actor: Actor, import_id: str, numbers: Collection[int] | None) -> int:
    """Choose the rows (their numbers in the file) that are to become cases, or the whole file (None); how many they are.

    Raises Refused("import_not_fine") where the whole file was asked for and a row in it is wrong. Nothing is saved yet.
    """
    here = at_hand(actor, import_id)
    lines = compare(actor, here.row.team_id, read_lines(here.reading()), names=False)
    fine = [line.number for line in lines if line.is_fine]
    if numbers is None and (len(fine) != len(lines) or not fine):
        raise Refused("import_not_fine", Permission.IMPORT_CASES)
    chosen = fine if numbers is None else [number for number in fine if number in numbers]
    here.keep(lines=chosen)
    here.row.chosen, here.row.tried, here.row.is_whole = len(chosen), 0, numbers is None
    return len(chosen)
