"""A release as people look at it before they decide: every table, what is hidden and why, what was lost, what an attacker can find out.

This module answers: what is in the very bytes that wait for approval? The tables are read from the archive itself, so that what is
shown is what would leave; why a number is hidden, and the attacker's report, come from what the ledger keeps beside it. It promises
that no true count is shown, not to those who decide either: of a small number they see the interval that everybody is left with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseapp.access import Actor, Permission, action, allow, log_detail
from caseapp.accounts import office
from caseapp.disclosure.attack import Finding
from caseapp.disclosure.tables import HIDDEN, Cell, Key, Printed, key
from caseapp.statistics.bundle import plan_of, read_release, unpack
from caseapp.statistics.insider import Exposure
from caseapp.statistics.layout import UNIT, Block, blocks, words_of
from caseapp.statistics.ledger import ReleaseCard, card, find
from caseapp.statistics.models import APPROVED, PREPARED, STANDING
from caseapp.statistics.plan import PlannedTable, TablePlan
from caseapp.statistics.recalling import RecallCard, recall_of
from caseapp.statistics.releases import findings_of, insiders_in, small_of


@dataclass(frozen=True)
class ShownCell:
    """A number as it is printed. `why` it is hidden: "small" (few people), "other" (it would give a small number away), or ""."""

    text: str
    why: str = ""


@dataclass(frozen=True)
class ShownGroup:
    """Rows under one question; a table of its own has one group with no question."""

    question: str
    rows: tuple[tuple[str, tuple[ShownCell, ...]], ...]


@dataclass(frozen=True)
class ShownTable:
    """One flow of one table of the plan."""

    flow: str
    columns: tuple[str, ...]
    groups: tuple[ShownGroup, ...]


@dataclass(frozen=True)
class ShownPlan:
    """One table of the plan with all its flows, and how many of its numbers are printed and hidden."""

    id: str
    title: str
    unit: str
    tables: tuple[ShownTable, ...]
    numbers: int
    small: int
    other: int

    @property
    def shown(self) -> int:
        """How many numbers are printed."""
        return self.numbers - self.small - self.other


@dataclass(frozen=True)
class Bounded:
    """A small number as everybody is left with it: it lies between `lo` and `hi`, or further apart. `kind`: printed or derived."""

    words: str
    kind: str
    lo: int
    hi: int
    is_open: bool


@dataclass(frozen=True)
class Attack:
    """The attacker's report: each small number and how wide; how many groups stay mixed; how many were found out (none, or no release)."""

    bounded: tuple[Bounded, ...]
    groups: int
    breaches: int

    @property
    def narrowest(self) -> int | None:
        """The shortest interval in which anybody could bound a small number."""
        return min((one.hi - one.lo for one in self.bounded), default=None)


@dataclass(frozen=True)
class Preview:
    """A release and everything there is to see of it. Without contents (turned down) there is only the card."""

    card: ReleaseCard
    plans: tuple[ShownPlan, ...] = ()
    attack: Attack | None = None
    insiders: tuple[Exposure, ...] = ()
    policy: Mapping[str, Any] | None = None
    in_vain: int | None = None  # how many numbers at most are hidden without need; None where that was not looked into
    gone: int = 0
    unreadable: int = 0
    may_decide: bool = False
    is_own: bool = False
    may_withdraw: bool = False
    recall: RecallCard | None = None
    may_ask_recall: bool = False
    may_confirm_recall: bool = False


@action
def preview(actor: Actor, release_id: str, *, language: str = "sv") -> Preview:
    """A release as it would leave, or has left."""
    allow(actor, Permission.READ_STATISTICS)
    release = find(release_id)
    about = release.about
    log_detail(release=about["label"])
    line, recall = card(release, office()), recall_of(release, office())
    if release.state not in (PREPARED, *STANDING):
        return Preview(line)
    waits, asked = release.state == PREPARED, recall is not None and recall.waits
    files = unpack(release.archive)
    plan = plan_of(files)
    return Preview(
        card=line,
        plans=_plans(read_release(files).tables, small_of(about), plan, language),
        attack=_attack(findings_of(about), plan, release.quarter, language),
        insiders=insiders_in(about),
        policy=about["policy"],
        in_vain=_in_vain(about.get("proofs", {})),
        gone=about["gone"],
        unreadable=about["unreadable"],
        may_decide=waits and actor.has_role("unit_manager"),
        is_own=release.prepared_by_id == actor.user_id,
        may_withdraw=waits and actor.has_role("statistician"),
        recall=recall,
        may_ask_recall=release.state == APPROVED and recall is None,
        may_confirm_recall=asked and actor.has_role("unit_manager") and recall is not None and recall.asked_by_id != actor.user_id,
    )


def _in_vain(proofs: Mapping[str, Sequence[int]]) -> int | None:
    return sum(cost - bound for cost, bound in proofs.values()) if proofs else None


def _plans(tables: Sequence[Printed], small: Mapping[Key, None], plan: TablePlan, language: str) -> tuple[ShownPlan, ...]:
    printed = {table.id: table for table in tables}
    shown = []
    for planned in plan.tables:
        members = [printed[table_id] for table_id, _, _ in planned.members() if table_id in printed]
        if members:
            shown.append(_plan(planned, members, small, plan, language))
    return tuple(shown)


def _plan(planned: PlannedTable, members: Sequence[Printed], small: Mapping[Key, None], plan: TablePlan, language: str) -> ShownPlan:
    laid_out = [blocks(table, planned, plan, language) for table in members]
    tables = tuple(_table([of_member[at] for of_member in laid_out], small) for at in range(len(planned.flows)))
    whys = {key(table.unit, codes): _shown(table, codes, small).why for table in members for codes in table.counts}
    marks = list(whys.values())
    return ShownPlan(
        planned.id, planned.titles[language], UNIT[planned.unit][language], tables, len(marks), marks.count("small"), marks.count("other")
    )


def _table(family: Sequence[Block], small: Mapping[Key, None]) -> ShownTable:
    """A flow of all members of a family under each other; once, where nobody's answer is told."""
    first = family[0]
    if first.is_total_only:
        return ShownTable(first.flow, first.columns, (ShownGroup("", _rows(first, small)),))
    return ShownTable(first.flow, first.columns, tuple(ShownGroup(block.question, _rows(block, small)) for block in family))


def _rows(block: Block, small: Mapping[Key, None]) -> tuple[tuple[str, tuple[ShownCell, ...]], ...]:
    return tuple((label, tuple(_shown(block.table, codes, small) for codes in cells)) for label, cells in block.rows)


def _shown(table: Printed, codes: Cell, small: Mapping[Key, None]) -> ShownCell:
    number = table.counts[codes]
    if number is not None:
        return ShownCell(str(number))
    return ShownCell(HIDDEN, "small" if key(table.unit, codes) in small else "other")


def _attack(findings: Sequence[Finding], plan: TablePlan, quarter: str, language: str) -> Attack:
    bounded = [
        Bounded(words_of(f.codes, plan, quarter, language), f.kind, f.lo, f.hi, f.is_open) for f in findings if f.kind != "group"
    ]
    return Attack(
        tuple(sorted(bounded, key=lambda one: (one.is_open, one.hi - one.lo, one.kind, one.words))),
        sum(f.kind == "group" for f in findings),
        sum(not f.is_open for f in findings),
    )
