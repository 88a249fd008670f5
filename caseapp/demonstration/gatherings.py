"""The meetings: a team's every month and lately every other week, and network meetings about single cases.

Like a course, a gathering is a generator of moments. A meeting to come is planned and left there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from caseapp.access import today
from caseapp.meetings import actions as meetings
from caseapp.meetings.cards import Live, Planned
from caseapp.meetings.leading import NewCommitment, NewStatus, Said, end_meeting, save_case, start_meeting

from .course import Course
from .diary import at_hour, is_working_day, last_working_day, working_day
from .founding import Town
from .written import phrases

#: The weekday of each team's meeting (Monday is 0).
_WEEKDAY = {"sspf": 3, "sig": 2}
_PLANNED_AHEAD = timedelta(days=16)
#: How far back every case is opened on the screen again; before that only the first of each meeting, and the rest are recorded.
_REMEMBERED = timedelta(weeks=5)
_NEW = (
    ("school", "Uppföljande samtal med mentorn"),
    ("leisure", "Fråga om plats i höstens grupp"),
    ("social", "Ringa hem och återkoppla från mötet"),
    ("social", "Boka tid för nytt samtal med familjen"),
)


def meeting_days(team: str, start: date, now: date) -> list[date]:
    """The days of a team's meetings: every other week from eight weeks before the next one after today, monthly before that."""
    days = [now + timedelta(days=(_WEEKDAY[team] - now.weekday() - 1) % 7 + 1)]
    while days[0] > start + timedelta(days=45):
        days.insert(0, days[0] - timedelta(weeks=2 if len(days) < 5 else 4))
    days += [days[-1] + timedelta(weeks=2 * number) for number in range(1, 5)]
    return [day for day in days if is_working_day(day)]


def team_meetings(town: Town, team: str, rng: Random, days: Sequence[date], now: date, by_case: Mapping[str, Course]) -> Iterator[datetime]:
    """Every meeting of a team: planned some days before with the plans that are due, then led case by case."""
    leader = town.coordinator(team)
    regulars = town.regulars[team]
    for day in [day for day in days if day < now + _PLANNED_AHEAD]:
        planned_on = min(last_working_day(day - timedelta(days=6)), last_working_day(now - timedelta(days=2)))
        yield at_hour(planned_on, 9, 20)
        meeting_id = meetings.plan_meeting(
            leader,
            town.teams[team],
            meeting_type="team",
            starts_at=at_hour(day, 13 if team == "sspf" else 9),
            place=rng.choice(phrases()["places"]),
            asked=[f"member:{town.actors[login].user_id}" for login in regulars],
        )
        if day > now:
            yield at_hour(planned_on, 9, 25)
            meetings.add_to_agenda(leader, meeting_id, _not_planned_yet(team, by_case))
        yield at_hour(day, 13 if team == "sspf" else 9, 2)
        absent = rng.choice(["", "", *regulars[1:]])
        start_meeting(leader, meeting_id, [f"member:{town.actors[login].user_id}" for login in regulars if login != absent])
        yield from _case_by_case(town, team, rng, meeting_id, day, by_case, on_screen=now - day < _REMEMBERED)
        yield at_hour(day, 15 if team == "sspf" else 11)
        end_meeting(leader, meeting_id)


def _not_planned_yet(team: str, by_case: Mapping[str, Course]) -> list[str]:
    """The cases of a team that wait for a plan, which a coordinator puts on the agenda by hand."""
    mine = [course for course in by_case.values() if course.outline.team == team and not course.is_closed]
    return [course.case_id for course in mine if not course.promises][:3]


def _case_by_case(
    town: Town, team: str, rng: Random, meeting_id: str, day: date, by_case: Mapping[str, Course], *, on_screen: bool
) -> Iterator[datetime]:
    leader = town.coordinator(team)
    minute, case_id = 6, None
    while True:
        yield at_hour(day, 13 if team == "sspf" else 9, min(minute, 59))
        said = Said(decision=rng.choice(phrases()["decisions"]))
        if on_screen or case_id is None:
            live = meetings.open_meeting(leader, meeting_id, case_id=case_id)
            if not isinstance(live, Live) or live.case is None or live.case.item.is_done:
                return
            case_id = live.case.item.case_id
            said = _said(town, rng, live, by_case.get(case_id), lately=on_screen)
        elif not by_case[case_id].is_closed:
            said = replace(said, next_on=by_case[case_id].next_review(rng.randint(30, 50)))
        minute += rng.randint(3, 7)
        case_id = save_case(leader, meeting_id, case_id, said, done=True)
        if case_id is None:
            return


def _said(town: Town, rng: Random, live: Live, course: Course | None, *, lately: bool) -> Said:
    case = live.case
    assert case is not None
    if course is None or course.is_closed:  # closed between the agenda and the meeting
        return Said(decision=phrases()["closed_since"])
    next_on = course.next_review(rng.randint(13, 40) if lately else rng.randint(30, 50))
    if case.obstacles or case.plan is None:
        return Said(decision=phrases()["obstacle"], next_on=next_on)
    statuses, settled = [], {promise.id: promise for promise in course.promises}
    for commitment in case.plan.commitments:
        known = settled.get(commitment.id)
        is_late = commitment.status == "late" and not course.outline.is_forgetful
        if is_late and (known is None or not known.is_settled) and rng.random() < 0.8:
            statuses.append(NewStatus(commitment.id, rng.choices(("done", "not_done", "cancelled"), (7, 2, 1))[0], commitment.version))
            if known is not None:
                known.is_settled = True
    return Said(
        decision=rng.choice(phrases()["decisions"]), statuses=statuses, new=_new(town, rng, live) if lately else (), next_on=next_on
    )


def _new(town: Town, rng: Random, live: Live) -> Sequence[NewCommitment]:
    if rng.random() > 0.4 or live.case is None:
        return ()
    makers = {agency.id for agency in live.case.makers}
    possible = [(town.agencies[by], text) for by, text in _NEW if town.agencies[by] in makers]
    if not possible:
        return ()
    by, text = rng.choice(possible)
    return (NewCommitment(text, by, working_day(today() + timedelta(days=rng.randint(9, 30)))),)


def network_meeting(course: Course, day: date) -> Iterator[datetime]:
    """A network meeting about one case, with the young person and the custodians: planned a week before, led if its day has come."""
    leader = course.actor
    yield at_hour(last_working_day(day - timedelta(days=7)), 10, 15)
    if not course.case_id or not course.is_shared or course.is_closed:
        return
    asking = meetings.who_could_be_asked(leader, course.case_id)
    workers = {course.town.actors[login].user_id for login in ("helena", *course.workers.values())}
    asked = [person.token for person in asking.people if person.kind in ("young_person", "related") or person.who_id in workers]
    meeting_id = meetings.plan_meeting(
        leader,
        course.town.teams[course.outline.team],
        meeting_type="network",
        starts_at=at_hour(day, 15),
        place=course.rng.choice(phrases()["places"]),
        asked=asked,
        case_id=course.case_id,
    )
    yield at_hour(day, 15, 1)
    if not course.is_shared or course.is_closed:
        meetings.call_off(leader, meeting_id)
        return
    planned = meetings.open_meeting(leader, meeting_id)
    assert isinstance(planned, Planned)
    there = [person.token for person in planned.people if person.is_asked and (person.kind != "related" or course.rng.random() < 0.8)]
    start_meeting(leader, meeting_id, there)
    yield at_hour(day, 15, 10)
    live = meetings.open_meeting(leader, meeting_id)
    if isinstance(live, Live):
        said = Said(decision=course.rng.choice(phrases()["decisions"]), next_on=course.next_review(course.rng.randint(13, 34)))
        save_case(leader, meeting_id, course.case_id, said, done=True)
    yield at_hour(day, 15, 55)
    end_meeting(leader, meeting_id)
