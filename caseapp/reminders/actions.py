"""What a person chooses about reminders, and what the timer does with it: one letter at a time, each allowed and in the log."""

from dataclasses import dataclass

from sqlalchemy import select

from caseapp.access import Actor, Permission, action, allow, check_version, log_as, log_detail, session, today
from caseapp.accounts import actor_for
from caseapp.accounts.models import User
from caseapp.day.counting import Counts, count_day
from caseapp.db import Unreadable

from .models import Reminder
from .rules import NEVER, is_due


@dataclass(frozen=True)
class Choice:
    """What somebody chose. `version` is None while nothing was ever chosen; `is_readable` is False where the row is damaged."""

    email: str = ""
    days: str = NEVER
    version: int | None = None
    is_readable: bool = True


@dataclass(frozen=True)
class Letter:
    """A letter to be sent: to whom, in which language, about how much."""

    email: str
    language: str
    counts: Counts


@action
def read_choice(actor: Actor) -> Choice:
    """What this person chose."""
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("view")
    row = _row_of(actor.user_id)
    if row is None:
        return Choice()
    if not isinstance(row.email, str) or isinstance(row.choice, Unreadable):
        return Choice(version=row.version, is_readable=False)
    return Choice(row.email, row.choice.get("days", NEVER), row.version)


@action
def choose(actor: Actor, *, email: str, days: str, version: int | None = None, once: str | None = None) -> None:
    """Be reminded at this address on these days (a code of ReminderDays), or never; then the address is forgotten."""
    allow(actor, Permission.OWN_ACCOUNT, once=once)
    log_as("update")
    row = _row_of(actor.user_id)
    if row is None:
        row = Reminder(user_id=actor.user_id)
        session().add(row)
    else:
        check_version(row, version or 0)  # a form without a version was made before anything was chosen
    row.email, row.choice = ("" if days == NEVER else email), {"days": days}
    log_detail(days=days)


@action
def due_today(timer: Actor) -> list[str]:
    """The ids of the choices that ask for a letter today."""
    allow(timer, Permission.SEND_REMINDERS)
    rows = session().scalars(select(Reminder).order_by(Reminder.id))
    chosen = [(row, row.choice.get("days", NEVER)) for row in rows if not isinstance(row.choice, Unreadable)]
    return [row.id for row, days in chosen if is_due(days, row.sent_on, today())]


@action
def write_letter(timer: Actor, reminder_id: str) -> Letter | None:
    """The letter to be sent; None where nothing waits, the account is closed, or the address cannot be read."""
    allow(timer, Permission.SEND_REMINDERS)
    row = session().get(Reminder, reminder_id)
    person = actor_for(row.user_id) if row is not None else None
    if row is None or person is None or not isinstance(row.email, str) or not row.email:
        return None
    counts = count_day(person)
    log_detail(reminded=person.user_id, tasks=counts.tasks, meetings=counts.meetings, questions=counts.questions)
    return Letter(row.email, session().get_one(User, person.user_id).language, counts) if counts else None


@action
def note_sent(timer: Actor, reminder_id: str) -> None:
    """That today's letter was handed over."""
    allow(timer, Permission.SEND_REMINDERS)
    log_as("update")
    row = session().get(Reminder, reminder_id)
    if row is not None:
        row.sent_on = today()


def _row_of(user_id: str) -> Reminder | None:
    return session().scalars(select(Reminder).where(Reminder.user_id == user_id)).one_or_none()
