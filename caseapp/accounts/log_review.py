"""Reading the log: who did what, newest first. Reading it is itself in the log.

Shown are names of staff, words and ids. What is sealed in an entry (search words, network addresses) is not opened here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from caseapp.access import Actor, Permission, action, allow, log_detail, session
from caseapp.audit import AuditEntry
from caseapp.formats import midnight

from .directory import office

PAGE = 100


@dataclass(frozen=True)
class LogLine:
    """One entry. `action` is a code of AuditAction, `concerns` the part of the permission before the dot."""

    sequence: int
    at: datetime
    who: str
    agency: str
    action: str
    concerns: str
    case_id: str
    is_refused: bool
    reason: str


@dataclass(frozen=True)
class LogFilter:
    """Which entries: of one person, of one day in Sweden, of one case, only refusals."""

    person: str = ""
    day: date | None = None
    case_id: str = ""
    refused: bool = False


@dataclass(frozen=True)
class LogPage:
    """Up to a hundred entries, newest first; `older` is where the next page begins, None at the end."""

    lines: list[LogLine]
    older: int | None
    people: Mapping[str, str]
    case_numbers: Mapping[str, str]


@action
def read_log(
    actor: Actor, chosen: LogFilter, *, numbers_of: Callable[[Collection[str]], Mapping[str, str]], before: int | None = None
) -> LogPage:
    """The entries older than sequence number `before` (or the newest) that the filter lets through.

    `numbers_of` tells the numbers of cases by id; it comes from above, since nothing here knows cases.
    """
    allow(actor, Permission.READ_LOG)
    log_detail(person=chosen.person, day=str(chosen.day or ""), case=chosen.case_id, refused=chosen.refused, before=before)
    query = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    if chosen.person:
        query = query.where(AuditEntry.actor_id == chosen.person)
    if chosen.day is not None:
        query = query.where(AuditEntry.at >= midnight(chosen.day), AuditEntry.at < midnight(chosen.day + timedelta(days=1)))
    if chosen.case_id:
        query = query.where(AuditEntry.case_id == chosen.case_id)
    if chosen.refused:
        query = query.where(AuditEntry.decision == "refused")
    entries = session().scalars(query).all()
    register = office()
    lines = [
        LogLine(
            sequence=entry.sequence,
            at=entry.at,
            who=register.user_name(entry.actor_id),
            agency=register.agency_name(entry.agency_id),
            action=entry.action,
            concerns=entry.permission.partition(".")[0],
            case_id=entry.case_id or "",
            is_refused=entry.decision == "refused",
            reason=entry.reason,
        )
        for entry in entries[:PAGE]
    ]
    older = lines[-1].sequence if len(entries) > PAGE else None
    concerned = {line.case_id for line in lines} | {chosen.case_id}
    return LogPage(lines, older, {user.id: user.name for user in register.users.values()}, numbers_of(concerned - {""}))
