"""From records to true counts: identity stops here.

This module answers: how many people were in each joint cell of a quarter? A record carries codes and quarters, no name, number,
date or text; `person` is an opaque mark that only says which records are the same person's. It promises that a person is counted
once: at most one opening, one closing and one place in the stock per quarter, so that stock = stock before + opened − closed.
People with protected identity are counted where every answer is unknown: in totals, in no category.

The counts are true and never leave the house; `rules` makes tables of them and `disclosure` protects those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from caseapp.disclosure.tables import Cell, World, cell
from caseapp.statistics.plan import UNKNOWN, TablePlan, type_group

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Record:
    """One case of one young person, as codes. Quarters are written `2026Q3`, and sort as text."""

    person: str
    work_form: str
    sex: str
    opened: str
    closed: str | None
    age_opened: str
    age_now: str  # at the end of the counted quarter, or when the case was closed
    protected: bool = False
    needs: Mapping[str, str] = field(default_factory=dict)  # need domain → level, at start
    actors: frozenset[str] = frozenset()
    changes: Mapping[str, str] = field(default_factory=dict)  # need domain → change, at closure


@dataclass(frozen=True)
class Intervention:
    """One intervention of one young person, as codes."""

    person: str
    type: str
    focus: str
    started: str
    completed: str | None
    protected: bool = False


@dataclass(frozen=True)
class Census:
    """The true joint counts of one quarter, and how many persons stand behind a count of interventions."""

    quarter: str
    counts: World
    contributors: Mapping[Cell, int]


def count(records: Iterable[Record], interventions: Iterable[Intervention], quarter: str, plan: TablePlan) -> Census:
    """The true joint counts of one quarter, for every population of the plan."""
    flows = person_flows(records, quarter)
    counts: World = {"persons": _count_cells([_person(record, flow, quarter) for flow, record in flows])}
    for table in plan.tables:
        if table.family is not None:
            for _, unit, by in table.members():
                answered = [
                    _answer(record, flow, quarter, by) for flow, record in flows if flow in table.flows
                ]
                counts[unit] = _count_cells(answered)
    rows, people = _intervention_rows(interventions, quarter)
    counts["interventions"] = _count_cells(rows)
    return Census(quarter, counts, _contributors(rows, people))


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


def _answer(record: Record, flow: str, quarter: str, by: Sequence[str]) -> dict[str, str]:
    person = _person(record, flow, quarter)
    row = {name: person[name] for name in ("quarter", "flow", *by) if name in person}
    family, _, entry = by[-1].partition(".")
    answers = {
        "need": record.needs.get(entry, "9"),
        "actor": "yes" if entry in record.actors else "no",
        "change": record.changes.get(entry, "unknown"),
    }
    nothing = {"need": "9", "actor": "unknown", "change": "unknown"}
    return row | {by[-1]: (nothing if record.protected else answers)[family]}


def _intervention_rows(interventions: Iterable[Intervention], quarter: str) -> tuple[list[dict[str, str]], list[str]]:
    rows, people = [], []
    for one in interventions:
        split = (UNKNOWN, UNKNOWN) if one.protected else (type_group(one.type), one.focus)
        for flow, when in (("started", one.started), ("completed", one.completed)):
            if when == quarter:
                rows.append({"quarter": quarter, "flow": flow, "type": split[0], "focus": split[1]})
                people.append(one.person)
    return rows, people


def _count_cells(rows: Sequence[Mapping[str, str]]) -> dict[Cell, int]:
    if not rows:
        return {}
    frame = _frame(rows)
    names = list(frame.columns)
    sizes = frame.groupby(names, sort=True, observed=True).size()
    return {cell(zip(names, codes, strict=True)): int(number) for codes, number in sizes.items()}


def _contributors(rows: Sequence[Mapping[str, str]], people: Sequence[str]) -> dict[Cell, int]:
    """Persons behind each cell that a table could print: every combination of codes and totals."""
    if not rows:
        return {}
    frame = _frame(rows).assign(person=list(people))
    found: dict[Cell, int] = {}
    for split in ((), ("type",), ("focus",), ("type", "focus")):
        names = ["quarter", "flow", *split]
        numbers = frame.groupby(names, sort=True, observed=True)["person"].nunique()
        found |= {cell(zip(names, codes, strict=True)): int(number) for codes, number in numbers.items()}
    return found


def _frame(rows: Sequence[Mapping[str, str]]) -> pandas.DataFrame:
    import pandas  # here and not above: the web never needs it, and it is heavy to load

    return pandas.DataFrame.from_records(rows)
