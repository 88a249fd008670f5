"""Which plans are due for review, and which commitments are late? For my day and for a meeting's agenda.

Called from inside an action that was allowed to list cases; a fixed number of queries however many cases there are. Only cases
that the person may open are looked at, and only commitments they may read: a late promise that is not for them is not shown,
not even as a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from caseapp.access import COORDINATOR, Actor, Gate, session, today
from caseapp.accounts import office
from caseapp.cases import gates_for
from caseapp.consent import Opening, open_cases

from .joint_plan import Shown
from .models import Commitment, Plan
from .rules import may_report

_BATCH = 500


@dataclass(frozen=True)
class PlanDue:
    """A plan whose day of review has come or comes soon. `days` is negative when it has passed."""

    case_id: str
    review_on: date
    days: int


@dataclass(frozen=True)
class LateCommitment:
    """A commitment whose day has passed without it being settled."""

    case_id: str
    id: str
    agency_id: str
    agency_name: str
    text: Shown
    due_on: date
    days_late: int


def plans_due(actor: Actor, until: date, *, gates: Sequence[Gate] | None = None) -> tuple[PlanDue, ...]:
    """The plans to be reviewed on or before a day, the most overdue first. `gates`: the person's cases, if they are known already."""
    ids = [gate.id for gate in (gates_for(actor) if gates is None else gates)]
    found = []
    for start in range(0, len(ids), _BATCH):
        query = select(Plan).where(Plan.case_id.in_(ids[start : start + _BATCH]), Plan.review_on <= until)
        found += [PlanDue(row.case_id, row.review_on, (row.review_on - today()).days) for row in session().scalars(query) if row.review_on]
    return tuple(sorted(found, key=lambda due: due.review_on))


def late_commitments(
    actor: Actor, *, gates: Sequence[Gate] | None = None, openings: Mapping[str, Opening] | None = None
) -> tuple[LateCommitment, ...]:
    """The late commitments this person can do something about: their agency's own, and all they can open where they coordinate.

    `openings` of these cases, if they are open already (with the type "plan"); otherwise they are opened here, for "identity" and
    "plan" only, which takes the place of what was open in them before.
    """
    gates = gates_for(actor) if gates is None else gates
    by_id = {gate.id: gate for gate in gates}
    rows = _unsettled_past(list(by_id))
    if openings is None:
        openings = open_cases(actor, [by_id[case_id] for case_id in {row.case_id for row in rows}], types=("identity", "plan"))
    register = office()
    found = [
        LateCommitment(
            case_id=row.case_id,
            id=row.id,
            agency_id=row.owner_agency_id,
            agency_name=register.agency_name(row.owner_agency_id),
            text=row.text,
            due_on=row.due_on,
            days_late=(today() - row.due_on).days,
        )
        for row in rows
        if row.due_on is not None
        and may_report(actor.agency_id, row.owner_agency_id, coordinates(actor, by_id[row.case_id]))
        and openings[row.case_id].decide(row.owner_agency_id, "plan").allowed
    ]
    return tuple(sorted(found, key=lambda late: late.due_on))


def coordinates(actor: Actor, gate: Gate) -> bool:
    """Whether the person is coordinator in the team of this case."""
    return COORDINATOR in actor.teams.get(gate.team_id, frozenset())


def _unsettled_past(case_ids: Sequence[str]) -> list[Commitment]:
    found: list[Commitment] = []
    for start in range(0, len(case_ids), _BATCH):
        query = select(Commitment).where(
            Commitment.case_id.in_(case_ids[start : start + _BATCH]), Commitment.is_settled.is_(False), Commitment.due_on < today()
        )
        found += session().scalars(query)
    return found
