"""The first page of a case: who it is about, and where mapping and plan stand. One piece of work, so that nothing is read twice."""

from dataclasses import dataclass

from caseapp.access import Actor, Permission, action, allow, log_as
from caseapp.accounts import office
from caseapp.cases.actions import Overview, read_case
from caseapp.consent import open_case
from caseapp.plans.joint_plan import HeldBack, JointPlan, plan_in_short

from .measured import MeasureCard, latest_measure


@dataclass(frozen=True)
class Front:
    """The case, its `latest` measure (None if there is none for this reader) and the plan in short.

    `unseen`: the measures of others that this reader may not see.
    """

    case: Overview
    latest: MeasureCard | None
    unseen: tuple[HeldBack, ...]
    plan: JointPlan


@action
def read_front(actor: Actor, case_id: str) -> Front:
    """The first page as this person may see it today; in the log a reading of the case, and one of its follow-up."""
    case = read_case(actor, case_id)
    gate = allow(actor, Permission.READ_FOLLOWUP, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    latest, unseen = latest_measure(gate, opening, office())
    return Front(case, latest, unseen, plan_in_short(gate, opening))
