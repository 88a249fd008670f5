"""What a reader sees of the joint plan, as frozen values.

Everything here is called from inside an action, after `allow()` and `open_case()`. What is not for this reader is not listed
one by one: a commitment's day alone would tell something. It is counted by agency, with the reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select

from caseapp import codelists
from caseapp.access import Gate, Unreadable, Withheld, session, today
from caseapp.accounts import Office, office
from caseapp.consent import Opening
from caseapp.db import CaseRow, coded

from .models import Commitment, CommitmentReport, Goal, Intervention, Plan
from .rules import is_late, is_ongoing, shown_status

Shown = str | Withheld | Unreadable
"""A text or a code, or what stands in its place."""


@dataclass(frozen=True)
class HeldBack:
    """That an agency has `count` records here which this reader may not see, and why (a reason code)."""

    agency_name: str
    reason: str
    count: int


@dataclass(frozen=True)
class PlanHead:
    """The plan itself. Days are None until they are set; `version` is 0 before the plan is begun."""

    text: Shown = ""
    begun_on: date | None = None
    review_on: date | None = None
    agreed_youth: date | None = None
    agreed_guardians: date | None = None
    version: int = 0

    @property
    def review_is_due(self) -> bool:
        """Whether the day of review is today or has passed."""
        return self.review_on is not None and self.review_on <= today()


@dataclass(frozen=True)
class GoalCard:
    """A goal. `attainment` is a code of Attainment, or "" before it is assessed."""

    id: str
    version: int
    domain: Shown
    text: Shown
    indicator: Shown
    baseline: Shown
    target: Shown
    attainment: str
    assessed_on: date | None
    is_dropped: bool


@dataclass(frozen=True)
class Report:
    """What was said of a commitment at one moment."""

    at: datetime
    by: str
    status: Shown
    text: Shown


@dataclass(frozen=True)
class CommitmentCard:
    """A commitment. `reported` is the status somebody chose, `status` the one to show (late where the day has passed).

    `actor` is a code of Actor, or "youth" for what the young person takes on. `person` is who does it.
    """

    id: str
    version: int
    agency_id: str
    agency_name: str
    actor: str
    text: Shown
    person: Shown
    responsible_id: str | None
    responsible: str
    goal_id: str | None
    due_on: date | None
    is_settled: bool
    reported: Shown
    status: Shown
    days_late: int
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True)
class InterventionCard:
    """An intervention. Codes are "" where nothing was answered; days are None."""

    id: str
    version: int
    agency_id: str
    agency_name: str
    type: str
    focus: str
    legal_form: str
    intensity: str
    started_on: date | None
    ended_on: date | None
    as_planned: str
    is_ongoing: bool
    text: Shown

    @property
    def has_ended(self) -> bool:
        """Whether it ran and does so no more."""
        return self.ended_on is not None and self.ended_on < today()


@dataclass(frozen=True)
class JointPlan:
    """The plan as one reader sees it. `withheld` is the reason code when the plan itself is not for them."""

    label: str
    goals: tuple[GoalCard, ...]
    commitments: tuple[CommitmentCard, ...]
    head: PlanHead = field(default_factory=PlanHead)
    interventions: tuple[InterventionCard, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    held_back_support: tuple[HeldBack, ...] = ()
    withheld: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it that somebody could agree to."""
        return not (self.head.text or self.current_goals or self.commitments or self.interventions)

    @property
    def current_goals(self) -> tuple[GoalCard, ...]:
        """The goals that have not been dropped."""
        return tuple(goal for goal in self.goals if not goal.is_dropped)

    @property
    def ongoing(self) -> tuple[InterventionCard, ...]:
        """The interventions that run today."""
        return tuple(intervention for intervention in self.interventions if intervention.is_ongoing)

    @property
    def past_interventions(self) -> tuple[InterventionCard, ...]:
        """The interventions that have ended or not begun."""
        return tuple(intervention for intervention in self.interventions if not intervention.is_ongoing)


def joint_plan(gate: Gate, opening: Opening) -> JointPlan:
    """The plan of an opened case, in a fixed number of queries."""
    register = office()
    commitments, unseen = commitments_and_unseen(gate, opening, register)
    interventions, unseen_support = _interventions(gate, opening, register)
    plan = _framed(gate, opening, register, commitments)
    head = PlanHead() if plan.withheld else _head(gate)
    return replace(plan, head=head, interventions=interventions, held_back=unseen, held_back_support=unseen_support)


def plan_in_short(gate: Gate, opening: Opening) -> JointPlan:
    """Its goals and commitments alone, without what was reported on those before."""
    register = office()
    return _framed(gate, opening, register, _seen(_commitments(gate), opening, register, {}))


def _framed(gate: Gate, opening: Opening, register: Office, commitments: tuple[CommitmentCard, ...]) -> JointPlan:
    decision = opening.decide(gate.home_agency_id, "plan")
    goals, withheld = (goals_of(gate), "") if decision.allowed else ((), decision.reason)
    return JointPlan(label=plan_label(register), goals=goals, commitments=commitments, withheld=withheld)


def plan_label(register: Office) -> str:
    """What this municipality calls the plan: a code of PlanLabel."""
    code = register.settings.get("plan_label", "")
    return code if code in codelists.codelist("PlanLabel") else "atagandeplan"


def _head(gate: Gate) -> PlanHead:
    plan = session().scalars(select(Plan).where(Plan.case_id == gate.id)).one_or_none()
    return head_of(plan) if plan else PlanHead()


def head_of(plan: Plan) -> PlanHead:
    """The plan's row as a frozen value."""
    answers = coded(plan.answers)
    return PlanHead(
        text=plan.text,
        begun_on=plan.begun_on,
        review_on=plan.review_on,
        agreed_youth=day(answers.get("agreed_youth")),
        agreed_guardians=day(answers.get("agreed_guardians")),
        version=plan.version,
    )


def goals_of(gate: Gate) -> tuple[GoalCard, ...]:
    """The goals of an opened case, dropped ones too, in the order they were set."""
    rows = session().scalars(select(Goal).where(Goal.case_id == gate.id).order_by(Goal.created_at, Goal.id))
    return tuple(goal_card(row) for row in rows)


def goal_card(row: Goal) -> GoalCard:
    """The goal's row as a frozen value."""
    answers = row.answers
    known = coded(answers)
    return GoalCard(
        id=row.id,
        version=row.version,
        domain=known.get("domain", "") if isinstance(answers, dict) else answers,
        text=row.text,
        indicator=row.indicator,
        baseline=row.baseline,
        target=row.target,
        attainment=known.get("attainment", ""),
        assessed_on=day(known.get("assessed_on")),
        is_dropped=row.is_dropped,
    )


def commitments_for(gate: Gate, opening: Opening) -> tuple[CommitmentCard, ...]:
    """The commitments of an opened case that its readers may see: unsettled first, the earliest day first."""
    return commitments_and_unseen(gate, opening, office())[0]


def commitments_and_unseen(gate: Gate, opening: Opening, register: Office) -> tuple[tuple[CommitmentCard, ...], tuple[HeldBack, ...]]:
    """The commitments, and how many each agency has that these readers may not see."""
    rows, reports = _commitments(gate), _reports(gate, register)
    return _seen(rows, opening, register, reports), held_back(rows, opening, register)


def _commitments(gate: Gate) -> Sequence[Commitment]:
    query = select(Commitment).where(Commitment.case_id == gate.id).order_by(Commitment.created_at, Commitment.id)
    return session().scalars(query).all()


def _seen(
    rows: Sequence[Commitment], opening: Opening, register: Office, reports: Mapping[str, Sequence[Report]]
) -> tuple[CommitmentCard, ...]:
    seen = [row for row in rows if opening.decide(row.owner_agency_id, "plan").allowed]
    cards = [commitment_card(row, register, tuple(reports.get(row.id, ()))) for row in seen]
    return tuple(sorted(cards, key=lambda card: (card.is_settled, card.due_on or date.max)))


def _reports(gate: Gate, register: Office) -> dict[str, list[Report]]:
    query = select(CommitmentReport).where(CommitmentReport.case_id == gate.id).order_by(CommitmentReport.number.desc())
    found: dict[str, list[Report]] = {}
    for row in session().scalars(query):
        answers = row.answers
        status = answers.get("status", "") if isinstance(answers, dict) else answers
        found.setdefault(row.commitment_id, []).append(Report(row.at, register.user_name(row.created_by_id), status, row.text))
    return found


def commitment_card(row: Commitment, register: Office, reports: tuple[Report, ...] = ()) -> CommitmentCard:
    """The commitment's row as a frozen value."""
    answers = row.answers
    reported = answers.get("status", "planned") if isinstance(answers, dict) else answers
    late = is_late(row.due_on, row.is_settled, today())
    return CommitmentCard(
        id=row.id,
        version=row.version,
        agency_id=row.owner_agency_id,
        agency_name=register.agency_name(row.owner_agency_id),
        actor=coded(answers).get("actor", ""),
        text=row.text,
        person=row.person,
        responsible_id=row.responsible_id,
        responsible=register.user_name(row.responsible_id),
        goal_id=row.goal_id,
        due_on=row.due_on,
        is_settled=row.is_settled,
        reported=reported,
        status=shown_status(reported, row.due_on, today()) if isinstance(reported, str) else reported,
        days_late=(today() - row.due_on).days if late and row.due_on else 0,
        reports=reports,
    )


def _interventions(gate: Gate, opening: Opening, register: Office) -> tuple[tuple[InterventionCard, ...], tuple[HeldBack, ...]]:
    rows = session().scalars(select(Intervention).where(Intervention.case_id == gate.id).order_by(Intervention.created_at)).all()
    seen = [row for row in rows if opening.decide(row.owner_agency_id, "support_ongoing").allowed]
    cards = sorted((intervention_card(row, register) for row in seen), key=lambda card: card.started_on or date.max)
    return tuple(cards), held_back(rows, opening, register)


def intervention_card(row: Intervention, register: Office) -> InterventionCard:
    """The intervention's row as a frozen value."""
    answers = coded(row.answers)
    started, ended = answers.get("started_on"), answers.get("ended_on")
    return InterventionCard(
        id=row.id,
        version=row.version,
        agency_id=row.owner_agency_id,
        agency_name=register.agency_name(row.owner_agency_id),
        type=answers.get("type", ""),
        focus=answers.get("focus", ""),
        legal_form=answers.get("legal_form", ""),
        intensity=answers.get("intensity", ""),
        started_on=day(started),
        ended_on=day(ended),
        as_planned=answers.get("as_planned", ""),
        is_ongoing=is_ongoing(started, ended, today()),
        text=row.text,
    )


def held_back(rows: Iterable[CaseRow], opening: Opening, register: Office) -> tuple[HeldBack, ...]:
    """How many of these rows the readers of this opening may not see, by agency and reason."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        decision = opening.decide(row.owner_agency_id, row.information_type)
        if not decision.allowed:
            place = (register.agency_name(row.owner_agency_id), decision.reason)
            counts[place] = counts.get(place, 0) + 1
    return tuple(HeldBack(name, reason, count) for (name, reason), count in sorted(counts.items()))


def day(written: str | None) -> date | None:
    """The day written as an ISO date."""
    return date.fromisoformat(written) if written else None
