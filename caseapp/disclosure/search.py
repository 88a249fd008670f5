"""Looking for another world: the place that asks the solver for one.

This module answers: is there an assignment of whole people that agrees with these rows and makes these sums large, at the least
cost in printed numbers? It promises whole numbers, not that they are right: whoever asks checks a returned world by addition. None
means that the solver proved there is none in the neighbourhood, and `Undecided` that time ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from caseapp.disclosure.solver import lay, solver
from caseapp.disclosure.system import Bounds, Floats, Form, Ints, Sums

_NO_WORLD = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
_WHOLE = 1e-6  # the solver's own tolerance for a whole number


class Undecided(Exception):
    """Time ended before the solver knew. The caller must act as if the attacker had won."""


@dataclass(frozen=True)
class Softs:
    """Printed numbers that may change if that is the price, for each step: they would then have to be hidden."""

    sums: Sums
    counts: Ints
    costs: Floats


@dataclass(frozen=True)
class Wish:
    """Sums that should all reach their level in one world."""

    asks: tuple[tuple[Form, int], ...]

    def holds(self, world: Ints) -> bool:
        """True if the world grants it."""
        return all(form.value(world) >= level for form, level in self.asks)


class Problem:
    """A mixed integer program over some of the unknowns; the others stay as they are in the world one starts from."""

    def __init__(self, bounds: Bounds, start: Ints, free: Ints) -> None:
        self._start = start
        self._free = free
        self._column = np.full(len(start), -1, dtype=np.int64)
        self._column[free] = np.arange(len(free))
        self._costs: list[Floats] = [np.zeros(len(free))]
        self._upper: list[Floats] = [np.full(len(free), np.inf)]
        self._columns = len(free)
        self._lo: list[Floats] = []
        self._hi: list[Floats] = []
        self._rows = 0
        self._terms: list[tuple[Ints, Ints, Floats]] = []  # row, column, factor
        self._lay(bounds)

    def _lay(self, bounds: Bounds, *, always: bool = False) -> Ints:
        """Adds the rows in which a free unknown occurs, or all of them; the place of each among the rows of the program, -1 if left out."""
        sums = bounds.sums
        columns = self._column[sums.at]
        inside = columns >= 0
        fixed = np.bincount(sums.owner, np.where(inside, 0, sums.factors * self._start[sums.at]), minlength=len(sums))
        kept = np.full(len(sums), always)
        kept[sums.owner[inside]] = True
        places = np.where(kept, self._rows + np.cumsum(kept) - 1, -1)
        self._terms.append((places[sums.owner[inside]], columns[inside], sums.factors[inside].astype(np.float64)))
        self._lo.append((bounds.lo - fixed)[kept])
        self._hi.append((bounds.hi - fixed)[kept])
        self._rows += int(kept.sum())
        return places

    def _slacken(self, rows: Ints, factor: float, costs: Floats, upper: Floats) -> None:
        """Gives each of these rows a new column of its own, at a cost for each step up to an upper bound."""
        columns = self._columns + np.arange(len(rows))
        self._terms.append((rows, columns, np.full(len(rows), factor)))
        self._costs.append(costs)
        self._upper.append(upper)
        self._columns += len(rows)

    def soften(self, softs: Softs) -> None:
        """Lets printed numbers move, each at its cost per step."""
        places = self._lay(Bounds(softs.sums, softs.counts.astype(np.float64), softs.counts.astype(np.float64)))
        moving = places >= 0
        unbounded = np.full(int(moving.sum()), np.inf)
        for factor in (-1.0, 1.0):
            self._slacken(places[moving], factor, softs.costs[moving], unbounded)

    def ask(self, wishes: Sequence[Wish], reward: float | None = None) -> None:
        """Demands wishes, or, with a reward, asks for as much of them as can be had."""
        asks = [ask for wish in wishes for ask in wish.asks]
        sums = Sums.of([form for form, _level in asks])
        levels = np.array([level for _form, level in asks], dtype=np.float64)
        places = self._lay(Bounds(sums, levels, np.full(len(levels), np.inf)), always=reward is not None)
        if reward is not None:
            lack = np.maximum(0, levels - sums.values(self._start))
            self._slacken(places, 1.0, np.full(len(levels), reward), lack)

    def solve(self, seconds: float, gap: float = 0.0) -> Ints | None:
        """A best world, None if there is none; Undecided if time ended without one.

        Fractions of people are allowed at first: such a program is solved several times as fast, most answers are whole all the same,
        and where it has no answer there is no whole one either. Only an answer with fractions is asked for once more in whole people.
        """
        solving = solver(time_limit=seconds, mip_rel_gap=gap)
        model = self._model()
        for whole in (False, True):
            if whole:
                model.integrality_ = self._integrality()
            solving.setOptionValue("presolve", "choose" if whole else "off")  # for a small linear program it costs more than it saves
            solving.passModel(model)
            solving.run()
            status = solving.getModelStatus()
            if status in _NO_WORLD:
                return None
            values = np.array(solving.getSolution().col_value[: len(self._free)])
            nearest = np.rint(values)
            if not whole and (status != highspy.HighsModelStatus.kOptimal or np.abs(values - nearest).max(initial=0) > _WHOLE):
                continue
            if status != highspy.HighsModelStatus.kOptimal and not (gap and solving.getInfo().primal_solution_status == 2):
                raise Undecided(str(status))
            break
        world = self._start.copy()
        world[self._free] = nearest.astype(np.int64)
        return world

    def _integrality(self) -> list[highspy.HighsVarType]:
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        return [whole] * len(self._free) + [real] * (self._columns - len(self._free))

    def _model(self) -> highspy.HighsLp:
        rows, columns, factors = (np.concatenate(one) for one in zip(*self._terms, strict=True))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self._columns, self._rows
        model.col_cost_ = np.concatenate(self._costs)
        model.col_lower_ = np.zeros(self._columns)
        model.col_upper_ = np.concatenate(self._upper)
        model.row_lower_, model.row_upper_ = np.concatenate(self._lo), np.concatenate(self._hi)
        lay(model, rows, columns, factors)
        return model
