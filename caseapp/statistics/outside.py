"""Tables that left the house another way: an earlier report, figures handed to the agency before these releases began.

This module answers: what does such a table say, in the words of the table plan, and does it hold together? Whoever has it has it beside
our releases, so its numbers are facts that a reader knows, and protection has to hold against them. It promises that a table with an
unknown dimension or code, with what is no whole number, with a small count, or that contradicts itself is refused with what is wrong and
where. A small count is refused because nothing can hide it afterwards: its place is given as X.

Pure: text in, counts out. Whether a number is true is not asked here, and nobody is told: `design` takes the numbers that are true and
leaves the others, since whoever was given a wrong number knows nothing by it; to say which are which would let somebody guess counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from caseapp.disclosure.attack import attack, some_world
from caseapp.disclosure.search import Undecided
from caseapp.disclosure.system import System
from caseapp.disclosure.tables import HIDDEN, TOTAL, Cell, Fact, Inconsistent, Key, Policy, Printed, Spec, cell, key
from caseapp.disclosure.targets import printed
from caseapp.statistics.counting import dimensions_of
from caseapp.statistics.plan import TablePlan

COUNT = ("count", "antal")
MOST_ROWS, MOST_DIGITS = 2000, 6
_SHOWN = 40  # characters of what is wrong that are said again


@dataclass(frozen=True)
class Problem:
    """What is wrong: a code that the page turns into a sentence, the line of the table (0: the whole), and the text that is wrong."""

    code: str
    line: int = 0
    text: str = ""


class NotATable(Exception):
    """The text cannot be taken as a table of this plan; `problems` says why, in order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{one.code} {one.line} {one.text}" for one in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class OutsideTable:
    """What was handed out: a count for each cell, None where it was hidden. Each cell names its quarter and flow."""

    unit: str
    dimensions: tuple[str, ...]
    counts: Mapping[Cell, int | None]

    def as_json(self) -> dict[str, Any]:
        """The table as plain values."""
        return {"unit": self.unit, "dimensions": list(self.dimensions), "rows": [[dict(c), n] for c, n in self.counts.items()]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> OutsideTable:
        """The table that `as_json` wrote."""
        return cls(stored["unit"], tuple(stored["dimensions"]), {cell(codes): n for codes, n in stored["rows"]})

    def facts(self) -> tuple[Fact, ...]:
        """What a reader of it knows, as public facts."""
        return tuple(Fact(self.unit, ((1, codes),), n, n) for codes, n in self.counts.items() if n is not None)


def population_of(flow: str, plan: TablePlan) -> str:
    """What a flow counts; "" for a flow that the plan does not have."""
    return next((unit for unit, flows in plan.populations.items() if flow in flows), "")


def columns_for(flow: str, plan: TablePlan) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Column → (unit, the columns that may stand beside it) for a flow: dimensions of its population, and the answers of its families."""
    population = population_of(flow, plan)
    own = dimensions_of(population, plan.tables) if population else ()
    found = dict.fromkeys(own, (population, own))
    for table in plan.tables:
        if table.unit == population and table.family is not None and flow in table.flows:
            found |= {by[-1]: (unit, by[:-1]) for _, unit, by in table.members()}
    return found


def read_outside(text: str, quarter: str, flow: str, plan: TablePlan, policy: Policy) -> OutsideTable:
    """A table of comma-, semicolon- or tab-separated text: a column for each dimension, in codes, and `count`. Raises NotATable."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or len(lines) > MOST_ROWS:
        raise NotATable([Problem("no_rows" if len(lines) < 2 else "too_many_rows")])
    mark = max(";\t,", key=lines[0].count)
    try:
        head, *rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark))
    except csv.Error:  # a field longer than any table's
        raise NotATable([Problem("no_rows")]) from None
    names = [name.strip().lstrip("\ufeff") for name in head]
    unit, dimensions = _shape(names, columns_for(flow, plan), population_of(flow, plan))
    known = {name: {TOTAL, *plan.dimension(name).leaves, *plan.dimension(name).merged} for name in dimensions}
    counts: dict[Cell, int | None] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        codes, count, wrong = _row(number, dict(zip(names, (value.strip() for value in row), strict=False)), known, policy)
        where = cell({"quarter": quarter, "flow": flow} | codes)
        if where in counts and not wrong:
            wrong = [Problem("twice", number)]
        counts[where] = count
        problems += wrong
    if problems:
        raise NotATable(problems)
    table = OutsideTable(unit, ("quarter", "flow", *dimensions), counts)
    if not holds_together([table], plan, policy):
        raise NotATable([Problem("contradicts_itself")])
    if gives_a_small_one_away(table, plan, policy):
        raise NotATable([Problem("small_follows")])
    return table


def gives_a_small_one_away(table: OutsideTable, plan: TablePlan, policy: Policy) -> bool:
    """Whether a small count follows from this table alone, hidden in it or left out of it: then nothing protects it afterwards.

    Computed from what was handed out and from nothing else; a count that cannot be small, or is surely nobody, may follow.
    """
    splits = table.dimensions[2:]
    choices = [(TOTAL, *plan.dimension(name).leaves) for name in splits]
    setting = [pair for pair in next(iter(table.counts)) if pair[0] in ("quarter", "flow")]
    cells = [cell([*setting, *zip(splits, codes, strict=True)]) for codes in product(*choices)]
    whole = replace(table, counts=dict.fromkeys(cells) | dict(table.counts))  # what was left out is as good as hidden
    system, known = _system([whole], plan)
    open_cells = {key(table.unit, codes): None for codes, count in whole.counts.items() if count is None}
    findings = attack(system, known, printed(system, open_cells), policy)
    return any(not one.is_open and one.hi >= 1 and one.lo < policy.threshold for one in findings)


def _shape(names: Sequence[str], offered: Mapping[str, tuple[str, tuple[str, ...]]], population: str) -> tuple[str, tuple[str, ...]]:
    """(unit, dimensions) of a table with these columns."""
    dimensions = tuple(name for name in names if name not in COUNT)
    if len(dimensions) != len(names) - 1:
        raise NotATable([Problem("no_count_column")])
    if unknown := [name for name in dimensions if name not in offered]:
        raise NotATable([Problem("unknown_column", 1, name[:_SHOWN]) for name in unknown[:_SHOWN]])
    answers = [name for name in dimensions if ":" in offered[name][0]]
    beside = offered[answers[0]][1] if answers else dimensions
    if len(answers) > 1 or len(set(dimensions)) != len(dimensions) or not set(dimensions) - set(answers) <= set(beside):
        raise NotATable([Problem("columns_together", 1, ", ".join(dimensions))])
    return (offered[answers[0]][0] if answers else population), dimensions


def _row(
    number: int, row: Mapping[str, str], known: Mapping[str, set[str]], policy: Policy
) -> tuple[dict[str, str], int | None, list[Problem]]:
    """`known`: dimension → the codes it has."""
    codes = {name: row.get(name, "") for name in known}
    wrong = [Problem("unknown_code", number, f"{name}: {code[:_SHOWN]}") for name, code in codes.items() if code not in known[name]]
    written = next((row[name] for name in COUNT if name in row), "")
    if written == HIDDEN:
        return codes, None, wrong
    if not (written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS):
        return codes, None, [*wrong, Problem("no_number", number, written[:_SHOWN])]
    count = int(written)
    if policy.is_small(count):
        wrong.append(Problem("small", number, written))
    return codes, count, wrong


def holds_together(tables: Iterable[OutsideTable], plan: TablePlan, policy: Policy) -> bool:
    """Whether some people could stand behind all these tables of one population at once. False also where time ends."""
    try:
        system, known = _system(list(tables), plan)
        some_world(system, system.rows(known), policy)
    except (Inconsistent, Undecided):
        return False
    return True


def _system(tables: Sequence[OutsideTable], plan: TablePlan) -> tuple[System, dict[Key, int | None]]:
    """What readers of these tables can write down; Inconsistent where one number is told twice differently."""
    given = [Printed(str(number), table.unit, table.dimensions, table.counts) for number, table in enumerate(tables)]
    names = {name for table in given for name in table.dimensions}
    hierarchies = {name: {} if name in ("quarter", "flow") else plan.dimension(name).hierarchy() for name in sorted(names)}
    known: dict[Key, int | None] = {}
    for table in given:
        for codes, count in table.counts.items():
            before = known.get(key(table.unit, codes))
            if before is not None and count is not None and before != count:
                raise Inconsistent(f"{dict(codes)} is told twice differently")
            known[key(table.unit, codes)] = count if before is None else before
    return System(given, Spec(hierarchies)), known
