"""The log of a month as readings: who opened which case, day by day, however long the log is.

An entry is part of a reading if it was allowed, is about one case, and tells that something of the case was opened; lists and searches
that show initials are about no one case. Promised: entries come in the order of time, so no more than one day's readings are held at a
time. What was opened is told by codes (permissions, reasons of the rule); nothing of a case is looked at.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from caseapp.access import session
from caseapp.audit import AuditEntry, detail_place
from caseapp.consent import opened_in
from caseapp.crypto import Damaged, Sealer
from caseapp.db import bound_database
from caseapp.formats import local_day

from .rules import Reading

_AT_A_TIME = 1000
_COLUMNS = (
    AuditEntry.sequence,
    AuditEntry.at,
    AuditEntry.actor_id,
    AuditEntry.agency_id,
    AuditEntry.action,
    AuditEntry.permission,
    AuditEntry.case_id,
    AuditEntry.detail_sealed,
)
#: The reason and the word of the log under which a case is opened in an emergency.
_BREAK_GLASS = "break_glass"


def count_entries(begins: datetime, ends: datetime) -> int:
    """How many entries of any kind the log has from one moment until before the other. Inside a transaction."""
    return session().scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.at >= begins, AuditEntry.at < ends)) or 0


def first_moment() -> datetime | None:
    """When the log begins; None while it is empty. Inside a transaction."""
    return session().scalar(select(func.min(AuditEntry.at)))


def pairs_after(begins: datetime, ends: datetime, case_id: str, limit: int) -> dict[str, set[str]]:
    """Of the cases that were opened then, the next `limit` after this one in the order of their ids: case id → who opened them."""
    about = _about_cases(begins, ends)
    cases = about.with_only_columns(AuditEntry.case_id).where(AuditEntry.case_id > case_id).distinct()
    ids = list(session().scalars(cases.order_by(AuditEntry.case_id).limit(limit)))
    found: dict[str, set[str]] = {one: set() for one in ids if one}
    query = about.with_only_columns(AuditEntry.case_id, AuditEntry.actor_id).where(AuditEntry.case_id.in_(ids)).distinct()
    for opened, user_id in session().execute(query):
        if opened and user_id:
            found[opened].add(user_id)
    return found


def days_of_readings(
    begins: datetime,
    ends: datetime,
    is_outside: Callable[[datetime], bool],
    *,
    user_id: str | None = None,
    progress: Callable[[int], None] = lambda _entries: None,
) -> Iterator[list[Reading]]:
    """The readings of each day that has any, in the order of days. Inside a transaction; only one person's if one is named.

    `progress` gets the number of entries gone through since the last time.
    """
    query = _about_cases(begins, ends).with_only_columns(*_COLUMNS).order_by(AuditEntry.at, AuditEntry.sequence)
    if user_id is not None:
        query = query.where(AuditEntry.actor_id == user_id)
    sealer = bound_database().keyholder.purpose_sealer("audit")
    result = session().execute(query, execution_options={"yield_per": _AT_A_TIME})
    day, here = date.min, _Day()
    for some in result.partitions(_AT_A_TIME):
        for entry in some:
            on = local_day(entry.at)
            if on != day:
                if here.found:
                    yield here.readings(day)
                day, here = on, _Day()
            here.take(entry, sealer, is_outside)
        progress(len(some))
    if here.found:
        yield here.readings(day)


def _about_cases(begins: datetime, ends: datetime) -> Select[Any]:
    return select(AuditEntry).where(
        AuditEntry.at >= begins,
        AuditEntry.at < ends,
        AuditEntry.decision == "allowed",
        AuditEntry.case_id.is_not(None),
        AuditEntry.actor_id.is_not(None),
    )


@dataclass
class _Gathered:
    agency_id: str
    first: datetime
    last: datetime
    times: int = 0
    outside: int = 0
    is_whole: bool = True
    pages: set[str] = field(default_factory=set)
    grounds: set[str] = field(default_factory=set)
    stood_in_for: set[str] = field(default_factory=set)


class _Day:
    """What was opened in one day, by person and case."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], _Gathered] = {}

    def take(self, entry: Any, sealer: Sealer, is_outside: Callable[[datetime], bool]) -> None:
        try:
            detail = json.loads(sealer.open(entry.detail_sealed, detail_place(entry.sequence)))
            grounds = {reason for _owner, _kind, reason, _ground in opened_in(detail).get(entry.case_id, ())}
            absent, is_whole = detail.get("acts_for", ""), True
        except (Damaged, ValueError, TypeError, KeyError, AttributeError):  # not what the program writes: looked at by a person
            grounds, absent, is_whole = set(), "", False
        if entry.action == _BREAK_GLASS:
            grounds.add(_BREAK_GLASS)
        if is_whole and not grounds:
            return  # nothing of the case was opened
        place = (entry.actor_id, entry.case_id)
        one = self.found.get(place)
        if one is None:
            one = self.found[place] = _Gathered(entry.agency_id or "", entry.at, entry.at)
        one.last, one.times = entry.at, one.times + 1
        one.outside += is_outside(entry.at)
        one.is_whole = one.is_whole and is_whole
        one.pages.add(entry.permission)
        one.grounds |= grounds
        if isinstance(absent, str) and absent:
            one.stood_in_for.add(absent)

    def readings(self, day: date) -> list[Reading]:
        return [
            Reading(
                user_id=user_id,
                agency_id=one.agency_id,
                case_id=case_id,
                day=day,
                first=one.first,
                last=one.last,
                times=one.times,
                pages=tuple(sorted(one.pages)),
                grounds=tuple(sorted(one.grounds)),
                outside=one.outside,
                is_whole=one.is_whole,
                stood_in_for=tuple(sorted(one.stood_in_for)),
            )
            for (user_id, case_id), one in self.found.items()
        ]
