"""Which plans are due for review, and which commitments are late? For my day and for a meeting's agenda.

Called from inside an action that was allowed to list cases; a fixed number of queries however many cases there are. Only cases
that the person may open are looked at, and only commitments they may read: a late promise that is not for them is not shown,
not even as a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from caseapp.access import COORDINATOR, Actor, Gate, today
from caseapp.accounts import office
from caseapp.cases import gates_for, gates_in_turn
from caseapp.consent import Opening, passing_through
from caseapp.db import batches, glance

from .joint_plan import Shown
from .models import Commitment, Plan
from .rules import may_report


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
    for chosen in batches(ids):
        rows = glance(Plan, select(Plan).where(Plan.case_id.in_(chosen), Plan.review_on <= until))
        found += [PlanDue(row.case_id, row.review_on, (row.review_on - today()).days) for row in rows if row.review_on]
    return tuple(sorted(found, key=lambda due: due.review_on))


def late_commitments(actor: Actor) -> tuple[LateCommitment, ...]:
    """The late commitments this person can do something about: their agency's own, and all they can open where they coordinate.

    They are opened here, which takes the place of what was open in their cases before.
    """
    found: list[LateCommitment] = []
    for gates in gates_in_turn(actor):
        rows = unsettled_past(actor, gates)
        with passing_through(actor, places_of(rows), asks_of_consent=False) as openings:
            found += late_among(rows, openings)
    return tuple(sorted(found, key=lambda late: late.due_on))


def unsettled_past(actor: Actor, gates: Sequence[Gate], *, before: date | None = None) -> list[Commitment]:
    """The rows of these cases' late commitments that the person could report on, if the rule lets them be read; to be read only.

    `before`: those that are late on that day, if nobody settles them; today if not said.
    """
    by_id, found = {gate.id: gate for gate in gates}, []
    for chosen in batches(by_id):
        query = select(Commitment).where(
            Commitment.case_id.in_(chosen), Commitment.is_settled.is_(False), Commitment.due_on < (before or today())
        )
        found += [
            row
            for row in glance(Commitment, query)
            if row.due_on is not None and may_report(actor.agency_id, row.owner_agency_id, coordinates(actor, by_id[row.case_id]))
        ]
    return found


def places_of(rows: Sequence[Commitment]) -> dict[str, set[tuple[str, str]]]:
    """Case id → the compartments these commitments lie in."""
    places: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        places.setdefault(row.case_id, set()).add((row.owner_agency_id, "plan"))
    return places


def late_among(rows: Sequence[Commitment], openings: Mapping[str, Opening]) -> list[LateCommitment]:
    """Those of these commitments that are open."""
    register = office()
    return [
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
        if row.due_on is not None and openings[row.case_id].decide(row.owner_agency_id, "plan").allowed
    ]


def coordinates(actor: Actor, gate: Gate) -> bool:
    """Whether the person is coordinator in the team of this case."""
    return COORDINATOR in actor.teams.get(gate.team_id, frozenset())
