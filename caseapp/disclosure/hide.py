"""Which cells to hide, and no more than needed to be sure.

This module answers: starting from the sensitive cells, what else must be hidden? For each target that is not yet open it looks for
another world at the least cost in printed numbers; every number that differs in that world from the truth is hidden, and with that
the other world is one a reader cannot rule out. So protection holds by construction and only grows. At the end it tries to print
again what no world needs. It promises a verified pattern, not an optimal one.

What hiding costs is for `costs` to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from caseapp.disclosure.question import Question
from caseapp.disclosure.search import Softs
from caseapp.disclosure.system import Ints, Sums, System
from caseapp.disclosure.tables import Key, Policy
from caseapp.disclosure.uncertainty import Uncertainty
from caseapp.disclosure.widen import Terrain, Widener

GAP = 0.05  # of the cost of hiding for one target; never of protection


class Curtain:
    """The new numbers, each printed or hidden."""

    def __init__(self, system: System, counts: Mapping[Key, int], hidden: Collection[Key], costs: Mapping[Key, int]) -> None:
        self.hidden = set(hidden) & set(counts)
        self.needed = frozenset(self.hidden)
        self._keys = list(counts)
        self._counts = np.array(list(counts.values()), dtype=np.int64)
        self._costs = np.array([costs[where] for where in self._keys], dtype=np.float64)
        self._sums = Sums.of([system.form(*where) for where in self._keys])

    def softs(self) -> Softs:
        """The numbers still printed, with the cost of hiding each."""
        printed = np.array([where not in self.hidden for where in self._keys], dtype=bool)
        return Softs(self._sums.among(printed), self._counts[printed], self._costs[printed])

    def admit(self, world: Ints) -> bool:
        """Hides whatever number would rule this world out; True if that was anything."""
        moved = np.flatnonzero(self._sums.values(world) != self._counts)
        new = {self._keys[at] for at in moved.tolist()} - self.hidden
        self.hidden |= new
        return bool(new)

    def lift(self, seen: Uncertainty) -> None:
        """Prints again, dearest and largest first, what can be printed while the worlds at hand still settle every target."""
        moved = np.array([self._sums.values(world) != self._counts for world in seen.worlds])
        allowed = np.ones(len(seen.worlds), dtype=bool)
        for at in np.lexsort((-self._counts, -self._costs)).tolist():
            where = self._keys[at]
            if where in self.hidden and where not in self.needed and seen.settled_by(allowed & ~moved[:, at]):
                allowed &= ~moved[:, at]
                self.hidden.discard(where)


def hide(asked: Question, policy: Policy, hidden: Collection[Key]) -> set[Key]:
    """The new cells that must be X where these are hidden in any case. Targets it could not open stay narrow; the attacker will say so."""
    curtain = Curtain(asked.system, asked.new, hidden, asked.costs)
    terrain = Terrain(asked.system, asked.rows, curtain.softs())
    seen = Uncertainty(asked.targets, policy, asked.world)

    def admit(world: Ints) -> None:
        if curtain.admit(world):
            terrain.softs = curtain.softs()

    Widener(terrain, seen, policy, admit, GAP).widen()
    if not seen.open():
        curtain.lift(seen)
    return curtain.hidden
