"""What the review came to, month by month, in numbers alone: for the reviewer, and for the unit manager who answers for it.

No person, no case and no word of what was asked is among them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select

from caseapp.access import Actor, Permission, action, allow, session
from caseapp.db import coded

from .models import ReviewItem, ReviewMonth, ReviewQuestion
from .rules import CLOSED, RULES

#: How many months are told, the newest first.
MONTHS = 24


@dataclass(frozen=True)
class MonthNumbers:
    """A month's review. `by_rule`: items by code of ReviewRule (one chosen for two reasons counts in both); `days` is the median."""

    month: str
    entries: int
    readings: int
    items: int
    by_rule: Mapping[str, int]
    questions: int
    answered: int
    closed: int
    days: float | None
    assessments: Mapping[str, int]


@action
def read_numbers(actor: Actor) -> tuple[MonthNumbers, ...]:
    """The months whose list is made, the newest first."""
    allow(actor, Permission.READ_REVIEW_NUMBERS)
    query = select(ReviewMonth).where(ReviewMonth.made_at.is_not(None)).order_by(ReviewMonth.month.desc()).limit(MONTHS)
    return tuple(_numbers(row) for row in session().scalars(query))


def _numbers(row: ReviewMonth) -> MonthNumbers:
    items = session().scalars(select(ReviewItem).where(ReviewItem.month == row.month)).all()
    asked_about = select(ReviewItem.id).where(ReviewItem.month == row.month)
    asked = select(ReviewQuestion.asked_at, ReviewQuestion.answered_at).where(ReviewQuestion.item_id.in_(asked_about))
    waits = [(one.asked_at, one.answered_at) for one in session().execute(asked)]
    counts = coded(row.counts)
    assessments: dict[str, int] = {}
    for item in items:
        outcome = item.outcome
        if item.state == CLOSED and isinstance(outcome, dict):
            assessments[outcome["assessment"]] = assessments.get(outcome["assessment"], 0) + 1
    return MonthNumbers(
        month=row.month,
        entries=counts.get("entries", 0),
        readings=counts.get("readings", 0),
        items=len(items),
        by_rule={rule: counts.get(rule, 0) for rule in RULES},
        questions=len(waits),
        answered=sum(answered is not None for _asked, answered in waits),
        closed=sum(item.state == CLOSED for item in items),
        days=days_to_answer(waits),
        assessments=assessments,
    )


def days_to_answer(waits: Iterable[tuple[datetime, datetime | None]]) -> float | None:
    """The median of the days from question to answer; None where nobody has answered."""
    days = [(answered - asked).total_seconds() / 86400 for asked, answered in waits if answered is not None]
    return median(days) if days else None
