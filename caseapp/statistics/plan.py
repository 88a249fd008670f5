"""Which tables does a year give?

The table plan is data (`codelists/tables_2026.yaml`), frozen for the year and named in every release. This module reads it and
answers which codes a dimension has, what they consist of, and what they are called. It promises that a plan that contradicts itself
is refused when it is read, and it counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from caseapp.codelists import codelist

UNKNOWN = "unknown"
NEWEST = "2026"


@dataclass(frozen=True)
class Dimension:
    """One way to split people: its leaves, the coarser codes made of them, and whether the leaves have an order."""

    name: str
    leaves: tuple[str, ...]
    merged: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Mapping[str, str]]
    ordered: bool = False
    only_with_unknown: tuple[str, ...] = ()

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
    """One table of the plan, or a family of them: one table per entry of the list `over`."""

    id: str
    unit: str
    flows: tuple[str, ...]
    by: tuple[str, ...]
    family: str | None
    over: str | None
    titles: Mapping[str, str]

    def members(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """(table id, unit, dimensions) of each table."""
        if self.family is None or self.over is None:
            return [(self.id, self.unit, self.by)]
        answers = [f"{self.family}.{entry}" for entry in codelist(self.over)]
        return [(f"{self.id}-{a.partition('.')[2]}", f"{self.unit}:{a}", (*self.by, a)) for a in answers]


@dataclass(frozen=True)
class TablePlan:
    """The plan of one year."""

    version: str
    dimensions: Mapping[str, Dimension]
    tables: tuple[PlannedTable, ...]
    audit: tuple[tuple[str, tuple[str, ...]], ...]
    words: Mapping[str, Mapping[str, Mapping[str, str]]]

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


@cache
def table_plan(year: str = NEWEST) -> TablePlan:
    """The plan of a year."""
    path = Path(__file__).parent.parent / "codelists" / f"tables_{year}.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    dimensions = {name: _dimension(name, entry, written["unknown"]) for name, entry in written["dimensions"].items()}
    tables = tuple(
        PlannedTable(
            id, entry["unit"], tuple(entry["flows"]), tuple(entry["by"]), entry.get("family"), entry.get("over"),
            {language: entry[language] for language in ("sv", "en")},
        )
        for id, entry in written["tables"].items()
    )  # fmt: skip
    for table in tables:
        if not {name.partition(".")[0] for _, _, by in table.members() for name in by} <= set(dimensions):
            raise ValueError(f"the table plan {year} has no dimension for table {table.id}")
    return TablePlan(
        written["version"],
        dimensions,
        tables,
        tuple((entry["unit"], tuple(entry["by"])) for entry in written["audit"]),
        {"flows": written["flows"], "total": {"total": written["total"]}, "unknown": {"unknown": written["unknown"]}},
    )


def _dimension(name: str, entry: Mapping[str, Any], unknown: Mapping[str, str]) -> Dimension:
    if "groups" in entry:
        labels = {code: {"sv": group["sv"], "en": group["en"]} for code, group in entry["groups"].items()}
    else:
        labels = {code: {"sv": words.sv, "en": words.en} for code, words in codelist(entry["codes"]).items()}
    if entry.get("unknown"):
        labels[UNKNOWN] = dict(unknown)
    leaves = tuple(labels)
    merged = {code: tuple(group["parts"]) for code, group in entry.get("merged", {}).items()}
    placed = [leaf for parts in merged.values() for leaf in parts]
    if len(placed) != len(set(placed)) or not set(placed) <= set(leaves):
        raise ValueError(f"the table plan merges the codes of {name!r} twice or merges codes that it does not have")
    labels |= {code: {"sv": group["sv"], "en": group["en"]} for code, group in entry.get("merged", {}).items()}
    return Dimension(name, leaves, merged, labels, bool(entry.get("ordered")), tuple(entry.get("only_with_unknown", ())))


def type_group(intervention_type: str, year: str = NEWEST) -> str:
    """The group of intervention types that a type is counted in."""
    return _type_groups(year)[intervention_type]


@cache
def _type_groups(year: str) -> dict[str, str]:
    path = Path(__file__).parent.parent / "codelists" / f"tables_{year}.yaml"
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["dimensions"]["type"]["groups"]
    inside = {member: code for code, group in groups.items() for member in group["parts"]}
    missing = set(codelist("InterventionType")) - set(inside)
    if missing:
        raise ValueError(f"the table plan {year} has no group for {sorted(missing)}")
    return inside
