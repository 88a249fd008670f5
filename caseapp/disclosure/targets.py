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

from collections import defaultdict
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
        if policy.is_small(count) or policy.is_small(table.contributors.get(codes, 0))
    }


def derived(system: System, truth: Ints, policy: Policy) -> list[Target]:
    """The never printed crosses, cell by cell, where the truth is small."""
    found = []
    for unit, dimensions in system.spec.audit:
        places: dict[Cell, int] = defaultdict(int)
        for count, (where, codes) in zip(truth.tolist(), system.cells, strict=True):
            if where == unit:
                places[cell((d, c) for d, c in codes if d in dimensions)] += count
        found += [Target("derived", unit, c, system.form(unit, c)) for c, n in places.items() if policy.is_small(n)]
    return found


def groups(system: System, tables: Iterable[Table | Printed], truth: Ints) -> list[Target]:
    """The rows and columns of the tables in which everybody is in one category."""
    found: dict[tuple[str, Cell, str], Target] = {}
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
            for combination in product(*(codes_of[d] for d in others)):
                rest = cell(zip(others, combination, strict=True))
                if rest not in {cell((d, c) for d, c in codes if d != dimension) for codes in table.counts}:
                    continue
                group = _one_sided(system, table.unit, rest, dimension, categories, truth)
                if group:
                    found[table.unit, rest, dimension] = group
    return list(found.values())


def _one_sided(
    system: System, unit: str, rest: Cell, dimension: str, categories: list[str], truth: Ints
) -> Target | None:
    everybody = system.form(unit, rest)
    number = everybody.value(truth)
    if not number:
        return None
    for code in categories:
        codes = cell([*rest, (dimension, code)])
        answer = system.form(unit, codes)
        if answer.value(truth) == number and len(_same_population(system, unit, rest, dimension).at) > len(answer.at):
            whole = _same_population(system, unit, rest, dimension)
            return Target("group", unit, codes, whole.minus(answer), answer)
    return None


def _same_population(system: System, unit: str, rest: Cell, dimension: str) -> Form:
    """Everybody in the row, in the unknowns of the table's own unit: a family's row total is the sum over its answers."""
    if unit.partition(":")[2] == dimension:
        return system.sum_in(unit, rest)
    return system.form(unit, rest)


def printed(system: System, keys: Mapping[Key, None]) -> list[Target]:
    """The sensitive printed cells as targets."""
    return [Target("printed", unit, codes, system.form(unit, codes)) for unit, codes in keys]
