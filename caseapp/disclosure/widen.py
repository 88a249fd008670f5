"""Looking until every target is open, or until nothing more can be found.

This module answers, for the protector and for the attacker alike: which worlds show that the targets cannot be pinned down? It
looks near first (one family in one quarter moves, the rest stays), then everywhere, first for many targets at once and then for one
at a time. Near finds are proofs like any other; only a search everywhere proves that there is nothing, and it is the last word.
It promises that each world it keeps agrees with every row by addition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.search import Problem, Softs, Undecided, Wish
from caseapp.disclosure.system import Bounds, Ints, Row, System, components
from caseapp.disclosure.tables import Policy
from caseapp.disclosure.uncertainty import Uncertainty

WORTHWHILE = 0.7  # looking everywhere at once is repeated as long as it leaves less than this share open
STARTS = 4  # near searches begin from the first world and the latest few that a wide search found
REWARD = 1000.0  # one step towards a wish outweighs any price
NEAR = 100  # unknowns; larger neighbourhoods take as long as everything at once
REWARDS = (0.4, 1.1, 1000.0)  # steps of a wish against printed numbers: first for nothing, then one for one, then at any price
BATCH_GAP = 0.001  # of the price; never of protection


class Terrain:
    """The rows of one system and the neighbourhoods in it, with what may move at a price."""

    def __init__(self, system: System, rows: Sequence[Row], softs: Softs | None = None, part_of: Ints | None = None) -> None:
        """`part_of`: the unknowns' components, if they are known already; coarser ones will do."""
        self.softs = softs
        self._bounds = Bounds.of(rows)
        self._block_of = np.zeros(system.size, dtype=np.int64)
        self._blocks = system.blocks
        for number, block in enumerate(self._blocks):
            self._block_of[block] = number
        if part_of is None:
            part_of = components(system.size, [self._bounds.sums, *([softs.sums] if softs else [])])
        self._part_of = part_of

    def agrees(self, world: Ints) -> bool:
        """True if a world breaks no row and nobody is counted negatively."""
        return self._bounds.hold(world)

    def is_near(self, at: Ints) -> bool:
        """True if the neighbourhood of these unknowns is small enough for a quick look."""
        return sum(len(self._blocks[number]) for number in np.unique(self._block_of[at]).tolist()) <= NEAR

    def near(self, at: Ints, start: Ints) -> Problem:
        """A search where only the neighbourhoods of these unknowns move."""
        return self._problem(np.isin(self._block_of, np.unique(self._block_of[at])), start)

    def wide(self, at: Ints, start: Ints) -> Problem:
        """A search where everything that could matter for these unknowns moves: nothing outside shares a row with them."""
        return self._problem(np.isin(self._part_of, np.unique(self._part_of[at])), start)

    def _problem(self, moves: NDArray[np.bool_], start: Ints) -> Problem:
        problem = Problem(self._bounds, start, np.flatnonzero(moves))
        if self.softs is not None:
            problem.soften(self.softs)
        return problem


def _unknowns(wish: Wish) -> Ints:
    return np.unique(np.concatenate([form.at for form, _ in wish.asks]))


class Widener:
    """One search for worlds; `found` is told of each new world before it counts."""

    def __init__(
        self,
        terrain: Terrain,
        seen: Uncertainty,
        policy: Policy,
        found: Callable[[Ints], None] | None = None,
        gap: float = 0.0,
        *,
        is_strict: bool = False,  # then a search that ended without an answer is an error, not a narrow target
    ) -> None:
        self._terrain, self._seen, self._policy, self._gap = terrain, seen, policy, gap
        self._is_strict = is_strict
        self._found = found
        self._starts = [seen.worlds[0]]

    def widen(self) -> None:
        """Looks near, then everywhere at once, then everywhere for each target that is left."""
        for reward in REWARDS:
            while self._look_everywhere_at_once(reward):
                pass
            self._look_near()
        for number in self._seen.open():
            self.look_everywhere(number)

    def widen_at_once(self) -> None:
        """Looks everywhere at once only, as long as that settles many."""
        while self._look_everywhere_at_once(REWARD):
            pass

    def _keep(self, world: Ints | None) -> bool:
        if world is None:
            return False
        if not self._terrain.agrees(world):
            raise Undecided("the solver returned a world that does not add up")
        if self._found:
            self._found(world)
        self._seen.see(world)
        return True

    def _look_near(self) -> None:
        for number in self._seen.open():
            if not self._terrain.is_near(self._seen.targets[number].form.at):
                continue
            for start in self._starts[:1] + self._starts[1:][-STARTS:]:
                if self._seen.settled()[number]:
                    break
                for wish in self._seen.wishes(number):
                    problem = self._terrain.near(_unknowns(wish), start)
                    problem.ask([wish])
                    try:
                        if self._keep(problem.solve(self._policy.seconds, self._gap)):
                            break
                    except Undecided:
                        continue

    def look_at_groups(self, groups: Sequence[Sequence[int]]) -> None:
        """Looks everywhere for one group of targets at once, group by group, as long as that settles any."""
        for group in groups:
            while self._look_at_once(group, 1.0):
                pass

    def _look_everywhere_at_once(self, reward: float) -> bool:
        open_before = self._seen.open()
        self._look_at_once(open_before, reward)
        return len(self._seen.open()) < WORTHWHILE * len(open_before)

    def _look_at_once(self, group: Sequence[int], reward: float) -> int:
        """How many of these targets that settles."""
        open_before = self._open_among(group)
        if len(open_before) < 2:
            return 0
        for direction in (0, -1):
            wishes = [self._seen.wishes(number)[direction] for number in self._open_among(group)]
            if not wishes:
                break
            self.look(wishes, reward, BATCH_GAP)
        return len(open_before) - len(self._open_among(group))

    def look(self, wishes: Sequence[Wish], reward: float | None, gap: float) -> None:
        """Look everywhere for one world: with a reward one that grants as much of the wishes as it can, without one all of them."""
        problem = self._terrain.wide(np.unique(np.concatenate([_unknowns(wish) for wish in wishes])), self._starts[0])
        problem.ask(wishes, reward)
        try:
            world = problem.solve(self._policy.seconds, gap)
        except Undecided:
            if self._is_strict:
                raise
            return  # not settled is narrow: what was asked for stays open, and whoever asked treats it as lost
        if self._keep(world) and world is not None:
            self._starts.append(world)

    def _open_among(self, group: Sequence[int]) -> list[int]:
        return np.intersect1d(self._seen.open(), group).tolist() if len(group) else []

    def look_everywhere(self, number: int) -> None:
        """The last word on one target: unless it is settled by then, there is no world that settles it, or no time to find it."""
        for direction in (0, -1):
            if not self._seen.settled()[number]:
                self.look([self._seen.wishes(number)[direction]], REWARD, self._gap)
