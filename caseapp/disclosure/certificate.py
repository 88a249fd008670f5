"""The certificate: worlds that anybody can add up, which show that nothing printed pins anybody down.

This module answers: what can be handed to a reader who trusts neither us nor a solver? Two worlds that agree with every printed number
and every declared fact, and differ in a cell, prove that the cell is not known. It is made from what was published and from nothing
else, for *every* hidden cell, every cell of the crosses that are never printed, and every row or column: looking only at those that are
small in truth would tell which they are. What stays narrow without being zero everywhere is named, so that more can be hidden.

It does not promise that the worlds are likely, and it decides nothing about hiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.attack import some_world
from caseapp.disclosure.search import Problem, Undecided, Wish
from caseapp.disclosure.system import Bounds, Form, Ints, Row, Sums, System
from caseapp.disclosure.tables import Cell, Key, Policy, Printed, Table, base_unit, cell
from caseapp.disclosure.targets import Group, Target, crosses, printed, rows_and_columns
from caseapp.disclosure.uncertainty import Uncertainty
from caseapp.disclosure.widen import BATCH_GAP, Terrain, Widener


@dataclass(frozen=True)
class Certificate:
    """Worlds as counts of `cells`, the first in full and the others as {place in cells: count} where they differ from it.

    `doubtful` holds what the worlds leave narrow although it is not zero in all of them; it stays in the house.
    """

    cells: tuple[tuple[str, Cell], ...]
    first: tuple[int, ...]
    others: tuple[Mapping[int, int], ...]
    doubtful: tuple[Target, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The certificate in the bundle's own words."""
        return {
            "cells": [[unit, dict(codes)] for unit, codes in self.cells],
            "first": list(self.first),
            "others": [[[at, count] for at, count in other.items()] for other in self.others],
        }

    def of(self, population: str) -> Certificate:
        """What it shows of one population."""
        mine = [at for at, (unit, _) in enumerate(self.cells) if base_unit(unit) == population]
        place = {at: number for number, at in enumerate(mine)}
        others = tuple({place[at]: count for at, count in other.items() if at in place} for other in self.others)
        return Certificate(tuple(self.cells[at] for at in mine), tuple(self.first[at] for at in mine), tuple(filter(None, others)))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Certificate:
        """The certificate that `as_json` wrote."""
        return cls(
            tuple((unit, cell(codes)) for unit, codes in stored["cells"]),
            tuple(stored["first"]),
            tuple(dict(other) for other in stored["others"]),
        )


def together(parts: Sequence[Certificate]) -> Certificate:
    """The certificates of several populations as one. They share no cell, so that any world of one goes with any of another."""
    offsets = list(accumulate((len(part.cells) for part in parts), initial=0))
    others: list[dict[int, int]] = [{} for _ in range(max((len(part.others) for part in parts), default=0))]
    for part, offset in zip(parts, offsets, strict=False):
        for other, mine in zip(others, part.others, strict=False):
            other.update((at + offset, count) for at, count in mine.items())
    return Certificate(
        tuple(where for part in parts for where in part.cells),
        tuple(count for part in parts for count in part.first),
        tuple(others),
        tuple(target for part in parts for target in part.doubtful),
    )


def certify(
    system: System,
    tables: Iterable[Table | Printed],
    known: Mapping[Key, int | None],
    policy: Policy,
    earlier: Certificate | None = None,
) -> Certificate:
    """The certificate for everything published; Inconsistent if no world agrees with it.

    `earlier`: the certificate of the release before. Most of what it shows is as true with the new numbers, and need not be looked for.
    """
    rows = system.rows(known)
    nobody = _nobody(system, rows)
    hidden = {where: None for where, count in known.items() if count is None}
    universe = [*printed(system, hidden), *(Target("derived", unit, c, system.form(unit, c)) for unit, c in crosses(system))]
    targets = [target for target in universe if not nobody[target.form.at].all()]
    terrain = Terrain(system, rows)
    seen = Uncertainty(targets, policy, _begin(system, rows, terrain, policy, earlier))
    for world in _continued(system, seen.worlds[0], earlier):
        if terrain.agrees(world):
            seen.see(world)
    widener = Widener(terrain, seen, policy)
    widener.look_at_groups(_neighbours(system, targets))
    _look_for_anybody(widener, seen)
    for number in seen.open():
        if seen.hi[number] > 0:
            widener.look_everywhere(number)
    mixed, one_sided = _mix(widener, seen, nobody, rows_and_columns(system, tables))
    narrow = [targets[number] for number in seen.open() if seen.hi[number] > 0]
    kept = sorted({0, *_needed(seen), *mixed})
    return _written(system, [seen.worlds[number] for number in kept], [*narrow, *one_sided])


def _begin(system: System, rows: Sequence[Row], terrain: Terrain, policy: Policy, earlier: Certificate | None) -> Ints:
    """A world that goes on from the earlier certificate's first, where there is one that does."""
    if earlier is not None:
        settings = {(unit, system.spec.setting_of(codes)) for unit, codes in earlier.cells}
        old = [at for at, (unit, codes) in enumerate(system.cells) if (unit, system.spec.setting_of(codes)) in settings]
        first = np.zeros(system.size, dtype=np.int64)
        for at, count in zip([system.place.get(where) for where in earlier.cells], earlier.first, strict=True):
            if at is None:
                return some_world(system, rows, policy)
            first[at] = count
        fixed = [Row(Form(np.array([at]), np.array([1])), int(first[at]), int(first[at])) for at in old]
        try:
            world = Problem(Bounds.of([*rows, *fixed]), first, np.arange(system.size)).solve(policy.seconds)
        except Undecided:
            world = None  # it would have been a short cut
        if world is not None and terrain.agrees(world):
            return world
    return some_world(system, rows, policy)


def _continued(system: System, first: Ints, earlier: Certificate | None) -> Iterator[Ints]:
    """The first world with the changes that each earlier world made."""
    if earlier is None:
        return
    places = [system.place.get(where) for where in earlier.cells]
    for other in earlier.others:
        world = first.copy()
        for at, count in other.items():
            place = places[at]
            if place is not None:
                world[place] += count - earlier.first[at]
        yield world


def _neighbours(system: System, targets: Sequence[Target]) -> list[list[int]]:
    """The targets of one quarter and flow: one world can settle many of them, and they are few enough not to vie."""
    found: dict[Cell, list[int]] = {}
    for number, target in enumerate(targets):
        found.setdefault(system.spec.setting_of(target.codes), []).append(number)
    return list(found.values())


def _nobody(system: System, rows: Sequence[Row]) -> NDArray[np.bool_]:
    """The unknowns inside a number that is printed, or declared, as zero."""
    empty = np.zeros(system.size, dtype=bool)
    for row in rows:
        if row.hi is not None and row.hi <= 0 and len(row.form.at) and (row.form.factors > 0).all():
            empty[row.form.at] = True
    return empty


def _look_for_anybody(widener: Widener, seen: Uncertainty) -> None:
    """Whatever was zero in all worlds seen becomes more in some, where that is possible at all; what stays so needs no further proof."""
    while empty := [number for number in seen.open() if seen.hi[number] == 0]:
        widener.look([Wish(((seen.targets[number].form, 1),)) for number in empty], 1.0, BATCH_GAP)
        if all(seen.hi[number] == 0 for number in empty):
            return


class _Mixtures:
    """For each group the first world seen in which two of its answers occur, -1 where there is none yet."""

    def __init__(self, seen: Uncertainty, groups: Sequence[Group]) -> None:
        self._seen, self._groups = seen, groups
        self._answers = Sums.of([form for group in groups for _codes, form in group.answers])
        self._group_of = np.repeat(np.arange(len(groups)), [len(group.answers) for group in groups])
        self._looked = 0
        self.world = np.full(len(groups), -1)

    def missing(self) -> list[Group]:
        """The groups without such a world."""
        for number in range(self._looked, len(self._seen.worlds)):
            given = np.bincount(self._group_of, self._answers.values(self._seen.worlds[number]) > 0, minlength=len(self._groups))
            self.world[(self.world < 0) & (given > 1)] = number
        self._looked = len(self._seen.worlds)
        return [self._groups[at] for at in np.flatnonzero(self.world < 0).tolist()]


def _mix(
    widener: Widener, seen: Uncertainty, nobody: NDArray[np.bool_], groups: Iterable[Group]
) -> tuple[set[int], list[Target]]:
    """For each row and column a world in which two answers occur: the numbers of those worlds, and the groups that have none."""
    possible = [replace(group, answers=tuple(one for one in group.answers if len(one[1].at))) for group in groups]
    possible = [group for group in possible if len(group.answers) > 1 and not nobody[group.whole.at].all()]
    mixtures = _Mixtures(seen, possible)
    waiting = mixtures.missing()
    found = True
    while found and waiting:  # all at once first: one world can do for many
        widener.look([_both(group.answers[0], group.answers[1]) for group in waiting], 1.0, BATCH_GAP)
        left = mixtures.missing()
        found, waiting = len(left) < len(waiting), left
    for group in waiting:
        for one, other in combinations(group.answers, 2):
            if any(group is without for without in mixtures.missing()):
                widener.look([_both(one, other)], None, 0.0)
    without = [target for group in mixtures.missing() for target in _as_target(group, seen.worlds)]
    return set(mixtures.world[mixtures.world >= 0].tolist()), without


def _both(one: tuple[Cell, Form], other: tuple[Cell, Form]) -> Wish:
    return Wish(((one[1], 1), (other[1], 1)))


def _as_target(group: Group, worlds: Sequence[Ints]) -> list[Target]:
    """The group with the answer that everybody gives in the worlds seen; none if it is empty in all of them."""
    given = [(codes, form) for codes, form in group.answers if any(form.value(world) for world in worlds)]
    return [Target("group", group.unit, codes, group.whole.minus(form), form) for codes, form in given[:1]]


def _needed(seen: Uncertainty) -> set[int]:
    """A few worlds that show as much as all of them: each shows what those chosen before it do not."""
    values = np.array([seen.values_in(number) for number in range(len(seen.worlds))])
    if not values.size:
        return set()
    lows, highs = values.argmin(axis=0), values.argmax(axis=0)
    chosen: set[int] = set()
    lo = hi = values[0]
    for target in range(values.shape[1]):
        for number in (int(lows[target]), int(highs[target])):
            extends = values[number, target] < lo[target] or values[number, target] > hi[target]
            if extends and not seen.is_open_between(target, int(lo[target]), int(hi[target])):
                chosen.add(number)
                lo, hi = np.minimum(lo, values[number]), np.maximum(hi, values[number])
    return chosen


def _written(system: System, worlds: Sequence[Ints], doubtful: Sequence[Target]) -> Certificate:
    used = np.flatnonzero(np.any(np.array(worlds) != 0, axis=0))
    first = worlds[0][used]
    others = tuple({int(at): int(world[used][at]) for at in np.flatnonzero(world[used] != first)} for world in worlds[1:])
    cells = tuple(system.cells[at] for at in used.tolist())
    return Certificate(cells, tuple(first.tolist()), others, tuple(doubtful))
