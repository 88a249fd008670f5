"""The cheapest safe pattern, with a proof that nothing cheaper is safe.

This module answers: how little can be hidden? For each independent part it goes from both sides. From below: a choice under cuts that
every safe pattern keeps, each violation found by the attacker becoming a cut, so that its cost is a bound on all. From above: patterns
that worlds in whole people show to be safe. When they meet, the pattern is proved optimal; when time ends, the distance is told.

It promises a safe pattern that costs at most as much as the one it was given, and a bound that is true whenever it stops. Cells that
nobody demanded to hide must be as uncertain as those demanded (`separation`), here and in the bound. The same question with enough time
has the same answer; with less, the gap says so.

Source: Fischetti and Salazar-González, Management Science 47 (2001). Theirs is a branch and cut; HiGHS takes no cuts while it branches,
so the whole program is solved again after each round of cuts. A branch and cut with SCIP's constraint handlers was measured beside it, on
four dimensions, 375 cells, a minute: it had proved less and found worse (at least 66, hides 81; this way at least 67, hides 73).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from caseapp.disclosure.cuts import Cut
from caseapp.disclosure.master import Master, whole_cost
from caseapp.disclosure.patterns import Pattern, Patterns
from caseapp.disclosure.question import Question
from caseapp.disclosure.reduced import Part, parts_of
from caseapp.disclosure.search import Undecided
from caseapp.disclosure.separation import Separator, questions
from caseapp.disclosure.system import Floats, Ints
from caseapp.disclosure.tables import Key, Policy
from caseapp.disclosure.watch import OutOfTime, Watch

MANY = 60  # cuts in a round, and the relaxation is solved again before more questions are asked
STALLED = 12  # rounds of cuts at the root that raise the bound by less than
AGAIN = 2  # such rounds after a choice
RISE = 0.005  # of the cost
SOMETIMES = 8  # choices, and one attempt is made however easy they were
HARD = 1000  # steps of the solver for one choice; so many pay for one attempt at a cheaper pattern near the best one
TAKEN_BACK = 5  # numbers that an attempt prints again at once
HOPS = 2  # rows so far from the numbers that may be hidden are asked first; the others only about whole patterns


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


def optimum(asked: Question, policy: Policy, start: Collection[Key], watch: Watch) -> Optimum:
    """The cheapest safe pattern found in the time that the watch gives, not dearer than `start`, which hides the forced cells."""
    parts, anyway = parts_of(asked)
    hidden, cost, bound = set(anyway), 0, 0
    for number, part in enumerate(parts):
        searched = _Search(part, asked, policy, watch.share(len(parts) - number), start)
        best, least = searched.run()
        hidden |= {where for keys, is_hidden in zip(part.keys, best, strict=True) if is_hidden for where in keys}
        cost += int(part.costs[best].sum())
        bound += least
    return Optimum(cost, bound, frozenset(hidden), frozenset(anyway))


class _Search:
    """The search in one part. Questions have numbers: the targets of the part, and after them its cells."""

    def __init__(self, part: Part, asked: Question, policy: Policy, watch: Watch, start: Collection[Key]) -> None:
        self._part, self._policy, self._watch = part, policy, watch
        self._master = Master(part.costs)
        self._patterns = Patterns(part, asked.system, asked.rows, policy, watch)
        self._best: Pattern = np.array([any(where in start for where in keys) for keys in part.keys], dtype=bool)
        self._cost, self._bound = int(part.costs[self._best].sum()), 0
        self._lessened = 0
        self._patience, self._turn, self._choices = STALLED, 0, 0
        self._lot = np.random.default_rng(1)
        self._nowhere: Pattern = np.zeros(len(part.costs), dtype=bool)

    @cached_property
    def _everywhere(self) -> _Asking:
        """The attacker with all rows and all targets."""
        return _Asking(self._part, self._policy, range(len(self._part.targets)), len(self._part.targets))

    def run(self) -> tuple[Pattern, int]:
        """(the best pattern, the bound)."""
        try:
            self._prepare()
            while not self._is_done() and self._relax() and not self._is_done():
                self._choose()
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
        while slow < self._patience:
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
        self._patience = AGAIN
        return True

    def _broken(self, shares: Floats) -> list[Cut]:
        """Cuts that a fractional pattern breaks: of many questions those of the next few, in turn."""
        numbers = list(self._near.numbers)
        found: list[Cut] = []
        for _ in numbers:
            self._watch.look()
            found += self._near.cuts(shares, numbers[self._turn % len(numbers)])
            self._turn += 1
            if len(found) >= MANY:
                break
        return found

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
            self._master.add(self._broken_near(passed_by))
        for pattern in choice.patterns[-1:]:
            if not self._master.add(self._broken_anywhere(pattern)) and self._is_safe(pattern):
                self._try(pattern)
                continue
            self._choices += 1
            if attempts := max(choice.steps // HARD, int(self._choices % SOMETIMES == 0)):
                self._look_around(pattern, attempts)
        self._watch.look()

    def _broken_near(self, pattern: Pattern) -> list[Cut]:
        """The cuts that a whole pattern breaks, for the attacker near the numbers that may be hidden."""
        found: list[Cut] = []
        for number in self._patterns.open_questions(pattern):
            self._watch.look()
            if number in self._near.numbers:
                found += self._near.cuts(pattern.astype(np.float64), number)
        return found

    def _broken_anywhere(self, pattern: Pattern) -> list[Cut]:
        """The same for the attacker with all rows. Worlds that one question comes upon settle others, which need not be asked then."""
        found: list[Cut] = []
        self._patterns.settle(pattern)
        for number in self._patterns.open_questions(pattern):
            self._watch.look()
            if number in self._patterns.open_questions(pattern):
                found += self._everywhere.cuts(pattern.astype(np.float64), number)
                for change in self._everywhere.changes:
                    self._patterns.admit(self._part.world(change))
        return found

    def _is_safe(self, pattern: Pattern) -> bool:
        """The last word on a pattern that breaks no cut, in whole people; the master has a new cut if it is not safe."""
        for number in self._patterns.open_questions(pattern):
            self._watch.look()
            if number in self._patterns.open_questions(pattern) and self._patterns.narrow(pattern, number):
                given = number - len(self._part.targets)
                self._master.add([Cut((~pattern).astype(np.int64), 1, given if given >= 0 else None)])
                return False
        return True

    def _look_around(self, pattern: Pattern, attempts: int) -> None:
        """Cheaper safe patterns near this one and near the best: some numbers are printed again, then as few hidden as that takes."""
        self._try(self._patterns.completed(pattern))
        here = self._best
        for _ in range(attempts):
            if self._lessened != self._cost:
                self._lessen()
                here, self._lessened = self._best, self._cost
            if self._is_done():
                return
            hidden = np.flatnonzero(here)
            less = here.copy()
            less[self._lot.choice(hidden, min(TAKEN_BACK, len(hidden)), replace=False)] = False
            found = self._patterns.completed(less)
            if found is not None and self._patterns.cost(found) <= self._cost:
                here = found
                self._try(found)


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

    @property
    def changes(self) -> list[Ints]:
        """Differences in whole people that the last question came upon."""
        return self._separator.changes

    def cuts(self, shares: Floats, number: int) -> list[Cut]:
        """The cuts that this question finds broken by a pattern."""
        return self._separator.cuts(shares, self._asked[number])
