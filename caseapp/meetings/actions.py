"""What people do with meetings, except leading them: see which there are, plan one, change its agenda, read what it came to."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from caseapp.access import (
    COORDINATOR,
    Actor,
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
from caseapp.consent import open_case, open_cases
from caseapp.db import glance
from caseapp.formats import local_day, midnight
from caseapp.plans.due import plans_due

from .beforehand import foreseen, why_now
from .cards import Asking, CaseMinutes, Live, MeetingCard, Planned, Record
from .leading import on_screen
from .minutes import minutes_of
from .models import Meeting, MeetingCase
from .room import (
    FollowUps,
    NeedsNow,
    agency_names,
    agenda_items,
    agenda_of,
    attendances,
    may_lead,
    meeting_cards,
    meetings_of,
    people_at,
    put_in_the_room,
    the_meeting,
    watch_value,
    who_can_come,
)
from .rules import MEMBER

#: How far back the list of past meetings goes.
_PAST = timedelta(days=180)


@action
def list_meetings(actor: Actor, *, case_id: str | None = None) -> tuple[tuple[MeetingCard, ...], tuple[MeetingCard, ...]]:
    """The meetings that are not over, soonest first, and those of the last half year that are, latest first."""
    allow(actor, Permission.LIST_MEETINGS)
    meetings = meetings_of(actor, since=now() - _PAST, case_id=case_id)
    log_detail(meetings=[meeting.id for meeting in meetings])
    cards = meeting_cards(actor, meetings, office())
    coming = tuple(card for card in cards if card.state != "ended")
    return coming, tuple(card for card in reversed(cards) if card.state == "ended")


@action
def read_calendar(actor: Actor, first: date, last: date) -> tuple[MeetingCard, ...]:
    """The meetings of these days, both included, over or not, soonest first."""
    allow(actor, Permission.LIST_MEETINGS)
    meetings = meetings_of(actor, since=midnight(first), until=midnight(last + timedelta(days=1)))
    log_detail(meetings=[meeting.id for meeting in meetings])
    return tuple(meeting_cards(actor, meetings, office()))


def meetings_between(actor: Actor, start: datetime, end: datetime) -> list[MeetingCard]:
    """The actor's unfinished meetings that start in this time, soonest first. Called from inside an action."""
    return [card for card in meeting_cards(actor, meetings_of(actor, since=start, until=end), office()) if card.state != "ended"]


def agendas_of(meeting_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Meeting id → ids of the cases on its agenda that are not gone through yet. Called from inside an action; opens nothing."""
    rows = glance(MeetingCase, select(MeetingCase).where(MeetingCase.meeting_id.in_(meeting_ids), MeetingCase.done_at.is_(None)))
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.meeting_id, set()).add(row.case_id)
    return {meeting_id: frozenset(case_ids) for meeting_id, case_ids in found.items()}


@action
def who_could_be_asked(actor: Actor, case_id: str | None = None) -> Asking:
    """What is needed to plan a meeting, of the actor's teams or about one case."""
    register = office()
    teams = tuple(team for team in register.teams.values() if COORDINATOR in actor.teams.get(team.id, frozenset()) and team.is_active)
    bar = None
    if case_id is not None:
        gate = allow(actor, Permission.WRITE_CASE, on=case_id)
        log_as("view")
        opening = open_case(actor, gate)
        bar = case_bar(gate, opening)
        teams = tuple(team for team in teams if team.id == gate.team_id)
    allow(actor, Permission.PLAN_MEETING, team=teams[0].id if teams else None)
    people = tuple({person.token: person for team in teams for person in who_can_come(team.id, case_id, register)}.values())
    ahead = foreseen([gate], {gate.id: opening}, people, today(), register) if bar is not None else ()
    return Asking(teams, people, agency_names(register), bar, ahead)


@action
def plan_meeting(
    actor: Actor,
    team_id: str,
    *,
    meeting_type: str,
    starts_at: datetime,
    place: str = "",
    asked: Collection[str] = (),
    case_id: str | None = None,
    once: str | None = None,
) -> str:
    """A new meeting; gives its id. A team's meeting begins with every case on its agenda whose plan is due for review by then."""
    allow(actor, Permission.PLAN_MEETING, team=team_id, once=once)
    log_as("create")
    if case_id is not None:
        _open_identity(actor, case_id, team_id)
    meeting = Meeting(
        team_id=team_id,
        case_id=case_id,
        meeting_type=meeting_type,
        starts_at=starts_at.astimezone(UTC),
        place=place,
        created_by_id=actor.user_id,
    )
    session().add(meeting)
    put_in_the_room(meeting, {*asked, f"{MEMBER}:{actor.user_id}"}, (), who_can_come(team_id, case_id, office()))
    if case_id is None:
        gates = [gate for gate in reversed(gates_for(actor)) if gate.team_id == team_id]
        oldest_first = {gate.id: place for place, gate in enumerate(gates)}
        due = sorted(plans_due(actor, local_day(starts_at), gates=gates), key=lambda plan: (plan.review_on, oldest_first[plan.case_id]))
        _put_on_agenda(actor, meeting, [plan.case_id for plan in due])
    else:
        _put_on_agenda(actor, meeting, [case_id])
    remember_result(once, f"/meetings/{meeting.id}")
    return meeting.id


def _open_identity(actor: Actor, case_id: str, team_id: str) -> None:
    gate = allow(actor, Permission.WRITE_CASE, on=case_id)  # reading is not enough: who opened it in an emergency only reads
    if gate.team_id != team_id:
        raise NotFound("not_found", Permission.WRITE_CASE, case_id)
    open_cases(actor, [gate], types=("identity", "family", "plan"))


@action
def change_meeting(
    actor: Actor,
    meeting_id: str,
    *,
    starts_at: datetime,
    place: str,
    asked: Collection[str],
    version: int | None = None,
    once: str | None = None,
) -> None:
    """Another time or place, or other people asked. Those already asked stay asked."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.PLAN_MEETING, team=meeting.team_id, once=once)
    check_version(meeting, version)
    if meeting.case_id is not None:
        _open_identity(actor, meeting.case_id, meeting.team_id)
    meeting.starts_at, meeting.place = starts_at.astimezone(UTC), place
    people = people_at(meeting, office())
    put_in_the_room(meeting, asked, {person.token for person in people if person.is_present}, people)


@action
def add_to_agenda(actor: Actor, meeting_id: str, case_ids: Collection[str], *, once: str | None = None) -> int:
    """Put these cases last on the agenda; how many were new there. Cases that are not the actor's to open are NotFound."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.PLAN_MEETING, team=meeting.team_id, once=once)
    return _put_on_agenda(actor, meeting, case_ids)


def _put_on_agenda(actor: Actor, meeting: Meeting, case_ids: Collection[str]) -> int:
    agenda = agenda_of(meeting.id)
    there = {row.case_id for row in agenda}
    wanted = [case_id for case_id in dict.fromkeys(case_ids) if case_id not in there]
    gates = {gate.id: gate for gate in gates_for(actor, case_ids=wanted) if gate.team_id == meeting.team_id} if wanted else {}
    if missing := [case_id for case_id in wanted if case_id not in gates]:
        raise NotFound("not_found", case_id=missing[0])
    open_cases(actor, gates.values(), types=("plan",))
    last = max((row.position for row in agenda), default=0)
    for position, case_id in enumerate(wanted, last + 1):
        session().add(
            MeetingCase(
                case_id=case_id,
                owner_agency_id=gates[case_id].home_agency_id,
                created_by_id=actor.user_id,
                meeting_id=meeting.id,
                position=position,
            )
        )
    log_detail(agenda=wanted)
    session().flush()
    return len(wanted)


@action
def take_off_agenda(actor: Actor, meeting_id: str, case_id: str) -> None:
    """Remove a case that has not been dealt with from the agenda."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.PLAN_MEETING, team=meeting.team_id)
    log_detail(removed=case_id)
    for row in agenda_of(meeting.id):
        if row.case_id == case_id and not row.is_done and row.done_at is None and meeting.case_id is None:
            session().delete(row)


@action
def move_on_agenda(actor: Actor, meeting_id: str, case_id: str, *, up: bool) -> None:
    """Let a case change places with the one before it, or after it; at either end nothing happens."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.PLAN_MEETING, team=meeting.team_id)
    rows = agenda_of(meeting.id)
    here = next((place for place, row in enumerate(rows) if row.case_id == case_id), None)
    if here is None:
        raise NotFound("not_found", case_id=case_id)
    there = here + (-1 if up else 1)
    log_detail(meeting=meeting.id, moved=case_id)
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
        for position, row in enumerate(rows, 1):
            if row.position != position:
                row.position = position


@action
def call_off(actor: Actor, meeting_id: str) -> None:
    """Remove a meeting that never began."""
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.PLAN_MEETING, team=meeting.team_id)
    log_as("delete")
    if meeting.started_at is not None:
        raise NotFound("not_found")
    for row in [*agenda_of(meeting.id), *attendances(meeting.id), meeting]:
        session().delete(row)


@action
def open_meeting(
    actor: Actor, meeting_id: str, *, case_id: str | None = None, needs_now: NeedsNow | None = None, follow_ups: FollowUps | None = None
) -> Planned | Live | Record:
    """The meeting as it is for this person now: being planned, in progress on the shared screen, or its record.

    `case_id` is the case to show in a meeting in progress; without it the next unfinished one. `needs_now` reads what
    follow-up knows of an opened case, `follow_ups` which closed cases of a team are to be followed up.
    """
    meeting = the_meeting(actor, meeting_id)
    allow(actor, Permission.LIST_MEETINGS)
    log_detail(meeting=meeting.id)
    register = office()
    leads = may_lead(actor, meeting)
    if leads and meeting.started_at is not None and meeting.ended_at is None:
        return on_screen(actor, meeting, register, case_id=case_id, needs_now=needs_now)
    if leads and meeting.started_at is None:
        return _planned(actor, meeting, register, follow_ups)
    return _record(actor, meeting, register)


def _planned(actor: Actor, meeting: Meeting, register: Office, follow_ups: FollowUps | None) -> Planned:
    rows = agenda_of(meeting.id)
    mine = [gate for gate in gates_for(actor) if gate.team_id == meeting.team_id]
    openings = open_cases(actor, mine, types=("identity", "family") if meeting.case_id else ("identity",))
    bars = case_bars(mine, openings)
    on_it = {row.case_id for row in rows}
    people, day = people_at(meeting, register), max(local_day(meeting.starts_at), today())
    here = [gate for gate in mine if gate.id in on_it]
    afterwards = follow_ups(actor, meeting.team_id, day) if follow_ups is not None and meeting.case_id is None else ()
    log_detail(cases=[*bars, *(one.case_id for one in afterwards)])
    others = () if meeting.case_id else sorted((bar for bar in bars.values() if bar.case_id not in on_it), key=lambda bar: bar.case_number)
    return Planned(
        card=meeting_cards(actor, [meeting], register)[0],
        people=people,
        agenda=agenda_items(rows, bars),
        others=tuple(others),
        agency_names=agency_names(register),
        watch=watch_value(actor, meeting),
        why={} if meeting.case_id else why_now(actor, mine, openings, day),
        follow_ups=afterwards,
        foreseen=foreseen(here, openings, [person for person in people if person.is_asked], day, register),
    )


@action
def read_minutes(actor: Actor, case_id: str, meeting_id: str) -> CaseMinutes:
    """What a meeting came to in one case. Raises NotFound for one that never began or did not have it on its agenda."""
    gate = allow(actor, Permission.READ_MINUTES, on=case_id)
    meeting = the_meeting(actor, meeting_id)
    rows = [row for row in agenda_of(meeting.id) if row.case_id == case_id]
    if not rows or meeting.started_at is None:
        raise NotFound("not_found", Permission.READ_MINUTES, case_id)
    openings = {gate.id: open_case(actor, gate)}
    log_detail(meeting=meeting.id)
    register = office()
    people = people_at(meeting, register)
    (minutes,) = minutes_of(rows, [gate], openings, people, register)
    return CaseMinutes(meeting_cards(actor, [meeting], register)[0], minutes, people, agency_names(register))


def _record(actor: Actor, meeting: Meeting, register: Office) -> Record:
    rows = agenda_of(meeting.id)
    gates = gates_for(actor, is_open=None, case_ids=[row.case_id for row in rows])
    openings = open_cases(actor, gates)
    log_detail(cases=list(openings))
    for gate in gates:  # each case's own log tells who read its minutes, and whoever was absent has then read what was decided
        allow(actor, Permission.READ_MINUTES, on=gate.id)
        log_detail(meeting=meeting.id, opened={gate.id: openings[gate.id].for_the_log()})
    people = people_at(meeting, register)
    minutes = minutes_of(rows, gates, openings, people, register)
    return Record(
        card=meeting_cards(actor, [meeting], register)[0],
        people=people,
        minutes=minutes,
        not_yours=len(rows) - len(minutes),
        agency_names=agency_names(register),
        watch=watch_value(actor, meeting),
    )
