"""Tables as values: cells, what the numbers mean to each other, and the policy.

This module answers: which count is meant, and when are two counts in different tables the same one? A cell is a set of
(dimension, code) pairs; a dimension that is not named stands at its total. Two cells with the same pairs and the same population
are one cell, whatever table prints them. A unit is a population; a family unit such as `persons:need.school` counts the persons of
`persons` by one more answer, the dimension `need.school`, and its cells without that answer are cells of `persons`.

It promises that a table which does not fit its specification is refused. It decides nothing about hiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

TOTAL = "Total"
HIDDEN = "X"
UNITS = frozenset({"persons", "interventions", "meetings", "commitments", "goals"})

Cell = tuple[tuple[str, str], ...]
Key = tuple[str, Cell]
"""A cell in its own population: two printed numbers with the same key are the same number."""

World = dict[str, dict[Cell, int]]
"""Unit → joint cell → count: one full assignment of everybody. The true one is a world like any other."""


class Inconsistent(Exception):
    """Numbers that cannot all be true at once, or that contradict what was already published."""


class UnknownTable(Exception):
    """A table of a kind for which no protection is defined; it is refused, never passed."""


class MixedPopulations(UnknownTable):
    """Two populations in one system: a sum of persons and meetings means nothing, so nothing that follows from it would be a proof."""


def cell(codes: Mapping[str, str] | Iterable[tuple[str, str]]) -> Cell:
    """The cell of these codes, with totals left out and the dimensions in order."""
    pairs = codes.items() if isinstance(codes, Mapping) else codes
    return tuple(sorted((dimension, code) for dimension, code in pairs if code != TOTAL))


def base_unit(unit: str) -> str:
    """The population a family unit belongs to; any other unit itself."""
    return unit.partition(":")[0]


def key(unit: str, codes: Cell) -> Key:
    """The cell in the population that it counts: without the family's own answer it is a cell of the base."""
    answer = unit.partition(":")[2]
    if answer and answer not in dict(codes):
        return base_unit(unit), codes
    return unit, codes


@dataclass(frozen=True)
class Policy:
    """How strong the protection is. Constants of a release, never functions of a hidden value.

    A cell keeps what the first release of its quarter promised: `before` names (quarter, threshold, width) of those that promised
    something else. A later, stricter policy cannot open what was printed under an earlier one, and a weaker one may not narrow it.
    """

    threshold: int = 5  # a count of 1 … threshold-1 is small
    width: int = 3  # nobody may bound a protected count in a shorter interval
    merge_below: int = 30  # persons; with fewer, finer levels are merged before anything is hidden
    total_below: int = 10  # persons; with fewer, only the total is printed
    seconds: float = 30.0  # per question to the solver; when it ends more is hidden, never less
    before: tuple[tuple[str, int, int], ...] = ()
    cost: Literal["count", "value"] = "count"  # what hiding a number costs: see `costs`
    weights: Mapping[str, int] = field(default_factory=dict)  # table → how much dearer its numbers are; 1 where nothing is said
    search_seconds: float | None = None  # for the proof that nothing less could be hidden, in all; None: no such search

    def __post_init__(self) -> None:
        object.__setattr__(self, "before", tuple((quarter, threshold, width) for quarter, threshold, width in self.before))
        if self.threshold < 3 or self.width < 2 or self.width >= self.threshold:
            raise ValueError("the policy needs threshold >= 3 and 2 <= width < threshold")
        if not self.threshold <= self.total_below <= self.merge_below:
            raise ValueError("the policy needs threshold <= total_below <= merge_below")
        if any(threshold > self.threshold or width > self.width for _, threshold, width in self.before):
            raise ValueError("the policy promises less than a release before it")
        if self.seconds <= 0:
            raise ValueError("the policy needs time to compute")
        if self.search_seconds is not None and not self.search_seconds > 0:
            raise ValueError("the search for the optimum needs time: a number of seconds above zero, or None to go without it")
        if self.cost not in ("count", "value") or any(weight < 1 for weight in self.weights.values()):
            raise ValueError("hiding costs by count or by value, and a table's weight is a whole number from 1")

    def promised(self, codes: Cell) -> tuple[int, int]:
        """(threshold, width) of a cell."""
        quarter = dict(codes).get("quarter")
        return next(((threshold, width) for when, threshold, width in self.before if when == quarter), (self.threshold, self.width))

    def is_small(self, count: int, codes: Cell = ()) -> bool:
        """True if the count, of this cell, points at few people: at least one, fewer than the threshold."""
        return 1 <= count < self.promised(codes)[0]


@dataclass(frozen=True)
class Fact:
    """A public relation: lo ≤ sum of factor × count ≤ hi. None means no bound."""

    unit: str
    terms: tuple[tuple[int, Cell], ...]
    lo: int | None = None
    hi: int | None = None


@dataclass(frozen=True)
class Spec:
    """What the numbers mean to each other; everything here is public and goes into the bundle.

    `hierarchies` {dimension: {code: parts}}: the leaves below `Total` share the population among them. A dimension without `Total`
    (quarter, flow) is a setting: every cell names it, and its codes are never summed. `structural_zeros` are cells where nobody can
    be. `audit` names the crosses that are never printed but protected all the same, as (unit, dimensions).
    """

    hierarchies: Mapping[str, Mapping[str, tuple[str, ...]]]
    structural_zeros: tuple[Cell, ...] = ()
    facts: tuple[Fact, ...] = ()
    audit: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def is_setting(self, dimension: str) -> bool:
        """True for a dimension whose codes are not parts of a whole."""
        return TOTAL not in self.hierarchies.get(dimension, {})

    def setting_of(self, codes: Cell) -> Cell:
        """The part of a cell that says in which quarter and flow it is counted."""
        return cell((d, c) for d, c in codes if self.is_setting(d))

    def leaves(self, dimension: str, code: str = TOTAL) -> tuple[str, ...]:
        """The finest codes a code consists of; a code without parts is its own leaf."""
        parts = self.hierarchies.get(dimension, {}).get(code)
        if parts is None:
            return (code,)
        return tuple(leaf for part in parts for leaf in self.leaves(dimension, part))

    def of(self, population: str) -> Spec:
        """What it says of one population: facts and crosses of that one alone. Words and impossible cells are for all."""
        facts = tuple(fact for fact in self.facts if base_unit(fact.unit) == population)
        return replace(self, facts=facts, audit=tuple(one for one in self.audit if base_unit(one[0]) == population))

    def merged(self, other: Spec) -> Spec:
        """Both specifications as one; Inconsistent if a code would mean two things."""
        hierarchies = {dimension: dict(codes) for dimension, codes in self.hierarchies.items()}
        for dimension, codes in other.hierarchies.items():
            mine = hierarchies.setdefault(dimension, {})
            for code, parts in codes.items():
                if set(mine.setdefault(code, parts)) != set(parts):
                    raise Inconsistent(f"the code {code!r} of {dimension!r} has two meanings in two releases")
        return Spec(
            hierarchies,
            tuple(dict.fromkeys(self.structural_zeros + other.structural_zeros)),
            tuple(dict.fromkeys(self.facts + other.facts)),
            tuple(dict.fromkeys(self.audit + other.audit)),
        )

    def as_json(self) -> dict[str, Any]:
        """The specification in the bundle's own words."""
        return {
            "hierarchies": {d: {code: list(parts) for code, parts in codes.items()} for d, codes in self.hierarchies.items()},
            "structural_zeros": [dict(zero) for zero in self.structural_zeros],
            "facts": [
                {"unit": f.unit, "terms": [[factor, dict(c)] for factor, c in f.terms], "lo": f.lo, "hi": f.hi} for f in self.facts
            ],
            "audit": [list(dimensions) for _, dimensions in self.audit],
            "audit_units": [unit for unit, _ in self.audit],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Spec:
        """The specification that `as_json` wrote."""
        return cls(
            {d: {code: tuple(parts) for code, parts in codes.items()} for d, codes in stored["hierarchies"].items()},
            tuple(cell(zero) for zero in stored["structural_zeros"]),
            tuple(
                Fact(f["unit"], tuple((factor, cell(c)) for factor, c in f["terms"]), f["lo"], f["hi"]) for f in stored["facts"]
            ),
            tuple((unit, tuple(dims)) for unit, dims in zip(stored["audit_units"], stored["audit"], strict=True)),
        )


@dataclass(frozen=True)
class Table:
    """A true table before protection: which cells are to be printed, and their counts. Never leaves the house."""

    id: str
    unit: str
    dimensions: tuple[str, ...]
    counts: Mapping[Cell, int]
    contributors: Mapping[Cell, int] = field(default_factory=dict)  # persons behind a count of something else

    def check(self, spec: Spec) -> None:
        """Raises UnknownTable unless protection is defined for exactly this kind of table."""
        if base_unit(self.unit) not in UNITS:
            raise UnknownTable(f"table {self.id} counts {self.unit!r}, for which there is no protection")
        answer = self.unit.partition(":")[2]
        if answer and answer not in self.dimensions:
            raise UnknownTable(f"table {self.id} of {self.unit!r} does not carry the answer {answer!r}")
        settings = {d for d in self.dimensions if spec.is_setting(d)}
        if len(self.dimensions) - len(settings) > 2:
            raise UnknownTable(f"table {self.id} has more than two dimensions besides its settings")
        for codes, count in self.counts.items():
            if not {d for d, _ in codes} <= set(self.dimensions) or not settings <= {d for d, _ in codes}:
                raise UnknownTable(f"table {self.id} has a cell that its dimensions do not describe")
            for dimension, code in codes:
                if dimension not in settings and not set(spec.leaves(dimension, code)) <= set(spec.leaves(dimension)):
                    raise UnknownTable(f"table {self.id} uses the code {code!r} that {dimension!r} does not have")
            if count < 0:
                raise Inconsistent(f"table {self.id} has a negative count")


@dataclass(frozen=True)
class Printed:
    """A table as anybody may read it: a count, or None where X is printed."""

    id: str
    unit: str
    dimensions: tuple[str, ...]
    counts: Mapping[Cell, int | None]


@dataclass(frozen=True)
class Release:
    """Everything one release told the world: its tables and what they mean to each other."""

    label: str
    tables: tuple[Printed, ...]
    spec: Spec

    def of(self, population: str) -> Release:
        """What it told of one population."""
        return Release(self.label, tuple(t for t in self.tables if base_unit(t.unit) == population), self.spec.of(population))


def populations(tables: Iterable[Table | Printed]) -> tuple[str, ...]:
    """The populations that the tables count, each once."""
    return tuple(dict.fromkeys(base_unit(table.unit) for table in tables))


def world_of(world: World, population: str) -> World:
    """The true counts of one population."""
    return {unit: cells for unit, cells in world.items() if base_unit(unit) == population}


def published(releases: Iterable[Release]) -> dict[Key, int | None]:
    """Every cell ever printed and its only status; Inconsistent if two releases disagree."""
    known: dict[Key, int | None] = {}
    for release in releases:
        for table in release.tables:
            for codes, count in table.counts.items():
                where = key(table.unit, codes)
                if known.setdefault(where, count) != count:
                    raise Inconsistent(f"release {release.label} contradicts an earlier number in table {table.id}: {dict(codes)}")
    return known
