"""What a reader sees of the versions of a plan, as frozen values: who said what to each, and what stood in it.

Everything here is called from inside an action, after `allow()` and `open_case()`. A version is a copy, item by item, each in the
compartment of the row it was copied from: what is not for this reader is counted by agency, as on the plan itself, and does not open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from caseapp.access import Gate, session, today
from caseapp.accounts import Office
from caseapp.cases.reading import RelatedCard, everybody_related
from caseapp.consent import Opening
from caseapp.db import coded

from .changes import COMMITMENT, EVERYTHING, GOAL, HEAD, INTERVENTION, Stood
from .joint_plan import CommitmentCard, GoalCard, HeldBack, InterventionCard, JointPlan, Shown, day, held_back
from .models import PlanAgreement, PlanVersion, PlanVersionItem
from .rules import FAMILY_MAKERS


@dataclass(frozen=True)
class Person:
    """Somebody who can agree to the plan. `who_id` is the case's for the young person; `name` is "" where the page says who it is."""

    who_id: str
    is_young: bool
    name: Shown = ""


@dataclass(frozen=True)
class Agreement:
    """What one person said to a version. `decision` and `how` are codes of PlanDecision and PlanAgreedHow."""

    person: Person
    decision: str
    on: date | None
    how: str
    words: Shown


@dataclass(frozen=True)
class VersionCard:
    """A version of the plan. `awaited`: who has not been asked, or has not answered, yet."""

    id: str
    number: int
    fixed_on: date
    fixed_by: str
    text: Shown
    review_on: date | None
    agreements: tuple[Agreement, ...]
    awaited: tuple[Person, ...]
    left_out: frozenset[str]


def versions_of(gate: Gate, opening: Opening, register: Office) -> tuple[VersionCard, ...]:
    """The versions of an opened case's plan, the newest first; none where the plan is not for this reader."""
    if not opening.decide(gate.home_agency_id, "plan").allowed:
        return ()
    rows = session().scalars(select(PlanVersion).where(PlanVersion.case_id == gate.id).order_by(PlanVersion.number.desc())).all()
    if not rows:
        return ()
    related = everybody_related(gate.id)
    said: dict[str, list[Agreement]] = {}
    for row in session().scalars(select(PlanAgreement).where(PlanAgreement.case_id == gate.id).order_by(PlanAgreement.created_at)):
        said.setdefault(row.plan_version_id, []).append(agreement_of(row, related))
    asked = people_asked(gate, related)
    return tuple(_card(row, said.get(row.id, []), asked, register) for row in rows)


def people_asked(gate: Gate, related: Mapping[str, RelatedCard]) -> tuple[Person, ...]:
    """Who can agree to the plan today: the young person, and those who have custody."""
    custodians = [one for one in related.values() if one.is_custodian and (one.ended_on is None or today() < one.ended_on)]
    return (Person(gate.id, is_young=True), *(Person(one.id, is_young=False, name=one.name) for one in custodians))


def agreement_of(row: PlanAgreement, related: Mapping[str, RelatedCard]) -> Agreement:
    """The row as a frozen value."""
    answers = coded(row.answers)
    is_young = row.who_id == row.case_id
    name = "" if is_young or row.who_id not in related else related[row.who_id].name
    return Agreement(
        person=Person(row.who_id, is_young, name),
        decision=answers.get("decision", ""),
        on=day(answers.get("on")),
        how=answers.get("how", ""),
        words=row.text,
    )


def _card(row: PlanVersion, said: Sequence[Agreement], asked: Sequence[Person], register: Office) -> VersionCard:
    answered = {one.person.who_id for one in said}
    left_out = row.left_out
    return VersionCard(
        id=row.id,
        number=row.number,
        fixed_on=row.fixed_on,
        fixed_by=register.user_name(row.created_by_id),
        text=row.text,
        review_on=day(coded(row.answers).get("review_on")),
        agreements=tuple(sorted(said, key=lambda one: not one.person.is_young)),
        awaited=tuple(person for person in asked if person.who_id not in answered),
        left_out=frozenset(left_out.split() if isinstance(left_out, str) else [EVERYTHING]),
    )


# -- what stood in the plan -------------------------------------------------------------------------------------------

#: Kind → the coded answers that are compared, and the texts.
CODES = {
    GOAL: ("domain", "attainment"),
    COMMITMENT: ("due_on", "status"),
    INTERVENTION: ("type", "focus", "intensity", "legal_form", "started_on", "ended_on", "as_planned"),
}
TEXTS = {GOAL: ("text", "indicator", "baseline", "target"), COMMITMENT: ("text", "person"), INTERVENTION: ("text",)}


def stood_then(gate: Gate, version: VersionCard, opening: Opening, register: Office) -> tuple[tuple[Stood, ...], tuple[HeldBack, ...]]:
    """What stood in a version that this reader may see, and how much each agency had that they may not."""
    rows = session().scalars(
        select(PlanVersionItem).where(PlanVersionItem.plan_version_id == version.id, PlanVersionItem.case_id == gate.id)
    )
    found = sorted((row for row in rows if row.kind in CODES), key=lambda row: (row.created_at, row.id))
    seen = [_stood(row, register) for row in found if opening.decide(row.owner_agency_id, row.information_type).allowed]
    return (_head(gate, version.text, version.review_on, register), *seen), held_back(found, opening, register)


def _stood(row: PlanVersionItem, register: Office) -> Stood:
    answers = row.answers
    known = coded(answers)
    codes = {name: known.get(name, "") if isinstance(answers, dict) else answers for name in CODES[row.kind]}
    return Stood(
        kind=row.kind,
        id=row.item_id,
        agency_id=row.owner_agency_id,
        agency_name=register.agency_name(row.owner_agency_id),
        information_type=row.information_type,
        is_current=bool(known.get("is_current", True)),
        values={**{name: getattr(row, name) for name in TEXTS[row.kind]}, **codes},
        who=_family(known.get("actor", "")),
    )


def stood_now(gate: Gate, plan: JointPlan, register: Office) -> tuple[Stood, ...]:
    """What stands in the plan today, as this reader sees it."""
    head = (_head(gate, plan.head.text, plan.head.review_on, register),) if not plan.withheld else ()
    home, name = gate.home_agency_id, register.agency_name(gate.home_agency_id)
    goals = (Stood(GOAL, one.id, home, name, "plan", not one.is_dropped, _values(one, GOAL)) for one in plan.goals)
    taken_on = (_taken_on(one) for one in plan.commitments)
    given = (
        Stood(INTERVENTION, one.id, one.agency_id, one.agency_name, "support_ongoing", not one.has_ended, _values(one, INTERVENTION))
        for one in plan.interventions
    )
    return (*head, *goals, *taken_on, *given)


def _taken_on(one: CommitmentCard) -> Stood:
    values = {**_values(one, COMMITMENT), "status": one.reported}
    return Stood(COMMITMENT, one.id, one.agency_id, one.agency_name, "plan", not one.is_settled, values, _family(one.actor))


def _values(card: GoalCard | CommitmentCard | InterventionCard, kind: str) -> dict[str, Any]:
    values = {name: getattr(card, name) for name in (*TEXTS[kind], *CODES[kind])}
    return {name: value.isoformat() if isinstance(value, date) else "" if value is None else value for name, value in values.items()}


def _head(gate: Gate, text: Shown, review_on: date | None, register: Office) -> Stood:
    home = gate.home_agency_id
    values = {"text": text, "review_on": review_on.isoformat() if review_on else ""}
    return Stood(HEAD, HEAD, home, register.agency_name(home), "plan", True, values)


def _family(actor: str) -> str:
    return actor if actor in FAMILY_MAKERS else ""


def left_out_of(versions: Iterable[VersionCard]) -> frozenset[str]:
    """What some of these versions could not hold."""
    return frozenset(place for version in versions for place in version.left_out)
