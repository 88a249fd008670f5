"""Deciding to hand over without consent (utlämnande): placing a decision, the second decider's yes, taking it back.

`place_decision` is called from an action that knows the person's age (in cases); the others are actions of their own. Somebody decides
for their own agency's items and nobody else's, so the agency that hands over is always the actor's. What is decided holds from the
moment it is in force, and closes in the moment it is revoked: each change moves the gate's epoch. The reasons are sealed for the deciding
agency alone. A decision that takes effect towards an agency of the team is a line of the register of sharing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from caseapp.access import Actor, Gate, NotFound, Permission, Refused, action, allow, fetch, log_as, log_detail, now, session, today
from caseapp.accounts import office
from caseapp.codelists.grounds import written_grounds
from caseapp.db import coded

from .disclosure_rules import (
    ACTIVE,
    AWAITING,
    OWN_REASONS,
    DisclosureGround,
    Proposed,
    disclosure_ground,
    disclosure_state,
    why_not_agree,
    why_not_decide,
    why_not_disclose,
)
from .models import DisclosureDecision
from .opening import ALL_TYPES, decision_facts, open_own
from .reading import Shown
from .sharing import IN_THE_SYSTEM, Shared, note_sharing


class DisclosureProblem(Exception):
    """What was to be decided cannot be decided so. `code` names the rule that says no."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@cache
def disclosure_grounds() -> Mapping[str, DisclosureGround]:
    """Every ground of the list, by code, in its order; those that are no longer offered too."""
    return MappingProxyType({code: disclosure_ground(code, written) for code, written in written_grounds().items()})


@dataclass(frozen=True)
class Wanted:
    """A decision as it was typed. `to_agency_id` None is somebody outside, named in `recipient`."""

    ground: str
    to_agency_id: str | None
    types: Sequence[str]
    valid_to: date
    weighing: str = ""
    recipient: str = ""
    informed_on: date | None = None
    why_not_informed: str = ""


@dataclass(frozen=True)
class DecisionCard:
    """A decision. `state`: awaiting, active, expired or revoked. What is shown of `recipient`, `weighing` and `why_not_informed` depends on
    the reader: they are the deciding agency's own. So is `ground`, "" for another agency.
    """

    id: str
    state: str
    ground: str
    from_agency_id: str
    to_agency_id: str | None
    recipient: Shown
    types: tuple[str, ...]
    weighing: Shown
    valid_from: date
    valid_to: date
    decided_by_id: str
    decided_at: datetime
    two_decide: bool
    second_id: str | None
    agreed_at: datetime | None
    revoked_at: datetime | None
    revoked_by_id: str | None
    informed_on: date | None
    why_not_informed: Shown


def place_decision(actor: Actor, gate: Gate, wanted: Wanted, *, coordinates: bool, last_day_of_age: date | None) -> str:
    """Decide about the actor's own agency's items, and give the decision's id. Call it after `allow()`; opens what it seals in.

    `coordinates`: whether the actor is coordinator of the case. `last_day_of_age`: see `Proposed`. Raises DisclosureProblem.
    """
    kinds = {agency.id: agency.actor for agency in office().team_agencies(gate.team_id)}
    types = [kind for kind in ALL_TYPES if kind in wanted.types]
    ground = disclosure_grounds().get(wanted.ground)
    problem = why_not_decide(actor.agency_id, gate.home_agency_id, coordinates) or why_not_disclose(
        ground,
        Proposed(
            from_agency=actor.agency_id,
            from_kind=kinds.get(actor.agency_id, ""),
            to_agency=wanted.to_agency_id,
            to_kind=kinds.get(wanted.to_agency_id or ""),
            has_recipient=bool(wanted.recipient.strip()),
            types=types,
            has_weighing=bool(wanted.weighing.strip()),
            valid_from=today(),
            valid_to=wanted.valid_to,
            informed_on=wanted.informed_on,
            has_reason_not_informed=bool(wanted.why_not_informed.strip()),
            last_day_of_age=last_day_of_age,
        ),
        today(),
    )
    if problem is not None or ground is None:
        raise DisclosureProblem(problem or "unknown_ground")
    open_own(actor, gate, OWN_REASONS)
    row = DisclosureDecision(
        case_id=gate.id,
        owner_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        to_agency_id=wanted.to_agency_id,
        covered_types=",".join(types),
        valid_from=today(),
        valid_to=wanted.valid_to,
        two_decide=ground.two_decide,
        details={"ground": ground.code, "informed_on": wanted.informed_on.isoformat() if wanted.informed_on else None},
        recipient=wanted.recipient if wanted.to_agency_id is None else "",
        weighing=wanted.weighing,
        why_not_informed=wanted.why_not_informed if wanted.informed_on is None else "",
    )
    session().add(row)
    _take_effect(actor, gate, row)
    return row.id


@action
def agree_to_disclosure(actor: Actor, case_id: str, decision_id: str) -> None:
    """The second decider's yes: another person of the deciding agency who takes part in the case. Raises DisclosureProblem."""
    gate = allow(actor, Permission.DISCLOSE, on=case_id)
    if not gate.is_open:
        raise Refused("case_closed", Permission.DISCLOSE, case_id)
    row = _own_decision(actor, case_id, decision_id)
    open_own(actor, gate, OWN_REASONS)
    state = disclosure_state(decision_facts(row), today())
    problem = why_not_agree(state, row.created_by_id, actor.user_id, disclosure_grounds().get(_details(row).get("ground", "")), today())
    if problem is not None:
        raise DisclosureProblem(problem)
    row.second_id, row.agreed_at = actor.user_id, now()
    _take_effect(actor, gate, row)


@action
def revoke_disclosure(actor: Actor, case_id: str, decision_id: str) -> None:
    """Take a decision back: what it opened closes at once. Anybody of the deciding agency who takes part may; closing harms nobody."""
    gate = allow(actor, Permission.DISCLOSE, on=case_id)
    row = _own_decision(actor, case_id, decision_id)
    if disclosure_state(decision_facts(row), today()) not in (AWAITING, ACTIVE):
        raise DisclosureProblem("nothing_to_revoke")
    row.revoked_at, row.revoked_by_id = now(), actor.user_id
    log_detail(ground_id=row.id)
    gate.epoch += 1


@action
def note_informed(actor: Actor, case_id: str, decision_id: str, informed_on: date) -> None:
    """Note on which day the young person or a guardian was told of the decision; why it waited stays. Raises DisclosureProblem."""
    gate = allow(actor, Permission.DISCLOSE, on=case_id)
    row = _own_decision(actor, case_id, decision_id)
    if informed_on > today():
        raise DisclosureProblem("informed_in_future")
    open_own(actor, gate, OWN_REASONS)
    row.details = {**_details(row), "informed_on": informed_on.isoformat()}


def _take_effect(actor: Actor, gate: Gate, row: DisclosureDecision) -> None:
    log_detail(ground_id=row.id)
    gate.epoch += 1
    if disclosure_state(decision_facts(row), today()) != ACTIVE or row.to_agency_id is None:
        return
    shared = Shared(
        from_agency_id=row.owner_agency_id,
        to_agency_id=row.to_agency_id,
        types=row.types,
        ground_kind="disclosure",
        ground_id=row.id,
        shared_on=today(),
        how=IN_THE_SYSTEM,
    )
    if office().teams[gate.team_id].lets_in(row.to_agency_id):
        note_sharing(actor, gate.id, shared)
        log_as("disclose")


def _own_decision(actor: Actor, case_id: str, decision_id: str) -> DisclosureDecision:
    row = fetch(DisclosureDecision, decision_id, case_id=case_id)
    if row.owner_agency_id != actor.agency_id:
        raise NotFound("not_found", Permission.DISCLOSE, case_id)
    return row


def _details(row: DisclosureDecision) -> dict[str, Any]:
    """What is sealed as codes; nothing for another agency than the deciding one."""
    return coded(row.details)


def decisions_of(case_id: str) -> tuple[DecisionCard, ...]:
    """Every decision of the case, newest first. Inside an action, after `open_case` with the type of one's own reasons."""
    query = select(DisclosureDecision).where(DisclosureDecision.case_id == case_id)
    rows = session().scalars(query.order_by(DisclosureDecision.created_at.desc(), DisclosureDecision.id))
    return tuple(_card(row) for row in rows)


def _card(row: DisclosureDecision) -> DecisionCard:
    details = _details(row)
    return DecisionCard(
        id=row.id,
        state=disclosure_state(decision_facts(row), today()),
        ground=details.get("ground", ""),
        from_agency_id=row.owner_agency_id,
        to_agency_id=row.to_agency_id,
        recipient=row.recipient,
        types=row.types,
        weighing=row.weighing,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        decided_by_id=row.created_by_id,
        decided_at=row.created_at,
        two_decide=row.two_decide,
        second_id=row.second_id,
        agreed_at=row.agreed_at,
        revoked_at=row.revoked_at,
        revoked_by_id=row.revoked_by_id,
        informed_on=date.fromisoformat(details["informed_on"]) if details.get("informed_on") else None,
        why_not_informed=row.why_not_informed,
    )
