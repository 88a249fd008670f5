"""The attacker: what follows from everything published, computed with whole people.

This module answers: how tightly can a reader with unlimited patience bound each target? It uses the published numbers and the
declared facts only, never the truth; the truth only chose which targets are worth attacking. It promises that a finding called
open is shown by worlds that agree with everything published, and that one called narrow, or undecided for lack of time, is
reported as a breach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from caseapp.disclosure.search import Problem
from caseapp.disclosure.system import Bounds, Ints, Row, System
from caseapp.disclosure.tables import Cell, Inconsistent, Key, Policy
from caseapp.disclosure.targets import Kind, Target
from caseapp.disclosure.uncertainty import Uncertainty
from caseapp.disclosure.widen import Terrain, Widener


@dataclass(frozen=True)
class Finding:
    """What the attacker could say about one target: it lies between lo and hi, and perhaps further out if it is open."""

    kind: Kind
    unit: str
    codes: Cell
    lo: int
    hi: int
    is_open: bool


def attack(system: System, known: Mapping[Key, int | None], targets: Sequence[Target], policy: Policy) -> tuple[Finding, ...]:
    """One finding per target, from published numbers alone; Inconsistent if no world agrees with them."""
    rows = system.rows(known)
    terrain = Terrain(system, rows)
    seen = Uncertainty(targets, policy, some_world(system, rows, policy))
    Widener(terrain, seen, policy).widen()
    return tuple(
        Finding(t.kind, t.unit, t.codes, int(lo), int(hi), bool(is_open))
        for t, lo, hi, is_open in zip(seen.targets, seen.lo, seen.hi, seen.settled(), strict=True)
    )


def some_world(system: System, rows: Sequence[Row], policy: Policy) -> Ints:
    """Any world that agrees with the rows; Inconsistent if there is none."""
    nothing = np.zeros(system.size, dtype=np.int64)
    bounds = Bounds.of(rows)
    world = Problem(bounds, nothing, np.arange(system.size)).solve(policy.seconds)
    if world is None or not bounds.hold(world):
        raise Inconsistent("the published numbers contradict each other: no assignment of people agrees with all of them")
    return world
