"""The first page of a case: who it is about, and where mapping and plan stand. One piece of work, so that nothing is read twice."""

from dataclasses import dataclass

from caseapp.access import Actor, Permission, action, allow, log_as
from caseapp.accounts import office
from caseapp.cases.actions import Overview, read_case
from caseapp.consent import open_case
from caseapp.plans.joint_plan import CommitmentCard, GoalCard, HeldBack, commitments_in_short, goals_of, plan_label

from .measured import MeasureCard, latest_measure


@dataclass(frozen=True)
class Front:
    """The case, its `latest` measure (None if there is none for this reader), and the goals and commitments that stand in the plan.

    `unseen`: the measures of others that this reader may not see. `withheld` is the reason code when the plan itself is not for them.
    """

    case: Overview
    latest: MeasureCard | None
    unseen: tuple[HeldBack, ...]
    plan_label: str
    withheld: str
    goals: tuple[GoalCard, ...]
    commitments: tuple[CommitmentCard, ...]


@action
def read_front(actor: Actor, case_id: str) -> Front:
    """The first page as this person may see it today; in the log a reading of the case, and one of its follow-up."""
    case = read_case(actor, case_id)
    gate = allow(actor, Permission.READ_FOLLOWUP, on=case_id)
    log_as("view")
    opening, register = open_case(actor, gate), office()
    latest, unseen = latest_measure(gate, opening, register)
    decision = opening.decide(gate.home_agency_id, "plan")
    return Front(
        case=case,
        latest=latest,
        unseen=unseen,
        plan_label=plan_label(register),
        withheld="" if decision.allowed else decision.reason,
        goals=tuple(goal for goal in goals_of(gate) if not goal.is_dropped) if decision.allowed else (),
        commitments=commitments_in_short(gate, opening, register),
    )
