"""What people do with versions of the plan: fix one when it was gone through, note who agreed, see what changed since.

A version is the plan as it stood when the coordinator fixed it: each time it was gone through with the family, when it is first agreed
and after a follow-up. Promised: it is a copy that is never changed, each part in the compartment it was copied from, so that consent
decides today who reads it, for the old version as for the new; each person's answer is noted once for each version. What the coordinator
holds no key for is not in it, and the version says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from caseapp import codelists
from caseapp.access import (
    Actor,
    Gate,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    fetch,
    log_as,
    observe,
    remember_result,
    running_emergency,
    session,
    today,
)
from caseapp.accounts import office
from caseapp.cases import CaseBar, case_bar
from caseapp.cases.reading import everybody_related
from caseapp.consent import Opening, open_case

from .asking import allow_writing, require_open
from .changes import COMMITMENT, GOAL, INTERVENTION, Changes, compare, place_of
from .fixed import CODES, TEXTS, Person, VersionCard, left_out_of, people_asked, stood_now, stood_then, versions_of
from .joint_plan import HeldBack, JointPlan, joint_plan
from .models import Commitment, Goal, Intervention, Plan, PlanAgreement, PlanVersion, PlanVersionItem


@dataclass(frozen=True)
class Answered:
    """What one person said: codes of PlanDecision and PlanAgreedHow, and their own words."""

    who_id: str
    decision: str
    on: date
    how: str
    words: str = ""


@dataclass(frozen=True)
class VersionsPage:
    """The versions of a plan, the newest first, and the plan they are versions of. `asked`: who can agree to a version today."""

    bar: CaseBar
    plan: JointPlan
    versions: tuple[VersionCard, ...]
    asked: tuple[Person, ...]
    may_write: bool

    def find(self, version_id: str) -> VersionCard:
        """The version with this id. Raises NotFound."""
        for version in self.versions:
            if version.id == version_id:
                return version
        raise NotFound("not_found", Permission.READ_PLAN, self.bar.case_id)


@dataclass(frozen=True)
class ChangesPage:
    """What changed between two versions; `until` is None for the plan as it is today.

    `held_back`: how much each agency has, in one of the two or today, that this reader may not see.
    """

    bar: CaseBar
    plan: JointPlan
    versions: tuple[VersionCard, ...]
    since: VersionCard | None
    until: VersionCard | None
    changes: Changes
    held_back: tuple[HeldBack, ...] = ()


@dataclass(frozen=True)
class PlanPaper:
    """The plan on paper, as this reader may see it today. `has_changed`: whether it differs from the latest version."""

    bar: CaseBar
    plan: JointPlan
    name: str
    version: VersionCard | None
    has_changed: bool
    asked: tuple[Person, ...]
    home_agency: str


@action
def read_versions(actor: Actor, case_id: str, *, to: Permission = Permission.READ_PLAN) -> VersionsPage:
    """The versions of the plan, and who said what to each. `to`: what this person wants to do with them."""
    gate = allow(actor, to, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    plan = joint_plan(gate, opening)
    return VersionsPage(
        bar=case_bar(gate, opening),
        plan=plan,
        versions=versions_of(gate, opening, office()),
        asked=people_asked(gate, everybody_related(gate.id)),
        may_write=observe(actor, Permission.WRITE_PLAN, case_id) and gate.is_open and not plan.withheld,
    )


@action
def read_changes(actor: Actor, case_id: str, since: int | None = None, until: int | None = None) -> ChangesPage:
    """What changed from version number `since` (the latest, if nothing is said) to number `until` (today's plan). Raises NotFound."""
    gate = allow(actor, Permission.READ_PLAN, on=case_id)
    log_as("view")
    opening, register = open_case(actor, gate), office()
    plan, versions = joint_plan(gate, opening), versions_of(gate, opening, register)
    bar = case_bar(gate, opening)
    if not versions:
        return ChangesPage(bar, plan, versions, None, None, Changes())
    by_number = {version.number: version for version in versions}
    if not {since, until} <= {None, *by_number}:
        raise NotFound("not_found", Permission.READ_PLAN, case_id)
    first, last = by_number[since or versions[0].number], by_number.get(until or 0)
    before, unseen = stood_then(gate, first, opening, register)
    after, unseen_after = stood_then(gate, last, opening, register) if last else (stood_now(gate, plan, register), _unseen_now(plan))
    changes = compare(before, after, left_out_of([first, last] if last else [first]))
    return ChangesPage(bar, plan, versions, first, last, changes, _most_of(unseen, unseen_after))


def _unseen_now(plan: JointPlan) -> tuple[HeldBack, ...]:
    return (*plan.held_back, *plan.held_back_support)


def _most_of(*found: Sequence[HeldBack]) -> tuple[HeldBack, ...]:
    """One line for each agency and reason, with the greater of the two counts."""
    counts: dict[tuple[str, str], int] = {}
    for unseen in found:
        here: dict[tuple[str, str], int] = {}
        for one in unseen:
            here[one.agency_name, one.reason] = here.get((one.agency_name, one.reason), 0) + one.count
        counts |= {place: max(count, counts.get(place, 0)) for place, count in here.items()}
    return tuple(HeldBack(name, reason, count) for (name, reason), count in sorted(counts.items()))


@action
def read_paper(actor: Actor, case_id: str) -> PlanPaper:
    """The plan to be printed for the family, as this person may see it; the log tells that it was made.

    Where the identity is protected it carries the case number and no name. Refused to somebody who reads in an emergency.
    """
    gate = allow(actor, Permission.READ_PLAN, on=case_id)
    if running_emergency(actor, case_id) is not None:
        raise Refused("only_reading", Permission.READ_PLAN, case_id)
    log_as("print")
    opening, register = open_case(actor, gate), office()
    plan, versions = joint_plan(gate, opening), versions_of(gate, opening, register)
    bar, latest = case_bar(gate, opening), versions[0] if versions else None
    has_changed = False
    if latest:
        before, _unseen = stood_then(gate, latest, opening, register)
        has_changed = not compare(before, stood_now(gate, plan, register), latest.left_out).is_nothing
    name = bar.name if isinstance(bar.name, str) and not gate.is_protected else ""
    asked = people_asked(gate, everybody_related(gate.id))
    return PlanPaper(bar, plan, name, latest, has_changed, asked, register.agency_name(gate.home_agency_id))


# -- fixing a version, and what people say to it ----------------------------------------------------------------------


@action
def fix_version(actor: Actor, case_id: str, answers: Sequence[Answered] = (), *, once: str | None = None) -> str:
    """Keep the plan as it is now, with what those who were asked said to it; gives the version's id.

    Raises Refused("nothing_in_plan") for a plan in which nothing stands.
    """
    gate = allow_writing(actor, case_id, once)
    log_as("create")
    opening = open_case(actor, gate)
    require_open(opening, gate.home_agency_id, "plan")
    plan = session().scalars(select(Plan).where(Plan.case_id == case_id)).one_or_none()
    text, review_on = (plan.text, plan.review_on) if plan and isinstance(plan.text, str) else ("", plan.review_on if plan else None)
    rows, left_out = _to_copy(gate, opening)
    if not (text or rows):
        raise Refused("nothing_in_plan", Permission.WRITE_PLAN, case_id)
    number = (session().scalar(select(func.max(PlanVersion.number)).where(PlanVersion.case_id == case_id)) or 0) + 1
    version = PlanVersion(
        case_id=case_id,
        owner_agency_id=gate.home_agency_id,
        created_by_id=actor.user_id,
        number=number,
        fixed_on=today(),
        answers={"review_on": review_on.isoformat()} if review_on else {},
        text=text,
        left_out=" ".join(sorted(left_out)),
    )
    session().add(version)
    for kind, row in rows:
        session().add(_copy(actor, version, kind, row))
    _note(actor, gate, version, answers)
    remember_result(once, version.id)
    return version.id


def _to_copy(gate: Gate, opening: Opening) -> tuple[list[tuple[str, Any]], set[str]]:
    """The rows that can be copied, by kind; and the compartments and ids that cannot, for want of a key or because a row is damaged."""
    found: list[tuple[str, Any]] = []
    left_out = set()
    models: tuple[tuple[str, Any], ...] = ((GOAL, Goal), (COMMITMENT, Commitment), (INTERVENTION, Intervention))
    for kind, model in models:
        for row in session().scalars(select(model).where(model.case_id == gate.id).order_by(model.created_at, model.id)):
            if not opening.may_write(row.owner_agency_id, row.information_type):
                left_out.add(place_of(row.owner_agency_id, row.information_type))
            elif isinstance(row.answers, dict) and all(isinstance(getattr(row, name), str) for name in TEXTS[kind]):
                found.append((kind, row))
            else:
                left_out.add(row.id)
    return found, left_out


def _copy(actor: Actor, version: PlanVersion, kind: str, row: Any) -> PlanVersionItem:
    answers = {name: row.answers[name] for name in (*CODES[kind], "actor") if row.answers.get(name)}
    if kind == COMMITMENT and row.due_on:
        answers["due_on"] = row.due_on.isoformat()
    return PlanVersionItem(
        case_id=version.case_id,
        owner_agency_id=row.owner_agency_id,
        source_agency_id=row.source_agency_id,
        information_type=row.information_type,
        created_by_id=actor.user_id,
        plan_version_id=version.id,
        kind=kind,
        item_id=row.id,
        answers={**answers, "is_current": _is_current(kind, row)},
        **{name: getattr(row, name) for name in TEXTS[kind]},
    )


def _is_current(kind: str, row: Any) -> bool:
    if kind == GOAL:
        return not row.is_dropped
    if kind == COMMITMENT:
        return not row.is_settled
    ended = row.answers.get("ended_on")
    return not ended or bool(ended >= today().isoformat())


@action
def note_agreements(actor: Actor, case_id: str, version_id: str, answers: Sequence[Answered], *, once: str | None = None) -> None:
    """Note what people said to a version, once for each person. Raises Refused("agreed_already"), NotFound for somebody else."""
    gate = allow_writing(actor, case_id, once)
    log_as("update")
    require_open(open_case(actor, gate), gate.home_agency_id, "plan")
    version = fetch(PlanVersion, version_id, case_id=case_id)
    _note(actor, gate, version, answers)
    remember_result(once, version.id)


def _note(actor: Actor, gate: Gate, version: PlanVersion, answers: Sequence[Answered]) -> None:
    asked = {person.who_id for person in people_asked(gate, everybody_related(gate.id))} if answers else set()
    said = set(session().scalars(select(PlanAgreement.who_id).where(PlanAgreement.plan_version_id == version.id)))
    for one in answers:
        if one.who_id not in asked:
            raise NotFound("not_found", Permission.WRITE_PLAN, gate.id)
        if one.who_id in said:
            raise Refused("agreed_already", Permission.WRITE_PLAN, gate.id)
        codes = {
            "decision": codelists.codelist("PlanDecision")[one.decision].code,
            "on": one.on.isoformat(),
            "how": codelists.codelist("PlanAgreedHow")[one.how].code,
        }
        session().add(
            PlanAgreement(
                case_id=gate.id,
                owner_agency_id=gate.home_agency_id,
                created_by_id=actor.user_id,
                plan_version_id=version.id,
                who_id=one.who_id,
                answers=codes,
                text=one.words,
            )
        )
