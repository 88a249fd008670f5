"""Which meetings did somebody miss, whose minutes they have not read? For their own day.

Somebody missed a meeting if they were asked to it and not in the room when it ended; whoever left earlier missed what came after. It is
told for a month, and only of what they may read: a case they take part in, whose decisions are open to them. It has been read when the
log says that they opened its minutes after it ended; nothing else is kept about it. Called from inside an action.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from caseapp import audit
from caseapp.access import Actor, Permission, now, session
from caseapp.cases import gates_for
from caseapp.consent import passing_through
from caseapp.db import bound_database, glance

from .models import Attendance, Meeting, MeetingCase
from .rules import MEMBER

#: How long after its end a meeting is told of, how many of them at most, and how many readings are looked at.
_TOLD_FOR, _MOST, _READINGS = timedelta(days=30), 20, 500


@dataclass(frozen=True)
class Missed:
    """A meeting to read about: `case_count` are the cases gone through in it that the person may read of."""

    meeting_id: str
    meeting_type: str
    starts_at: datetime
    case_count: int


def missed_meetings(actor: Actor) -> tuple[Missed, ...]:
    """The meetings this person missed and has not read about, latest first; a fixed number of queries."""
    meetings = _absent_from(actor)
    ended = {meeting.id: meeting.ended_at for meeting in meetings if meeting.ended_at is not None}
    if not ended:
        return ()
    mine = _readable_cases(actor, list(ended))
    case_ids = {case_id for here in mine.values() for case_id in here}
    if not case_ids:
        return ()
    read = audit.meetings_read(
        session(),
        bound_database().keyholder,
        actor.user_id,
        Permission.READ_MINUTES.value,
        since=min(ended.values()),
        case_ids=case_ids,
        most=_READINGS,
    )
    return tuple(
        Missed(meeting.id, meeting.meeting_type, meeting.starts_at, len(mine[meeting.id]))
        for meeting in meetings
        if meeting.id in mine and (meeting.id not in read or read[meeting.id] < ended[meeting.id])
    )


def _absent_from(actor: Actor) -> list[Meeting]:
    asked = select(Attendance.meeting_id).where(
        Attendance.kind == MEMBER, Attendance.who_id == actor.user_id, Attendance.is_present.is_(False)
    )
    query = select(Meeting).where(Meeting.id.in_(asked), Meeting.ended_at >= now() - _TOLD_FOR, Meeting.team_id.in_(list(actor.teams)))
    return list(session().scalars(query.order_by(Meeting.ended_at.desc()).limit(_MOST)))


def _readable_cases(actor: Actor, meeting_ids: list[str]) -> dict[str, set[str]]:
    """Meeting id → the cases gone through there whose decisions this person may read; meetings without any are left out."""
    rows = glance(MeetingCase, select(MeetingCase).where(MeetingCase.meeting_id.in_(meeting_ids), MeetingCase.is_done.is_(True)))
    done = [(row.meeting_id, row.case_id) for row in rows]
    gates = gates_for(actor, is_open=None, case_ids={case_id for _meeting, case_id in done}) if done else []
    places = {gate.id: {(gate.home_agency_id, MeetingCase.INFORMATION_TYPE)} for gate in gates}
    with passing_through(actor, places, asks_of_consent=True) as openings:
        readable = {gate.id for gate in gates if openings[gate.id].decide(gate.home_agency_id, MeetingCase.INFORMATION_TYPE).allowed}
    found: dict[str, set[str]] = {}
    for meeting_id, case_id in done:
        if case_id in readable:
            found.setdefault(meeting_id, set()).add(case_id)
    return found
