"""The optimum of hiding by trying everything: each set of cells, each world. Plain on purpose; it knows no solver and no cut.

A plan is small: at most eight joint cells. Every assignment of people that moves each joint cell by a few is written down; for each set of
hidden cells those that agree with the rest are looked at. Only the description of the promise is shared with the application.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

import numpy as np

from caseapp.disclosure import Fact, Policy, Release, Spec, Table, cell, protect

WIDTH, THRESHOLD = 3, 5
LEAPS = 4  # how far a joint cell is moved; more than the width


@dataclass
class Plan:
    """Joint cells with their counts; the tables to print, each as its dimensions; what is known; relations; crosses to protect."""

    joint: dict[tuple[tuple[str, str], ...], int]
    tables: list[tuple[str, ...]]
    known: dict[tuple[tuple[str, str], ...], int | None] = field(default_factory=dict)
    facts: list[tuple[tuple[tuple[int, dict[str, str]], ...], int | None, int | None]] = field(default_factory=list)
    cross: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    earlier: list[Release] = field(default_factory=list)
    before: list[tuple[str, ...]] = field(default_factory=list)

    def codes(self, dimension: str) -> list[str]:
        return sorted({dict(where)[dimension] for where in self.joint})

    def spec(self) -> Spec:
        names = sorted({d for where in self.joint for d, _ in where})
        parts = {name: {} if name in self.settings else {"Total": tuple(self.codes(name))} for name in names}
        facts = tuple(Fact("persons", tuple((n, cell(c)) for n, c in terms), lo, hi) for terms, lo, hi in self.facts)
        return Spec(parts, (), facts, (("persons", self.cross),) if self.cross else ())

    def count(self, codes: dict[str, str]) -> int:
        return sum(n for where, n in self.joint.items() if codes.items() <= dict(where).items())

    def printed(self, dimensions: tuple[str, ...]) -> dict[tuple[tuple[str, str], ...], int]:
        choices = [self.codes(d) if d in self.settings else ["Total", *self.codes(d)] for d in dimensions]
        found = {}
        for combination in itertools.product(*choices):
            codes = {d: c for d, c in zip(dimensions, combination, strict=True) if c != "Total"}
            if any(codes.items() <= dict(where).items() for where in self.joint):
                found[cell(codes)] = self.count(codes)
        return found

    def new_tables(self) -> list[Table]:
        return [Table(f"T{at}", "persons", by, self.printed(by)) for at, by in enumerate(self.tables)]

    def world(self) -> dict:
        return {"persons": {cell(dict(where)): n for where, n in self.joint.items()}}


class BruteForce:
    """Everything there is to know about a plan: for each set of hidden cells the worlds a reader is left with."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.places = list(plan.joint)
        worlds = np.zeros((0, 1), dtype=np.int16)
        for number, where in enumerate(self.places, start=1):
            steps = np.arange(max(0, plan.joint[where] - LEAPS), plan.joint[where] + LEAPS + 1, dtype=np.int16)
            worlds = np.concatenate([np.repeat(worlds, len(steps), axis=1), np.tile(steps, worlds.shape[1])[None]])
            worlds = worlds[:, self._agree(worlds, number)]
        self.cells = [c for c in {c: None for by in plan.tables for c in plan.printed(by)} if plan.known.get(c) is None]
        self.counts = [plan.count(dict(c)) for c in self.cells]
        moved = np.zeros(worlds.shape[1], dtype=np.int64)
        for at, (codes, count) in enumerate(zip(self.cells, self.counts, strict=True)):
            moved |= (self._sum(worlds, dict(codes)) != count).astype(np.int64) << at
        order = np.argsort(moved, kind="stable")
        self._worlds = worlds[:, order]
        self._masks, self._starts = np.unique(moved[order], return_index=True)

    def _agree(self, worlds: np.ndarray, number: int) -> np.ndarray:
        """Whether assignments to the first joint cells keep what is known about those alone; each is asked when its last one is there."""
        kept = np.ones(worlds.shape[1], dtype=bool)
        known = [(((1, dict(codes)),), n, n) for codes, n in self.plan.known.items() if n is not None]
        for terms, lo, hi in (*known, *self.plan.facts):
            within = [at for at, where in enumerate(self.places) if any(codes.items() <= dict(where).items() for _, codes in terms)]
            if within and within[-1] == number - 1:
                value = sum(factor * self._sum(worlds, codes) for factor, codes in terms)
                kept &= (value >= lo) if lo is not None else True
                kept &= (value <= hi) if hi is not None else True
        return kept

    def _sum(self, worlds: np.ndarray, codes: dict[str, str]) -> np.ndarray:
        inside = [at for at, where in enumerate(self.places[: len(worlds)]) if codes.items() <= dict(where).items()]
        return worlds[inside].sum(axis=0, dtype=np.int16)

    def _range(self, codes: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
        """(lowest, highest) value for each set of hidden cells."""
        values = self._sum(self._worlds, codes)
        size = 1 << len(self.cells)
        lo, hi = np.full(size, 99, dtype=np.int16), np.full(size, -99, dtype=np.int16)
        lo[self._masks] = np.minimum.reduceat(values, self._starts)
        hi[self._masks] = np.maximum.reduceat(values, self._starts)
        return self._spread(lo, np.minimum), self._spread(hi, np.maximum)

    def _spread(self, values: np.ndarray, join: np.ufunc) -> np.ndarray:
        """From sets of moved cells to all sets that contain one."""
        for at in range(len(self.cells)):
            halves = values.reshape(-1, 2, 1 << at)
            halves[:, 1] = join(halves[:, 1], halves[:, 0])
        return values

    def safe(self) -> np.ndarray:
        """For each set of hidden cells (a number with a bit for each) whether it may be published."""
        size = 1 << len(self.cells)
        sets = np.arange(size)
        good = np.ones(size, dtype=bool)
        for at, (codes, count) in enumerate(zip(self.cells, self.counts, strict=True)):
            lo, hi = self._range(dict(codes))
            is_hidden = (sets >> at & 1).astype(bool)
            if 1 <= count < THRESHOLD:
                good &= is_hidden & (hi - lo >= WIDTH)
            else:
                good &= ~is_hidden | (hi - lo >= WIDTH) | (hi == lo)
        for codes, number in self.plan.known.items():
            if number is None and 1 <= self.plan.count(dict(codes)) < THRESHOLD:
                lo, hi = self._range(dict(codes))
                good &= hi - lo >= WIDTH
        if self.plan.cross:
            for where in {cell((d, c) for d, c in place if d in self.plan.cross) for place in self.places}:
                if 1 <= self.plan.count(dict(where)) < THRESHOLD:
                    lo, hi = self._range(dict(where))
                    good &= (hi - lo >= WIDTH) & ((lo == 0) | (hi >= THRESHOLD))
        for by in (*self.plan.tables, *self.plan.before):
            good &= self._groups(by)
        return good

    def _groups(self, by: tuple[str, ...]) -> np.ndarray:
        """Whether every row and column in which all gave one answer could have had two."""
        good = np.ones(1 << len(self.cells), dtype=bool)
        for asked in by:
            if asked in self.plan.settings or len(self.plan.codes(asked)) < 2:
                continue
            for codes in self.plan.printed(tuple(d for d in by if d != asked)):
                answers = {code: self.plan.count({**dict(codes), asked: code}) for code in self.plan.codes(asked)}
                if sum(n > 0 for n in answers.values()) == 1:
                    given = sum(self._sum(self._worlds, {**dict(codes), asked: code}) > 0 for code in answers)
                    mixed = np.zeros(len(good), dtype=bool)
                    mixed[self._masks] = np.logical_or.reduceat(given >= 2, self._starts)
                    good &= self._spread(mixed, np.logical_or)
        return good

    def told(self) -> np.ndarray:
        """For each set whether it hides a number that follows from the rest: such an X hides nothing, and can be printed again."""
        sets = np.arange(1 << len(self.cells))
        vain = np.zeros(len(sets), dtype=bool)
        for at, codes in enumerate(self.cells):
            lo, hi = self._range(dict(codes))
            vain |= (sets >> at & 1).astype(bool) & (lo == hi)
        return vain

    def costs(self) -> np.ndarray:
        """How many cells that are not small each set hides."""
        sets = np.arange(1 << len(self.cells))
        return sum((sets >> at & 1) for at, count in enumerate(self.counts) if not 1 <= count < THRESHOLD) + np.zeros_like(sets)


# -- plans by lot -----------------------------------------------------------------------------------------------------


def _joint(lot: random.Random, sizes: dict[str, str], numbers: tuple[int, ...]) -> dict:
    places = itertools.product(*([(d, c) for c in codes] for d, codes in sizes.items()))
    return {tuple(where): lot.choice(numbers) for where in places}


def two_way(lot: random.Random) -> Plan:
    """One table of two by three with its margins."""
    return Plan(_joint(lot, {"sex": "fm", "level": "xyz"}, (0, 0, 1, 2, 3, 5, 6)), [("sex", "level")])


def linked(lot: random.Random) -> Plan:
    """Two tables that share a margin, over a never printed cross."""
    return Plan(_joint(lot, {"sex": "fm", "level": "xy", "age": "op"}, (0, 0, 1, 2)), [("sex", "level"), ("sex", "age")])


def three_margins(lot: random.Random) -> Plan:
    """All three two-way margins of a cube."""
    sizes = {"sex": "fm", "level": "xy", "age": "op"}
    return Plan(_joint(lot, sizes, (0, 0, 1, 2)), [("sex", "level"), ("sex", "age"), ("level", "age")])


def crossed(lot: random.Random) -> Plan:
    """Two one-way tables; their cross is never printed and protected all the same."""
    plan = Plan(_joint(lot, {"sex": "fm", "level": "xyz"}, (0, 1, 2, 3, 6)), [("sex",), ("level",)])
    plan.cross = ("sex", "level")
    return plan


def told_before(lot: random.Random) -> Plan:
    """A first release of one table, and now another one of the same people."""
    first = linked(lot)
    return _after(first, [("level", "sex")], [("sex", "age")])


def told_twice(lot: random.Random) -> Plan:
    """Two releases before, the second on top of the first."""
    first = Plan(_joint(lot, {"sex": "fm", "level": "xyz"}, (0, 1, 2, 3, 6)), [])
    return _after(_after(first, [("sex",)], [("level",)]), [("level",)], [("sex", "level")])


def next_quarter(lot: random.Random) -> Plan:
    """Stock, openings, closings and stock by sex; the first stock is published."""
    joint = {}
    for sex in "fm":
        before, opened, closed = lot.choice((2, 4, 6)), lot.choice((0, 1, 3)), lot.choice((0, 1, 2))
        for flow, n in (("before", before), ("opened", opened), ("closed", closed), ("stock", before + opened - closed)):
            joint[("flow", flow), ("sex", sex)] = n
    plan = Plan(joint, [], settings=("flow",))
    terms = lambda sex: tuple((s, {"flow": f} | sex) for s, f in ((1, "before"), (1, "opened"), (-1, "closed"), (-1, "stock")))  # noqa: E731
    plan.facts = [(terms({"sex": sex}), 0, 0) for sex in "fm"]
    return _after(plan, [("flow", "sex")], [("flow", "sex")], only={"flow": "before"})


def _after(plan: Plan, before: list[tuple[str, ...]], now: list[tuple[str, ...]], only: dict[str, str] | None = None) -> Plan:
    """The plan once these tables are out, protected against all that was out before; and now others are to follow."""
    plan.tables = before
    tables = plan.new_tables()
    if only:
        tables = [Table(t.id, t.unit, t.dimensions, {c: n for c, n in t.counts.items() if only.items() <= dict(c).items()}) for t in tables]
    made = protect(tables, plan.world(), plan.spec(), Policy(), plan.earlier)
    plan.earlier = [*plan.earlier, Release(f"r{len(plan.earlier)}", made.tables, made.spec)]
    plan.known = plan.known | {c: n for table in made.tables for c, n in table.counts.items()}
    plan.before = [*plan.before, *before]
    plan.tables = now
    return plan


KINDS = {f.__name__: f for f in (two_way, linked, three_margins, crossed, told_before, told_twice, next_quarter)}
