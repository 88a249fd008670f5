"""The system as the search for the optimum needs it: what can still move, seen from the truth.

This module answers: which unknowns, rows and numbers matter for what is to be hidden now? It measures each unknown as a difference from
its true value. Unknowns that cannot move are left out, those that nobody could tell apart are one, numbers that always move alike are
one, and what has no row in common is a part of its own: hiding in one part never helps in another. It promises that nothing is lost by
it: what can move at all can move in the reduced system, and as far.

Whole numbers throughout; no solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from caseapp.disclosure.question import Question
from caseapp.disclosure.system import Bounds, Floats, Form, Ints, Sums, components
from caseapp.disclosure.tables import Key
from caseapp.disclosure.targets import Target


@dataclass(frozen=True)
class Part:
    """One independent part, in differences from the `truth` (which is of the whole system).

    `members`: the unknowns that each column stands for; `room`: how far it can fall. `fixed`: rows that are known, with `lo` and `hi` of
    their differences. `cells`: the numbers that may be hidden, each standing for all of `keys` at that place, at `costs` together, with
    their true `counts`. `targets`: what must stay open, with its form (and a group's answer) in columns.
    """

    truth: Ints
    members: tuple[Ints, ...]
    room: Ints
    fixed: Sums
    lo: Floats
    hi: Floats
    cells: tuple[Form, ...]
    keys: tuple[tuple[Key, ...], ...]
    counts: Ints
    costs: Ints
    targets: tuple[Target, ...]
    forms: tuple[Form, ...]
    answers: tuple[Form | None, ...]

    def world(self, change: Ints) -> Ints:
        """The world of the whole system that differs from the truth by this in each column."""
        world = self.truth.copy()
        for at in np.flatnonzero(change).tolist():
            left = int(change[at])
            for one in self.members[at].tolist():
                step = max(left, -int(world[one]))
                world[one] += step
                left -= step
        return world

    def dearest_first(self) -> list[int]:
        """The cells, dearest and largest first: the order in which one would rather print them again."""
        return np.lexsort((-self.counts, -self.costs)).tolist()

    def near(self, targets: Sequence[int], hops: int) -> Part:
        """The same choice with these targets and only the rows so many steps away; what is proved there holds here.

        Leaving out rows leaves more worlds: what is narrow even then is narrow.
        """
        asked = [(self.targets[at], self.forms[at], self.answers[at]) for at in targets]
        inside = np.zeros(len(self.room), dtype=bool)
        for form in (*self.cells, *(form for _, form, _ in asked), *(answer for *_, answer in asked if answer is not None)):
            inside[form.at] = True
        kept = np.zeros(len(self.fixed), dtype=bool)
        for _ in range(hops):
            kept[self.fixed.owner[inside[self.fixed.at]]] = True
            inside[self.fixed.at[kept[self.fixed.owner]]] = True
        rows = (self.fixed.among(kept).forms(), self.lo[kept], self.hi[kept])
        return replace(_merged(self.room, rows, list(self.cells), list(self.keys), self.counts, self.costs, asked), truth=self.truth)


def parts_of(question: Question) -> tuple[list[Part], frozenset[Key]]:
    """The independent parts in which anything can be chosen, and all that is hidden anyway: what must be, and what moves with it."""
    system, truth, rows, forced, targets = question.system, question.world, question.rows, question.forced, question.targets
    bounds = Bounds.of(rows)
    at_truth = bounds.sums.values(truth)
    lo, hi = bounds.lo - at_truth, bounds.hi - at_truth
    live = _can_move(truth, bounds.sums, lo, hi)
    fixed = [_within(row.form, live) for row in rows]
    by_form: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Key]] = defaultdict(list)
    known = {_name(form) for form, low, high in zip(fixed, lo, hi, strict=True) if low == high}
    for where in question.new:
        form = _within(system.form(*where), live)
        if len(form.at) and _name(form) not in known:
            by_form[_name(form)].append(where)
    cells = {name: keys for name, keys in by_form.items() if not forced.intersection(keys)}
    anyway = forced.union(*(keys for name, keys in by_form.items() if name not in cells))
    forms = [Form(np.array(at, dtype=np.int64), np.array(factors, dtype=np.int64)) for at, factors in cells]
    asked = [(_within(t.form, live), None if t.answer is None else _within(t.answer, live)) for t in targets]
    part_of = components(
        system.size, [Sums.of(fixed), Sums.of(forms), Sums.of([form for form, _ in asked]), Sums.of([a for _, a in asked if a])]
    )
    found = []
    for number in dict.fromkeys(int(part_of[form.at[0]]) for form in forms):
        here = [at for at, form in enumerate(forms) if part_of[form.at[0]] == number]
        kept = [at for at, form in enumerate(fixed) if len(form.at) and part_of[form.at[0]] == number]
        mine = [at for at, (form, _) in enumerate(asked) if len(form.at) and part_of[form.at[0]] == number]
        keys = [tuple(list(cells.values())[at]) for at in here]
        found.append(
            _merged(
                truth,
                ([fixed[at] for at in kept], lo[kept], hi[kept]),
                [forms[at] for at in here],
                keys,
                np.array([question.new[together[0]] for together in keys], dtype=np.int64),
                np.array([sum(question.costs[where] for where in together) for together in keys], dtype=np.int64),
                [(targets[at], *asked[at]) for at in mine],
            )
        )
    return found, anyway


def _can_move(truth: Ints, sums: Sums, lo: Floats, hi: Floats) -> NDArray[np.bool_]:
    """The unknowns that are not pinned to the truth by a single row, or by one after the other."""
    live = np.ones(len(truth), dtype=bool)
    falls = truth[sums.at] > 0  # whether a term's unknown can fall at all
    up, down = sums.factors > 0, sums.factors < 0
    while True:
        here = live[sums.at]
        many = np.bincount(sums.owner[here], minlength=len(sums))
        # terms that could lower their row, or raise it
        lowering = np.bincount(sums.owner[here & (down | (up & falls))], minlength=len(sums))
        raising = np.bincount(sums.owner[here & (up | (down & falls))], minlength=len(sums))
        pinned = ((many == 1) & (lo == 0) & (hi == 0)) | ((hi == 0) & (lowering == 0)) | ((lo == 0) & (raising == 0))
        dead = here & pinned[sums.owner]
        if not dead.any():
            return live
        live[sums.at[dead]] = False


def _within(form: Form, live: NDArray[np.bool_]) -> Form:
    chosen = live[form.at]
    return Form(form.at[chosen], form.factors[chosen])


def _name(form: Form) -> tuple[tuple[int, ...], tuple[int, ...]]:
    order = np.argsort(form.at, kind="stable")
    return tuple(form.at[order].tolist()), tuple(form.factors[order].tolist())


def _merged(
    truth: Ints,
    fixed: tuple[list[Form], Floats, Floats],
    cells: list[Form],
    keys: list[tuple[Key, ...]],
    counts: Ints,
    costs: Ints,
    asked: list[tuple[Target, Form, Form | None]],
) -> Part:
    """One part, with unknowns that occur in exactly the same places as one column."""
    rows, lo, hi = fixed
    everything = [*rows, *cells, *(form for _, form, _ in asked), *(answer for _, _, answer in asked if answer is not None)]
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, form in enumerate(everything):
        for at, factor in zip(form.at.tolist(), form.factors.tolist(), strict=True):
            places[at].append((number, factor))
    alike: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
    for at in sorted(places):
        alike[tuple(places[at])].append(at)
    members = [np.array(together, dtype=np.int64) for together in alike.values()]
    column = {int(together[0]): number for number, together in enumerate(members)}

    def short(form: Form) -> Form:
        kept = [(column[at], factor) for at, factor in zip(form.at.tolist(), form.factors.tolist(), strict=True) if at in column]
        return Form(np.array([at for at, _ in kept], dtype=np.int64), np.array([factor for _, factor in kept], dtype=np.int64))

    return Part(
        truth,
        tuple(members),
        np.array([truth[together].sum() for together in members], dtype=np.int64),
        Sums.of([short(form) for form in rows]),
        lo,
        hi,
        tuple(short(form) for form in cells),
        tuple(keys),
        counts,
        costs,
        tuple(target for target, _, _ in asked),
        tuple(short(form) for _, form, _ in asked),
        tuple(None if answer is None else short(answer) for _, _, answer in asked),
    )
