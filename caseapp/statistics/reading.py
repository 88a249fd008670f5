"""From sealed answers to records: where identity stops.

This module answers: what do the records say of the people who count in a quarter, as codes? It opens the codes drawers of the
information types the tables ask about and nothing else: names, numbers, texts and places stay shut, and a test says so. A case
whose key was destroyed is gone and is not counted. An answer that cannot be read counts as unknown, and how many there were is told.

A case counts from the day of the notice until the day it was closed, also when it never came further than the notice. A person is one
person in all their cases, by the look-up value of the identity number (without a number: by the case). What a case answers to the
questions of the tables is in `answers`; meetings, which can be about many cases, are in `held`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from caseapp.access import Gate, session
from caseapp.accounts import Office, office
from caseapp.cases.models import Case, YoungPerson
from caseapp.consent import open_codes_for_statistics
from caseapp.db import Unreadable, Withheld, coded
from caseapp.formats import Quarter, age, age_band
from caseapp.formats import quarter as quarter_of
from caseapp.statistics import counting
from caseapp.statistics.answers import CaseAnswers
from caseapp.statistics.held import Room, meetings_of, read_rooms
from caseapp.statistics.plan import UNKNOWN
from caseapp.statistics.rules import counted_in
from caseapp.statistics.steps import Progress, Step

#: The information types whose codes the tables ask about.
TYPES = ("identity", "assessment", "outcome", "family", "health", "offences", "substance", "plan", "support_ongoing")
_BATCH = 250


@dataclass
class Reading:
    """Everybody who may count in a quarter. `gone`: cases whose key was destroyed; `unreadable`: answers with a broken seal."""

    records: list[counting.Record] = field(default_factory=list)
    events: list[counting.Event] = field(default_factory=list)
    gone: int = 0
    unreadable: int = 0
    rooms: list[Room] = field(default_factory=list)


def read_quarter(quarter: Quarter, counted: Mapping[str, datetime], tell: Progress) -> Reading:
    """The records of a quarter. `counted`: released quarter → when it was read. Called inside an action that was allowed to prepare."""
    register, reading = office(), Reading()
    ids = _cases_of(quarter, counted)
    for start in range(0, len(ids), _BATCH):
        tell(Step("read", start, len(ids)))
        batch = ids[start : start + _BATCH]
        _read_batch(batch, quarter, counted, register, reading)
    open_codes_for_statistics({})
    reading.events += meetings_of(reading.rooms, counted)
    return reading


def _cases_of(quarter: Quarter, counted: Mapping[str, datetime]) -> list[str]:
    still_there = or_(Case.closed_on.is_(None), Case.closed_on >= quarter.start)
    if counted:  # what was registered too late for its own quarter, or closed up to a year before that was noted
        still_there |= or_(Case.created_at > max(counted.values()), Case.closed_on >= quarter.start - timedelta(days=366))
    query = select(Case.id).where(Case.opened_on <= quarter.end, still_there).order_by(Case.id)
    return list(session().scalars(query))


def _read_batch(ids: Sequence[str], quarter: Quarter, counted: Mapping[str, datetime], register: Office, reading: Reading) -> None:
    cases = session().scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)).all()
    gates = {gate.id: gate for gate in session().scalars(select(Gate).where(Gate.id.in_(ids)))}
    young = {row.case_id: row for row in session().scalars(select(YoungPerson).where(YoungPerson.case_id.in_(ids)))}
    parts = CaseAnswers(ids, register)
    open_codes_for_statistics({case.id: {case.owner_agency_id, *parts.owners(case.id)} for case in cases}, types=TYPES)
    rooms = read_rooms(ids)
    for case in cases:
        person = young[case.id].answers if case.id in young else Unreadable()
        if isinstance(person, Withheld):
            reading.gone += 1
            continue
        reading.unreadable += isinstance(person, Unreadable) + parts.unreadable(case.id) + case.is_damaged
        one = _record(case, gates[case.id], coded(person), parts, quarter, counted)
        reading.records.append(one)
        reading.events += parts.events(case.id, one, counted)
        reading.rooms += [room.of(one.person, one.protected) for room in rooms.get(case.id, ())]
    session().expunge_all()


def _record(
    case: Case, gate: Gate, person: Mapping[str, Any], parts: CaseAnswers, quarter: Quarter, counted: Mapping[str, datetime]
) -> counting.Record:
    opened = counted_in(quarter_of(case.opened_on), case.created_at, counted)
    born = date.fromisoformat(person["born"]) if person.get("born") else None
    return counting.Record(
        person=case.number_index or case.id,
        work_form=gate.work_form,
        sex=person.get("sex") or "u",
        opened=opened,
        closed=max(opened, _closed_in(case, counted)) if case.closed_on else None,
        age_opened=_band(born, case.opened_on),
        age_now=_band(born, min(case.closed_on or quarter.end, quarter.end)),
        protected=gate.is_protected,
        answers=parts.answers(case),
    )


def _closed_in(case: Case, counted: Mapping[str, datetime]) -> str:
    noted = coded(case.progress).get("noted_at")
    happened = quarter_of(case.closed_on or date.max)
    return counted_in(happened, datetime.fromisoformat(noted), counted) if noted else str(happened)


def _band(born: date | None, on: date) -> str:
    return age_band(max(0, age(born, on))) if born else UNKNOWN
