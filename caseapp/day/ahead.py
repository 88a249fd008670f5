"""What lies ahead that the page and the reminder both tell of: plans to be reviewed, and the meetings of the next seven days.

Nothing is opened here. Called from inside an action.
"""

from collections.abc import Sequence
from datetime import timedelta

from caseapp.access import Actor, Gate, today
from caseapp.formats import midnight
from caseapp.meetings.actions import meetings_between
from caseapp.meetings.cards import MeetingCard
from caseapp.plans.due import plans_due

from .rules import REVIEW_AHEAD_DAYS, Matter, review_matter

_MEETINGS_AHEAD = timedelta(days=7)


def reviews_ahead(actor: Actor, gates: Sequence[Gate]) -> list[tuple[Matter, str]]:
    """(matter, case id) of the plans of these cases that are to be reviewed."""
    due = plans_due(actor, today() + timedelta(days=REVIEW_AHEAD_DAYS), gates=gates)
    return [(matter, plan.case_id) for plan in due if (matter := review_matter(plan.review_on, today()))]


def meetings_ahead(actor: Actor) -> tuple[MeetingCard, ...]:
    """The actor's unfinished meetings from today's first moment on, soonest first."""
    begins = midnight(today())
    return tuple(meetings_between(actor, begins, begins + _MEETINGS_AHEAD))
