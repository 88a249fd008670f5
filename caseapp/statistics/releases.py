"""Making a release: from what was read to the bytes that somebody may approve.

This module answers, with no database and no transaction open: what is in the bundle of a quarter, given its records and every earlier
release? It may take seconds; nothing is locked meanwhile. It promises that earlier releases are taken from their own bytes, as anybody
may read them, never made again; and that what it gives besides the bytes (`Made`) is enough to show, later, what was hidden and why.

`about` is what the ledger keeps of a release, sealed, as plain JSON: {label, policy: the constants, gone: cases without a key,
unreadable: damaged answers, seconds, proofs: {population: [cost, bound]} where a search was made, small: [[unit, codes]] that few
people stand behind, findings: [[kind, unit, codes, lo, hi, open]], insiders: [[cases known, small counts exposed to whoever knows so
many, of how many]]}.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from typing import Any

from caseapp import codelists
from caseapp.disclosure import Cell, Fact, Finding, Inconsistent, Policy, UnknownTable, Unprotectable, World, cell, protect
from caseapp.disclosure import Release as Published
from caseapp.disclosure.attack import attack
from caseapp.disclosure.certificate import Certificate
from caseapp.disclosure.protect import Protected
from caseapp.disclosure.search import Undecided
from caseapp.disclosure.system import System, disagreement
from caseapp.disclosure.tables import Key, MixedPopulations, Spec, base_unit, key, populations, published, world_of
from caseapp.disclosure.targets import Target, derived, groups, printed
from caseapp.statistics.bundle import Imprint, archive, bundle, read_certificate, read_release, unpack
from caseapp.statistics.counting import Census, count
from caseapp.statistics.insider import Exposure, exposures
from caseapp.statistics.plan import PlanRefused, TablePlan, table_plan
from caseapp.statistics.reading import Reading
from caseapp.statistics.rules import design, merge_worlds
from caseapp.statistics.steps import Progress, Step

SEARCH_SECONDS = 60.0  # for all populations together; a town's setting may say otherwise, None: the heuristic only
SPARED = 3  # a number in a table that is to be kept whole is worth so many in the others
PROGRAM = "0.1.0"  # as in pyproject.toml; a test compares them
Stored = dict[str, Any]


class CannotPublish(Exception):
    """This quarter cannot be published. Nothing was stored.

    `reason` is a code that pages and commands turn into a sentence; `about` names the release, table or code it is about, never a number
    of people.
    """

    def __init__(self, reason: str, about: str = "") -> None:
        super().__init__(f"{reason}: {about}" if about else reason)
        self.reason, self.about = reason, about


@dataclass(frozen=True)
class Town:
    """Whose statistics these are, the constants of the protection, and the tables that are to be kept as whole as possible."""

    code: str
    name: str
    work_forms: tuple[str, ...]
    policy: Policy
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Kept:
    """A release that stands, as the ledger keeps it. `sha256`: the hash its archive was approved under; "" where nobody asks."""

    label: str
    archive: bytes
    counts: World
    about: Stored
    sha256: str = ""

    @property
    def quarter(self) -> str:
        """The quarter it is of, which is the middle of its label."""
        return self.label.split("-")[1]

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
    """The town with the protection that its settings ask for."""
    known = [form for form in codelists.codelist("WorkForm") if form in set(work_forms)]
    return Town(code, name, tuple(known), policy_of(settings, earlier), frozenset(settings.get("spared_tables", ())))


def policy_of(settings: Mapping[str, Any], earlier: Sequence[Kept] = ()) -> Policy:
    """The protection that a town's settings ask for; the smallest populations follow the threshold where it is raised.

    Settings stored before the page compared them may ask for more uncertainty than their threshold has room for: the threshold is
    raised, so that nothing is protected less than asked for. A quarter that was released keeps what its first release promised. A new one
    never promises less than any before it: people stay from one quarter to the next, and what is known of one narrows the other.
    """
    before: dict[str, tuple[int, int]] = {}
    for release in earlier:
        before.setdefault(release.quarter, (release.about["policy"]["threshold"], release.about["policy"]["width"]))
    width = max([int(settings.get("width", 3)), 2, *(width for _, width in before.values())])
    threshold = max([int(settings.get("threshold", 5)), width + 1, *(threshold for threshold, _ in before.values())])
    total_below = max(threshold, 10)
    merge_below = max(int(settings.get("minimum_population", 30)), total_below)
    others = tuple((quarter, *promised) for quarter, promised in before.items() if promised != (threshold, width))
    search_seconds = settings.get("search_seconds", SEARCH_SECONDS)
    cost = settings.get("hiding_cost", "count")
    return Policy(threshold, width, merge_below, total_below, before=others, cost=cost, search_seconds=search_seconds)


def make(
    reading: Reading, quarter: str, number: int, where: Town, earlier: Sequence[Kept], outside: Sequence[Fact], tell: Progress
) -> Made:
    """The release of a quarter. Raises CannotPublish.

    `earlier`: the releases that stand, in the order they were approved; `outside`: what readers of the quarter were told another way.
    """
    plan = _plan()
    where = replace(where, policy=replace(where.policy, weights=weights_of(plan, where.spared)))
    tell(Step("count"))
    census = as_published(count(reading.records, reading.events, quarter, plan), earlier)
    opened = [_opened(release) for release in earlier]
    _demand_agreement([told for told, _ in opened])
    protected = _protected(census, plan, where, earlier, opened, outside, tell)
    tell(Step("insider"))
    truth = merge_worlds([*(release.counts for release in earlier), census.counts])
    insiders = insiders_of(protected, truth, [told for told, _ in opened], where.policy)
    tell(Step("pack"))
    imprint = Imprint(where.code, where.name, quarter, number, codelists.version(), PROGRAM)
    known = {release.label: digest(unpack(release.archive)["release.json"]) for release in earlier}
    packed = archive(imprint.label, bundle(protected, imprint, where.policy, plan, known))
    return Made(packed, census.counts, _about(imprint.label, where.policy, reading, protected) | {"insiders": insiders})


def weights_of(plan: TablePlan, spared: Collection[str]) -> dict[str, int]:
    """Table → its weight, for every member of the planned tables that are to be kept as whole as possible."""
    return {member: SPARED for table in plan.tables if table.id in spared for member, _, _ in table.members()}


def _plan() -> TablePlan:
    try:
        return table_plan()
    except PlanRefused as error:
        raise CannotPublish("plan_refused", str(error)) from error


def as_published(census: Census, earlier: Sequence[Kept]) -> Census:
    """The census of a quarter that was released before: what was counted then stays counted so, whatever the records say today.

    A published number cannot be taken back, and a second one beside it would tell who came in between. What was noted since counts in the
    quarter that `rules.counted_in` gives it. Populations that no earlier release of the quarter counted are counted now.
    """
    fixed = merge_worlds(release.counts for release in earlier if release.quarter == census.quarter)
    return replace(census, counts=census.counts | fixed)


def _opened(release: Kept) -> tuple[Published, Certificate | None]:
    """What a release told and how it was vouched for, from its own bytes; CannotPublish if they are not whole."""
    if release.sha256 and digest(release.archive) != release.sha256:
        raise CannotPublish("damaged_bundle", release.label)
    try:
        files = unpack(release.archive)
        return read_release(files), read_certificate(files)
    except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise CannotPublish("damaged_bundle", release.label) from error


def _demand_agreement(told: Sequence[Published]) -> None:
    try:
        published(told)
        reduce(Spec.merged, (release.spec for release in told), Spec({}))
    except Inconsistent as error:
        raise CannotPublish("earlier_contradict", str(error)) from error


def _protected(
    census: Census,
    plan: TablePlan,
    where: Town,
    earlier: Sequence[Kept],
    opened: Sequence[tuple[Published, Certificate | None]],
    outside: Sequence[Fact],
    tell: Progress,
) -> Protected:
    step = Step("protect")

    def begin(number: int, of: int) -> None:
        nonlocal step
        step = Step("protect", number, of)
        tell(step)

    before = merge_worlds(release.counts for release in earlier)
    try:
        tables, spec = design(census, plan, where.policy, where.work_forms, before, outside)
        truth, last = merge_worlds([before, census.counts]), opened[-1][1] if opened else None
        earlier_told = [told for told, _ in opened]
        return protect(tables, truth, spec, where.policy, earlier_told, last, progress=lambda *_: tell(step), begin=begin)
    except MixedPopulations as error:
        raise CannotPublish("mixed_populations", str(error)) from error
    except UnknownTable as error:
        raise CannotPublish("unknown_table", str(error)) from error
    except Inconsistent as error:  # its words may hold a true count
        raise CannotPublish("counts_contradict") from error
    except Unprotectable as error:
        raise CannotPublish("unprotectable_outside" if outside else "unprotectable") from error
    except Undecided as error:
        raise CannotPublish("no_time") from error


def insiders_of(protected: Protected, truth: World, told: Sequence[Published], policy: Policy) -> list[list[int]]:
    """What somebody who knows cases of their own could find out in this release: `exposures`, as `about` keeps them. Persons only."""
    release = Published("", protected.tables, protected.spec).of("persons")
    everything = [*(one.of("persons") for one in told), release]
    system = System([table for one in everything for table in one.tables], reduce(Spec.merged, (one.spec for one in everything)))
    new = {key(table.unit, codes) for table in release.tables for codes in table.counts}
    settings = {release.spec.setting_of(codes) for _, codes in new}
    targets = [
        Target(f.kind, f.unit, f.codes, system.form(f.unit, f.codes))
        for f in protected.findings
        if f.kind != "group" and base_unit(f.unit) == "persons" and release.spec.setting_of(f.codes) in settings
    ]
    found = exposures(system, published(everything), targets, system.world(world_of(truth, "persons")), policy)
    return [[one.known, one.exposed, one.counts] for one in found]


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


def insiders_in(about: Stored) -> tuple[Exposure, ...]:
    """What an insider could find out; nothing for a release from before that was asked."""
    return tuple(Exposure(*one) for one in about.get("insiders", ()))


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
