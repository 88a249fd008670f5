"""The queue as it is looked at: what is to be reviewed, one reading with what was asked and answered, a question to oneself.

Everything here gives frozen values and is called from inside an action that was allowed to ask. Shown are names of staff, case numbers,
times and codes; what stood on a page is nowhere among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from caseapp.access import Unreadable, Withheld, session
from caseapp.accounts import Office, office
from caseapp.db import coded

from .models import ReviewItem, ReviewQuestion
from .rules import ASKED, CLOSED

Shown = str | Withheld | Unreadable
"""A text, or what stands in its place."""


@dataclass(frozen=True)
class ItemCard:
    """A reading in the queue. `case_number` is "" for a day of very many cases, and for a case that is erased (then `is_erased`).

    `rules` are codes of ReviewRule, `state` of ReviewState, `assessment` of ReviewAssessment ("" until closed), `pages` permissions,
    `grounds` reasons of the rule of access, `stood_in_for` names of the members on leave whose part in the case the reader had.
    `cases`, `limit` and `is_own_limit` belong to a day of very many.
    """

    id: str
    version: int
    month: str
    state: str
    user_id: str
    who: str
    agency: str
    case_number: str
    is_erased: bool
    day: date
    first: datetime | None
    last: datetime | None
    times: int
    outside: int
    rules: tuple[str, ...]
    pages: tuple[str, ...]
    grounds: tuple[str, ...]
    stood_in_for: tuple[str, ...]
    cases: int
    limit: float
    is_own_limit: bool
    numbers: tuple[str, ...]
    assessment: str
    words: Shown
    closed_by: str
    closed_at: datetime | None


@dataclass(frozen=True)
class QuestionCard:
    """A question about a reading and its answer. `answered_at` is None while it waits."""

    id: str
    item_id: str
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    question: Shown
    answer: Shown


@dataclass(frozen=True)
class Waiting:
    """A question that waits for somebody, for their day: which reading it is about."""

    question_id: str
    case_number: str
    day: date
    asked_at: datetime


def item_card(row: ReviewItem, register: Office) -> ItemCard:
    """The row as a frozen value; of a damaged one what can be told."""
    facts, outcome = coded(row.facts), coded(row.outcome)
    return ItemCard(
        id=row.id,
        version=row.version,
        month=row.month,
        state=row.state,
        user_id=row.user_id,
        who=register.user_name(row.user_id),
        agency=register.agency_name(facts.get("agency")),
        case_number=facts.get("number", ""),
        is_erased=bool(facts.get("case")) and not facts.get("number"),
        day=row.day,
        first=_moment(facts.get("first")),
        last=_moment(facts.get("last")),
        times=facts.get("times", 0),
        outside=facts.get("outside", 0),
        rules=tuple(facts.get("rules", ())),
        pages=tuple(facts.get("pages", ())),
        grounds=tuple(facts.get("grounds", ())),
        stood_in_for=tuple(register.user_name(one) for one in facts.get("stood_in_for", ())),
        cases=facts.get("cases", 0),
        limit=facts.get("limit", 0),
        is_own_limit=facts.get("own", False),
        numbers=tuple(facts.get("numbers", ())),
        assessment=outcome.get("assessment", ""),
        words=row.words,
        closed_by=register.user_name(row.closed_by_id),
        closed_at=row.closed_at,
    )


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def questions_about(item_id: str) -> tuple[QuestionCard, ...]:
    """What was asked about a reading, the oldest first."""
    register = office()
    query = select(ReviewQuestion).where(ReviewQuestion.item_id == item_id).order_by(ReviewQuestion.asked_at)
    return tuple(question_card(row, register) for row in session().scalars(query))


def question_card(row: ReviewQuestion, register: Office) -> QuestionCard:
    """The row as a frozen value."""
    asked_by = register.user_name(row.asked_by_id)
    return QuestionCard(row.id, row.item_id, asked_by, row.asked_at, row.answered_at, row.question, row.answer)


def waiting_for(user_id: str) -> tuple[Waiting, ...]:
    """The questions that wait for this person, the oldest first. Inside an action."""
    query = select(ReviewQuestion, ReviewItem).join(ReviewItem, ReviewItem.id == ReviewQuestion.item_id)
    query = query.where(ReviewQuestion.user_id == user_id, ReviewQuestion.answered_at.is_(None), ReviewItem.state == ASKED)
    found = session().execute(query.order_by(ReviewQuestion.asked_at)).all()
    return tuple(Waiting(question.id, coded(item.facts).get("number", ""), item.day, question.asked_at) for question, item in found)


def open_items(user_id: str, *, own: bool) -> Sequence[str]:
    """The ids of items that are not closed and are about this person's own readings, or about everybody else's."""
    about = ReviewItem.user_id == user_id if own else ReviewItem.user_id != user_id
    return session().scalars(select(ReviewItem.id).where(ReviewItem.state != CLOSED, about)).all()
