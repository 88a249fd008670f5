"""Recording a table that left the house another way: written down by one person, approved by another, as strictly as a release.

Only for a quarter that is not released and does not wait for approval: what was released can no longer be protected against it. From then
on its numbers are what any reader knows when that quarter is prepared. A quarter that is never released here binds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.access import UNIT_MANAGER, Actor, Permission, Refused, action, allow, fetch, log_detail, now, session, today
from caseapp.accounts import Office, office
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.disclosure.tables import HIDDEN, TOTAL
from caseapp.formats import Quarter
from caseapp.formats import quarter as quarter_of
from caseapp.statistics.ledger import Mark, hold_ledger, permission_to_ask, releases, standing
from caseapp.statistics.models import APPROVED, PREPARED, REJECTED, STANDING, OutsideRelease
from caseapp.statistics.outside import NotATable, OutsideTable, Problem, columns_for, holds_together, read_outside
from caseapp.statistics.plan import table_plan
from caseapp.statistics.releases import policy_of

PROPOSED = "proposed"
_OFFERED = 12  # quarters back from this one


@dataclass(frozen=True)
class OutsideCard:
    """A recorded table. `rows`: what each cell is called, and its number as it was handed out."""

    id: str
    title: str
    quarter: Quarter
    flow: str
    state: str
    recorded_by: str
    recorded_at: datetime
    decided_by: str
    decided_at: datetime | None
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], str], ...]
    may_approve: bool
    may_reject: bool


@action
def list_outside(actor: Actor, *, language: str = "sv") -> tuple[OutsideCard, ...]:
    """Every recorded table, the newest first."""
    allow(actor, Permission.READ_STATISTICS)
    register = office()
    return tuple(_card(row, actor, register, language) for row in reversed(_rows()))


@dataclass(frozen=True)
class Offered:
    """What may be recorded: quarters not released yet (the newest first), flows in words, and the codes of each column."""

    quarters: tuple[Quarter, ...]
    flows: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@action
def read_offered(actor: Actor, *, language: str = "sv") -> Offered:
    """What may be chosen where a table is recorded."""
    allow(actor, Permission.READ_STATISTICS)
    plan = table_plan()
    taken = {row.quarter for row in releases() if row.state in (PREPARED, *STANDING)}
    quarters = [quarter_of(today())]
    while len(quarters) < _OFFERED:
        quarters.append(quarters[-1].previous)
    flows = [flow for flows in plan.populations.values() for flow in flows]
    names = dict.fromkeys(name for flow in flows for name in columns_for(flow, plan))
    codes = {name: (*plan.dimension(name).leaves, *plan.dimension(name).merged) for name in names}
    return Offered(
        tuple(quarter for quarter in quarters if str(quarter) not in taken),
        tuple((flow, plan.label("flow", flow, language)) for flow in flows),
        tuple((name, tuple((code, plan.label(name, code, language)) for code in codes[name])) for name in names),
    )


@action
def read_one(actor: Actor, outside_id: str, *, language: str = "sv") -> OutsideCard:
    """One recorded table."""
    allow(actor, Permission.READ_STATISTICS)
    return _card(fetch(OutsideRelease, outside_id), actor, office(), language)


@action
def record_outside(actor: Actor, *, title: str, quarter: str, flow: str, text: str, once: str | None = None) -> str:
    """Write a table down and put it before a second person; its id. Raises NotATable, or Refused for a quarter it is too late for."""
    allow(actor, permission_to_ask(actor), once=once)
    _demand_unreleased(quarter)
    plan, policy = table_plan(), policy_of(office().settings)
    table = read_outside(text, quarter, flow, plan, policy)
    beside = [one for one in approved_tables(quarter) if one.unit.partition(":")[0] == table.unit.partition(":")[0]]
    if beside and not holds_together([*beside, table], plan, policy):
        raise NotATable([Problem("contradicts_another")])
    content = table.as_json() | {"title": title}
    row = OutsideRelease(
        quarter=quarter, flow=flow, state=PROPOSED, recorded_by_id=actor.user_id, recorded_at=now(), content=content
    )
    session().add(row)
    log_detail(outside=row.id, quarter=quarter)
    return row.id


@action
def approve_outside(actor: Actor, outside_id: str) -> None:
    """Let it bind what is released from now on. By a unit manager who did not record it, freshly proved."""
    allow(actor, Permission.APPROVE_STATISTICS)
    demand_fresh_proof(actor)
    hold_ledger()
    row = _waiting(outside_id)
    if row.recorded_by_id == actor.user_id:
        raise Refused("same_recorder", Permission.APPROVE_STATISTICS)
    _demand_unreleased(row.quarter)
    _decide(row, actor, APPROVED)


@action
def reject_outside(actor: Actor, outside_id: str) -> None:
    """Turn it down, or take it back; it keeps its line and binds nothing."""
    allow(actor, permission_to_ask(actor))
    _decide(_waiting(outside_id), actor, REJECTED)


def approved_tables(quarter: str) -> list[OutsideTable]:
    """What a reader has beside the releases of a quarter. Inside an action."""
    return [OutsideTable.from_json(row.content) for row in _rows() if row.state == APPROVED and row.quarter == quarter]


def outside_mark() -> Mark:
    """The approved tables at this moment, to be compared later. Inside an action."""
    return tuple((row.id, row.version) for row in _rows() if row.state == APPROVED)


def _demand_unreleased(quarter: str) -> None:
    rows = releases()
    if any(row.quarter == quarter for row in standing(rows)):
        raise Refused("quarter_released", Permission.APPROVE_STATISTICS)
    if any(row.quarter == quarter and row.state == PREPARED for row in rows):
        raise Refused("release_waits", Permission.APPROVE_STATISTICS)


def _rows() -> Sequence[OutsideRelease]:
    return session().scalars(select(OutsideRelease).order_by(OutsideRelease.recorded_at, OutsideRelease.id)).all()


def _waiting(outside_id: str) -> OutsideRelease:
    """The table, held until the transaction ends, so that two people who decide at once decide one after the other."""
    row = fetch(OutsideRelease, outside_id)
    session().refresh(row, with_for_update=True)
    if row.state != PROPOSED:
        raise Refused("outside_decided", Permission.APPROVE_STATISTICS)
    return row


def _decide(row: OutsideRelease, actor: Actor, state: str) -> None:
    row.state, row.decided_by_id, row.decided_at = state, actor.user_id, now()
    log_detail(outside=row.id, state=state)


def _card(row: OutsideRelease, actor: Actor, register: Office, language: str) -> OutsideCard:
    plan, table = table_plan(), OutsideTable.from_json(row.content)
    names = table.dimensions[2:]
    waits = row.state == PROPOSED
    return OutsideCard(
        id=row.id,
        title=row.content["title"],
        quarter=Quarter.parse(row.quarter),
        flow=plan.label("flow", row.flow, language),
        state=row.state,
        recorded_by=register.user_name(row.recorded_by_id),
        recorded_at=row.recorded_at,
        decided_by=register.user_name(row.decided_by_id),
        decided_at=row.decided_at,
        head=names,
        rows=tuple(
            (tuple(plan.label(name, dict(codes).get(name, TOTAL), language) for name in names), HIDDEN if count is None else str(count))
            for codes, count in table.counts.items()
        ),
        may_approve=waits and actor.has_role(UNIT_MANAGER) and row.recorded_by_id != actor.user_id,
        may_reject=waits,
    )
