"""Cuts: what every safe pattern has in common, proved in whole numbers.

This module answers: given multipliers from an attacker's linear program, which inequality over "hidden or not" follows? With weights on
the rows of the system a sum of unknowns can be bounded, whatever the world: each number that is printed adds nothing, each hidden one as
much as its weight lets it move. If that bound is too tight for a target, then more of the numbers with a weight must be hidden. It
promises that a cut removes no safe pattern: multipliers are rounded to fractions and the bound is then added up again in whole numbers,
so that a solver's rounding can make a cut weak, never wrong.

Source: Fischetti and Salazar-González (2001), capacity constraints with coefficients lowered to the right-hand side (their section 4).
The same for a condition on one cell ("if it is hidden it must be uncertain too") has the cell's own variable on the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.reduced import Part
from caseapp.disclosure.system import Floats, Form, Ints, Sums

SCALES = (1, 2, 3, 4, 6, 12, 60)
EXACT = 1e-6  # how near to a fraction a multiplier of the solver must be


@dataclass(frozen=True)
class Cut:
    """sum of coefficients × hidden ≥ need, or ≥ need × (cell `given` is hidden)."""

    coefficients: Ints
    need: int
    given: int | None = None

    def lack(self, hidden: Floats) -> float:
        """How far a (possibly fractional) pattern falls short, as a share of the need; negative if it does not."""
        wanted = 1.0 if self.given is None else float(hidden[self.given])
        return wanted - float(self.coefficients @ hidden) / self.need

    def covering(self, hidden: NDArray[np.bool_]) -> Cut:
        """What the bounds behind this cut say of one pattern they call narrow: of its printed numbers one with a weight must be hidden."""
        return Cut(((self.coefficients > 0) & ~hidden).astype(np.int64), 1, self.given)


@dataclass(frozen=True)
class Bound:
    """scale × (target's difference from the truth) ≤ base + what the hidden cells add.

    A hidden cell in `open` adds any amount, another at most `steps`.
    """

    scale: int
    base: int
    open: NDArray[np.bool_]
    steps: Ints

    def times(self, factor: int) -> Bound:
        """The same bound at another scale."""
        return Bound(self.scale * factor, self.base * factor, self.open, self.steps * factor)

    def cut(self, distance: int, given: int | None = None) -> Cut | None:
        """Every pattern in which the target moves by so much satisfies this; None if that is no demand."""
        need = distance * self.scale - self.base
        if need <= 0:
            return None
        coefficients = np.where(self.open, need, np.minimum(self.steps, need))
        if given is not None:
            coefficients[given] = 0
        divisor = gcd(need, *coefficients.tolist())
        return Cut(coefficients // divisor, need // divisor, given)


def both(up: Bound, down: Bound) -> Bound:
    """The bound on the distance between the highest and the lowest world."""
    scale = up.scale * down.scale // gcd(up.scale, down.scale)
    up, down = up.times(scale // up.scale), down.times(scale // down.scale)
    return Bound(scale, up.base + down.base, up.open | down.open, up.steps + down.steps)


def either(one: Cut | None, other: Cut | None) -> Cut | None:
    """What a pattern satisfies that satisfies at least one of two cuts (of the same condition); None if one demands nothing."""
    if one is None or other is None:
        return None
    coefficients = np.maximum(one.coefficients * other.need, other.coefficients * one.need)
    need = one.need * other.need
    divisor = gcd(need, *coefficients.tolist())
    return Cut(coefficients // divisor, need // divisor, one.given)


class Prover:
    """Turns multipliers into bounds that hold. Rows are the part's fixed rows, then its cells, then groups' answers (at least one)."""

    def __init__(self, part: Part) -> None:
        self._part = part
        groups = [at for at, answer in enumerate(part.answers) if answer is not None]
        self.answer_row = {at: len(part.fixed) + len(part.cells) + number for number, at in enumerate(groups)}
        given = [answer for answer in (part.targets[at].answer for at in groups) if answer is not None]
        self.answer_floor = np.array([1 - answer.value(part.truth) for answer in given], dtype=np.int64)
        self.rows = Sums.of([*part.fixed.forms(), *part.cells, *(answer for answer in part.answers if answer is not None)])
        self.falls = np.array([form.factors @ part.room[form.at] for form in part.cells], dtype=np.int64)
        self._first_cell = len(part.fixed)
        self._first_answer = self._first_cell + len(part.cells)
        self.alone = np.zeros(len(part.room), dtype=bool)  # columns that are a cell: they fall as far as that cell lets them
        for form in part.cells:
            if len(form.at) == 1 and form.factors[0] == 1:
                self.alone[form.at[0]] = True

    def bound(self, form: Form, sign: int, multipliers: Floats, own: int | None = None) -> Bound | None:
        """The bound on sign × form that these multipliers prove, None if they prove none. `own`: a cell that does not bind here."""
        for scale in SCALES:
            whole = np.rint(multipliers * scale)
            if np.abs(whole - multipliers * scale).max(initial=0) <= EXACT * scale:
                return self._added_up(form, sign, whole.astype(np.int64), scale, own)
        return None

    def _added_up(self, form: Form, sign: int, whole: Ints, scale: int, own: int | None) -> Bound | None:
        part, rows = self._part, self.rows
        rest = np.zeros(len(part.room), dtype=np.int64)
        np.add.at(rest, form.at, form.factors * (sign * scale))
        np.subtract.at(rest, rows.at, rows.factors * whole[rows.owner])
        fixed, cells, answers = whole[: self._first_cell], whole[self._first_cell : self._first_answer], whole[self._first_answer :]
        pinned = self.alone.copy()
        if own is not None:
            if cells[own]:
                return None
            pinned[part.cells[own].at] = False
        if (rest > 0).any() or (rest[pinned] != 0).any() or (answers > 0).any():
            return None
        limits = np.where(fixed > 0, part.hi, part.lo)
        if np.isinf(limits[fixed != 0]).any():
            return None
        known = int(fixed[fixed != 0] @ limits[fixed != 0].astype(np.int64))
        base = known + int(answers @ self.answer_floor) - int(rest @ part.room)
        return Bound(scale, base, cells > 0, np.where(cells < 0, -cells * self.falls, 0))
