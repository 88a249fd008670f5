"""Which tables does a quarter give?

A table plan is data (`codelists/tables_*.yaml`), frozen once a release names it. This module reads it and answers which codes a dimension
has, what they consist of, what they are called, and under which of them a recorded code is counted. It promises that a plan that
contradicts itself, or that would count two populations in one system, is refused with a reason when it is read; it counts nothing.

Plans have versions. A new quarter is made by the newest; an approved release keeps the version it names, is shown by that, and binds later
releases by its own files (`spec.json` says what its numbers mean), so that nothing has to be made again when a plan is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from caseapp.codelists import CodeList, codelist
from caseapp.followup.experience import GUARDIAN, YOUTH, statements

UNKNOWN = "unknown"
NEWEST = "2026.2"
_FOLDER = Path(__file__).parent.parent / "codelists"
#: What the first plan left unsaid: its populations, and where missing and untold answers are counted.
_FIRST_POPULATIONS = {"persons": ["opened", "closed", "stock"], "interventions": ["started", "completed"]}
_FIRST_ANSWERS = {"sex": {"untold": "u"}, "need": {"missing": "9", "untold": "9"}, "actor": {"missing": "no"}}


class PlanRefused(ValueError):
    """A plan that cannot be counted or protected; the message says why."""


@dataclass(frozen=True)
class Dimension:
    """One way to split a population: its leaves, the coarser codes made of them, and whether the leaves have an order.

    `counted_as`: recorded code → leaf, where several are counted as one. `missing`: the leaf of an answer that nobody gave; `untold`: that
    of those with protected identity.
    """

    name: str
    leaves: tuple[str, ...]
    merged: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Mapping[str, str]]
    ordered: bool = False
    only_with_unknown: tuple[str, ...] = ()
    missing: str = UNKNOWN
    untold: str = UNKNOWN
    counted_as: Mapping[str, str] = field(default_factory=dict)

    def leaf(self, recorded: str) -> str:
        """The leaf that a recorded code is counted in; `missing` for one that the dimension does not have."""
        found = self.counted_as.get(recorded, recorded)
        return found if found in self.leaves else self.missing

    def printed(self, coarse: bool) -> tuple[str, ...]:
        """The codes a table prints, besides the total: each leaf, or the coarser code that holds it."""
        if not coarse:
            return self.leaves
        inside = {leaf: code for code, parts in self.merged.items() for leaf in parts}
        return tuple(dict.fromkeys(inside.get(leaf, leaf) for leaf in self.leaves))

    def hierarchy(self) -> dict[str, tuple[str, ...]]:
        """{code: parts} as a release's specification writes it."""
        return {"Total": self.leaves, **self.merged}


@dataclass(frozen=True)
class PlannedTable:
    """One table of the plan, or a family of them: one table per entry of the list `over`, or a single one without it.

    `split_from`: dimension → how many persons must be behind the table for the dimension to be used at all.
    """

    id: str
    unit: str
    flows: tuple[str, ...]
    by: tuple[str, ...]
    family: str | None
    over: str | None
    titles: Mapping[str, str]
    split_from: Mapping[str, int] = field(default_factory=dict)

    def members(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """(table id, unit, dimensions) of each table."""
        if self.family is None:
            return [(self.id, self.unit, self.by)]
        if self.over is None:
            return [(self.id, f"{self.unit}:{self.family}", (*self.by, self.family))]
        answers = [f"{self.family}.{entry}" for entry in entries(self.over)]
        return [(f"{self.id}-{a.partition('.')[2]}", f"{self.unit}:{a}", (*self.by, a)) for a in answers]


@dataclass(frozen=True)
class PlannedFigure:
    """A share (of `codes` in everybody) or a median (over the bands `codes`), from one flow of one table."""

    kind: str
    table: str
    flow: str
    dimension: str
    codes: tuple[str, ...]
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Picture:
    """Bars from one flow of a table: a bar for each code of the dimension `along`, or for each table of a family those of `codes`."""

    table: str
    flow: str
    along: str
    codes: tuple[str, ...]
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One of the five questions of individual-based follow-up, and what is drawn for it."""

    titles: Mapping[str, str]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class TablePlan:
    """One version of the plan. `populations`: what is counted → its flows."""

    version: str
    populations: Mapping[str, tuple[str, ...]]
    dimensions: Mapping[str, Dimension]
    tables: tuple[PlannedTable, ...]
    audit: tuple[tuple[str, tuple[str, ...]], ...]
    words: Mapping[str, Mapping[str, Mapping[str, str]]]
    derived: tuple[PlannedFigure, ...] = ()
    questions: tuple[Question, ...] = ()

    def dimension(self, name: str) -> Dimension:
        """A dimension by its name; `need.school` is split as `need`."""
        return self.dimensions[name.partition(".")[0]]

    def label(self, dimension: str, code: str, language: str = "sv") -> str:
        """What a code is called."""
        if code == "Total":
            return self.words["total"]["total"][language]
        if dimension == "flow":
            return self.words["flows"][code][language]
        if dimension == "quarter":
            return code
        return self.dimension(dimension).labels[code][language]

    def table(self, id: str) -> PlannedTable | None:
        """The table with this id; None in a plan that has none."""
        return next((table for table in self.tables if table.id == id), None)


def entries(over: str) -> CodeList:
    """The list that a family has one table per entry of: a code list, or the statements about how it was experienced."""
    return statements(over) if over in (YOUTH, GUARDIAN) else codelist(over)


@cache
def table_plan(version: str = NEWEST) -> TablePlan:
    """A version of the plan; PlanRefused where there is none."""
    for path in sorted(_FOLDER.glob("tables_*.yaml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        if written["version"] == version:
            return read_plan(written)
    raise PlanRefused(f"there is no table plan {version!r}")


def read_plan(written: Mapping[str, Any]) -> TablePlan:
    """A plan as its file writes it; PlanRefused says what does not hold together."""
    unsaid = {} if "populations" in written else _FIRST_ANSWERS
    dimensions = {name: _dimension(name, unsaid.get(name, {}) | entry, written["unknown"]) for name, entry in written["dimensions"].items()}
    tables = tuple(
        PlannedTable(
            id, entry["unit"], tuple(entry["flows"]), tuple(entry["by"]), entry.get("family"), entry.get("over"),
            _titles(entry), entry.get("split_from", {}),
        )
        for id, entry in written["tables"].items()
    )  # fmt: skip
    plan = TablePlan(
        written["version"],
        {unit: tuple(flows) for unit, flows in written.get("populations", _FIRST_POPULATIONS).items()},
        dimensions,
        tables,
        tuple((entry["unit"], tuple(entry["by"])) for entry in written["audit"]),
        {"flows": written["flows"], "total": {"total": written["total"]}, "unknown": {"unknown": written["unknown"]}},
        tuple(_figure(entry) for entry in written.get("derived", ())),
        tuple(Question(_titles(entry), tuple(_picture(one) for one in entry["pictures"])) for entry in written.get("questions", ())),
    )
    for why in _contradictions(plan):
        raise PlanRefused(why)
    return plan


def _titles(entry: Mapping[str, Any]) -> dict[str, str]:
    return {language: entry[language] for language in ("sv", "en")}


def _figure(entry: Mapping[str, Any]) -> PlannedFigure:
    kind = "share" if "share" in entry else "median"
    return PlannedFigure(kind, entry["table"], entry["flow"], entry["of"], tuple(entry[kind]), _titles(entry))


def _picture(entry: Mapping[str, Any]) -> Picture:
    return Picture(entry["table"], entry["flow"], entry.get("along", ""), tuple(entry.get("each", ())), _titles(entry))


def _contradictions(plan: TablePlan) -> list[str]:
    found = []
    whose = [(unit, flow) for unit, flows in plan.populations.items() for flow in flows]
    twice = sorted({flow for _, flow in whose if [f for _, f in whose].count(flow) > 1})
    found += [f"the flow {flow!r} is counted in two populations: one system counts one population" for flow in twice]
    for table in plan.tables:
        mine = plan.populations.get(table.unit)
        if mine is None:
            found.append(f"table {table.id} counts {table.unit!r}, which is no population of the plan")
            continue
        found += [
            f"table {table.id} counts {table.unit}, but its flow {flow!r} is of another population: one system counts one population"
            for flow in table.flows
            if flow not in mine
        ]
        missing = {name.partition(".")[0] for _, _, by in table.members() for name in by} - set(plan.dimensions)
        found += [f"the plan has no dimension {name!r} for table {table.id}" for name in sorted(missing)]
        found += [f"table {table.id} has no dimension {name!r} to leave out" for name in sorted(set(table.split_from) - set(table.by))]
    used = [(one.table, one.flow, one.dimension) for one in plan.derived]
    used += [(one.table, one.flow, one.along) for question in plan.questions for one in question.pictures]
    for id, flow, name in used:
        drawn = plan.table(id)
        if drawn is None or flow not in drawn.flows or (name and name not in (*drawn.by, drawn.family)):
            found.append(f"something is derived from table {id}, flow {flow!r}, by {name!r}, which the plan does not have")
    found += [f"{unit!r} is to be looked into, but is no population of the plan" for unit, _ in plan.audit if unit not in plan.populations]
    return found


def _dimension(name: str, entry: Mapping[str, Any], unknown: Mapping[str, str]) -> Dimension:
    counted_as: dict[str, str] = {}
    if "groups" in entry:
        groups = entry["groups"]
        counted_as = {part: code for code, group in groups.items() for part in group["parts"]}
        whole = codelist(entry.get("of", "InterventionType"))
        if missing := sorted(set(whole) - set(counted_as)):
            raise PlanRefused(f"the table plan has no group of {name!r} for {', '.join(missing)}")
        labels = {code: {"sv": group["sv"], "en": group["en"]} for code, group in groups.items()}
    elif "bands" in entry:
        labels = {code: dict(words) for code, words in entry["bands"].items()}
    else:
        labels = {code: {"sv": words.sv, "en": words.en} for code, words in codelist(entry["codes"]).items()}
    if entry.get("unknown"):
        labels[UNKNOWN] = dict(unknown)
    leaves = tuple(labels)
    merged = {code: tuple(group["parts"]) for code, group in entry.get("merged", {}).items()}
    _check_merged(name, leaves, merged)
    labels |= {code: {"sv": group["sv"], "en": group["en"]} for code, group in entry.get("merged", {}).items()}
    return Dimension(
        name,
        leaves,
        merged,
        labels,
        bool(entry.get("ordered")),
        tuple(entry.get("only_with_unknown", ())),
        entry.get("missing", UNKNOWN),
        entry.get("untold", UNKNOWN),
        counted_as,
    )


def _check_merged(name: str, leaves: Sequence[str], merged: Mapping[str, Sequence[str]]) -> None:
    placed = [leaf for parts in merged.values() for leaf in parts]
    if len(placed) != len(set(placed)) or not set(placed) <= set(leaves) or set(merged) & set(leaves):
        raise PlanRefused(f"the table plan merges the codes of {name!r} twice or merges codes that it does not have")
