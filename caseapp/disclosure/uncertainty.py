"""What is known to be uncertain: the worlds found so far and what they leave open.

This module answers: do the worlds at hand show that a target cannot be pinned down? Two worlds that both agree with everything
published are a proof, and anybody can check it by addition; more published numbers can only remove worlds, more hidden numbers
never do. It promises to count only worlds it was shown, and finds none itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.search import Wish
from caseapp.disclosure.system import Form, Ints, Sums
from caseapp.disclosure.tables import Policy
from caseapp.disclosure.targets import Target


class Uncertainty:
    """The range each target was seen to take, over all worlds shown."""

    def __init__(self, targets: Sequence[Target], policy: Policy, first: Ints) -> None:
        self.targets = tuple(targets)
        self.worlds: list[Ints] = []
        promised = [policy.promised(target.codes) for target in targets]
        self._thresholds = np.array([threshold for threshold, _ in promised], dtype=np.int64)
        self._widths = np.array([width for _, width in promised], dtype=np.int64)
        self._forms = Sums.of([t.form for t in targets])
        self._answers = Sums.of([t.answer or t.form for t in targets])
        self._is_group = np.array([t.kind == "group" for t in targets], dtype=bool)
        self._is_derived = np.array([t.kind == "derived" for t in targets], dtype=bool)
        self._values: list[Ints] = []
        self._varied: list[NDArray[np.bool_]] = []
        self._stacked: tuple[Ints, NDArray[np.bool_]] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
        self.see(first)

    def see(self, world: Ints) -> None:
        """Takes one more world into account."""
        values = self._forms.values(world)
        varied = (values >= 1) & (self._answers.values(world) >= 1)
        self.worlds.append(world)
        self._values.append(values)
        self._varied.append(varied)
        if len(self.worlds) == 1:
            self.lo, self.hi, self._mixed = values.copy(), values.copy(), varied
        else:
            self.lo, self.hi = np.minimum(self.lo, values), np.maximum(self.hi, values)
            self._mixed = self._mixed | varied

    def settled(self) -> NDArray[np.bool_]:
        """For each target whether the worlds seen leave it as open as the policy demands."""
        return self._judge(self.lo, self.hi, self._mixed)

    def settled_by(self, chosen: NDArray[np.bool_]) -> bool:
        """True if the chosen worlds alone settle every target."""
        return bool(self.settled_in(chosen).all())

    def settled_in(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """For each target whether the chosen worlds alone settle it."""
        if not chosen.any():
            return np.zeros(len(self.targets), dtype=bool)
        if len(self._stacked[0]) != len(self._values):
            self._stacked = np.array(self._values), np.array(self._varied)
        values, varied = self._stacked[0][chosen], self._stacked[1][chosen]
        return self._judge(values.min(axis=0), values.max(axis=0), np.logical_or.reduce(varied))

    def _judge(self, lo: Ints, hi: Ints, mixed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        wide = hi - lo >= self._widths
        doubtful = (lo == 0) | (hi >= self._thresholds)
        return np.where(self._is_group, mixed, wide & (doubtful | ~self._is_derived))

    def values_in(self, number: int) -> Ints:
        """What each target comes to in one of the worlds seen."""
        return self._values[number]

    def is_open_between(self, target: int, lo: int, hi: int) -> bool:
        """Whether a cell that was seen at `lo` and at `hi` is as open as the policy demands; never asked of a group."""
        wide = hi - lo >= int(self._widths[target])
        return wide and (lo == 0 or hi >= int(self._thresholds[target]) or self.targets[target].kind != "derived")

    def open(self) -> list[int]:
        """The targets still to be settled."""
        return np.flatnonzero(~self.settled()).tolist()

    def wishes(self, number: int) -> list[Wish]:
        """What would settle a target: a higher value, or a lower one; for a group, two answers at once."""
        target, threshold, width = self.targets[number], int(self._thresholds[number]), int(self._widths[number])
        if target.answer is not None:
            return [Wish(((target.form, 1), (target.answer, 1)))]
        lo, hi = int(self.lo[number]), int(self.hi[number])
        doubt = target.kind == "derived"
        up = max(lo + width, threshold) if doubt and lo else lo + width
        down = 0 if doubt and hi < threshold else max(0, hi - width)
        negative = Form(target.form.at, -target.form.factors)
        return [Wish(((target.form, up),)), Wish(((negative, -down),))]
