"""Patterns that are safe because worlds show it: where the search for the optimum gets its upper bounds from.

This module answers, for one part: is this pattern safe, what would make it safe at little cost, and what can be printed again? Each
world it ever found is kept; a world that moves printed numbers only where a pattern hides them is one a reader of that pattern cannot
rule out. It promises that a pattern it calls safe is settled by such worlds in whole people, and that one it calls narrow was looked
at everywhere by the solver in whole people.

Hiding more never removes a world. So a narrow pattern stays narrow until one of the numbers it prints is hidden, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.hide import GAP
from caseapp.disclosure.reduced import Part
from caseapp.disclosure.search import Softs, Undecided
from caseapp.disclosure.system import Bounds, Ints, Row, Sums, System, components
from caseapp.disclosure.tables import Policy
from caseapp.disclosure.targets import Target
from caseapp.disclosure.uncertainty import Uncertainty
from caseapp.disclosure.watch import Watch
from caseapp.disclosure.widen import Terrain, Widener

Pattern = NDArray[np.bool_]


class Patterns:
    """The worlds of one part, and what they say of patterns. A pattern says for each of the part's cells whether it is hidden."""

    def __init__(self, part: Part, system: System, rows: Sequence[Row], policy: Policy, watch: Watch) -> None:
        """`rows`: what is known whatever is hidden."""
        self._part, self._policy, self._watch = part, policy, watch
        self._system = system
        forms = [system.form(*keys[0]) for keys in part.keys]
        own = [Target("printed", *keys[0], form) for keys, form in zip(part.keys, forms, strict=True)]
        self._sums, self._forms = Sums.of(forms), forms
        self._targets = [*part.targets, *own]
        self._rows = list(rows)
        self._bounds = Bounds.of(self._rows)
        self._held = self._bounds.sums
        self._part_of = components(system.size, [self._held, self._sums])
        self._seen = Uncertainty(self._targets, policy, part.truth)
        self._moved: list[Pattern] = [np.zeros(len(forms), dtype=bool)]
        self._names = {part.truth.tobytes()}

    def see(self, world: Ints) -> Pattern:
        """Takes one more world into account, and each of the independent moves it consists of; the cells whose number it changes."""
        for one in (world, *self._moves(world)):
            if one.tobytes() not in self._names:
                self._names.add(one.tobytes())
                self._seen.see(one)
                self._moved.append(self._sums.values(one) != self._part.counts)
        return np.asarray(self._sums.values(world) != self._part.counts)

    def _moves(self, world: Ints) -> Iterator[Ints]:
        """Worlds that make one part of the changes each, where no row holds two parts together: they agree with all rows, too."""
        change = world - self._part.truth
        changed = np.flatnonzero(change)
        place = np.full(len(world), -1)
        place[changed] = np.arange(len(changed))
        chosen = place[self._held.at] >= 0
        lengths = np.bincount(self._held.owner[chosen], minlength=len(self._held))
        label = components(len(changed), [Sums(place[self._held.at[chosen]], self._held.factors[chosen], lengths)])
        for one in dict.fromkeys(label.tolist()):
            moved = self._part.truth.copy()
            moved[changed[label == one]] += change[changed[label == one]]
            yield moved

    def _keep(self, world: Ints) -> None:
        self.see(world)

    def admit(self, world: Ints) -> None:
        """Takes a world into account if it breaks no row and counts nobody negatively."""
        if self._bounds.hold(world):
            self.see(world)

    def print_always(self, cells: Pattern) -> None:
        """From now on these are printed in every pattern: they cannot be hidden safely."""
        counts = self._part.counts.tolist()
        self._rows += [Row(self._forms[at], counts[at], counts[at]) for at in np.flatnonzero(cells).tolist()]

    def settle(self, hidden: Pattern) -> None:
        """Looks for many worlds at once that a reader of this pattern is left with."""
        open_questions = self.open_questions(hidden)
        seen = self._shown([self._targets[number] for number in open_questions], self._allowed(hidden))
        Widener(self._terrain(hidden), seen, self._policy, self._keep).widen_at_once()

    def _terrain(self, hidden: Pattern) -> Terrain:
        """The system with the rest printed."""
        printed = [Row(self._forms[at], n, n) for at, n in enumerate(self._part.counts.tolist()) if not hidden[at]]
        return Terrain(self._system, [*self._rows, *printed], None, self._part_of)

    def open_questions(self, hidden: Pattern) -> list[int]:
        """The targets, and after them the hidden cells, that no worlds seen show to be open."""
        return np.flatnonzero(self._wanted(hidden) & ~self._seen.settled_in(self._allowed(hidden))).tolist()

    def _wanted(self, hidden: Pattern) -> Pattern:
        demanded: Pattern = np.ones(len(self._part.targets), dtype=bool)
        return np.concatenate([demanded, hidden])

    def _allowed(self, hidden: Pattern) -> Pattern:
        moved: Pattern = np.array(self._moved)[:, ~hidden]
        return np.asarray(~moved.any(axis=1))

    def narrow(self, hidden: Pattern, number: int) -> bool:
        """Whether no world in whole people opens this question; Undecided if that could not be told."""
        seen = self._shown([self._targets[number]], self._allowed(hidden))
        Widener(self._terrain(hidden), seen, self._policy, self._keep, is_strict=True).look_everywhere(0)
        return not bool(seen.settled()[0])

    def _shown(self, targets: Sequence[Target], allowed: Pattern) -> Uncertainty:
        seen = Uncertainty(targets, self._policy, self._part.truth)
        for number in np.flatnonzero(allowed).tolist()[1:]:
            seen.see(self._seen.worlds[number])
        return seen

    def completed(self, hidden: Pattern) -> Pattern | None:
        """A safe pattern that hides at least these cells, then as few as it can; None if none was found."""
        hidden = hidden.copy()
        self.settle(hidden)
        while questions := self.open_questions(hidden):
            for number in questions:  # one after the other: a world for many at once moves more than they need
                self._watch.look()
                if number in self.open_questions(hidden):
                    opened = self._opened(hidden, number)
                    if opened is None:
                        return None
                    hidden = opened
        return self.pruned(hidden)

    def _opened(self, hidden: Pattern, number: int) -> Pattern | None:
        """The pattern with what else must be hidden for one question, None if nothing helps."""
        hidden = hidden.copy()
        terrain = Terrain(self._system, self._rows, self._softs(hidden), self._part_of)

        def admit(world: Ints) -> None:
            nonlocal hidden
            hidden |= self.see(world)
            terrain.softs = self._softs(hidden)

        seen = self._shown([self._targets[number]], self._allowed(hidden))
        try:
            Widener(terrain, seen, self._policy, admit, GAP).look_everywhere(0)
        except Undecided:
            return None
        return hidden if seen.settled()[0] else None

    def _softs(self, hidden: Pattern) -> Softs:
        return Softs(self._sums.among(~hidden), self._part.counts[~hidden], self._part.costs[~hidden].astype(np.float64))

    def pruned(self, hidden: Pattern) -> Pattern:
        """Prints again, dearest first, what can be printed while the worlds at hand still settle everything."""
        moved = np.array(self._moved)
        for at in self._part.dearest_first():
            if not hidden[at]:
                continue
            less = hidden.copy()
            less[at] = False
            allowed = self._allowed(less)
            less &= moved[allowed].any(axis=0)
            if not (self._wanted(less) & ~self._seen.settled_in(allowed)).any():
                hidden = less
        return hidden

    def cost(self, hidden: Pattern) -> int:
        """What hiding these cells costs."""
        return int(self._part.costs[hidden].sum())
