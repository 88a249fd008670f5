"""Looking for another world: the one place that talks to the solver.

This module answers: is there an assignment of whole people that agrees with these rows and makes these sums large, at the least
cost in printed numbers? It promises whole numbers, not that they are right: whoever asks checks a returned world by addition. None
means that the solver proved there is none in the neighbourhood, and `Undecided` that time ended. Solver: HiGHS (MIT licence),
one thread, so that the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from caseapp.disclosure.system import Form, Ints, Row

INFINITY = highspy.kHighsInf


class Undecided(Exception):
    """Time ended before the solver knew. The caller must act as if the attacker had won."""


@dataclass(frozen=True)
class Soft:
    """A printed number that may change if that is the price: it would then have to be hidden."""

    form: Form
    count: int
    cost: float


@dataclass(frozen=True)
class Wish:
    """Sums that should all reach their level in one world."""

    asks: tuple[tuple[Form, int], ...]

    def holds(self, world: Ints) -> bool:
        """True if the world grants it."""
        return all(form.value(world) >= level for form, level in self.asks)


class Problem:
    """A mixed integer program over some of the unknowns; the others stay as they are in the world one starts from."""

    def __init__(self, rows: Sequence[Row], start: Ints, free: Ints) -> None:
        self._start = start
        self._free = free
        self._column = np.full(len(start), -1, dtype=np.int64)
        self._column[free] = np.arange(len(free))
        self._costs: list[float] = [0.0] * len(free)
        self._upper: list[float] = [INFINITY] * len(free)
        self._begin: list[int] = [0]
        self._index: list[int] = []
        self._value: list[float] = []
        self._lo: list[float] = []
        self._hi: list[float] = []
        for row in rows:
            self._add(row.form, row.lo, row.hi)

    def _add(self, form: Form, lo: float | None, hi: float | None, extra: Sequence[tuple[int, float]] = ()) -> None:
        columns = self._column[form.at]
        inside = columns >= 0
        if not inside.any() and not extra:
            return
        fixed = int(form.factors[~inside] @ self._start[form.at[~inside]])
        self._index += columns[inside].tolist() + [at for at, _ in extra]
        self._value += form.factors[inside].tolist() + [value for _, value in extra]
        self._begin.append(len(self._index))
        self._lo.append(-INFINITY if lo is None else lo - fixed)
        self._hi.append(INFINITY if hi is None else hi - fixed)

    def _new_column(self, cost: float, upper: float = INFINITY) -> int:
        self._costs.append(cost)
        self._upper.append(upper)
        return len(self._costs) - 1

    def soften(self, soft: Soft) -> None:
        """Lets a printed number move, at its cost per step."""
        if (self._column[soft.form.at] >= 0).any():
            up, down = self._new_column(soft.cost), self._new_column(soft.cost)
            self._add(soft.form, soft.count, soft.count, ((up, -1.0), (down, 1.0)))

    def ask(self, wish: Wish, reward: float | None = None) -> None:
        """Demands a wish, or, with a reward, asks for as much of it as can be had."""
        for form, level in wish.asks:
            lack = max(0, level - form.value(self._start))
            slack = () if reward is None else ((self._new_column(reward, lack), 1.0),)
            self._add(form, level, None, slack)

    def prefer(self, form: Form, weight: float) -> None:
        """Makes a sum worth reaching: a positive weight pulls it down, a negative up."""
        for at, factor in zip(self._column[form.at].tolist(), form.factors.tolist(), strict=True):
            if at >= 0:
                self._costs[at] += weight * factor

    def solve(self, seconds: float, gap: float = 0.0) -> Ints | None:
        """A best world, None if there is none; Undecided if time ended without one."""
        solver = _solver(seconds, gap)
        solver.passModel(self._model())
        solver.run()
        status = solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        values = np.array(solver.getSolution().col_value[: len(self._free)])
        if status != highspy.HighsModelStatus.kOptimal and not (gap and solver.getInfo().primal_solution_status == 2):
            raise Undecided(str(status))
        world = self._start.copy()
        world[self._free] = np.rint(values).astype(np.int64)
        return world

    def _model(self) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._costs), len(self._lo)
        model.col_cost_ = np.array(self._costs)
        model.col_lower_ = np.zeros(len(self._costs))
        model.col_upper_ = np.array(self._upper)
        model.row_lower_, model.row_upper_ = np.array(self._lo), np.array(self._hi)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(self._begin, dtype=np.int32)
        model.a_matrix_.index_ = np.array(self._index, dtype=np.int32)
        model.a_matrix_.value_ = np.array(self._value, dtype=np.float64)
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        model.integrality_ = [whole] * len(self._free) + [real] * (len(self._costs) - len(self._free))
        return model


def _solver(seconds: float, gap: float) -> highspy.Highs:
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 1),
        ("time_limit", seconds),
        ("mip_rel_gap", gap),
    ):
        solver.setOptionValue(option, value)
    return solver
