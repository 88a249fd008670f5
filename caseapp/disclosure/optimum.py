"""The cheapest safe pattern, with a proof that nothing cheaper is safe.

This module answers: how little can be hidden? For each independent part it goes from both sides. From below: a choice under cuts that
every safe pattern keeps, each violation found by the attacker becoming a cut, so that its cost is a bound on all. From above: patterns
that worlds in whole people show to be safe. When they meet, the pattern is proved optimal; when time ends, the distance is told.

It promises a safe pattern that costs at most as much as the one it was given, and a bound that is true whenever it stops. Cells that
nobody demanded to hide must be as uncertain as those demanded (`separation`), here and in the bound. The same question with enough time
has the same answer; with less, the gap says so.

Source: Fischetti and Salazar-González, Management Science 47 (2001). Theirs is a branch and cut; HiGHS takes no cuts while it branches,
so the whole program is solved again after each round of cuts, which a good root and a good incumbent keep rare.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from time import monotonic

import numpy as np

from caseapp.disclosure.cuts import Cut
from caseapp.disclosure.master import Master, whole_cost
from caseapp.disclosure.patterns import Pattern, Patterns
from caseapp.disclosure.reduced import Part, parts_of
from caseapp.disclosure.search import Undecided
from caseapp.disclosure.separation import LITTLE, Separator, questions
from caseapp.disclosure.system import Floats, Ints, Row, System
from caseapp.disclosure.tables import Key, Policy
from caseapp.disclosure.targets import Target

STALLED = 12  # rounds of cuts at the root that raise the bound by less than
RISE = 0.005  # of the cost
SOMETIMES = 4  # choices, and then the best pattern is looked through once more
MOSTLY = 0.7  # a dive hides what the relaxation hides by more than this share
HOPS = 2  # rows so far from the numbers that may be hidden are asked first; the others only about whole patterns

Progress = Callable[[str, int, int], None]
"""Told the phase (a word), the bound and the cost of the best pattern so far. It may raise to give up altogether."""


class OutOfTime(Exception):
    """The search ends here, with what it has."""


class Watch:
    """How long a search may go on, who is told, and who may end it."""

    def __init__(
        self,
        seconds: float,
        progress: Progress | None = None,
        cancel: Callable[[], bool] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._end = clock, clock() + seconds
        self._progress, self._cancel = progress, cancel

    @property
    def left(self) -> float:
        """Seconds."""
        return self._end - self._clock()

    def is_over(self) -> bool:
        """True if time has ended or somebody said stop."""
        return self.left <= 0 or (self._cancel is not None and self._cancel())

    def look(self) -> None:
        """Raises OutOfTime if it is over."""
        if self.is_over():
            raise OutOfTime

    def tell(self, phase: str, bound: int, cost: int) -> None:
        """Tells whoever wants to know."""
        if self._progress is not None:
            self._progress(phase, bound, cost)

    def share(self, among: int) -> Watch:
        """A watch for one of so many pieces of work that are still to be done."""
        return Watch(self.left / max(1, among), self._progress, self._cancel, self._clock)


@dataclass(frozen=True)
class Proof:
    """What hiding costs, and the bound on what it costs at least; both without what is hidden anyway."""

    cost: int
    bound: int

    @property
    def gap(self) -> float:
        """(cost − bound) / cost; 0 means that nothing cheaper is safe."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0

    @property
    def is_optimal(self) -> bool:
        """True if nothing cheaper is safe."""
        return self.cost <= self.bound


@dataclass(frozen=True)
class Optimum(Proof):
    """A pattern with its proof: what it hides in all, and what of that was hidden `anyway`."""

    hidden: frozenset[Key]
    anyway: frozenset[Key]


def optimum(
    system: System,
    truth: Ints,
    rows: Sequence[Row],
    counts: Mapping[Key, int],
    forced: set[Key],
    targets: Sequence[Target],
    costs: Mapping[Key, int],
    start: set[Key],
    policy: Policy,
    watch: Watch,
) -> Optimum:
    """The cheapest safe pattern found in the time that the watch gives, not dearer than `start`, which hides the `forced` cells.

    `rows`: what is known whatever is hidden now; `counts`: the numbers to be printed or hidden; `costs` of hiding each.
    """
    parts, anyway = parts_of(system, truth, rows, counts, forced, targets, costs)
    hidden, cost, bound = set(anyway), 0, 0
    for number, part in enumerate(parts):
        searched = _Search(part, system, rows, policy, watch.share(len(parts) - number), start)
        best, least = searched.run()
        hidden |= {where for keys, is_hidden in zip(part.keys, best, strict=True) if is_hidden for where in keys}
        cost += int(part.costs[best].sum())
        bound += least
    return Optimum(cost, bound, frozenset(hidden), frozenset(anyway))


class _Search:
    """The search in one part. Questions have numbers: the targets of the part, and after them its cells."""

    def __init__(self, part: Part, system: System, rows: Sequence[Row], policy: Policy, watch: Watch, start: set[Key]) -> None:
        self._part, self._policy, self._watch = part, policy, watch
        self._master = Master(part.costs)
        self._patterns = Patterns(part, system, rows, policy)
        self._best: Pattern = np.array([any(where in start for where in keys) for keys in part.keys], dtype=bool)
        self._cost, self._bound = int(part.costs[self._best].sum()), 0
        self._dived = False
        self._nowhere: Pattern = np.zeros(len(part.costs), dtype=bool)

    @cached_property
    def _everywhere(self) -> _Asking:
        """The attacker with all rows and all targets."""
        return _Asking(self._part, self._policy, range(len(self._part.targets)), len(self._part.targets))

    def run(self) -> tuple[Pattern, int]:
        """(the best pattern, the bound)."""
        try:
            self._prepare()
            turns = count(1)
            while not self._is_done() and self._relax() and not self._is_done():
                self._choose()
                if next(turns) % SOMETIMES == 0 and not self._is_done():
                    self._lessen()
        except (OutOfTime, Undecided):
            pass  # what was found so far is as true as before
        self._bound = min(self._bound, self._cost)
        return self._best, self._bound

    def _prepare(self) -> None:
        """Leaves out what is open anyway, and the cells that are narrow even where everything is hidden."""
        self._watch.look()
        self._patterns.settle(self._nowhere)
        left = self._patterns.open_questions(self._nowhere)
        near = self._part.near(left, HOPS)
        self._near = _Asking(near, self._policy, left, len(self._part.targets))
        never = self._nowhere.copy()
        for at in range(len(self._part.costs)):
            self._watch.look()
            cuts = self._near.cuts(np.ones(len(never)), len(self._part.targets) + at)
            self._master.add(cuts)
            never[at] = bool(cuts)
        self._patterns.print_always(never)
        self._try(self._patterns.completed(self._best & ~never))

    def _is_done(self) -> bool:
        self._watch.look()
        return self._bound >= self._cost

    def _try(self, pattern: Pattern | None) -> None:
        if pattern is not None and self._patterns.cost(pattern) < self._cost:
            self._best, self._cost = pattern, self._patterns.cost(pattern)
            self._watch.tell("pattern", self._bound, self._cost)

    def _raise(self, bound: int) -> None:
        if bound > self._bound:
            self._bound = min(bound, self._cost)
            self._watch.tell("bound", self._bound, self._cost)

    def _relax(self) -> bool:
        """Cuts off fractional patterns until that raises the bound no longer; False if no pattern keeps the cuts."""
        slow, last = 0, -1.0
        while slow < STALLED:
            relaxed = self._master.relaxed()
            if relaxed is None:
                self._bound = self._cost  # no pattern is safe: whoever asked finds out
                return False
            value, shares = relaxed
            self._raise(whole_cost(value))
            if self._is_done():
                return True
            slow = slow + 1 if value - last < RISE * max(1, self._cost) else 0
            last = value
            if not self._master.add(self._broken(shares)):
                break
        if not self._dived and not self._is_done():
            self._dived = True
            self._dive(shares)
        return True

    def _broken(self, shares: Floats, among: Collection[int] | None = None) -> list[Cut]:
        found: list[Cut] = []
        for number in self._near.numbers:
            if among is None or number in among:
                self._watch.look()
                found += self._near.cuts(shares, number)
        return found

    def _dive(self, shares: Floats) -> None:
        """From the relaxation to a whole pattern: hides for good what is hidden most, and solves again, until nothing is broken."""
        hidden = self._nowhere.copy()
        while True:
            more = (shares > MOSTLY) & ~hidden
            if not more.any():
                left = np.where(hidden, 0.0, shares)
                more = left >= max(LITTLE, left.max(initial=0.0))
            hidden |= more
            open_questions = set(self._patterns.open_questions(hidden))
            cuts = self._broken(hidden.astype(np.float64), open_questions)
            if not cuts or not more.any():
                break
            self._master.add(cuts)
            relaxed = self._master.relaxed(hidden)
            if relaxed is None:
                return
            shares = relaxed[1]
        self._try(self._patterns.completed(hidden))

    def _lessen(self) -> None:
        """Prints again what the best pattern can do without, dearest first, as the attacker in fractions and in whole people allows."""
        for at in self._part.dearest_first():
            if self._is_done():
                return
            less = self._best.copy()
            less[at] = False
            if self._patterns.cost(less) == self._cost:
                continue
            open_questions = self._patterns.open_questions(less)
            if any(self._is_broken(less, number) for number in open_questions):
                continue
            if not any(self._patterns.narrow(less, number) for number in open_questions):
                self._try(self._patterns.pruned(less))

    def _is_broken(self, pattern: Pattern, number: int) -> bool:
        self._watch.look()
        return number in self._near.numbers and self._master.add(self._near.cuts(pattern.astype(np.float64), number)) > 0

    def _choose(self) -> None:
        """Takes the cheapest whole pattern that keeps the cuts, and either proves it safe or learns why it is not."""
        choice = self._master.whole(self._watch.left, self._cost, self._watch.is_over)
        if choice is None:
            self._raise(self._cost)
            return
        self._raise(choice.bound)
        for passed_by in choice.patterns[:-1]:
            self._master.add(self._broken(passed_by.astype(np.float64)))
        for pattern in choice.patterns[-1:]:
            if self._learn(pattern):
                self._try(pattern)
        self._watch.look()

    def _learn(self, pattern: Pattern) -> bool:
        """True if the pattern is safe; otherwise the master has a new cut that it breaks."""
        if self._master.add(self._broken(pattern.astype(np.float64))):
            self._try(self._patterns.completed(pattern))
            return False
        self._patterns.settle(pattern)
        for number in self._patterns.open_questions(pattern):
            self._watch.look()
            if number not in self._patterns.open_questions(pattern):
                continue  # a world found for another one
            if self._master.add(self._everywhere.cuts(pattern.astype(np.float64), number)):
                return False
            if self._patterns.narrow(pattern, number):
                given = number - len(self._part.targets)
                self._master.add([Cut((~pattern).astype(np.int64), 1, given if given >= 0 else None)])
                self._try(self._patterns.completed(pattern))
                return False
        return True


class _Asking:
    """A separator, asked by number: for the targets of a part that have these numbers, and for all its cells."""

    def __init__(self, part: Part, policy: Policy, targets: Sequence[int], first_cell: int) -> None:
        self._separator = Separator(part, policy)
        numbers = [*targets, *range(first_cell, first_cell + len(part.cells))]
        self._asked = dict(zip(numbers, questions(part), strict=True))

    @property
    def numbers(self) -> Collection[int]:
        """The questions it can be asked."""
        return self._asked.keys()

    def cuts(self, shares: Floats, number: int) -> list[Cut]:
        """The cuts that this question finds broken by a pattern."""
        return self._separator.cuts(shares, self._asked[number])
