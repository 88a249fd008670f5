"""Making a release: from what was read to the bytes that somebody may approve.

This module answers, with no database and no transaction open: what is in the bundle of a quarter, given its records and every earlier
release? It may take seconds; nothing is locked meanwhile. It promises that earlier releases are taken from their own bytes, as anybody
may read them, never made again; and that what it gives besides the bytes (`Made`) is enough to show, later, what was hidden and why.

`about` is what the ledger keeps of a release, sealed, as plain JSON: {label, policy: the constants, gone: cases without a key,
unreadable: damaged answers, seconds, proofs: {population: [cost, bound]} where a search was made, small: [[unit, codes]] that few
people stand behind, findings: [[kind, unit, codes, lo, hi, open]]}.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Any

from caseapp import codelists
from caseapp.disclosure import Cell, Finding, Inconsistent, Policy, Unprotectable, World, cell, protect
from caseapp.disclosure import Release as Published
from caseapp.disclosure.attack import attack
from caseapp.disclosure.protect import Protected
from caseapp.disclosure.system import System, disagreement
from caseapp.disclosure.tables import Key, Spec, base_unit, key, populations, published, world_of
from caseapp.disclosure.targets import derived, groups, printed
from caseapp.statistics.bundle import Imprint, archive, bundle, read_certificate, read_release, unpack
from caseapp.statistics.counting import count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.reading import Reading
from caseapp.statistics.rules import design, merge_worlds

SEARCH_SECONDS = 60.0  # for all populations together; a town's setting may say otherwise, None: the heuristic only
PROGRAM = "0.1.0"  # as in pyproject.toml; a test compares them
Stored = dict[str, Any]


class CannotPublish(Exception):
    """This quarter cannot be published safely, or contradicts what was published before. Nothing was stored."""


@dataclass(frozen=True)
class Town:
    """Whose statistics these are, and the constants of the protection."""

    code: str
    name: str
    work_forms: tuple[str, ...]
    policy: Policy


@dataclass(frozen=True)
class Kept:
    """An approved release as the ledger keeps it."""

    label: str
    archive: bytes
    counts: World
    about: Stored

    def published(self) -> Published:
        """What it told the world, read from its own bytes."""
        return read_release(unpack(self.archive))


@dataclass(frozen=True)
class Made:
    """A release nobody has approved yet."""

    archive: bytes
    counts: World
    about: Stored

    @property
    def sha256(self) -> str:
        """The hash of the exact bytes."""
        return digest(self.archive)


def digest(content: bytes) -> str:
    """SHA-256 of an archive or a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def town(code: str, name: str, settings: Mapping[str, Any], work_forms: Iterable[str], earlier: Sequence[Kept] = ()) -> Town:
    """The town with the protection its settings ask for; the smallest populations follow the threshold where it is raised.

    Settings stored before the page compared them may ask for more uncertainty than their threshold has room for: the threshold is
    raised, so that nothing is protected less than asked for. A quarter that was released keeps what its first release promised. A new one
    never promises less than any before it: people stay from one quarter to the next, and what is known of one narrows the other.
    """
    before: dict[str, tuple[int, int]] = {}
    for release in earlier:
        before.setdefault(release.label.split("-")[1], (release.about["policy"]["threshold"], release.about["policy"]["width"]))
    width = max([int(settings.get("width", 3)), 2, *(width for _, width in before.values())])
    threshold = max([int(settings.get("threshold", 5)), width + 1, *(threshold for threshold, _ in before.values())])
    total_below = max(threshold, 10)
    merge_below = max(int(settings.get("minimum_population", 30)), total_below)
    others = tuple((quarter, *promised) for quarter, promised in before.items() if promised != (threshold, width))
    search_seconds = settings.get("search_seconds", SEARCH_SECONDS)
    policy = Policy(threshold, width, merge_below, total_below, before=others, search_seconds=search_seconds)
    known = [form for form in codelists.codelist("WorkForm") if form in set(work_forms)]
    return Town(code, name, tuple(known), policy)


def make(reading: Reading, quarter: str, number: int, where: Town, earlier: Sequence[Kept], tell: Callable[[str], None]) -> Made:
    """The release of a quarter. Raises CannotPublish if no safe one exists."""
    plan = table_plan()
    tell("count")
    census = count(reading.records, reading.events, quarter, plan)
    before = merge_worlds(release.counts for release in earlier)
    tell("protect")
    bundles = [unpack(release.archive) for release in earlier]
    last = read_certificate(bundles[-1]) if bundles else None
    try:
        tables, spec = design(census, plan, where.policy, where.work_forms, before)
        truth = merge_worlds([before, census.counts])
        protected = protect(tables, truth, spec, where.policy, [read_release(files) for files in bundles], last)
    except (Inconsistent, Unprotectable) as error:
        raise CannotPublish(str(error)) from error
    tell("write")
    imprint = Imprint(where.code, where.name, quarter, number, codelists.version(), PROGRAM)
    known = {release.label: digest(files["release.json"]) for release, files in zip(earlier, bundles, strict=True)}
    packed = archive(imprint.label, bundle(protected, imprint, where.policy, plan, known))
    return Made(packed, census.counts, _about(imprint.label, where.policy, reading, protected))


def _about(label: str, policy: Policy, reading: Reading, protected: Protected) -> Stored:
    small = {key(table.unit, codes): None for table in protected.tables for codes in table.small}
    return {
        "label": label,
        "policy": asdict(policy),
        "gone": reading.gone,
        "unreadable": reading.unreadable,
        "seconds": protected.report.seconds,
        "proofs": {population: [proof.cost, proof.bound] for population, proof in protected.report.proofs.items()},
        "small": [[unit, dict(codes)] for unit, codes in small],
        "findings": [[f.kind, f.unit, dict(f.codes), f.lo, f.hi, f.is_open] for f in protected.findings],
    }


def findings_of(about: Stored) -> tuple[Finding, ...]:
    """What the attacker found when the release was made."""
    return tuple(Finding(kind, unit, cell(codes), lo, hi, is_open) for kind, unit, codes, lo, hi, is_open in about["findings"])


def small_of(about: Stored) -> dict[Key, None]:
    """The cells that few people stand behind."""
    return {key(unit, cell(codes)): None for unit, codes in about["small"]}


def attack_all(releases: Sequence[Kept]) -> tuple[Finding, ...]:
    """The attacker on everything approved, with each small cell and group of every release as target.

    Raises Inconsistent if a printed number is not the true one, or printed twice differently.
    """
    if not releases:
        return ()
    told = [release.published() for release in releases]
    policy = Policy(**releases[-1].about["policy"])
    small = {where: None for release in releases for where in small_of(release.about)}
    truth = merge_worlds(release.counts for release in releases)
    found: list[Finding] = []
    for population in populations(table for release in told for table in release.tables):
        mine = {where: None for where in small if base_unit(where[0]) == population}
        found += _attack_population([release.of(population) for release in told], world_of(truth, population), mine, policy)
    return tuple(found)


def _attack_population(told: Sequence[Published], truth: World, small: Mapping[Key, None], policy: Policy) -> tuple[Finding, ...]:
    whole = reduce(Spec.merged, (release.spec for release in told))
    tables = [table for release in told for table in release.tables]
    system, known = System(tables, whole), published(told)
    world = system.world(truth)
    if disagreement(system.rows(known), world) is not None:
        raise Inconsistent("a printed number or a declared fact is not true in the counts kept in the ledger")
    return attack(system, known, [*printed(system, small), *derived(system, world, policy), *groups(system, tables, world)], policy)


# -- counts as they are stored ----------------------------------------------------------------------------------------


def stored_counts(counts: World) -> Stored:
    """True counts as JSON."""
    return {unit: [[dict(codes), number] for codes, number in cells.items()] for unit, cells in counts.items()}


def counts_of(stored: Stored) -> World:
    """True counts as `stored_counts` wrote them."""
    found: dict[str, dict[Cell, int]] = {}
    for unit, cells in stored.items():
        found[unit] = {cell(codes): number for codes, number in cells}
    return found
