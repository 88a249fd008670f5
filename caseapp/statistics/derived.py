"""Shares and medians, from printed numbers alone.

This module answers: what follows from the numbers of a release that everybody may read? It never sees a true count or a hidden one: it is
given tables as they are printed, so that nothing it says can tell more than they do. A share is given in whole per cent where its base is
printed and at least 20; a median is the band of the middle person, where every band is printed and at least 10 people are in them. What
cannot be given is None, and not an estimate.

Source: the follow-up's own rule for percentages and medians of few people; a share of fewer than 20 swings by 5 per cent for one person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caseapp.disclosure.tables import Printed, cell
from caseapp.statistics.plan import PlannedFigure, TablePlan

LEAST_BASE, LEAST_PEOPLE = 20, 10


@dataclass(frozen=True)
class Figure:
    """One share or median. `value` is per cent or the code of a band, None where it cannot be given; `text` is how it is written."""

    kind: str
    words: str
    table: str
    base: int | None
    value: int | str | None
    text: str


def figures(tables: Sequence[Printed], quarter: str, plan: TablePlan, language: str = "sv") -> tuple[Figure, ...]:
    """Every figure of the plan whose table is in the release."""
    printed = {table.id: table for table in tables}
    return tuple(_figure(printed[one.table], one, quarter, plan, language) for one in plan.derived if one.table in printed)


def _figure(table: Printed, one: PlannedFigure, quarter: str, plan: TablePlan, language: str) -> Figure:
    setting = {"quarter": quarter, "flow": one.flow}
    value: int | str | None
    if one.kind == "share":
        base = table.counts.get(cell(setting))
        value = share(sum_of(table, setting, one.dimension, one.codes, plan), base)
        text = "" if value is None else f"{value} %"
    else:
        counts = {code: table.counts.get(cell(setting | {one.dimension: code})) for code in one.codes}
        base = None if None in counts.values() else sum(count for count in counts.values() if count is not None)
        value = median(counts)
        text = "" if value is None else plan.label(one.dimension, value, language)
    return Figure(one.kind, one.titles[language], one.table, base, value, text)


def share(part: int | None, base: int | None) -> int | None:
    """Whole per cent; None where either is not printed or the base is too small."""
    if part is None or base is None or base < LEAST_BASE:
        return None
    return (200 * part + base) // (2 * base)  # half a per cent is rounded up


def median(counts: Mapping[str, int | None]) -> str | None:
    """The band of the middle person, of two the lower; None where a band is not printed or there are too few people."""
    known = {code: count for code, count in counts.items() if count is not None}
    people = sum(known.values())
    if len(known) < len(counts) or people < LEAST_PEOPLE:
        return None
    passed = 0
    for code, count in known.items():
        passed += count
        if 2 * passed >= people:
            return code
    return None


def sum_of(table: Printed, setting: Mapping[str, str], dimension: str, codes: Sequence[str], plan: TablePlan) -> int | None:
    """The number in any of these codes, all other dimensions at their total: as printed in one coarser code, or added up; else None."""
    coarser = [code for code, parts in plan.dimension(dimension).merged.items() if set(parts) == set(codes)]
    for code in coarser:
        count = table.counts.get(cell({**setting, dimension: code}))
        if count is not None:
            return count
    counts = [table.counts.get(cell({**setting, dimension: code})) for code in codes]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
