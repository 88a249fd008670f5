"""Which closed cases are to be followed up after their close by a day? For a team's meeting, where somebody takes it on.

Called from inside an action. Nothing is opened: when a case was closed and when something was measured stand in the open.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from caseapp.access import Actor
from caseapp.cases import gates_in_turn
from caseapp.cases.models import Case
from caseapp.db import glance
from caseapp.formats import add_months

from .models import Measure
from .rules import LATER_MONTHS, due_after_close


@dataclass(frozen=True)
class FollowUpDue:
    """A follow-up so many months after the close, due since that day and not made."""

    case_id: str
    case_number: str
    months: int
    since: date


def follow_ups_due(actor: Actor, team_id: str, by: date) -> tuple[FollowUpDue, ...]:
    """The follow-ups in the team's closed cases that this person may open, due by that day, the oldest first."""
    found: list[FollowUpDue] = []
    since = add_months(by, -(LATER_MONTHS[-1] + LATER_MONTHS[0]))
    for gates in gates_in_turn(actor, is_open=False, closed_since=since):
        ids = [gate.id for gate in gates if gate.team_id == team_id]
        measured: dict[str, list[date]] = {}
        for row in glance(Measure, select(Measure).where(Measure.case_id.in_(ids))):
            measured.setdefault(row.case_id, []).append(row.measured_on)
        for case in glance(Case, select(Case).where(Case.id.in_(ids))):
            due = due_after_close(case.closed_on, measured.get(case.id, ()), by) if case.closed_on else None
            if due is not None:
                found.append(FollowUpDue(case.id, case.case_number, *due))
    return tuple(sorted(found, key=lambda one: (one.since, one.case_number)))
