"""What people do in follow-up: map needs before, look again during, note change and experience after and long after.

Promised: a measure is one point in time and is sealed as the answers it holds, the sensitive domains apart; what was not answered
is not written. There is one measure before the work begins; it may be corrected, and what is later gets measures of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from caseapp import codelists
from caseapp.access import (
    Actor,
    Gate,
    Permission,
    Refused,
    action,
    allow,
    check_version,
    check_whole,
    fetch,
    log_as,
    observe,
    remember_result,
    session,
)
from caseapp.accounts import office
from caseapp.cases import CaseBar, case_bar
from caseapp.consent import Opening, open_case
from caseapp.plans.actions import assess_goals
from caseapp.plans.joint_plan import JointPlan, joint_plan

from .due import follow_ups_due as follow_ups_due  # for the pages of meetings, which ask actions alone
from .experience import GUARDIAN, YOUTH, statements
from .hints import Hint
from .measured import Course, course_of, measure_card, outcome_card
from .models import Measure, Outcome

#: At these points the outcome is asked for as well.
WITH_OUTCOME = frozenset({"after", "post"})


@dataclass(frozen=True)
class FollowupPage:
    """The course of a case, beside the plan it belongs to, and whether this person may add to it."""

    bar: CaseBar
    course: Course
    plan: JointPlan
    may_write: bool
    may_note: bool = False


@dataclass(frozen=True)
class Seen:
    """A measure as answered: codes, with "" or nothing where it was not. `needs`: domain → level."""

    phase: str
    measured_on: date
    needs: Mapping[str, str] = field(default_factory=dict)
    risk: str = ""
    protective: Sequence[str] = ()
    responsivity: Sequence[str] = ()
    instrument: str = ""
    instrument_on: date | None = None
    instrument_level: str = ""
    attendance: str = ""
    occupation: str = ""
    youth_view: str = ""
    guardian_view: str = ""
    text: str = ""

    def answers(self) -> dict[str, object]:
        """The coded answers as they are kept. Raises UnknownCode."""
        instrument = {
            "code": _known("Instrument", self.instrument),
            "date": self.instrument_on.isoformat() if self.instrument_on else "",
            "level": _known("RiskLevel", self.instrument_level),
        }
        written = {
            "phase": codelists.codelist("Phase")[self.phase].code,
            "risk": _known("RiskLevel", self.risk),
            "protective": [_known("ProtectiveFactor", code) for code in self.protective],
            "responsivity": [_known("Responsivity", code) for code in self.responsivity],
            "instrument": {name: value for name, value in instrument.items() if value} if self.instrument else {},
            "occupation": _known("Occupation", self.occupation),
        }
        return {name: value for name, value in written.items() if value}


@dataclass(frozen=True)
class Led:
    """An outcome as answered. `changes`: domain → Change; `youth`, `guardian`: item → Agree5; `goals`: goal id → Attainment."""

    changes: Mapping[str, str] = field(default_factory=dict)
    youth: Mapping[str, str] = field(default_factory=dict)
    guardian: Mapping[str, str] = field(default_factory=dict)
    youth_words: str = ""
    guardian_words: str = ""
    text: str = ""
    goals: Mapping[str, str] = field(default_factory=dict)

    def answers(self) -> dict[str, dict[str, str]]:
        """The coded answers as they are kept. Raises UnknownCode."""
        return {"youth": _answered(YOUTH, self.youth), "guardian": _answered(GUARDIAN, self.guardian)}


@action
def read_followup(actor: Actor, case_id: str, *, to: Permission = Permission.READ_FOLLOWUP) -> FollowupPage:
    """Everything measured in the case, as this person may see it today. `to`: what they want to do with it."""
    gate = allow(actor, to, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    plan, bar = joint_plan(gate, opening), case_bar(gate, opening)
    return FollowupPage(
        bar=bar,
        course=course_of(gate, opening, plan, age=bar.age),
        plan=plan,
        may_write=observe(actor, Permission.WRITE_FOLLOWUP, case_id),
        may_note=observe(actor, Permission.WRITE_NOTE, case_id),
    )


@action
def save_measure(
    actor: Actor,
    case_id: str,
    seen: Seen,
    *,
    led: Led | None = None,
    measure_id: str | None = None,
    version: int | None = None,
    once: str | None = None,
) -> str:
    """Write down a measure, or correct the one with this id; gives its id. `led` is kept for a measure after or long after.

    The measure before is one for each case: writing it again corrects it. `version` is the measure's.
    """
    gate = allow(actor, Permission.WRITE_FOLLOWUP, on=case_id, once=once)
    opening = open_case(actor, gate)
    measure = fetch(Measure, measure_id, case_id=case_id) if measure_id else None
    if measure is None and seen.phase == "before":
        for earlier in session().scalars(select(Measure).where(Measure.case_id == case_id)):
            check_whole(earlier)  # one that cannot be read may be the measure before
    if measure is None and seen.phase == "before" and course_of(gate, opening, joint_plan(gate, opening)).before:
        raise Refused("measured_already", Permission.WRITE_FOLLOWUP, case_id)
    if measure is None:
        log_as("create")
        measure = Measure(case_id=case_id, owner_agency_id=actor.agency_id, created_by_id=actor.user_id, measured_on=seen.measured_on)
        session().add(measure)
    else:
        outcome = _outcome_of(measure)
        check_version(measure, version, measure_card(measure, office(), outcome_card(outcome) if outcome else None))
    measure.measured_on = seen.measured_on
    measure.answers = seen.answers()
    measure.schooling = {"attendance": _known("AttendanceBand", seen.attendance)} if seen.attendance else {}
    measure.set_domains(_per_domain("NeedLevel", seen.needs))
    measure.youth_view, measure.guardian_view, measure.text = seen.youth_view, seen.guardian_view, seen.text
    if led is not None and seen.phase in WITH_OUTCOME:
        _write_outcome(actor, measure, led)
        if led.goals:
            assess_goals(actor, case_id, led.goals, on=seen.measured_on, opening=opening)
    remember_result(once, measure.id)
    return measure.id


def _write_outcome(actor: Actor, measure: Measure, led: Led) -> None:
    outcome = _outcome_of(measure)
    if outcome is None:
        outcome = Outcome(
            case_id=measure.case_id,
            owner_agency_id=measure.owner_agency_id,
            created_by_id=actor.user_id,
            measure_id=measure.id,
        )
        session().add(outcome)
    outcome.set_domains(_per_domain("Change", led.changes))
    outcome.answers = led.answers()
    outcome.youth_words, outcome.guardian_words, outcome.text = led.youth_words, led.guardian_words, led.text


def _outcome_of(measure: Measure) -> Outcome | None:
    return session().scalars(select(Outcome).where(Outcome.measure_id == measure.id)).one_or_none()


def _per_domain(name: str, codes: Mapping[str, str]) -> dict[str, str]:
    domains = codelists.codelist("NeedDomain")
    return {domains[domain].code: codelists.codelist(name)[code].code for domain, code in codes.items() if code}


def _answered(who: str, answers: Mapping[str, str]) -> dict[str, str]:
    return {statements(who)[item].code: codelists.codelist("Agree5")[code].code for item, code in answers.items() if code}


def _known(name: str, code: str) -> str:
    return codelists.codelist(name)[code].code if code else ""


@dataclass(frozen=True)
class Now:
    """What the latest measure says, beside a plan: `needs` are (domain, level), the greatest first, without those that are none or unknown,
    and withheld ones last; `hints` are what is worth a thought. `measured_on` is None without a measure.
    """

    needs: tuple[tuple[str, Any], ...] = ()
    hints: tuple[Hint, ...] = ()
    measured_on: date | None = None


def needs_now(gate: Gate, opening: Opening, plan: JointPlan, age: int | None) -> Now:
    """What the latest measure says, for everybody the case was opened for: one reader, or all who are in the room.

    `age`: the young person's, where those may know it.
    Called from inside an action of another room that has opened the case (the plan, a meeting).
    """
    course = course_of(gate, opening, plan, age=age)
    if course.latest is None:
        return Now()
    needs = course.latest.needs.items()
    told = sorted(((domain, level) for domain, level in needs if level in ("1", "2", "3")), key=lambda need: need[1], reverse=True)
    shut = ((domain, level) for domain, level in needs if not isinstance(level, str))
    return Now((*told, *shut), course.hints, course.latest.measured_on)
