"""Which meetings were held, about whom, and who of the family was there?

A meeting is of the office, and what was said in it of each case is the case's: so a meeting is put together here from the cases that were
finished in it, batch after batch of them. It is counted once, whatever number of cases it had, in the quarter of the day it began; one
whose cases are all of protected identities is counted in totals only, and of a meeting about several cases the others alone say who was
there. Who was there are coded answers of the case: kinds of people, and ids. No name, no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from caseapp.access import session
from caseapp.cases.models import RelatedPerson
from caseapp.db import coded
from caseapp.formats import local_day
from caseapp.formats import quarter as quarter_of
from caseapp.meetings.models import Meeting, MeetingCase
from caseapp.statistics.answers import by_case
from caseapp.statistics.counting import Event
from caseapp.statistics.rules import counted_in


@dataclass(frozen=True)
class Room:
    """What one case says of one meeting it was finished in."""

    meeting_id: str
    meeting_type: str
    began: datetime
    noted: datetime
    youth: bool
    guardian: bool
    person: str = ""
    protected: bool = False

    def of(self, person: str, protected: bool) -> Room:
        """The same, with whose case it was."""
        return replace(self, person=person, protected=protected)


def read_rooms(case_ids: Sequence[str]) -> dict[str, list[Room]]:
    """Case id → the meetings it was finished in. Their coded answers must be open."""
    finished = {case_id: [row for row in rows if row.is_done] for case_id, rows in by_case(MeetingCase, case_ids).items()}
    meeting_ids = sorted({row.meeting_id for rows in finished.values() for row in rows})
    meetings = {row.id: row for row in session().scalars(select(Meeting).where(Meeting.id.in_(meeting_ids)))}
    custodians = {
        row.id for rows in by_case(RelatedPerson, case_ids).values() for row in rows if coded(row.answers).get("custodian") is True
    }
    return {
        case_id: [_room(row, meetings[row.meeting_id], custodians) for row in rows if row.meeting_id in meetings]
        for case_id, rows in finished.items()
    }


def _room(row: MeetingCase, meeting: Meeting, custodians: set[str]) -> Room:
    present = [token.partition(":")[::2] for token in coded(row.answers).get("present", ())]  # kind:who, as the room wrote it
    return Room(
        meeting.id,
        meeting.meeting_type,
        meeting.started_at or meeting.starts_at,
        row.done_at or row.created_at,
        ("young_person", row.case_id) in present,
        any(kind == "related" and who in custodians for kind, who in present),
    )


def meetings_of(rooms: Iterable[Room], counted: Mapping[str, datetime]) -> list[Event]:
    """Each meeting once, with the persons behind it."""
    found: dict[str, list[Room]] = {}
    for room in rooms:
        found.setdefault(room.meeting_id, []).append(room)
    return [_meeting(together, counted) for _id, together in sorted(found.items())]


def _meeting(rooms: Sequence[Room], counted: Mapping[str, datetime]) -> Event:
    told = [room for room in rooms if not room.protected]
    who = {(True, True): "both", (True, False): "youth", (False, True): "guardian", (False, False): "neither"}
    present = who[any(room.youth for room in told), any(room.guardian for room in told)]
    held = counted_in(quarter_of(local_day(rooms[0].began)), min(room.noted for room in rooms), counted)
    persons = tuple(dict.fromkeys(room.person for room in rooms))
    return Event("meetings", persons, {"held": held}, {"meeting": rooms[0].meeting_type, "present": present}, not told)
