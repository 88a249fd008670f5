"""Reading one's day: one transaction, one line in the log, a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select

from caseapp.access import COORDINATOR, Actor, Gate, Permission, action, allow, log_as, log_detail, may_ever, today
from caseapp.accounts import office
from caseapp.cases import CaseBar, case_bars, files_of, gates_in_turn
from caseapp.cases.gates import acts_for
from caseapp.cases.reading import Files
from caseapp.cases.renewing import LIVING, Outlook, outlooks
from caseapp.consent import passing_through
from caseapp.consent.rulesets import rule_set_called
from caseapp.db import coded, glance
from caseapp.drafts.actions import DraftCard, drafts_in
from caseapp.emergency.reviewing import EmergencyCard, list_emergencies, unreviewed_in
from caseapp.followup.models import Measure
from caseapp.followup.rules import LATER_MONTHS
from caseapp.formats import add_months, local_day
from caseapp.meetings.actions import agendas_of
from caseapp.meetings.cards import MeetingCard
from caseapp.meetings.missed import Missed, missed_meetings
from caseapp.members.absences import away_until
from caseapp.members.teams import NOTHING, WaitingMembers, waiting_in_teams
from caseapp.plans.due import LateCommitment, late_among, places_of, unsettled_past
from caseapp.review.queue import Waiting, waiting_for
from caseapp.statistics.actions import Ledger, list_releases

from .ahead import meetings_ahead, reviews_ahead
from .rules import (
    ConsentNow,
    Matter,
    consent_matters,
    emergency_matter,
    is_taken_up,
    later_followup,
    most_pressing_first,
)
from .since import ChangedCase, Changes, changed_cases, changes_since


@dataclass(frozen=True)
class Task:
    """A matter of one case. `initials` are empty with protected identity; `late` is the commitment concerned, if it is one.

    `who`: who opened the case in an emergency. `consent_id` is the consent it is about, if it is about one. `acts_for`: the name of the
    member on leave whose matter it is, "" for one's own.
    """

    matter: Matter
    case_id: str
    case_number: str
    initials: str
    late: LateCommitment | None = None
    who: str = ""
    consent_id: str = ""
    acts_for: str = ""


@dataclass(frozen=True)
class MyDay:
    """What waits for a person, and which work is theirs at all. `quarters` is for those who prepare or approve them, `emergencies`
    for those who review emergency openings.

    `reviews`: meeting id → how many plans are to be reviewed there; those are no tasks of their own. `questions`: about the person's own
    readings, from whoever reviews the log; everybody may be asked. `members`: what waits for a unit manager in their teams.
    `drafts`: (draft, case number) of what they typed and did not save.
    `missed`: meetings whose minutes are to be read. `changed`: since `last_here` (None if never, or not asked), by case; `told_all`:
    whether that is everything. `away_until`: the last day of a leave the person is on. `stands_in_for`: the names of those they stand in
    for today.
    """

    tasks: tuple[Task, ...]
    meetings: tuple[MeetingCard, ...]
    case_count: int
    works_with_cases: bool
    may_start_cases: bool
    quarters: Ledger | None = None
    reviews: Mapping[str, int] = field(default_factory=dict)
    emergencies: tuple[EmergencyCard, ...] = ()
    questions: tuple[Waiting, ...] = ()
    members: WaitingMembers = NOTHING
    away_until: date | None = None
    stands_in_for: tuple[str, ...] = ()
    drafts: tuple[tuple[DraftCard, str], ...] = ()
    missed: tuple[Missed, ...] = ()
    changed: tuple[ChangedCase, ...] = ()
    last_here: datetime | None = None
    told_all: bool = True

    @property
    def change_count(self) -> int:
        """How many changes there are in all these cases."""
        return sum(one.count for one in self.changed)


@action
def my_day(actor: Actor, *, came_at: datetime | None = None) -> MyDay:
    """Everything that waits for this person today. `came_at`: when this visit began, to tell what has changed since the one before."""
    works = may_ever(actor, Permission.LIST_CASES)
    allow(actor, Permission.LIST_CASES if works else Permission.OWN_ACCOUNT)
    questions = waiting_for(actor.user_id)
    quarters = list_releases(actor) if may_ever(actor, Permission.READ_STATISTICS) else None
    emergencies = list_emergencies(actor).to_do if may_ever(actor, Permission.LIST_EMERGENCIES) else ()
    members, away = waiting_in_teams(actor), away_until(actor.user_id)
    if not works:
        idle = MyDay((), (), 0, works_with_cases=False, may_start_cases=False)
        return replace(idle, quarters=quarters, emergencies=emergencies, questions=questions, members=members, away_until=away)
    log_as("view")
    changes = changes_since(actor, came_at) if came_at is not None else None
    missed = missed_meetings(actor)
    waiting = _Waiting(actor, changes)
    for gates in gates_in_turn(actor):
        waiting.look_at(gates)
    since = add_months(today(), -(LATER_MONTHS[-1] + LATER_MONTHS[0]))
    for gates in gates_in_turn(actor, is_open=False, closed_since=since):
        waiting.look_back_at(gates)
    tasks = waiting.in_order()
    log_detail(cases=sorted({task.case_id for task in tasks} | {one.case_id for one in waiting.changed}))
    drafts = tuple((card, waiting.numbers[card.case_id]) for card in drafts_in(actor, waiting.numbers.keys()))
    if waiting.stood_in:
        log_detail(acts_for=waiting.stood_in)
    meetings = meetings_ahead(actor)
    agendas = agendas_of([card.id for card in meetings])
    taken_up = {place: [task for task in tasks if is_taken_up(task.matter, agenda, task.case_id)] for place, agenda in agendas.items()}
    there = {id(task) for here in taken_up.values() for task in here}
    return MyDay(
        tasks=tuple(task for task in tasks if id(task) not in there),
        meetings=meetings,
        reviews={place: len(here) for place, here in taken_up.items() if here},
        case_count=waiting.case_count,
        works_with_cases=True,
        may_start_cases=may_ever(actor, Permission.CREATE_CASE),
        quarters=quarters,
        emergencies=emergencies,
        questions=questions,
        members=members,
        away_until=away,
        stands_in_for=tuple(sorted({office().user_name(absent) for absents in actor.stands_in_for.values() for absent in absents})),
        drafts=drafts,
        missed=missed,
        changed=tuple(waiting.changed),
        last_here=changes.at if changes else None,
        told_all=changes is None or changes.is_all,
    )


class _Waiting:
    """Gathers what waits, some hundred cases at a time, and keeps nothing of a case but its tasks."""

    def __init__(self, actor: Actor, changes: Changes | None) -> None:
        self._actor, self._changes, self.case_count = actor, changes, 0
        self.changed: list[ChangedCase] = []
        self._consents: list[Task] = []
        self._reviews: list[Task] = []
        self._follow_ups: list[Task] = []
        self._late: list[Task] = []
        self.stood_in: dict[str, str] = {}
        #: case id → case number of the open cases
        self.numbers: dict[str, str] = {}
        self._emergencies: list[Task] = []

    def look_at(self, gates: Sequence[Gate]) -> None:
        """What waits in these open cases."""
        files, late = files_of([gate.id for gate in gates]), unsettled_past(self._actor, gates)
        places = files.places()
        for case_id, more in places_of(late).items():
            places.setdefault(case_id, set()).update(more)
        with passing_through(self._actor, places, asks_of_consent=True) as openings:
            bars = case_bars(gates, openings, files)
            mine = [gate for gate in gates if COORDINATOR in self._actor.teams[gate.team_id]]
            self._consents += [_task(matter, bars[place], consent_id=about) for matter, place, about in _of_consents(mine, bars, files)]
            self._reviews += [_task(matter, bars[case_id]) for matter, case_id in reviews_ahead(self._actor, mine)]
            self.changed += changed_cases(self._changes, gates, openings, bars)
            self._late += [_late_task(one, bars[one.case_id]) for one in late_among(late, openings)]
            self._emergencies += [_emergency_task(one, bars[one.case_id]) for one in unreviewed_in(self._actor, mine)]
            self.numbers |= {gate.id: bars[gate.id].case_number for gate in gates}
        self.case_count += len(gates)
        self.stood_in |= acts_for(self._actor, gates)

    def look_back_at(self, gates: Sequence[Gate]) -> None:
        """What waits in these closed cases."""
        files = files_of([gate.id for gate in gates])
        with passing_through(self._actor, files.places(), asks_of_consent=True) as openings:
            bars = case_bars(gates, openings, files)
            mine = [gate for gate in gates if COORDINATOR in self._actor.teams[gate.team_id]]
            self.changed += changed_cases(self._changes, gates, openings, bars)
            self._follow_ups += [_task(matter, bars[case_id]) for matter, case_id in _of_follow_ups(mine, files)]
            self._emergencies += [_emergency_task(one, bars[one.case_id]) for one in unreviewed_in(self._actor, mine)]
        self.stood_in |= acts_for(self._actor, gates)

    def in_order(self) -> tuple[Task, ...]:
        """All of it, the most pressing first."""
        tasks = [*self._emergencies, *self._consents, *self._reviews, *self._follow_ups, *self._late]
        ordered = most_pressing_first([(task.matter, str(place)) for place, task in enumerate(tasks)])
        name_of, found = office().user_name, [tasks[int(place)] for _matter, place in ordered]
        return tuple(replace(task, acts_for=name_of(self.stood_in.get(task.case_id))) for task in found)


def _task(matter: Matter, bar: CaseBar, late: LateCommitment | None = None, consent_id: str = "") -> Task:
    return Task(matter, bar.case_id, bar.case_number, bar.initials, late, consent_id=consent_id)


def _late_task(late: LateCommitment, bar: CaseBar) -> Task:
    return _task(Matter("commitment_late", "late", on=late.due_on, count=late.days_late), bar, late)


def _emergency_task(card: EmergencyCard, bar: CaseBar) -> Task:
    matter = emergency_matter(local_day(card.begun_at), card.is_overdue)
    return Task(matter, bar.case_id, bar.case_number, bar.initials, who=card.person)


def _of_consents(gates: Sequence[Gate], bars: Mapping[str, CaseBar], files: Files) -> list[tuple[Matter, str, str]]:
    """(matter, case id, id of the consent it is about) of these cases."""
    ahead, found = _outlooks(gates, bars, files), []
    for gate in gates:
        standing, outlook = bars[gate.id].consent, ahead.get(gate.id, Outlook())
        renewing, successor = outlook.renewing, outlook.successor
        latest_id = successor.id if successor else standing.consent_id
        consent = ConsentNow(
            standing.state,
            standing.valid_to,
            standing.signed,
            standing.needed,
            outlook.birthdays,
            [one.reason for one in outlook.renewals.get(latest_id, ())],
            (renewing.signed, renewing.needed) if renewing else None,
            successor is not None,
        )
        for matter in consent_matters(consent, today()):
            about = renewing.id if renewing and matter.kind == "renewal_pending" else latest_id
            found.append((matter, gate.id, about))
    return found


def _outlooks(gates: Sequence[Gate], bars: Mapping[str, CaseBar], files: Files) -> dict[str, Outlook]:
    """What lies ahead in those of these cases where a consent lives."""
    register, births = office(), {}
    living = [gate for gate in gates if bars[gate.id].consent.state in LIVING]
    for gate in living:
        young = files.young.get(gate.id)
        born = coded(young.answers).get("born") if young else None
        if born:
            births[gate.id] = date.fromisoformat(born)
    named = {form: rule_set_called(register.consent_rules(form)).rules for form in {gate.work_form for gate in living}}
    return outlooks({gate.id: named[gate.work_form] for gate in living}, births)


def _of_follow_ups(gates: Sequence[Gate], files: Files) -> list[tuple[Matter, str]]:
    measured: dict[str, list[date]] = {}
    for row in glance(Measure, select(Measure).where(Measure.case_id.in_([gate.id for gate in gates]))):
        measured.setdefault(row.case_id, []).append(row.measured_on)
    return [
        (matter, gate.id)
        for gate in gates
        if (closed_on := files.cases[gate.id].closed_on) and (matter := later_followup(closed_on, measured.get(gate.id, ()), today()))
    ]
