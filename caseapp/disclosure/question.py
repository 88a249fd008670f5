"""What is asked about one population: which of its new numbers may be printed, given all that was ever printed of it?

This module answers: what is known already, what can be chosen, what must stay open, and what is hidden in any case? It puts the new
tables and every earlier release into one system and demands that the true counts agree with everything published; a contradiction is
refused before anything is hidden. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from caseapp.disclosure.costs import costs
from caseapp.disclosure.system import Ints, Row, System, disagreement
from caseapp.disclosure.tables import Inconsistent, Key, Policy, Printed, Release, Spec, Table, World, key, published
from caseapp.disclosure.targets import Target, derived, groups, printed, sensitive


@dataclass(frozen=True)
class Question:
    """`tables`: the new ones and those of every earlier release. `world`: the true count of each unknown. `known`: what was printed before,
    and `rows` what a reader can write down of it. `new`: the numbers to be printed or hidden, at these `costs`. `small`: the cells that
    may never be printed; `forced`: those of the new ones, and what was hidden before. `targets`: what must stay open.
    """

    system: System
    tables: tuple[Table | Printed, ...]
    world: Ints
    known: Mapping[Key, int | None]
    rows: Sequence[Row]
    new: Mapping[Key, int]
    costs: Mapping[Key, int]
    small: Mapping[Key, None]
    forced: frozenset[Key]
    targets: Sequence[Target]

    def told(self, hidden: Collection[Key]) -> dict[Key, int | None]:
        """What a reader has where these of the new numbers are hidden."""
        return dict(self.known) | {where: None if where in hidden else count for where, count in self.new.items()}


def pose(tables: Sequence[Table], truth: World, spec: Spec, policy: Policy, earlier: Sequence[Release]) -> Question:
    """The question for tables of one population. Raises Inconsistent."""
    known = published(earlier)
    everything: tuple[Table | Printed, ...] = (*tables, *(table for release in earlier for table in release.tables))
    system = System(everything, reduce(Spec.merged, (release.spec for release in earlier), spec))
    rows = system.rows(known)
    world = _checked(system, truth, tables, rows)
    new = {where: count for where, count in _counts(tables).items() if known.get(where) is None}
    small = sensitive(tables, policy)
    once_hidden = {where: None for where, count in known.items() if count is None}
    watched = {w: None for w in once_hidden if policy.is_small(system.form(*w).value(world), w[1])}
    targets = [*printed(system, small | watched), *derived(system, world, policy), *groups(system, everything, world)]
    forced = frozenset(small) | (frozenset(once_hidden) & frozenset(new))
    return Question(system, everything, world, known, rows, new, costs(tables, policy), small, forced, targets)


def _counts(tables: Sequence[Table]) -> dict[Key, int]:
    counts: dict[Key, int] = {}
    for table in tables:
        for codes, count in table.counts.items():
            if counts.setdefault(key(table.unit, codes), count) != count:
                raise Inconsistent(f"table {table.id} counts {dict(codes)} differently from another table")
    return counts


def _checked(system: System, truth: World, tables: Sequence[Table], rows: Sequence[Row]) -> Ints:
    world = system.world(truth)
    broken = disagreement(rows, world)
    if broken is not None:
        raise Inconsistent(
            f"the counts do not agree with the facts or with what was published: a sum is {broken.form.value(world)}, "
            f"not within {broken.lo} and {broken.hi}"
        )
    for table in tables:
        for codes, count in table.counts.items():
            if system.form(table.unit, codes).value(world) != count:
                raise Inconsistent(f"table {table.id} does not add up to the joint counts at {dict(codes)}")
    return world
