"""Leading a meeting: one case at a time on a screen that everybody in the room sees.

`on_screen` opens a case with everyone present, so that a compartment closes as soon as one agency in the room may not read it.
`finish_case` saves all that was said of it in one transaction. Saving is done with the leader's own keys: what was said aloud in
the room may always be written down, even where the room could not have been shown it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from caseapp.access import (
    Actor,
    Gate,
    NotFound,
    Permission,
    action,
    allow,
    check_version,
    log_as,
    log_detail,
    now,
    remember_result,
    session,
    today,
)
from caseapp.accounts import Office, office
from caseapp.cases import case_bar, case_bars, gates_for
from caseapp.cases.remarks import remarks_of
from caseapp.consent import Opening, Present, may_read, open_case, open_cases
from caseapp.db import coded
from caseapp.plans.actions import add_commitment, report_status, set_review
from caseapp.plans.asking import require_open_case
from caseapp.plans.joint_plan import joint_plan
from caseapp.plans.rules import FAMILY_MAKERS

from .cards import AgendaItem, CaseOnScreen, Live, Narrowing
from .models import Meeting, MeetingCase
from .room import (
    NeedsNow,
    agency_names,
    agenda_items,
    agenda_of,
    attendances,
    circles,
    meeting_cards,
    people_at,
    put_in_the_room,
    the_meeting,
    watch_value,
)
from .rules import ON_SCREEN, Attendee, Circle, agencies_in_the_room, following, who_must_leave, who_narrows


@dataclass(frozen=True)
class NewCommitment:
    """A decision that became a commitment: what, by whom (an agency's id, "youth" or "guardian"), by when."""

    what: str
    by: str
    due_on: date | None = None


@dataclass(frozen=True)
class NewStatus:
    """The status chosen for a commitment, and the version of it that was on the screen."""

    commitment_id: str
    status: str
    version: int | None = None


@dataclass(frozen=True)
class Said:
    """What was said of a case: the decision, statuses that changed, new commitments, the next day of review.

    `adds`: the decision comes after what is stored, instead of in its place (what is stored was not for everybody's eyes).
    """

    decision: str = ""
    statuses: Sequence[NewStatus] = ()
    new: Sequence[NewCommitment] = ()
    next_on: date | None = None
    adds: bool = False


def on_screen(actor: Actor, meeting: Meeting, register: Office, *, case_id: str | None, needs_now: NeedsNow | None) -> Live:
    """The meeting in progress with the chosen case, or the next unfinished one. Called from inside an action."""
    allow(actor, Permission.LEAD_MEETING, team=meeting.team_id)
    log_as("view")
    people = people_at(meeting, register)
    rows = agenda_of(meeting.id)
    gates = {gate.id: gate for gate in gates_for(actor, is_open=None, case_ids=[row.case_id for row in rows])}
    who = circles(gates.values())
    agenda = _agenda(actor, rows, gates, who, people)
    log_detail(meeting=meeting.id, cases=list(gates))
    chosen = case_id if case_id in gates else following([item for item in agenda if item.is_yours and gates[item.case_id].is_open])
    row = next((row for row in rows if row.case_id == chosen), None)
    if meeting.case_id in gates and not who_must_leave(people, who[meeting.case_id]):  # the names of the family, for those who may
        open_cases(actor, gates.values(), present=_as_present(people, register), types=("identity", "family"))
        people = people_at(meeting, register)
    return Live(
        card=meeting_cards(actor, [meeting], register)[0],
        people=people,
        agenda=agenda,
        case=_case(actor, meeting, row, gates[row.case_id], who[row.case_id], people, agenda, register, needs_now) if row else None,
        agency_names=agency_names(register),
        room=str(meeting.epoch),
        watch=watch_value(actor, meeting),
    )


def _as_present(people: Sequence[Attendee], register: Office) -> list[Present]:
    return [Present(agency_id, register.agency_name(agency_id)) for agency_id in agencies_in_the_room(people)]


def _agenda(
    actor: Actor, rows: Sequence[MeetingCase], gates: Mapping[str, Gate], who: Mapping[str, Circle], people: Sequence[Attendee]
) -> tuple[AgendaItem, ...]:
    """The agenda with initials only where everybody in the room may know them; otherwise the number alone."""
    shown = [gate for gate in gates.values() if not who_must_leave(people, who[gate.id])]
    present = [Present(agency_id) for agency_id in agencies_in_the_room(people)]
    bars = case_bars(shown, open_cases(actor, shown, present=present, types=("identity",)))
    return agenda_items(rows, bars, gates)


def _case(
    actor: Actor,
    meeting: Meeting,
    row: MeetingCase,
    gate: Gate,
    circle: Circle,
    people: Sequence[Attendee],
    agenda: Sequence[AgendaItem],
    register: Office,
    needs_now: NeedsNow | None,
) -> CaseOnScreen:
    item = next(item for item in agenda if item.case_id == row.case_id)
    obstacles = who_must_leave(people, circle)
    if obstacles:
        return CaseOnScreen(item, obstacles)
    allow(actor, Permission.READ_CASE, on=gate.id)
    log_detail(meeting=meeting.id, present=[person.token for person in people if person.is_present])
    opening = open_case(actor, gate, present=_as_present(people, register))
    plan, last = joint_plan(gate, opening), _last_minutes(row)
    bar = case_bar(gate, opening)
    return CaseOnScreen(
        item=item,
        bar=bar,
        plan=plan,
        narrowings=_narrowings(gate, opening, people, register),
        needs=needs_now(gate, opening, plan, bar.age) if needs_now else None,
        decision=row.decision,
        next_on=row.next_on,
        last_decision=last.decision if last else "",
        last_met=last.done_at if last else None,
        makers=tuple(agency for agency in register.team_agencies(gate.team_id) if _may_write(actor, agency.id, opening)),
        remarks=tuple(one for said in remarks_of(gate.id, register).values() for one in said if one.about_kind == "measure"),
    )


def _may_write(actor: Actor, agency_id: str, opening: Opening) -> bool:
    return may_read(actor.agency_id, agency_id, "plan", opening.grounds, today()).allowed


def _narrowings(gate: Gate, opening: Opening, people: Sequence[Attendee], register: Office) -> tuple[Narrowing, ...]:
    agencies = agencies_in_the_room(people)
    missing: dict[str, list[str]] = {}
    for kind in ON_SCREEN:
        for agency_id in who_narrows(agencies, gate.home_agency_id, kind, opening.grounds, today()):
            missing.setdefault(agency_id, []).append(kind)
    return tuple(Narrowing(register.agency_name(agency_id), tuple(kinds)) for agency_id, kinds in missing.items())


def _last_minutes(row: MeetingCase) -> MeetingCase | None:
    query = select(MeetingCase).where(MeetingCase.case_id == row.case_id, MeetingCase.is_done.is_(True), MeetingCase.id != row.id)
    return session().scalars(query.order_by(MeetingCase.done_at.desc()).limit(1)).first()


# -- what the leader does --------------------------------------------------------------------------------------------


@action
def start_meeting(actor: Actor, meeting_id: str, present: Collection[str], *, once: str | None = None) -> None:
    """Begin, with those present (tokens). Beginning again after the end takes it up where it was."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.LEAD_MEETING, team=meeting.team_id, once=once)
    meeting.started_at, meeting.ended_at = meeting.started_at or now(), None
    _take_room(actor, meeting, present)
    remember_result(once, f"/meetings/{meeting.id}")


@action
def take_attendance(actor: Actor, meeting_id: str, present: Collection[str], *, seen: str | None = None) -> bool:
    """Who is in the room from now on. What is shown anywhere for this meeting closes in the same moment.

    `seen`: the room as the page showed it. If somebody else has changed it since, nothing is changed and the answer is False:
    an old page must not take out of the room somebody who has come in.
    """
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.LEAD_MEETING, team=meeting.team_id)
    if meeting.started_at is None:
        raise NotFound("not_found")
    there = {f"{row.kind}:{row.who_id}" for row in attendances(meeting.id) if row.is_present}
    if there == set(present):
        return True
    if seen is not None and seen != str(meeting.epoch):
        return False
    _take_room(actor, meeting, present)
    return True


@action
def next_case(actor: Actor, meeting_id: str, case_id: str) -> str | None:
    """The case to take after this one, when nothing is to be saved."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.LEAD_MEETING, team=meeting.team_id)
    log_as("view")
    return _following(actor, agenda_of(meeting.id), case_id)


def _following(actor: Actor, rows: Sequence[MeetingCase], case_id: str) -> str | None:
    mine = {gate.id: gate.is_open for gate in gates_for(actor, is_open=None, case_ids=[row.case_id for row in rows])}
    return following([row for row in rows if mine.get(row.case_id) or (row.case_id == case_id and case_id in mine)], case_id)


def _take_room(actor: Actor, meeting: Meeting, present: Collection[str]) -> None:
    if meeting.case_id is not None:
        open_cases(actor, gates_for(actor, is_open=None, case_ids=[meeting.case_id]), types=("identity", "family"))
    put_in_the_room(meeting, (), present, people_at(meeting, office()))
    log_detail(meeting=meeting.id, present=sorted(present))


@action
def end_meeting(actor: Actor, meeting_id: str) -> None:
    """End the meeting. Cases that were not finished stay so, and come up again when their review is due."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.LEAD_MEETING, team=meeting.team_id)
    log_detail(meeting=meeting.id)
    if meeting.started_at is None:
        raise NotFound("not_found")
    meeting.ended_at = meeting.ended_at or now()


@action
def save_case(
    actor: Actor, meeting_id: str, case_id: str, said: Said, *, done: bool, version: int | None = None, once: str | None = None
) -> str | None:
    """Save all that was said of a case at once; the id of the case to take next, None when there is none.

    A commitment's status is saved if another than the shown one was chosen. Raises StaleForm if somebody else saved the case's
    minutes, or a commitment whose status was to be changed, since the page was made.
    """
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.LEAD_MEETING, team=meeting.team_id, once=once)
    gate = allow(actor, Permission.WRITE_PLAN, on=case_id)
    rows = agenda_of(meeting.id)
    row = next((row for row in rows if row.case_id == case_id), None)
    if row is None or meeting.started_at is None:
        raise NotFound("not_found", case_id=case_id)
    require_open_case(gate, Permission.WRITE_PLAN)
    opening = open_case(actor, gate)
    check_version(row, version, row.decision)
    for one in said.statuses:
        report_status(actor, case_id, one.commitment_id, one.status, version=one.version, opening=opening)
    new = [_commit(actor, gate, one, opening) for one in said.new]
    if said.next_on is not None and said.next_on != row.next_on:
        set_review(actor, case_id, said.next_on, opening=opening)
    _write_minutes(row, said, new, done=done, people=people_at(meeting, office()))
    log_detail(meeting=meeting.id)
    remember_result(once, f"/meetings/{meeting.id}")
    return _following(actor, rows, case_id)


def _commit(actor: Actor, gate: Gate, new: NewCommitment, opening: Opening) -> str:
    family = new.by in FAMILY_MAKERS
    return add_commitment(
        actor,
        gate.id,
        agency_id=gate.home_agency_id if family else new.by,
        text=new.what,
        due_on=new.due_on,
        made_by=new.by if family else None,
        opening=opening,
    )


def _write_minutes(row: MeetingCase, said: Said, new: Sequence[str], *, done: bool, people: Sequence[Attendee]) -> None:
    answers = coded(row.answers)
    before = row.decision if said.adds and isinstance(row.decision, str) else ""
    row.decision = "\n".join(filter(None, [before, said.decision]))
    row.next_on = said.next_on or (row.next_on if said.adds else None)
    if done:
        row.is_done, row.done_at = True, row.done_at or now()
    row.answers = {
        "present": [person.token for person in people if person.is_present],
        "new": [*answers.get("new", []), *new],
        "reported": {**answers.get("reported", {}), **{one.commitment_id: one.status for one in said.statuses}},
    }
