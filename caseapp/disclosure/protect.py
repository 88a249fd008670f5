"""From true tables to tables that may leave: the one way to make a `SafeTable`.

This module answers: what does this release print? For each population it puts the new tables and every earlier release into one
system, hides, looks for a cheaper pattern as long as the policy gives time for that, lets the attacker loose on the result, and hides
more until the attacker finds nothing. It promises that no `SafeTable` exists that the attacker could breach, whatever time was given;
if even hiding everything new does not help it raises `Unprotectable` and nothing is published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from caseapp.disclosure.attack import Finding, attack
from caseapp.disclosure.certificate import Certificate, certify, together
from caseapp.disclosure.hide import hide
from caseapp.disclosure.optimum import Proof, optimum
from caseapp.disclosure.question import pose
from caseapp.disclosure.tables import (
    Cell,
    Key,
    Policy,
    Printed,
    Release,
    Spec,
    Table,
    World,
    base_unit,
    key,
    populations,
    world_of,
)
from caseapp.disclosure.watch import Progress, Watch

_MINT = object()
PATIENCE = 4  # rounds of hiding before nothing new is printed at all


class Unprotectable(Exception):
    """Even with every new number hidden somebody could be found; nothing may be published."""


@dataclass(frozen=True)
class SafeTable(Printed):
    """A table that passed the attacker. Only `protect` makes one; writers accept nothing else."""

    small: frozenset[Cell] = field(default=frozenset(), repr=False, compare=False)
    _mint: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._mint is not _MINT:
            raise TypeError("a SafeTable is made by protect() and nowhere else")


@dataclass(frozen=True)
class Report:
    """What was done and what the attacker found. Counts only: it may be shown, it names no hidden value."""

    printed: int
    hidden_small: int
    hidden_other: int
    targets: Mapping[str, int]
    narrow: int
    shortest: int | None
    rounds: int
    seconds: float
    proofs: Mapping[str, Proof] = field(default_factory=dict)  # population → how near to the least; none without a search

    @property
    def hidden(self) -> int:
        """How many cells carry an X."""
        return self.hidden_small + self.hidden_other


@dataclass(frozen=True)
class Protected:
    """A release that may leave, the report on it, its certificate, and what the attacker found for each target (which stays here)."""

    tables: tuple[SafeTable, ...]
    spec: Spec
    report: Report
    certificate: Certificate
    findings: tuple[Finding, ...] = ()


def protect(
    tables: Sequence[Table],
    truth: World,
    spec: Spec,
    policy: Policy,
    earlier: Sequence[Release] = (),
    proof: Certificate | None = None,
    progress: Progress | None = None,
    begin: Callable[[int, int], None] = lambda _number, _of: None,
) -> Protected:
    """The tables with X where needed, against this release and all earlier ones at once.

    `truth` is the true joint count of every population in the system, earlier quarters included; `proof` the certificate of the last
    release, if there is one. Raises UnknownTable, Inconsistent or Unprotectable; in each case nothing may be published.

    The search for the optimum, where the policy asks for one, tells `progress`; time that ends early costs numbers, never protection.
    `begin` is told which population it is at, and of how many. What either raises ends the work.
    """
    began = perf_counter()
    for table in tables:
        table.check(spec)
    history = [table for release in earlier for table in release.tables]
    parts: dict[str, _Part] = {}
    counted = populations([*tables, *history])
    watch = None if policy.search_seconds is None else Watch(policy.search_seconds, progress)
    cells = Counter(base_unit(table.unit) for table in tables for _ in table.counts)
    for number, population in enumerate(sorted(counted, key=cells.__getitem__)):  # what the small ones leave of the time is for the large
        begin(number + 1, len(counted))
        mine = [table for table in tables if base_unit(table.unit) == population]
        told = [release.of(population) for release in earlier]
        before = proof.of(population) if proof is not None else None
        mine_watch = watch.share(len(counted) - number) if watch else None
        true = world_of(truth, population)
        parts[population] = _protect_population(mine, true, spec.of(population), policy, told, before, mine_watch)
    parts = {population: parts[population] for population in counted}
    hidden = set().union(*(part.hidden for part in parts.values()))
    small = {where: None for part in parts.values() for where in part.small}
    safe = tuple(
        SafeTable(
            t.id,
            t.unit,
            t.dimensions,
            {c: None if key(t.unit, c) in hidden else n for c, n in t.counts.items()},
            frozenset(c for c in t.counts if key(t.unit, c) in small),
            _MINT,
        )
        for t in tables
    )
    findings = tuple(finding for part in parts.values() for finding in part.findings)
    new = {where: count for part in parts.values() for where, count in part.new.items()}
    rounds = max((part.rounds for part in parts.values()), default=0)
    proofs = {population: part.proof for population, part in parts.items() if part.proof is not None}
    report = _report(new, hidden, small, findings, rounds, perf_counter() - began, proofs)
    return Protected(safe, spec, report, together([part.certificate for part in parts.values()]), findings)


@dataclass(frozen=True)
class _Part:
    """What came of one population: its new cells, those that are small, those that are hidden."""

    new: Mapping[Key, int]
    small: Mapping[Key, None]
    hidden: set[Key]
    findings: tuple[Finding, ...]
    certificate: Certificate
    rounds: int
    proof: Proof | None


def _protect_population(
    tables: Sequence[Table],
    truth: World,
    spec: Spec,
    policy: Policy,
    earlier: Sequence[Release],
    shown: Certificate | None,
    watch: Watch | None,
) -> _Part:
    asked = pose(tables, truth, spec, policy, earlier)
    system, new = asked.system, asked.new
    hidden, wanted, rounds, best = set(asked.forced), asked, 0, None
    while True:
        rounds += 1
        if len(hidden) < len(new):
            hidden = hide(wanted, policy, hidden)
            if watch is not None:
                found = optimum(wanted, policy, hidden, watch)
                hidden = set(found.hidden)
                best = best or found  # what the attacker demands later is no part of the question that the bound answers
        told = asked.told(hidden)
        findings = attack(system, told, asked.targets, policy)
        held = all(f.is_open for f in findings)
        certificate = certify(system, asked.tables, told, policy, shown) if held else None
        if certificate is not None and (not certificate.doubtful or len(hidden) == len(new)):
            break  # what is doubtful even so lies in what was printed before
        if len(hidden) == len(new):
            raise Unprotectable("a person could be found even if no new number were printed")
        if certificate is not None and rounds < PATIENCE:
            # not small in truth, but nobody outside could tell: protected like what is
            wanted = replace(wanted, targets=[*wanted.targets, *certificate.doubtful])
        else:
            hidden = set(new)
    proof = None
    if best is not None:
        proof = Proof(sum(asked.costs[where] for where in hidden - best.anyway), best.bound)
    elif watch is not None:
        proof = Proof(0, 0)  # nothing to choose
    return _Part(new, asked.small, hidden, findings, certificate, rounds, proof)


def _report(
    new: Mapping[Key, int],
    hidden: set[Key],
    small: Mapping[Key, None],
    findings: Sequence[Finding],
    rounds: int,
    seconds: float,
    proofs: Mapping[str, Proof],
) -> Report:
    widths = [f.hi - f.lo for f in findings if f.kind != "group"]
    return Report(
        printed=len(new),
        hidden_small=len(hidden & set(small)),
        hidden_other=len(hidden - set(small)),
        targets=dict(Counter(f.kind for f in findings)),
        narrow=sum(not f.is_open for f in findings),
        shortest=min(widths, default=None),
        rounds=rounds,
        seconds=round(seconds, 2),
        proofs=proofs,
    )
