"""A plan excerpt for one agency: what is handed out on paper to those who have no accounts.

Contained is exactly what that agency may read of the plan today, asked by the same rule at the same door with that agency present in the
room; what the coordinator may not read is not in it either. Whoever it is for is nobody named, so where the identity is protected it
carries the case number and no name. Looking at it is a reading; handing it out writes one line in the register of sharing for each
ground it rests on, every time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from caseapp.access import Actor, Gate, NotFound, Permission, Refused, action, allow, log_as, log_detail, remember_result, today
from caseapp.accounts import AgencyCard, office
from caseapp.cases import CaseBar, case_bar, current_people
from caseapp.consent import Opening, Present, may_read, open_case
from caseapp.consent.disclosure_rules import OWN_REASONS
from caseapp.consent.opening import ALL_TYPES, open_own
from caseapp.consent.sharing import EXCERPT, Shared, note_sharing

from .joint_plan import JointPlan, joint_plan

_PLAN, _SUPPORT, _IDENTITY = "plan", "support_ongoing", "identity"


@dataclass(frozen=True)
class Excerpt:
    """What one agency is handed. `name` is "" where it may not have it. `shares`: kind and id of a ground → the types that rest on it.

    `why_empty`: the reason code where there is nothing to hand out.
    """

    bar: CaseBar
    agency: AgencyCard
    name: str
    plan: JointPlan
    shares: Mapping[tuple[str, str], tuple[str, ...]]
    why_empty: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand out."""
        return bool(self.why_empty)


@action
def read_excerpt(actor: Actor, case_id: str, agency_id: str) -> Excerpt:
    """What would be handed out today. Nothing is handed out by looking."""
    gate = allow(actor, Permission.HAND_OUT_PLAN, on=case_id)
    log_as("view")
    return _excerpt(actor, gate, agency_id)


@action
def hand_out(actor: Actor, case_id: str, agency_id: str, *, once: str | None = None) -> Excerpt:
    """The excerpt to print, registered as handed out. Raises Refused where there is nothing this agency may see."""
    gate = allow(actor, Permission.HAND_OUT_PLAN, on=case_id, once=once)
    excerpt = _excerpt(actor, gate, agency_id)
    if excerpt.is_empty:
        raise Refused("nothing_to_hand_out", Permission.HAND_OUT_PLAN, case_id)
    open_own(actor, gate, OWN_REASONS)
    contents = _contents(excerpt.plan)
    lines = []
    for (kind, ground_id), types in excerpt.shares.items():
        shared = Shared(gate.home_agency_id, agency_id, types, kind, ground_id, today(), EXCERPT, contents=contents)
        lines.append(note_sharing(actor, case_id, shared))
    log_detail(handed_out=lines)
    remember_result(once, case_id)
    return excerpt


def _excerpt(actor: Actor, gate: Gate, agency_id: str) -> Excerpt:
    agency = next((one for one in office().team_agencies(gate.team_id) if one.id == agency_id != gate.home_agency_id), None)
    if agency is None:
        raise NotFound("not_found", Permission.HAND_OUT_PLAN, gate.id)
    alone = open_case(actor, gate, types=(_IDENTITY,))
    bar = case_bar(gate, alone)  # the coordinator's own page around the excerpt
    opening = open_case(actor, gate, present=[Present(agency_id)], types=ALL_TYPES)
    plan = joint_plan(gate, opening)
    plan = replace(plan, goals=plan.current_goals)
    name = current_people(gate.id).young.name
    shown = name if isinstance(name, str) and not gate.is_protected else ""
    shares = _shares(gate, opening, agency_id, plan, named=bool(shown))
    return Excerpt(bar, agency, shown, plan, shares, _why_empty(gate, opening, agency_id, plan, shares))


def _shares(gate: Gate, opening: Opening, agency_id: str, plan: JointPlan, *, named: bool) -> dict[tuple[str, str], tuple[str, ...]]:
    """What is handed over, by the ground that lets this agency have it; its own is not handed over."""
    home = gate.home_agency_id
    places = {(home, _IDENTITY)} if named else set()
    if not plan.withheld and _says_something(plan):
        places.add((home, _PLAN))
    places |= {(one.agency_id, _PLAN) for one in plan.commitments} | {(one.agency_id, _SUPPORT) for one in plan.interventions}
    found: dict[tuple[str, str], set[str]] = {}
    for owner, kind in places:
        decision = may_read(agency_id, owner, kind, opening.grounds, today())
        if decision.ground_id:
            found.setdefault((decision.reason, decision.ground_id), set()).add(kind)
    return {ground: tuple(kind for kind in ALL_TYPES if kind in kinds) for ground, kinds in sorted(found.items())}


def _says_something(plan: JointPlan) -> bool:
    head = plan.head
    return bool(plan.goals or head.text or head.review_on)


def _why_empty(gate: Gate, opening: Opening, agency_id: str, plan: JointPlan, shares: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    if any(kind != _IDENTITY for kinds in shares.values() for kind in kinds):
        return ""
    return may_read(agency_id, gate.home_agency_id, _PLAN, opening.grounds, today()).reason if plan.withheld else "nothing_to_hand_out"


def _contents(plan: JointPlan) -> dict[str, list[list[str | int]]]:
    """The id and version of every row that is handed out, so that it can be told later what stood on the paper."""
    return {
        "goals": [[goal.id, goal.version] for goal in plan.goals],
        "commitments": [[one.id, one.version] for one in plan.commitments],
        "interventions": [[one.id, one.version] for one in plan.interventions],
    }

