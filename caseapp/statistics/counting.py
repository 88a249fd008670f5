"""From records to true counts: identity stops here.

This module answers: how many were in each joint cell of a quarter? A record carries codes and quarters, no name, number, date or text;
`person` is an opaque mark that only says which records are the same person's. It promises that a person is counted once: at most one
opening, one closing and one place in the stock per quarter, so that stock = stock before + opened − closed. What is not a person (an
intervention, a meeting, a commitment, a goal) is counted in its own population, with the persons behind it. People with protected identity
are counted where every answer is unknown: in totals, in no category.

The counts are true and never leave the house; `rules` makes tables of them and `disclosure` protects those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from caseapp.disclosure.tables import Cell, World, cell
from caseapp.statistics.plan import UNKNOWN, PlannedTable, TablePlan

if TYPE_CHECKING:
    import pandas

Row = tuple[str, Cell]
"""One person or thing in a quarter: its population and the joint cell it is counted in."""


@dataclass(frozen=True)
class Record:
    """One case of one young person, as codes. Quarters are written `2026Q3`, and sort as text.

    `answers`: dimension of a family → the recorded code, such as {"need.school": "3", "risk": "high"}.
    """

    person: str
    work_form: str
    sex: str
    opened: str
    closed: str | None
    age_opened: str
    age_now: str  # at the end of the counted quarter, or when the case was closed
    protected: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One thing that is no person: its population, the persons behind it, flow → the quarter it counts in, dimension → recorded code."""

    population: str
    persons: tuple[str, ...]
    flows: Mapping[str, str | None]
    codes: Mapping[str, str]
    protected: bool = False


@dataclass(frozen=True)
class Census:
    """The true joint counts of one quarter, and for what is not a person which persons are behind each joint cell."""

    quarter: str
    counts: World
    behind: Mapping[str, Mapping[Cell, frozenset[str]]] = field(default_factory=dict)

    def persons_behind(self, unit: str, codes: Cell, merged: Mapping[str, tuple[str, ...]]) -> int:
        """How many different persons are behind a cell; `merged` says what the coarser codes are made of."""
        wanted = {dimension: set(merged.get(code, (code,))) for dimension, code in codes}
        inside = (who for joint, who in self.behind.get(unit, {}).items() if all(dict(joint).get(d) in p for d, p in wanted.items()))
        return len(frozenset().union(*inside))


def count(records: Iterable[Record], events: Iterable[Event], quarter: str, plan: TablePlan) -> Census:
    """The true joint counts of one quarter, for every population of the plan."""
    flows = person_flows(records, quarter)
    rows: list[Row] = [("persons", cell(_person(record, flow, quarter))) for flow, record in flows]
    units: dict[str, None] = dict.fromkeys(plan.populations)
    for table in plan.tables:
        if table.family is not None:
            for _, unit, by in table.members():
                units[unit] = None
                rows += [(unit, cell(_answer(record, flow, quarter, by, plan))) for flow, record in flows if flow in table.flows]
    behind: dict[str, dict[Cell, frozenset[str]]] = {}
    for event in events:
        for flow, when in event.flows.items():
            if when == quarter:
                joint = cell({"quarter": quarter, "flow": flow} | _codes(event, plan))
                rows.append((event.population, joint))
                places = behind.setdefault(event.population, {})
                places[joint] = places.get(joint, frozenset()) | set(event.persons)
    return Census(quarter, {unit: {} for unit in units} | _count_cells(rows), behind)


def person_flows(records: Iterable[Record], quarter: str) -> list[tuple[str, Record]]:
    """(flow, record) of each person in a quarter. Somebody who changes work form leaves one and enters the other."""
    cases: dict[str, list[Record]] = {}
    for record in records:
        if record.opened <= quarter and (record.closed is None or record.closed >= quarter):
            cases.setdefault(record.person, []).append(record)
    flows: list[tuple[str, Record]] = []
    for mine in cases.values():
        mine.sort(key=lambda record: (record.opened, record.closed or "9999", record.work_form))
        before = [record for record in mine if record.opened < quarter]
        after = [record for record in mine if record.closed is None or record.closed > quarter]
        first = before[-1] if before else None
        last = after[-1] if after else None
        if last is not None:
            flows.append(("stock", last))
        if first is None and last is None:
            flows += [("opened", mine[-1]), ("closed", mine[-1])]
        elif first is None or last is None or _place(first) != _place(last):
            flows += [("closed", first)] if first else []
            flows += [("opened", last)] if last else []
    return flows


def _place(record: Record) -> tuple[str, str, bool]:
    return record.work_form, record.sex, record.protected


def _person(record: Record, flow: str, quarter: str) -> dict[str, str]:
    here = {"quarter": quarter, "flow": flow}
    if record.protected:
        return here | {"workform": UNKNOWN, "sex": "u", "age": UNKNOWN}
    age = record.age_opened if flow == "opened" else record.age_now
    return here | {"workform": record.work_form, "sex": record.sex, "age": age}


def _answer(record: Record, flow: str, quarter: str, by: Sequence[str], plan: TablePlan) -> dict[str, str]:
    """The joint cell of a person in one family: what the family is crossed with, and one answer."""
    person, asked = _person(record, flow, quarter), plan.dimension(by[-1])
    given = asked.untold if record.protected else asked.leaf(record.answers.get(by[-1], asked.missing))
    return {name: person[name] for name in ("quarter", "flow", *by) if name in person} | {by[-1]: given}


def _codes(event: Event, plan: TablePlan) -> dict[str, str]:
    """Its leaves; all of them unknown where one is, so that nothing is told of half an answer."""
    asked = {name: plan.dimension(name) for name in dimensions_of(event.population, plan.tables)}
    found = {name: dimension.leaf(event.codes.get(name, dimension.missing)) for name, dimension in asked.items()}
    if event.protected or UNKNOWN in found.values():
        return {name: dimension.untold for name, dimension in asked.items()}
    return found


def dimensions_of(population: str, tables: Iterable[PlannedTable]) -> tuple[str, ...]:
    """Every dimension that the tables of a population are split by; families apart."""
    return tuple(dict.fromkeys(name for table in tables if table.unit == population and table.family is None for name in table.by))


def _count_cells(rows: Sequence[Row]) -> dict[str, dict[Cell, int]]:
    found: dict[str, dict[Cell, int]] = {}
    if rows:
        for (unit, joint), number in _frame(rows).groupby(["unit", "joint"], sort=True).size().items():
            found.setdefault(unit, {})[joint] = int(number)
    return found


def _frame(rows: Sequence[Row]) -> pandas.DataFrame:
    import pandas  # here and not above: the web never needs it, and it is heavy to load

    return pandas.DataFrame(rows, columns=["unit", "joint"])
