"""What must stay uncertain: the cells and groups that may not be pinned down.

This module answers: given the truth, which sums may no reader be able to bound tightly? Three kinds, each with what a safe release
must leave open:

- a *printed* small count, and every count that few persons stand behind: two worlds `width` apart;
- a *derived* count, small in truth, in a cross that is never printed (people who entered between two quarters, joint cells):
  two worlds `width` apart, and one where it is zero or not small, so that not even "somebody, and few" is known;
- a *group*, a row or column where everybody gave the same answer: a world where at least two answers occur.

It promises only the list. Whether a world exists is for `hide` and `attack`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from caseapp.disclosure.system import Form, Ints, System
from caseapp.disclosure.tables import TOTAL, Cell, Key, Policy, Printed, Table, cell, key

Kind = Literal["printed", "derived", "group"]


@dataclass(frozen=True)
class Target:
    """A sum that must stay uncertain. A group's form is everybody in it outside the only answer given; `answer` is that answer."""

    kind: Kind
    unit: str
    codes: Cell
    form: Form
    answer: Form | None = None


def sensitive(tables: Iterable[Table], policy: Policy) -> dict[Key, None]:
    """The printed cells that may never be printed: small counts, and counts that few persons stand behind."""
    return {
        key(table.unit, codes): None
        for table in tables
        for codes, count in table.counts.items()
        if policy.is_small(count, codes) or policy.is_small(table.contributors.get(codes, 0), codes)
    }


def crosses(system: System) -> list[Key]:
    """Every cell of the never printed crosses."""
    found: dict[Key, None] = {}
    for unit, dimensions in system.spec.audit:
        for where, codes in system.cells:
            if where == unit:
                found[unit, cell((d, c) for d, c in codes if d in dimensions)] = None
    return list(found)


def derived(system: System, truth: Ints, policy: Policy) -> list[Target]:
    """The never printed crosses, cell by cell, where the truth is small."""
    targets = (Target("derived", unit, codes, system.form(unit, codes)) for unit, codes in crosses(system))
    return [target for target in targets if policy.is_small(target.form.value(truth), target.codes)]


@dataclass(frozen=True)
class Group:
    """A row or column of a table: everybody in it, and the cells of its answers with their forms."""

    unit: str
    whole: Form
    answers: tuple[tuple[Cell, Form], ...]


def rows_and_columns(system: System, tables: Iterable[Table | Printed]) -> list[Group]:
    """Each row and column of the tables once, where more than one answer is possible."""
    found: dict[tuple[str, Cell, str], Group] = {}
    for table in tables:
        codes_of: dict[str, dict[str, None]] = {d: {} for d in table.dimensions}
        for codes in table.counts:
            for dimension in table.dimensions:
                codes_of[dimension][dict(codes).get(dimension, TOTAL)] = None
        for dimension in table.dimensions:
            categories = [c for c in codes_of[dimension] if c != TOTAL]
            if system.spec.is_setting(dimension) or len(categories) < 2:
                continue
            others = [d for d in table.dimensions if d != dimension]
            there = {cell((d, c) for d, c in codes if d != dimension) for codes in table.counts}
            for combination in product(*(codes_of[d] for d in others)):
                rest = cell(zip(others, combination, strict=True))
                if rest in there:
                    places = [cell([*rest, (dimension, code)]) for code in categories]
                    answers = tuple((codes, system.form(table.unit, codes)) for codes in places)
                    found[table.unit, rest, dimension] = Group(table.unit, _same_population(system, table.unit, rest, dimension), answers)
    return list(found.values())


def groups(system: System, tables: Iterable[Table | Printed], truth: Ints) -> list[Target]:
    """The rows and columns of the tables in which everybody is in one category."""
    found = []
    for group in rows_and_columns(system, tables):
        number = group.whole.value(truth)
        for codes, answer in group.answers:
            if number and answer.value(truth) == number and len(group.whole.at) > len(answer.at):
                found.append(Target("group", group.unit, codes, group.whole.minus(answer), answer))
                break
    return found


def _same_population(system: System, unit: str, rest: Cell, dimension: str) -> Form:
    """Everybody in the row, in the unknowns of the table's own unit: a family's row total is the sum over its answers."""
    if unit.partition(":")[2] == dimension:
        return system.sum_in(unit, rest)
    return system.form(unit, rest)


def printed(system: System, keys: Mapping[Key, None]) -> list[Target]:
    """The sensitive printed cells as targets."""
    return [Target("printed", unit, codes, system.form(unit, codes)) for unit, codes in keys]
