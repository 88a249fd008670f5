"""The linear system of a population: one unknown per joint cell, one row per number that is known.

One system counts one population: it refuses a second one.

This module answers: which assignments of everybody to joint cells agree with what was printed and with the public facts? It covers
all tables of all releases at once, because a reader has all of them on the desk at once. It promises that printed numbers, facts
and family links are all in the rows; a joint cell that is structurally impossible has no unknown. It hides nothing and solves
nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.tables import Cell, Inconsistent, Key, MixedPopulations, Printed, Spec, Table, World, base_unit, cell, key

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """A sum of unknowns with whole-number factors: a cell, a difference between cells, a fact."""

    at: Ints
    factors: Ints

    def value(self, world: Ints) -> int:
        """What the sum comes to in one world."""
        return int(self.factors @ world[self.at])

    def minus(self, other: Form) -> Form:
        """The difference between two sums."""
        totals: dict[int, int] = defaultdict(int)
        for at, factor in zip(self.at.tolist(), self.factors.tolist(), strict=True):
            totals[at] += factor
        for at, factor in zip(other.at.tolist(), other.factors.tolist(), strict=True):
            totals[at] -= factor
        kept = {at: factor for at, factor in sorted(totals.items()) if factor}
        return Form(np.array(list(kept), dtype=np.int64), np.array(list(kept.values()), dtype=np.int64))


@dataclass(frozen=True)
class Row:
    """A form with its public bounds; None means no bound."""

    form: Form
    lo: int | None
    hi: int | None


class System:
    """All unknowns of the population that the tables, the facts and the audit speak about."""

    def __init__(self, tables: Iterable[Table | Printed], spec: Spec) -> None:
        self.spec = spec
        self._dimensions: dict[str, dict[str, None]] = defaultdict(dict)
        self._settings: dict[str, dict[Cell, None]] = defaultdict(dict)
        tables = tuple(tables)
        for table in tables:
            for codes in table.counts:
                self._mention(*key(table.unit, codes))
                self._mention(table.unit, codes)
        for fact in spec.facts:
            for _, codes in fact.terms:
                self._mention(*key(fact.unit, codes))
        for unit, dimensions in spec.audit:
            self._dimensions[unit].update((d, None) for d in dimensions if not spec.is_setting(d))
        if len(counted := {base_unit(unit) for unit in self._dimensions}) > 1:
            raise MixedPopulations(f"one system counts one population, these tables count {' and '.join(sorted(counted))}")
        self.cells: list[tuple[str, Cell]] = []
        self._codes: dict[str, dict[str, NDArray[np.str_]]] = {}
        self._first: dict[str, int] = {}
        for unit in self._dimensions:
            self._enumerate(unit)
        self._forms: dict[Key, Form] = {}

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return len(self.cells)

    @cached_property
    def place(self) -> dict[tuple[str, Cell], int]:
        """Joint cell → the number of its unknown."""
        return {where: at for at, where in enumerate(self.cells)}

    def _mention(self, unit: str, codes: Cell) -> None:
        here = dict(codes)
        self._dimensions[unit].update((d, None) for d in here if not self.spec.is_setting(d))
        self._settings[unit][self.spec.setting_of(codes)] = None
        if base_unit(unit) != unit:  # what a family is crossed with is a margin of its base
            answer = unit.partition(":")[2]
            self._mention(base_unit(unit), cell((d, c) for d, c in codes if d != answer))

    def _enumerate(self, unit: str) -> None:
        dimensions = sorted(self._dimensions[unit])
        self._first[unit] = len(self.cells)
        leaves = [self.spec.leaves(d) for d in dimensions]
        zeros = [{d: set(self.spec.leaves(d, c)) for d, c in zero} for zero in self.spec.structural_zeros]
        for setting in self._settings[unit]:
            for combination in product(*leaves):
                codes = dict(zip(dimensions, combination, strict=True)) | dict(setting)
                if not any(all(codes.get(d) in parts for d, parts in zero.items()) for zero in zeros):
                    self.cells.append((unit, cell(codes)))
        mine = [dict(codes) for _, codes in self.cells[self._first[unit] :]]
        names = {d for codes in mine for d in codes}
        self._codes[unit] = {d: np.array([codes.get(d, "") for codes in mine], dtype=np.str_) for d in names}

    def form(self, unit: str, codes: Cell) -> Form:
        """The unknowns that a cell is the sum of."""
        where = key(unit, codes)
        if where not in self._forms:
            self._forms[where] = self.sum_in(*where)
        return self._forms[where]

    def sum_in(self, unit: str, codes: Cell) -> Form:
        """The same cell in the unknowns of one population, also where its key would name the base of a family."""
        columns = self._codes.get(unit)
        if columns is None:
            raise Inconsistent(f"nothing is known about the population {unit!r}")
        chosen = np.ones(len(next(iter(columns.values()))), dtype=bool)
        for dimension, code in codes:
            parts = self.spec.leaves(dimension, code)
            if len(parts) == 1:
                chosen &= columns[dimension] == parts[0]
            else:
                chosen &= np.isin(columns[dimension], parts)
        at = np.flatnonzero(chosen) + self._first[unit]
        return Form(at, np.ones(len(at), dtype=np.int64))

    def world(self, counts: World) -> Ints:
        """A full assignment as a vector; Inconsistent if it puts people where nobody can be."""
        vector = np.zeros(self.size, dtype=np.int64)
        for unit, cells in counts.items():
            for codes, number in cells.items():
                setting = self.spec.setting_of(codes)
                if number and setting in self._settings.get(unit, {}):
                    joint = cell((d, c) for d, c in codes if d in self._dimensions[unit] or self.spec.is_setting(d))
                    if (unit, joint) not in self.place:
                        raise Inconsistent(f"people of {unit!r} are counted where nobody can be: {dict(joint)}")
                    vector[self.place[unit, joint]] += number
        return vector

    @cached_property
    def fact_rows(self) -> list[Row]:
        """The declared public facts."""
        rows = []
        for fact in self.spec.facts:
            totals: dict[int, int] = defaultdict(int)
            for factor, codes in fact.terms:
                for at in self.form(fact.unit, codes).at.tolist():
                    totals[at] += factor
            kept = {at: factor for at, factor in sorted(totals.items()) if factor}
            form = Form(np.array(list(kept), dtype=np.int64), np.array(list(kept.values()), dtype=np.int64))
            rows.append(Row(form, fact.lo, fact.hi))
        return rows

    def rows(self, known: Mapping[Key, int | None]) -> list[Row]:
        """Everything a reader can write down: the printed numbers, the family links and the facts."""
        rows = [Row(self.form(*where), count, count) for where, count in known.items() if count is not None]
        return rows + self._links(known) + self.fact_rows

    def _links(self, known: Mapping[Key, int | None]) -> list[Row]:
        """A family's persons are the persons of its base. Where the base is printed, the link is that number: families part."""
        rows = []
        for unit in self._dimensions:
            if base_unit(unit) == unit:
                continue
            answer = unit.partition(":")[2]
            shared = [d for d in sorted(self._dimensions[unit]) if d != answer]
            for setting in self._settings[unit]:
                for combination in product(*(self.spec.leaves(d) for d in shared)):
                    codes = cell(dict(zip(shared, combination, strict=True)) | dict(setting))
                    mine, base = self.sum_in(unit, codes), self.form(base_unit(unit), codes)
                    count = known.get((base_unit(unit), codes))
                    if count is not None:
                        rows.append(Row(mine, count, count))
                    elif len(mine.at) or len(base.at):
                        rows.append(Row(mine.minus(base), 0, 0))
        return rows

    @cached_property
    def blocks(self) -> list[Ints]:
        """The unknowns by population, a family's also by setting: the neighbourhoods in which a small change can live."""
        groups: dict[tuple[str, Cell], list[int]] = defaultdict(list)
        for at, (unit, codes) in enumerate(self.cells):
            settings = self.spec.setting_of(codes) if base_unit(unit) != unit else ()
            groups[unit, settings].append(at)
        return [np.array(group, dtype=np.int64) for group in groups.values()]


def only_true_facts(spec: Spec, counts: World) -> Spec:
    """The specification without the facts that are not true in these counts: only the truth may be told to the public."""
    system = System((), spec)
    world = system.world(counts)
    kept = zip(spec.facts, system.fact_rows, strict=True)
    return replace(spec, facts=tuple(fact for fact, row in kept if disagreement([row], world) is None))


def disagreement(rows: Sequence[Row], world: Ints) -> Row | None:
    """The first row a world breaks, None if it agrees with all of them and is nowhere negative."""
    if len(world) and int(world.min()) < 0:
        return Row(Form(np.array([int(world.argmin())]), np.array([1])), 0, None)
    for row in rows:
        value = row.form.value(world)
        if (row.lo is not None and value < row.lo) or (row.hi is not None and value > row.hi):
            return row
    return None


class Sums:
    """Many forms laid end to end, so that they are read at once.

    `at` and `factors` hold all their terms, `owner` the number of the form that each term belongs to.
    """

    def __init__(self, at: Ints, factors: Ints, lengths: Ints) -> None:
        self.at, self.factors = at, factors
        self.owner = np.repeat(np.arange(len(lengths)), lengths)
        self._lengths = lengths
        self._filled = lengths > 0
        self._starts = (np.cumsum(lengths) - lengths)[self._filled]

    @classmethod
    def of(cls, forms: Sequence[Form]) -> Sums:
        """These forms, in the order given."""
        nothing = np.zeros(0, dtype=np.int64)
        return cls(
            np.concatenate([nothing, *(form.at for form in forms)]),
            np.concatenate([nothing, *(form.factors for form in forms)]),
            np.array([len(form.at) for form in forms], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self._lengths)

    def among(self, chosen: NDArray[np.bool_]) -> Sums:
        """The chosen forms alone."""
        terms = chosen[self.owner]
        return Sums(self.at[terms], self.factors[terms], self._lengths[chosen])

    def forms(self) -> list[Form]:
        """They one by one, in the order given."""
        ends = np.cumsum(self._lengths)
        places = zip((ends - self._lengths).tolist(), ends.tolist(), strict=True)
        return [Form(self.at[begin:end], self.factors[begin:end]) for begin, end in places]

    def values(self, world: Ints) -> Ints:
        """What each form comes to in one world, in the order given."""
        result = np.zeros(len(self), dtype=np.int64)
        if len(self._starts):
            result[self._filled] = np.add.reduceat(world[self.at] * self.factors, self._starts)
        return result


@dataclass(frozen=True)
class Bounds:
    """Many rows laid end to end; an infinite bound is none."""

    sums: Sums
    lo: Floats
    hi: Floats

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Bounds:
        """These rows, in the order given."""
        return cls(
            Sums.of([row.form for row in rows]),
            np.array([-np.inf if row.lo is None else row.lo for row in rows], dtype=np.float64),
            np.array([np.inf if row.hi is None else row.hi for row in rows], dtype=np.float64),
        )

    def hold(self, world: Ints) -> bool:
        """True if a world breaks no row and nobody is counted negatively."""
        values = self.sums.values(world)
        return bool((values >= self.lo).all() and (values <= self.hi).all() and (not len(world) or world.min() >= 0))


def components(size: int, of: Iterable[Sums]) -> Ints:
    """For each unknown the number of its component: unknowns in different components share no form."""
    parent = list(range(size))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for sums in of:
        same = sums.owner[1:] == sums.owner[:-1]
        for one, other in zip(sums.at[:-1][same].tolist(), sums.at[1:][same].tolist(), strict=True):
            parent[root(other)] = root(one)
    return np.array([root(at) for at in range(size)], dtype=np.int64)
