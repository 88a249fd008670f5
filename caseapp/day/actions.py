"""Reading one's day: one transaction, one line in the log, a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from caseapp.access import COORDINATOR, Actor, Gate, Permission, action, allow, log_as, log_detail, may_ever, session, today
from caseapp.accounts import office
from caseapp.cases import Case, CaseBar, YoungPerson, case_bars, gates_for
from caseapp.cases.reading import codes
from caseapp.consent import open_cases
from caseapp.consent.rules import renewal_days
from caseapp.consent.rulesets import rules_called
from caseapp.followup.models import Measure
from caseapp.formats import SWEDEN, add_months
from caseapp.meetings.actions import meetings_between
from caseapp.meetings.cards import MeetingCard
from caseapp.plans.due import LateCommitment, late_commitments, plans_due
from caseapp.statistics.actions import Ledger, list_releases

from .rules import LATER_MONTHS, REVIEW_AHEAD_DAYS, ConsentNow, Matter, consent_matters, later_followup, most_pressing_first, review_matter


@dataclass(frozen=True)
class Task:
    """A matter of one case. `initials` are empty with protected identity; `late` is the commitment concerned, if it is one."""

    matter: Matter
    case_id: str
    case_number: str
    initials: str
    late: LateCommitment | None = None


@dataclass(frozen=True)
class MyDay:
    """What waits for a person, and which work is theirs at all. `quarters` is for those who prepare or approve them."""

    tasks: tuple[Task, ...]
    meetings: tuple[MeetingCard, ...]
    case_count: int
    works_with_cases: bool
    may_start_cases: bool
    quarters: Ledger | None = None


@action
def my_day(actor: Actor) -> MyDay:
    """Everything that waits for this person today."""
    works = may_ever(actor, Permission.LIST_CASES)
    allow(actor, Permission.LIST_CASES if works else Permission.OWN_ACCOUNT)
    quarters = list_releases(actor) if may_ever(actor, Permission.READ_STATISTICS) else None
    if not works:
        return MyDay((), (), 0, works_with_cases=False, may_start_cases=False, quarters=quarters)
    log_as("view")
    gates = gates_for(actor)
    closed = _recently_closed(gates_for(actor, is_open=False))
    openings = open_cases(actor, [*gates, *(gate for gate, _day in closed)], types=("identity", "plan"))
    bars = case_bars([*gates, *(gate for gate, _day in closed)], openings)
    late = late_commitments(actor, gates=gates, openings=openings)
    mine = [gate for gate in gates if COORDINATOR in actor.teams[gate.team_id]]
    matters = [*_of_consents(mine, bars), *_of_reviews(actor, mine), *_of_follow_ups(actor, closed)]
    tasks = [*(_task(matter, bars[case_id]) for matter, case_id in matters), *(_late_task(one, bars[one.case_id]) for one in late)]
    ordered = most_pressing_first([(task.matter, str(place)) for place, task in enumerate(tasks)])
    log_detail(cases=list(bars))
    midnight = datetime.combine(today(), time(), SWEDEN)
    return MyDay(
        tasks=tuple(tasks[int(place)] for _matter, place in ordered),
        meetings=tuple(meetings_between(actor, midnight, midnight + timedelta(days=7))),
        case_count=len(gates),
        works_with_cases=True,
        may_start_cases=may_ever(actor, Permission.CREATE_CASE),
        quarters=quarters,
    )


def _task(matter: Matter, bar: CaseBar, late: LateCommitment | None = None) -> Task:
    return Task(matter, bar.case_id, bar.case_number, bar.initials, late)


def _late_task(late: LateCommitment, bar: CaseBar) -> Task:
    return _task(Matter("commitment_late", "late", on=late.due_on, count=late.days_late), bar, late)


def _of_consents(gates: Sequence[Gate], bars: Mapping[str, CaseBar]) -> list[tuple[Matter, str]]:
    born = _birth_days([gate.id for gate in gates])
    register = office()
    found = []
    for gate in gates:
        standing = bars[gate.id].consent
        birthdays: tuple[date, ...] = ()
        if gate.id in born and standing.valid_from and standing.valid_to:
            rules = rules_called(register.consent_rules(gate.work_form))
            birthdays = renewal_days(rules, born[gate.id], standing.valid_from, standing.valid_to)
        consent = ConsentNow(standing.state, standing.valid_to, standing.signed, standing.needed, birthdays)
        found += [(matter, gate.id) for matter in consent_matters(consent, today())]
    return found


def _birth_days(case_ids: Sequence[str]) -> dict[str, date]:
    rows = session().scalars(select(YoungPerson).where(YoungPerson.case_id.in_(case_ids)))
    written = {row.case_id: codes(row.answers).get("born") for row in rows}
    return {case_id: date.fromisoformat(day) for case_id, day in written.items() if day}


def _of_reviews(actor: Actor, gates: Sequence[Gate]) -> list[tuple[Matter, str]]:
    due = plans_due(actor, today() + timedelta(days=REVIEW_AHEAD_DAYS), gates=gates)
    return [(matter, plan.case_id) for plan in due if (matter := review_matter(plan.review_on, today()))]


def _recently_closed(gates: Sequence[Gate]) -> list[tuple[Gate, date]]:
    """The closed cases for which a later follow-up can be due."""
    by_id = {gate.id: gate for gate in gates}
    since = add_months(today(), -(LATER_MONTHS[-1] + LATER_MONTHS[0]))
    rows = session().scalars(select(Case).where(Case.id.in_(list(by_id)), Case.closed_on >= since))
    return [(by_id[row.id], row.closed_on) for row in rows if row.closed_on]


def _of_follow_ups(actor: Actor, closed: Sequence[tuple[Gate, date]]) -> list[tuple[Matter, str]]:
    measured: dict[str, list[date]] = {}
    for row in session().scalars(select(Measure).where(Measure.case_id.in_([gate.id for gate, _day in closed]))):
        measured.setdefault(row.case_id, []).append(row.measured_on)
    return [
        (matter, gate.id)
        for gate, closed_on in closed
        if COORDINATOR in actor.teams[gate.team_id] and (matter := later_followup(closed_on, measured.get(gate.id, ()), today()))
    ]
