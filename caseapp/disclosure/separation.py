"""The attacker as a linear program: how far can a target move when numbers are hidden, some of them perhaps only in part?

This module answers: which cuts does a pattern, whole or fractional, break? For each target it asks how far the target can rise and fall;
where that is too little, the weights that prove it become a cut. It works in fractions of people, so that it may miss a narrow target
(the attacker in whole numbers does not), and it trusts no weight before `cuts` has added it up.

What must stay open is as in `targets`, and besides: each number that is hidden although nobody demanded it must be as uncertain as
those that are, because nobody outside may be able to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from caseapp.disclosure.cuts import Bound, Cut, Prover, both, either
from caseapp.disclosure.reduced import Part
from caseapp.disclosure.solver import lay, solver
from caseapp.disclosure.system import Floats, Form, Ints
from caseapp.disclosure.tables import Cell, Policy

BROKEN = 1e-4  # of the need; a cut that a pattern breaks by less is not worth its place
LITTLE = 0.02  # a cell hidden by less than this share is not asked yet whether it is uncertain itself
FAR = 1000  # people; what can move so far moves as far as anybody asks
_INF = highspy.kHighsInf
_NEAR = 1e-6


@dataclass(frozen=True)
class Question:
    """One thing that must stay open: a target of the part, or (`cell`) a number hidden although nobody demanded it."""

    kind: str
    codes: Cell
    form: Form
    count: int
    target: int | None = None
    cell: int | None = None


def questions(part: Part) -> list[Question]:
    """All of them, in the order of the part's targets and then its cells."""
    asked = [
        Question(target.kind, target.codes, form, target.form.value(part.truth), target=at)
        for at, (target, form) in enumerate(zip(part.targets, part.forms, strict=True))
    ]
    own = [
        Question("printed", keys[0][1], form, int(n), cell=at)
        for at, (form, keys, n) in enumerate(zip(part.cells, part.keys, part.counts, strict=True))
    ]
    return asked + own


class Separator:
    """One linear program of a part, asked again and again with other costs and bounds."""

    def __init__(self, part: Part, policy: Policy) -> None:
        self._part, self._policy = part, policy
        self._prover = Prover(part)
        self._solver = _program(part, self._prover)
        self._columns = np.arange(len(part.room), dtype=np.int32)
        self._rows = np.arange(len(part.fixed), len(part.fixed) + len(part.cells), dtype=np.int32)
        self._pattern: Floats = np.zeros(0)
        self._reach = 0
        self._is_whole = False
        self.changes: list[Ints] = []  # differences in whole people that the last question came upon, if the pattern was whole

    def cuts(self, hidden: Floats, question: Question) -> list[Cut]:
        """The cuts that this question finds broken by a pattern."""
        share = 1.0 if question.cell is None else float(hidden[question.cell])
        if share < LITTLE:
            return []
        self._pattern = np.minimum(1.0, hidden / share)
        self._is_whole = bool((np.abs(hidden - np.rint(hidden)) <= _NEAR).all())
        self._reach = 0
        self.changes = []
        with _Own(self, question):
            found = self._narrow(question)
        return [cut for cut in found if cut is not None and cut.lack(hidden) > BROKEN * share]

    def _narrow(self, question: Question) -> list[Cut | None]:
        (threshold, width), count = self._policy.promised(question.codes), question.count
        if question.kind == "group":
            up = self._bound(question, 1, 1)
            return [up.cut(1)] if up else []
        found: list[Cut | None] = []
        if question.kind == "derived" and 0 < count < threshold:
            down = self._bound(question, -1, count)
            up = self._bound(question, 1, threshold - count) if down else None
            if up and down:
                one, other = up.cut(threshold - count), down.cut(count)
                found.append(cut := either(one, other))
                if self._is_whole and cut and one and other and min(one.lack(self._pattern), other.lack(self._pattern)) > BROKEN:
                    found.append(cut.covering(self._pattern > 0.5))
        up = self._bound(question, 1, width)
        down = self._bound(question, -1, width) if up else None
        if up and down:
            found.append(both(up, down).cut(width, question.cell))
        return found

    def _bound(self, question: Question, sign: int, distance: int) -> Bound | None:
        """The proof that the target moves less than the distance in one direction, None if it does not or there is no such proof."""
        self._reach_for(distance)
        costs = np.zeros(len(self._columns))
        costs[question.form.at] = -sign * question.form.factors
        self._solver.changeColsCost(len(costs), self._columns, costs)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None  # it moves as far as it likes
        solution = self._solver.getSolution()
        if self._is_whole:
            self._keep(np.array(solution.col_value))
        if -self._solver.getInfo().objective_function_value >= distance - _NEAR:
            return None
        return self._prover.bound(question.form, sign, -np.array(solution.row_dual), question.cell)

    def _keep(self, change: Floats) -> None:
        whole = np.rint(change)
        if np.abs(change - whole).max(initial=0) <= _NEAR:
            self.changes.append(whole.astype(np.int64))

    def _reach_for(self, distance: int) -> None:
        """Hidden numbers may move by the distance asked for, each by the share in which it is hidden; whole ones rise `FAR`."""
        if self._reach == distance:
            return
        self._reach = distance
        falls = self._prover.falls
        if self._is_whole:
            lower, upper = -falls * self._pattern, np.where(self._pattern > 0.5, FAR, 0.0)
        else:
            lower, upper = -np.minimum(falls, distance) * self._pattern, distance * self._pattern
        self._solver.changeRowsBounds(len(self._rows), self._rows, lower, upper)  # type: ignore[attr-defined] # missing in its type hints

    def free(self, question: Question, *, is_asked: bool) -> None:
        """Takes away what does not bind while a question is asked, and what binds only then; or puts it back."""
        if question.cell is not None:
            if is_asked:
                self._reach_for(self._policy.promised(question.codes)[1])
                self._solver.changeRowBounds(int(self._rows[question.cell]), -_INF, _INF)
            form = self._part.cells[question.cell]
            if len(form.at) == 1 and self._prover.alone[form.at[0]]:
                at = int(form.at[0])
                self._solver.changeColBounds(at, -float(self._part.room[at]) if is_asked else -_INF, _INF)
        row = self._prover.answer_row.get(-1 if question.target is None else question.target)
        if row is not None:
            floor = float(self._prover.answer_floor[row - len(self._part.fixed) - len(self._part.cells)])
            self._solver.changeRowBounds(row, floor if is_asked else -_INF, _INF)


class _Own:
    """While a question is asked."""

    def __init__(self, separator: Separator, question: Question) -> None:
        self._separator, self._question = separator, question

    def __enter__(self) -> None:
        self._separator.free(self._question, is_asked=True)

    def __exit__(self, *_: object) -> None:
        self._separator.free(self._question, is_asked=False)


def _program(part: Part, prover: Prover) -> highspy.Highs:
    rows = prover.rows
    extra = len(rows) - len(part.fixed)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(part.room), len(rows)
    model.col_cost_ = np.zeros(len(part.room))
    model.col_lower_ = np.where(prover.alone, -_INF, -part.room.astype(np.float64))
    model.col_upper_ = np.full(len(part.room), _INF)
    model.row_lower_ = np.concatenate([part.lo, np.full(extra, -_INF)])
    model.row_upper_ = np.concatenate([part.hi, np.full(extra, _INF)])
    lay(model, rows.owner, rows.at, rows.factors)
    made = solver(presolve="off", simplex_strategy=4)
    made.passModel(model)
    return made
