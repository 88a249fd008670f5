"""Who is asked, who is there, and what is on the agenda: what planning, leading and reading a meeting have in common.

Called from inside an action. What is opened here is opened by the caller.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from caseapp.access import (
    COORDINATOR,
    PARTICIPANT,
    Actor,
    Gate,
    NotFound,
    Permission,
    Withheld,
    action,
    allow,
    session,
)
from caseapp.access.rules import Question, why_refused
from caseapp.accounts import Office
from caseapp.cases import CaseBar, current_people, gates_for
from caseapp.cases.coordinating import Around, around, taking_part_today
from caseapp.cases.models import Case
from caseapp.consent import Opening
from caseapp.db import transaction
from caseapp.plans.joint_plan import JointPlan

from .cards import AgendaItem, MeetingCard
from .models import Attendance, Meeting, MeetingCase
from .rules import AGENCY, MEMBER, RELATED, YOUNG_PERSON, Attendee, Circle, state_of

NeedsNow = Callable[[Gate, Opening, JointPlan, int | None], Any]
#: (actor, team id, day) → the team's closed cases to be followed up by then; each has a `case_id`
FollowUps = Callable[[Actor, str, date], tuple[Any, ...]]


def the_meeting(actor: Actor, meeting_id: str) -> Meeting:
    """The meeting, if it is one of the actor's teams' and about nothing that is not theirs. Raises NotFound otherwise."""
    meeting = session().get(Meeting, meeting_id)
    if meeting is None or meeting.team_id not in actor.teams:
        raise NotFound("not_found", Permission.LIST_MEETINGS)
    if meeting.case_id is not None and not gates_for(actor, is_open=None, case_ids=[meeting.case_id]):
        raise NotFound("not_found", Permission.LIST_MEETINGS)
    return meeting


def meetings_of(
    actor: Actor, *, since: datetime, until: datetime | None = None, case_id: str | None = None, limit: int | None = None
) -> list[Meeting]:
    """The meetings of the actor's teams that start in this time, and about no case that is not theirs, soonest first."""
    query = select(Meeting).where(Meeting.team_id.in_(list(actor.teams)), Meeting.starts_at >= since)
    if until is not None:
        query = query.where(Meeting.starts_at < until)
    if case_id is not None:
        query = query.where(Meeting.case_id == case_id)
    meetings = list(session().scalars(query.order_by(Meeting.starts_at, Meeting.id).limit(limit)))
    about = {meeting.case_id for meeting in meetings if meeting.case_id}
    mine = {gate.id for gate in gates_for(actor, is_open=None, case_ids=about)} if about else set()
    return [meeting for meeting in meetings if meeting.case_id is None or meeting.case_id in mine]


def may_lead(actor: Actor, meeting: Meeting) -> bool:
    """Whether the policy lets this person lead the meeting."""
    return why_refused(Permission.LEAD_MEETING, Question(actor, team_id=meeting.team_id)) is None


def agency_names(register: Office) -> dict[str, str]:
    """Agency id → name."""
    return {agency.id: agency.name for agency in register.agencies.values()}


def agenda_of(meeting_id: str) -> list[MeetingCase]:
    """The rows of the agenda, in order."""
    query = select(MeetingCase).where(MeetingCase.meeting_id == meeting_id).order_by(MeetingCase.position, MeetingCase.id)
    return list(session().scalars(query))


def attendances(meeting_id: str) -> list[Attendance]:
    """The rows of the attendance list."""
    return list(session().scalars(select(Attendance).where(Attendance.meeting_id == meeting_id)))


def meeting_cards(actor: Actor, meetings: Sequence[Meeting], register: Office) -> list[MeetingCard]:
    """The meetings as cards, with one query for the agendas and one for the case numbers."""
    ids = [meeting.id for meeting in meetings]
    counts = Counter(session().scalars(select(MeetingCase.meeting_id).where(MeetingCase.meeting_id.in_(ids))))
    about = [meeting.case_id for meeting in meetings if meeting.case_id]
    numbers = {case.id: case.case_number for case in session().scalars(select(Case).where(Case.id.in_(about)))} if about else {}
    return [
        MeetingCard(
            id=meeting.id,
            version=meeting.version,
            meeting_type=meeting.meeting_type,
            team_id=meeting.team_id,
            team_name=register.teams[meeting.team_id].name,
            case_id=meeting.case_id,
            case_number=numbers.get(meeting.case_id or "", ""),
            starts_at=meeting.starts_at,
            place=meeting.place,
            state=state_of(meeting.started_at is not None, meeting.ended_at is not None),
            case_count=counts[meeting.id],
            may_lead=may_lead(actor, meeting),
        )
        for meeting in meetings
    ]


def agenda_items(rows: Sequence[MeetingCase], bars: Mapping[str, CaseBar], also_yours: Collection[str] = ()) -> tuple[AgendaItem, ...]:
    """The agenda, with initials where there is a bar for the case and the number alone where there is none.

    `also_yours`: cases the actor may open although there is no bar for them now.
    """
    ids = [row.case_id for row in rows]
    numbers = {case.id: case.case_number for case in session().scalars(select(Case).where(Case.id.in_(ids)))}
    return tuple(
        AgendaItem(
            case_id=row.case_id,
            case_number=numbers[row.case_id],
            initials=bars[row.case_id].initials if row.case_id in bars else "",
            position=row.position,
            is_done=row.is_done,
            version=row.version,
            is_yours=row.case_id in bars or row.case_id in also_yours,
        )
        for row in rows
    )


# -- who -------------------------------------------------------------------------------------------------------------


def people_at(meeting: Meeting, register: Office) -> tuple[Attendee, ...]:
    """Everybody who can come to this meeting, with who is asked and who is there.

    Who is there and could not come any more (has left the team, or the family) is there until somebody says that they have gone: the
    screen must not show more because a membership ended.
    """
    rows = {f"{row.kind}:{row.who_id}": row for row in attendances(meeting.id)}
    people = []
    for person in who_can_come(meeting.team_id, meeting.case_id, register):
        row = rows.get(person.token)
        people.append(replace(person, is_asked=row is not None, is_present=row is not None and row.is_present))
    known = {person.token for person in people}
    return tuple(people + [_still_here(row, register) for token, row in rows.items() if row.is_present and token not in known])


def _still_here(row: Attendance, register: Office) -> Attendee:
    name = register.user_name(row.who_id) if row.kind == MEMBER else register.agency_name(row.who_id) if row.kind == AGENCY else ""
    return Attendee(row.kind, row.who_id, row.agency_id, name, is_asked=True, is_present=True, has_left=True)


def who_can_come(team_id: str, case_id: str | None, register: Office) -> tuple[Attendee, ...]:
    """Everybody who can be asked: the team's case workers, somebody without account from each agency, and in a case's own meeting
    the young person and those around, whose names are read from the case (the caller has opened it).
    """
    return (*_staff(team_id, register), *(_family(case_id) if case_id else ()))


def _staff(team_id: str, register: Office) -> list[Attendee]:
    agencies = register.team_agencies(team_id)
    members = [user for user in register.members(team_id) if user.teams[team_id] & {COORDINATOR, PARTICIPANT}]
    by_agency = [user for agency in agencies for user in members if user.agency_id == agency.id]
    people = [Attendee(MEMBER, user.id, user.agency_id, user.name) for user in by_agency]
    return people + [Attendee(AGENCY, agency.id, agency.id, agency.name) for agency in agencies]


def _family(case_id: str) -> list[Attendee]:
    """The young person and those around; with protected identity by their role alone, for an agenda and a shared screen name nobody."""
    around, is_protected = current_people(case_id), session().get_one(Gate, case_id).is_protected
    hidden = Withheld("protected_identity")
    related = [
        Attendee(RELATED, person.id, None, hidden if is_protected else person.name, person.role, number=place if is_protected else 0)
        for place, person in enumerate(around.related, 1)
    ]
    return [Attendee(YOUNG_PERSON, case_id, None, hidden if is_protected else around.young.name), *related]


def put_in_the_room(meeting: Meeting, asked: Collection[str], present: Collection[str], people: Iterable[Attendee]) -> bool:
    """Write who is asked and who is there, by token; only people who can come are taken. Whether the room changed."""
    rows = {f"{row.kind}:{row.who_id}": row for row in attendances(meeting.id)}
    changed = False
    for person in people:
        row, here = rows.get(person.token), person.token in present
        if row is None and (here or person.token in asked):
            row = Attendance(meeting_id=meeting.id, kind=person.kind, who_id=person.who_id, agency_id=person.agency_id, is_present=False)
            session().add(row)
        if row is not None and row.is_present != here:
            row.is_present, changed = here, True
    if changed:
        meeting.epoch += 1
    return changed


def circles(gates: Collection[Gate]) -> dict[str, Circle]:
    """Who may come near each of these cases today, in three queries. Stand-ins take the place of those who are on leave."""
    people = around(list(gates))
    return {gate.id: _circle(gate, people[gate.id]) for gate in gates}


def _circle(gate: Gate, here: Around) -> Circle:
    parts = taking_part_today(gate.team_id, here.parts, here.blocked)
    return Circle(frozenset(parts), here.blocked, here.named if gate.is_protected else None)


# -- when what is on the screen stops being right -----------------------------------------------------------------------


def watch_value(actor: Actor, meeting: Meeting) -> str:
    """A text that changes with the room and with who may read what in any case on the agenda."""
    gates = gates_for(actor, is_open=None, case_ids=[row.case_id for row in agenda_of(meeting.id)])
    return f"{meeting.epoch}.{len(gates)}.{sum(gate.epoch for gate in gates)}"


def watch(actor: Actor, meeting_id: str) -> str:
    """The same for a page that asks again and again.

    It reads no case, so an answer is not logged and waits for no writer; a refusal is logged, as everywhere. Raises NotFound.
    """
    try:
        with transaction(reading=True):
            return watch_value(actor, the_meeting(actor, meeting_id))
    except NotFound:
        return _refused_watch(actor, meeting_id)


@action
def _refused_watch(actor: Actor, meeting_id: str) -> str:
    allow(actor, Permission.LIST_MEETINGS)
    return watch_value(actor, the_meeting(actor, meeting_id))
