"""The five questions of individual-based follow-up, answered for the municipality itself by what it has released.

This module answers: what do the approved releases say of a quarter, and of all quarters beside each other? It reads the archives, as
anybody may, and nothing else: no record, no true count, no number that waits for a decision. What is protected there is protected here.
Which pictures belong to which question is in the table plan; a table that a release does not have, or that so few people are behind that
only its total is given, says so instead of drawing.

Source: Socialstyrelsen, individual-based systematic follow-up: the five questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caseapp.access import Actor, Permission, action, allow, log_detail
from caseapp.disclosure.tables import HIDDEN, Printed, cell
from caseapp.formats import Quarter
from caseapp.statistics.bundle import plan_of, read_release, unpack
from caseapp.statistics.derived import Figure, figures, sum_of
from caseapp.statistics.layout import UNIT
from caseapp.statistics.ledger import releases
from caseapp.statistics.models import APPROVED
from caseapp.statistics.plan import Picture, PlannedTable, TablePlan, entries, table_plan

Shown = int | str
"""A number as it is printed: itself, or X."""


@dataclass(frozen=True)
class Drawn:
    """One picture: bars with their numbers. Without bars, `total` people are behind it and are not split."""

    table: str
    words: str
    unit: str
    rows: tuple[tuple[str, Shown], ...]
    total: Shown


@dataclass(frozen=True)
class Answered:
    """One of the five questions with its pictures."""

    words: str
    pictures: tuple[Drawn, ...]


@dataclass(frozen=True)
class Line:
    """One number through the quarters; None where a release does not have it. `unit` is "" for a figure, whose values are words."""

    words: str
    unit: str
    values: tuple[Shown | None, ...]


@dataclass(frozen=True)
class Overview:
    """What the page shows: a quarter's five answers and figures, and the lines through all `quarters`. No release yet: all empty."""

    quarter: Quarter | None
    quarters: tuple[Quarter, ...]
    release_id: str = ""
    answers: tuple[Answered, ...] = ()
    figures: tuple[Figure, ...] = ()
    counts: tuple[Line, ...] = ()
    shares: tuple[Line, ...] = ()


@dataclass(frozen=True)
class _Told:
    """One approved release, as anybody may read it."""

    id: str
    quarter: str
    tables: Mapping[str, Printed]
    plan: TablePlan


@action
def overview(actor: Actor, quarter: str = "", *, language: str = "sv") -> Overview:
    """The page of a quarter, the newest unless one that is released is named."""
    allow(actor, Permission.READ_STATISTICS)
    told = _told()
    log_detail(releases=len(told))
    if not told:
        return Overview(None, ())
    chosen = next((one for one in told if one.quarter == quarter), told[-1])
    return Overview(
        quarter=Quarter.parse(chosen.quarter),
        quarters=tuple(Quarter.parse(one.quarter) for one in told),
        release_id=chosen.id,
        answers=_answers(chosen, language),
        figures=figures(tuple(chosen.tables.values()), chosen.quarter, chosen.plan, language),
        counts=_counts(told, language),
        shares=_shares(told, language),
    )


def _told() -> list[_Told]:
    """The newest approved release of each quarter, in order."""
    newest = {row.quarter: row for row in releases() if row.state == APPROVED}
    found = []
    for quarter, row in sorted(newest.items()):
        files = unpack(row.archive)
        found.append(_Told(row.id, quarter, {table.id: table for table in read_release(files).tables}, plan_of(files)))
    return found


def _answers(told: _Told, language: str) -> tuple[Answered, ...]:
    """The five questions as the newest plan asks them, with what this release can say."""
    found = []
    for question in table_plan().questions:
        pictures = tuple(drawn for picture in question.pictures if (drawn := _drawn(told, picture, language)) is not None)
        found.append(Answered(question.titles[language], pictures))
    return tuple(found)


def _drawn(told: _Told, picture: Picture, language: str) -> Drawn | None:
    planned = told.plan.table(picture.table)
    members = [] if planned is None else [(told.tables[id], by) for id, _, by in planned.members() if id in told.tables]
    if planned is None or not members:
        return None
    setting = {"quarter": told.quarter, "flow": picture.flow}
    total = _printed(members[0][0].counts.get(cell(setting)))
    rows = _along(members[0][0], setting, picture.along, told.plan, language) if picture.along else ()
    if picture.codes:
        rows = _each(planned, members, setting, picture, told.plan, language)
    return Drawn(picture.table, picture.titles[language], UNIT[planned.unit][language], rows, total)


def _along(table: Printed, setting: Mapping[str, str], name: str, plan: TablePlan, language: str) -> tuple[tuple[str, Shown], ...]:
    """A bar for each code that the table prints of a dimension, the others at their total."""
    codes = [dict(codes) for codes in table.counts]
    here = [one for one in codes if name in one and one == {**setting, name: one[name]}]
    return tuple((plan.label(name, one[name], language), _printed(table.counts[cell(one)])) for one in here)


def _each(
    planned: PlannedTable,
    members: Sequence[tuple[Printed, tuple[str, ...]]],
    setting: Mapping[str, str],
    picture: Picture,
    plan: TablePlan,
    language: str,
) -> tuple[tuple[str, Shown], ...]:
    """A bar for each table of a family that is split by its answer."""
    rows: list[tuple[str, Shown]] = []
    for table, by in members:
        if any(by[-1] in dict(codes) and dict(codes)["flow"] == picture.flow for codes in table.counts):
            words = entries(planned.over or "")[by[-1].partition(".")[2]].label(language)
            rows.append((words, _printed(sum_of(table, setting, by[-1], picture.codes, plan))))
    return tuple(rows)


def _printed(count: int | None) -> Shown:
    return HIDDEN if count is None else count


def _counts(told: Sequence[_Told], language: str) -> tuple[Line, ...]:
    """How many there were of each flow of each population, quarter by quarter."""
    plan = table_plan()
    lines = []
    for unit, flows in plan.populations.items():
        for flow in flows:
            table = next(table.id for table in plan.tables if table.unit == unit and flow in table.flows and table.family is None)
            values = tuple(_total(one, table, flow) for one in told)
            lines.append(Line(plan.label("flow", flow, language), UNIT[unit][language], values))
    return tuple(lines)


def _total(told: _Told, table: str, flow: str) -> Shown | None:
    if table not in told.tables:
        return None
    return _printed(told.tables[table].counts.get(cell({"quarter": told.quarter, "flow": flow})))


def _shares(told: Sequence[_Told], language: str) -> tuple[Line, ...]:
    """The figures of the newest plan, quarter by quarter."""
    by_quarter = [{one.words: one.text for one in figures(tuple(t.tables.values()), t.quarter, t.plan, language)} for t in told]
    return tuple(
        Line(one.titles[language], "", tuple(figures_then.get(one.titles[language]) for figures_then in by_quarter))
        for one in table_plan().derived
    )
