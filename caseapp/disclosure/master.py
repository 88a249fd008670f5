"""The choice of what to hide, under the cuts known so far.

This module answers: which pattern is cheapest among those that keep every cut, and what does each pattern cost at least? A relaxation
(cells hidden by a share) is solved again after each few cuts; the whole program only when no share breaks any. What it returns as a
bound is one for every safe pattern, because no cut removes any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.cuts import Cut
from caseapp.disclosure.solver import solver
from caseapp.disclosure.system import Floats, Ints

_INF = highspy.kHighsInf
_NEAR = 1e-6


@dataclass(frozen=True)
class Choice:
    """`bound` on the cost of every safe pattern; the cheapest patterns found that keep every cut, the best one last; the solver's steps."""

    bound: int
    steps: int
    patterns: tuple[NDArray[np.bool_], ...]


class Master:
    """The program over one part's cells; cuts are only ever added."""

    def __init__(self, costs: Ints) -> None:
        self._costs = costs
        self._cuts: dict[tuple[bytes, int, int | None], Cut] = {}
        self._solver = solver()
        self._solver.addVars(len(costs), np.zeros(len(costs)), np.ones(len(costs)))
        self._solver.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs.astype(np.float64))

    def add(self, cuts: Iterable[Cut]) -> int:
        """Adds the cuts that are new; how many."""
        before = len(self._cuts)
        for cut in cuts:
            name = (cut.coefficients.tobytes(), cut.need, cut.given)
            if name not in self._cuts:
                self._cuts[name] = cut
                self._lay(cut)
        return len(self._cuts) - before

    def _lay(self, cut: Cut) -> None:
        factors = cut.coefficients.astype(np.float64)
        if cut.given is not None:
            factors[cut.given] -= cut.need
        at = np.flatnonzero(factors).astype(np.int32)
        self._solver.addRow(float(cut.need) if cut.given is None else 0.0, _INF, len(at), at, factors[at])

    def relaxed(self) -> tuple[float, Floats] | None:
        """(cost, share in which each cell is hidden) of the cheapest fractional pattern; None if no pattern keeps the cuts."""
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return self._solver.getInfo().objective_function_value, np.clip(np.array(self._solver.getSolution().col_value), 0.0, 1.0)

    def whole(self, seconds: float, below: int | None, stop: Callable[[], bool]) -> Choice | None:
        """The cheapest whole pattern that costs less than `below`; None if there is none."""
        solving = solver(time_limit=max(0.01, seconds), mip_rel_gap=0.0, mip_abs_gap=1.0 - 1e-4)
        found: list[NDArray[np.bool_]] = []
        model = self._solver.getLp()
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(self._costs)
        solving.passModel(model)
        if below is not None:
            at = np.flatnonzero(self._costs).astype(np.int32)
            solving.addRow(-_INF, below - 1.0, len(at), at, self._costs[at].astype(np.float64))

        def improved(event: highspy.HighsCallbackEvent) -> None:
            found.append(np.array(event.data_out.mip_solution) > 0.5)

        def asked(event: highspy.HighsCallbackEvent) -> None:
            if stop():
                event.interrupt()

        solving.cbMipImprovingSolution.subscribe(improved)
        solving.cbMipInterrupt.subscribe(asked)
        solving.run()
        status, info = solving.getModelStatus(), solving.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        bound = whole_cost(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else 0
        return Choice(bound, info.simplex_iteration_count, tuple(found))


def whole_cost(bound: float) -> int:
    """The least whole cost that is not below a bound."""
    return int(np.ceil(bound - _NEAR * max(1.0, abs(bound))))
