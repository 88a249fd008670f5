"""What people do with the joint plan: set goals, take on commitments, say how they go, review.

Promised: whatever is written lands in the compartment of the agency that makes the promise or gives the support. The coordinator
writes for any agency that a consent opens; others for their own. Each status is kept as a report that is never changed.

`opening`: an action that has opened the case already (a meeting) hands its opening on, so that nothing more is opened here than
everyone present may see. Not done here: support (interventions.py), versions and who agreed to them (versions.py), work lists (due.py),
hints about risk and need (followup).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from caseapp import codelists
from caseapp.access import (
    Actor,
    Gate,
    Permission,
    Refused,
    action,
    allow,
    check_version,
    fetch,
    log_as,
    now,
    observe,
    remember_result,
    session,
    today,
)
from caseapp.accounts import AgencyCard, office
from caseapp.cases import CaseBar, case_bar
from caseapp.consent import Opening, open_case
from caseapp.db import coded

from .asking import actor_code, allow_for_agency, allow_writing, owner_of, readable, require_goal, require_open
from .due import coordinates
from .fixed import VersionCard, versions_of
from .joint_plan import (
    JointPlan,
    commitment_card,
    goal_card,
    head_of,
    joint_plan,
)
from .models import Commitment, CommitmentReport, Goal, Plan
from .rules import is_settled, may_report


@dataclass(frozen=True)
class WriterAgency:
    """An agency this person may write for in this case, with its code of Actor."""

    id: str
    name: str
    actor: str


@dataclass(frozen=True)
class PlanPage:
    """The plan of a case and what this person may do with it.

    `writers` and `supporters`: the agencies they may write commitments and support for; `shut_agencies`: those that no consent opens
    to them. `responsible`: (user id, name) of those who can be asked to watch a commitment. `latest`: the version
    fixed last. `beside`: what the page asked follow-up for.
    """

    bar: CaseBar
    plan: JointPlan
    may_write: bool
    reportable: frozenset[str]
    writers: tuple[WriterAgency, ...]
    supporters: tuple[WriterAgency, ...]
    shut_agencies: tuple[str, ...]
    responsible: tuple[tuple[str, str], ...]
    home_agency_id: str
    latest: VersionCard | None = None
    beside: Any = None

    @property
    def supporter_ids(self) -> frozenset[str]:
        """The ids of the agencies they may write support for."""
        return frozenset(agency.id for agency in self.supporters)


#: What follow-up, which the plan knows nothing of, has to say beside it: called with the case as it is opened for the reader, and the age.
Beside = Callable[[Gate, Opening, JointPlan, int | None], Any]


@action
def read_plan(actor: Actor, case_id: str, *, to: Permission = Permission.READ_PLAN, beside: Beside | None = None) -> PlanPage:
    """The plan as this person may see it today. `to`: what they want to do with it."""
    gate = allow(actor, to, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    plan, bar = joint_plan(gate, opening), case_bar(gate, opening)
    register = office()
    leads = observe(actor, Permission.WRITE_PLAN, case_id) and gate.is_open
    team = register.team_agencies(gate.team_id)
    reports = observe(actor, Permission.REPORT_COMMITMENT, case_id)
    mine = [agency for agency in team if reports and may_report(actor.agency_id, agency.id, leads)]
    members = register.members(gate.team_id)
    open_to_me = [agency for agency in mine if opening.may_write(agency.id, "plan")]
    support_open = [agency for agency in mine if opening.may_write(agency.id, "support_ongoing")]
    return PlanPage(
        bar=bar,
        plan=plan,
        may_write=leads and not plan.withheld,
        reportable=frozenset(
            c.id for c in plan.commitments if reports and may_report(actor.agency_id, c.agency_id, coordinates(actor, gate))
        ),
        writers=_writers(gate, open_to_me),
        supporters=_writers(gate, support_open),
        shut_agencies=tuple(agency.name for agency in mine if agency not in open_to_me),
        responsible=tuple((user.id, user.name) for user in members if any(user.agency_id == agency.id for agency in open_to_me)),
        home_agency_id=gate.home_agency_id,
        latest=next(iter(versions_of(gate, opening, register)), None),
        beside=beside(gate, opening, plan, bar.age) if beside else None,
    )


def _writers(gate: Gate, agencies: Sequence[AgencyCard]) -> tuple[WriterAgency, ...]:
    return tuple(WriterAgency(agency.id, agency.name, agency.actor) for agency in agencies) if gate.is_open else ()


# -- the plan and its goals -------------------------------------------------------------------------------------------


@action
def write_head(
    actor: Actor,
    case_id: str,
    *,
    text: str,
    review_on: date | None,
    version: int | None = None,
    once: str | None = None,
) -> None:
    """Set the plan's overall aim and the day of review. Who agreed to it is noted with a version (versions.py)."""
    plan = _plan_to_write(actor, case_id, once)
    if plan not in session().new:
        check_version(plan, version, head_of(plan))
    plan.text = text
    plan.review_on = review_on


@action
def set_review(actor: Actor, case_id: str, review_on: date | None, *, opening: Opening | None = None) -> None:
    """Set the next day of review alone (at a meeting)."""
    _plan_to_write(actor, case_id, None, opening).review_on = review_on


def _plan_to_write(actor: Actor, case_id: str, once: str | None, opening: Opening | None = None) -> Plan:
    gate = allow_writing(actor, case_id, once)
    opening = opening or open_case(actor, gate)
    require_open(opening, gate.home_agency_id, "plan")
    return _plan_of(actor, gate)


def _plan_of(actor: Actor, gate: Gate) -> Plan:
    plan = session().scalars(select(Plan).where(Plan.case_id == gate.id)).one_or_none()
    if plan is None:
        plan = Plan(case_id=gate.id, owner_agency_id=gate.home_agency_id, created_by_id=actor.user_id, begun_on=today())
        session().add(plan)
        log_as("create")
    return plan


@action
def write_goal(
    actor: Actor,
    case_id: str,
    *,
    domain: str,
    text: str,
    indicator: str = "",
    baseline: str = "",
    target: str = "",
    goal_id: str | None = None,
    version: int | None = None,
    once: str | None = None,
) -> str:
    """Set a goal, or change the one with this id; gives its id. The first goal begins the plan."""
    gate = allow_writing(actor, case_id, once)
    require_open(open_case(actor, gate), gate.home_agency_id, "plan")
    codelists.codelist("NeedDomain")[domain]
    if goal_id is None:
        _plan_of(actor, gate)
        goal = Goal(case_id=gate.id, owner_agency_id=gate.home_agency_id, created_by_id=actor.user_id)
        session().add(goal)
        goal.answers = {"domain": domain}
    else:
        goal = fetch(Goal, goal_id, case_id=case_id)
        check_version(goal, version, goal_card(goal))
        goal.answers = {**readable(goal.answers), "domain": domain}
    goal.text, goal.indicator, goal.baseline, goal.target = text, indicator, baseline, target
    remember_result(once, goal.id)
    return goal.id


@action
def drop_goal(actor: Actor, case_id: str, goal_id: str, *, dropped: bool = True) -> None:
    """Take a goal out of the plan, or put it back; it stays readable."""
    gate = allow_writing(actor, case_id, None)
    require_open(open_case(actor, gate), gate.home_agency_id, "plan")
    fetch(Goal, goal_id, case_id=case_id).is_dropped = dropped


@action
def assess_goals(actor: Actor, case_id: str, attained: Mapping[str, str], *, on: date, opening: Opening | None = None) -> None:
    """Say how far goals were reached: goal id → code of Attainment."""
    gate = allow(actor, Permission.WRITE_FOLLOWUP, on=case_id)
    require_open(opening or open_case(actor, gate), gate.home_agency_id, "plan")
    for goal_id, attainment in attained.items():
        codelists.codelist("Attainment")[attainment]
        goal = fetch(Goal, goal_id, case_id=case_id)
        answers = readable(goal.answers)
        if answers.get("attainment") != attainment:
            goal.answers = {**answers, "attainment": attainment, "assessed_on": on.isoformat()}


# -- commitments ------------------------------------------------------------------------------------------------------


@action
def add_commitment(
    actor: Actor,
    case_id: str,
    *,
    agency_id: str,
    text: str,
    due_on: date | None = None,
    person: str = "",
    responsible_id: str | None = None,
    goal_id: str | None = None,
    made_by: str | None = None,
    once: str | None = None,
    opening: Opening | None = None,
) -> str:
    """Write down a commitment of an agency and give its id.

    `made_by`: "youth" or "guardian" where they, and not the agency, take it on; the agency then holds the record of it.
    """
    gate = allow_for_agency(actor, case_id, agency_id, once)
    log_as("create")
    require_open(opening or open_case(actor, gate), agency_id, "plan")
    require_goal(case_id, goal_id)
    common = {"case_id": case_id, "owner_agency_id": agency_id, "source_agency_id": actor.agency_id, "created_by_id": actor.user_id}
    commitment = Commitment(
        **common,
        goal_id=goal_id,
        responsible_id=responsible_id,
        due_on=due_on,
        answers={"status": "planned", "actor": actor_code(agency_id, made_by)},
        text=text,
        person=person,
    )
    session().add(commitment)
    session().add(CommitmentReport(**common, commitment_id=commitment.id, number=1, at=now(), answers={"status": "planned"}))
    remember_result(once, commitment.id)
    return commitment.id


@action
def change_commitment(
    actor: Actor,
    case_id: str,
    commitment_id: str,
    *,
    text: str,
    due_on: date | None,
    person: str = "",
    responsible_id: str | None = None,
    goal_id: str | None = None,
    version: int | None = None,
    once: str | None = None,
) -> None:
    """Change what was taken on, by whom and until when. Whose it is stays: another agency makes a commitment of its own."""
    owner = owner_of(Commitment, commitment_id, case_id)
    gate = allow_for_agency(actor, case_id, owner, once)
    require_open(open_case(actor, gate), owner, "plan")
    commitment = fetch(Commitment, commitment_id, case_id=case_id)
    check_version(commitment, version, commitment_card(commitment, office()))
    require_goal(case_id, goal_id)
    commitment.text, commitment.person = text, person
    commitment.due_on, commitment.responsible_id, commitment.goal_id = due_on, responsible_id, goal_id


@action
def report_status(
    actor: Actor,
    case_id: str,
    commitment_id: str,
    status: str,
    *,
    text: str = "",
    version: int | None = None,
    once: str | None = None,
    opening: Opening | None = None,
) -> int:
    """Say how a commitment goes: the agency's own people, or the coordinator. The earlier statuses stay as reports.

    The number of the report, by which it can be taken back; 0 where nothing was said that was not known.
    """
    codelists.codelist("CommitmentStatus")[status]
    gate = allow(actor, Permission.REPORT_COMMITMENT, on=case_id, once=once)
    commitment = fetch(Commitment, commitment_id, case_id=case_id)
    if not may_report(actor.agency_id, commitment.owner_agency_id, coordinates(actor, gate)):
        raise Refused("not_your_agency", Permission.REPORT_COMMITMENT, case_id)
    require_open(opening or open_case(actor, gate), commitment.owner_agency_id, "plan")
    check_version(commitment, version, commitment_card(commitment, office()))
    answers = readable(commitment.answers)
    if answers.get("status") == status and not text:
        return 0
    commitment.answers = {**answers, "status": status}
    commitment.is_settled = is_settled(status)
    report = CommitmentReport(
        case_id=case_id,
        owner_agency_id=commitment.owner_agency_id,
        source_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        commitment_id=commitment.id,
        number=_reports_so_far(commitment) + 1,
        at=now(),
        answers={"status": status},
        text=text,
    )
    session().add(report)
    return report.number


def _reports_so_far(commitment: Commitment) -> int:
    return session().scalar(select(func.count()).where(CommitmentReport.commitment_id == commitment.id)) or 0


@action
def take_back_report(actor: Actor, case_id: str, commitment_id: str, *, number: int) -> bool:
    """Give a commitment back the status it had before the report with this number (undo), if that is still the last. Both reports stay.

    Whether it was: a second click, or one that comes after somebody else has reported, takes nothing back.
    """
    gate = allow(actor, Permission.REPORT_COMMITMENT, on=case_id)
    opening = open_case(actor, gate)
    query = select(CommitmentReport).where(CommitmentReport.commitment_id == commitment_id, CommitmentReport.case_id == case_id)
    statuses = [coded(row.answers).get("status") for row in session().scalars(query.order_by(CommitmentReport.number))]
    if len(statuses) != number or number < 2 or not statuses[-2]:
        return False
    report_status(actor, case_id, commitment_id, statuses[-2], opening=opening)
    return True
