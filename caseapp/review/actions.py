"""What people do with the queue: look at it, ask about a reading, answer, close with an assessment.

A reviewer may ask about and close anybody's readings but their own; a question is answered by the person it was put to and by nobody
else. Each of these is one transaction, allowed and logged, and is carried out once however often it is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from caseapp.access import (
    Actor,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    check_version,
    check_whole,
    fetch,
    log_as,
    log_detail,
    now,
    remember_result,
    session,
)
from caseapp.accounts import office

from .models import ReviewItem, ReviewQuestion
from .queue import ItemCard, QuestionCard, item_card, open_items, question_card, questions_about
from .rules import ANSWERED, ASKED, CLOSED, SELECTED, Month, only_reviewer, why_not_become, why_not_close, why_not_handle
from .selecting import months_to_make, reviewers_today

PAGE = 50
#: What the queue's pages show: name → states.
VIEWS = {"todo": (ANSWERED, SELECTED), "asked": (ASKED,), "closed": (CLOSED,)}


@dataclass(frozen=True)
class Queue:
    """A page of the queue. `own`: how many of the reviewer's own readings wait; `is_alone`: that nobody else can review those.

    `counts`: view → how many there are; `months`: those whose list can be made, the newest first.
    """

    items: tuple[ItemCard, ...]
    view: str
    page: int
    pages: int
    counts: dict[str, int]
    own: int
    is_alone: bool
    months: Sequence[Month]


@dataclass(frozen=True)
class ItemPage:
    """One reading with everything asked and answered about it."""

    item: ItemCard
    questions: tuple[QuestionCard, ...]


@dataclass(frozen=True)
class QuestionPage:
    """A question to oneself, and what it is about. `is_open`: whether it can be answered. How the review ended is not told here."""

    question: QuestionCard
    case_number: str
    is_erased: bool
    cases: int
    numbers: tuple[str, ...]
    day: date
    pages: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    is_open: bool


@action
def read_queue(actor: Actor, *, view: str = "todo", page: int = 1) -> Queue:
    """The readings that others made, in this state: answered ones first, then by day."""
    allow(actor, Permission.READ_REVIEW)
    view = view if view in VIEWS else "todo"
    others = select(ReviewItem).where(ReviewItem.user_id != actor.user_id)
    counted = {name: _count(actor, states) for name, states in VIEWS.items()}
    pages = max(1, -(-counted[view] // PAGE))
    page = min(max(page, 1), pages)
    query = others.where(ReviewItem.state.in_(VIEWS[view]))
    if view == "closed":
        query = query.order_by(ReviewItem.closed_at.desc(), ReviewItem.id)
    else:  # "answered" comes before "selected" in the alphabet, too
        query = query.order_by(ReviewItem.state, ReviewItem.month, ReviewItem.place, ReviewItem.id)
    register = office()
    rows = session().scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    log_detail(view=view, items=[row.id for row in rows])
    return Queue(
        items=tuple(item_card(row, register) for row in rows),
        view=view,
        page=page,
        pages=pages,
        counts=counted,
        own=len(open_items(actor.user_id, own=True)),
        is_alone=only_reviewer(actor.user_id, reviewers_today()),
        months=months_to_make(),
    )


def _count(actor: Actor, states: Sequence[str]) -> int:
    query = select(func.count()).select_from(ReviewItem).where(ReviewItem.user_id != actor.user_id, ReviewItem.state.in_(states))
    return session().scalar(query) or 0


@action
def read_item(actor: Actor, item_id: str) -> ItemPage:
    """One reading, for a reviewer who is not the person reviewed."""
    allow(actor, Permission.READ_REVIEW)
    row = _another_persons(actor, item_id, Permission.READ_REVIEW)
    log_detail(item=row.id, reviewed=row.user_id)
    return ItemPage(item_card(row, office()), questions_about(row.id))


@action
def ask(actor: Actor, item_id: str, *, question: str, once: str | None = None) -> str:
    """Put a question to the person whose reading it was. The id of the question."""
    allow(actor, Permission.HANDLE_REVIEW, once=once)
    row = _another_persons(actor, item_id, Permission.HANDLE_REVIEW)
    _refuse(why_not_become(row.state, ASKED), Permission.HANDLE_REVIEW)
    asked = ReviewQuestion(item_id=row.id, user_id=row.user_id, asked_by_id=actor.user_id, asked_at=now(), question=question)
    session().add(asked)
    row.state = ASKED
    log_detail(item=row.id, reviewed=row.user_id)
    remember_result(once, f"/review/items/{row.id}")
    return asked.id


@action
def close(
    actor: Actor, item_id: str, *, assessment: str, words: str = "", version: int | None = None, once: str | None = None
) -> None:
    """Close a reading with an assessment (a code of ReviewAssessment), in words where the assessment needs them."""
    allow(actor, Permission.HANDLE_REVIEW, once=once)
    row = _another_persons(actor, item_id, Permission.HANDLE_REVIEW)
    answered = select(ReviewQuestion.id).where(ReviewQuestion.item_id == row.id, ReviewQuestion.answered_at.is_not(None))
    is_answered = session().scalars(answered.limit(1)).first() is not None
    _refuse(why_not_close(row.state, assessment, words, is_answered=is_answered), Permission.HANDLE_REVIEW)
    check_version(row, version)
    row.state, row.closed_by_id, row.closed_at = CLOSED, actor.user_id, now()
    row.outcome, row.words = {"assessment": assessment}, words
    log_detail(item=row.id, reviewed=row.user_id)
    remember_result(once, f"/review/items/{row.id}")


# -- the person reviewed ----------------------------------------------------------------------------------------------


@action
def read_question(actor: Actor, question_id: str) -> QuestionPage:
    """A question that was put to this person. NotFound for anybody else's."""
    allow(actor, Permission.ANSWER_REVIEW)
    log_as("view")
    question, item = _to_oneself(actor, question_id)
    card = item_card(item, office())
    log_detail(item=item.id)
    return QuestionPage(
        question=question_card(question, office()),
        case_number=card.case_number,
        is_erased=card.is_erased,
        cases=card.cases,
        numbers=card.numbers,
        day=card.day,
        pages=card.pages,
        first=card.first,
        last=card.last,
        is_open=question.answered_at is None and item.state == ASKED,
    )


@action
def answer(actor: Actor, question_id: str, *, answer: str, once: str | None = None) -> None:
    """Answer a question that was put to this person, once."""
    allow(actor, Permission.ANSWER_REVIEW, once=once)
    question, item = _to_oneself(actor, question_id)
    if question.answered_at is not None:
        raise Refused("answered_already", Permission.ANSWER_REVIEW)
    _refuse(why_not_become(item.state, ANSWERED), Permission.ANSWER_REVIEW)
    question.answer, question.answered_at = answer, now()
    item.state = ANSWERED
    log_detail(item=item.id)
    remember_result(once, f"/review/questions/{question.id}")


def _to_oneself(actor: Actor, question_id: str) -> tuple[ReviewQuestion, ReviewItem]:
    question = fetch(ReviewQuestion, question_id)
    item = fetch(ReviewItem, question.item_id)
    if {question.user_id, item.user_id} != {actor.user_id}:
        raise NotFound("not_found", Permission.ANSWER_REVIEW)
    check_whole(question)
    check_whole(item)
    return question, item


def _another_persons(actor: Actor, item_id: str, permission: Permission) -> ReviewItem:
    row = fetch(ReviewItem, item_id)
    check_whole(row)
    _refuse(why_not_handle(actor.user_id, row.user_id), permission)
    return row


def _refuse(why: str | None, permission: Permission) -> None:
    if why is not None:
        raise Refused(why, permission)
