"""What a reader sees of the measures and outcomes of a case, as frozen values.

Everything here is called from inside an action, after `allow()` and `open_case()`. A measure that does not open at all is counted
by agency with the reason; one that opens in part shows the domains that are withheld as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select

from caseapp import codelists
from caseapp.access import Gate, session
from caseapp.accounts import Office, office
from caseapp.cases.remarks import RemarkCard, remarks_of
from caseapp.consent import Opening
from caseapp.db import coded
from caseapp.plans.joint_plan import HeldBack, JointPlan, Shown, held_back

from .hints import Given, Hint, Kind, hints, kind_of
from .models import Measure, Outcome
from .rules import Pair, choose_pair, paired_change


@dataclass(frozen=True)
class OutcomeCard:
    """The outcome noted with a measure. `changes`: domain → code of Change; `youth`, `guardian`: item → code of Agree5."""

    id: str
    version: int
    changes: Mapping[str, Any]
    youth: Mapping[str, str]
    guardian: Mapping[str, str]
    youth_words: Shown
    guardian_words: Shown
    text: Shown
    withheld: str = ""


@dataclass(frozen=True)
class MeasureCard:
    """One measure. `needs`: domain → level, only for domains that were answered; codes are "" where nothing was answered.

    A need that is not for this reader is `Withheld`. `schooling_withheld` is the reason code when school attendance is not.
    """

    id: str
    version: int
    phase: str
    measured_on: date
    agency_name: str
    needs: Mapping[str, Any]
    risk: str
    protective: tuple[str, ...]
    responsivity: tuple[str, ...]
    instrument: str
    instrument_on: date | None
    instrument_level: str
    occupation: str
    attendance: Shown
    youth_view: Shown
    guardian_view: Shown
    text: Shown
    outcome: OutcomeCard | None = None
    remarks: tuple[RemarkCard, ...] = ()

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The need domains nobody answered, in the order of the code list."""
        return tuple(domain for domain in codelists.codelist("NeedDomain") if domain not in self.needs)


@dataclass(frozen=True)
class Course:
    """The measures of a case over time, oldest first, and what can be compared. `hints` rest on the latest of them."""

    measures: tuple[MeasureCard, ...]
    held_back: tuple[HeldBack, ...] = ()
    before: MeasureCard | None = None
    after: MeasureCard | None = None
    pairs: tuple[Pair, ...] = ()
    hints: tuple[Hint, ...] = field(default=())

    @property
    def latest(self) -> MeasureCard | None:
        """The last measure, whatever its phase."""
        return self.measures[-1] if self.measures else None

    def find(self, measure_id: str) -> MeasureCard | None:
        """The measure with this id, if this reader may see it."""
        return next((measure for measure in self.measures if measure.id == measure_id), None)

    def previous_to(self, measure: MeasureCard | None) -> MeasureCard | None:
        """The measure before this one; the latest for one that is not made yet."""
        earlier = self.measures if measure is None else self.measures[: self.measures.index(measure)]
        return earlier[-1] if earlier else None


def course_of(gate: Gate, opening: Opening, plan: JointPlan, *, age: int | None = None) -> Course:
    """The course of an opened case in a fixed number of queries; hints look at the plan's support, and at the age where it may be known."""
    register, rows = office(), _measures(gate)
    outcomes = {row.measure_id: outcome_card(row) for row in session().scalars(select(Outcome).where(Outcome.case_id == gate.id))}
    seen = [row for row in rows if opening.decide(row.owner_agency_id, "assessment").allowed]
    remarks = remarks_of(gate.id, register)
    measures = tuple(measure_card(row, register, outcomes.get(row.id), remarks.get(row.id, ())) for row in seen)
    return _compared(measures, held_back(rows, opening, register), plan, age)


def latest_measure(gate: Gate, opening: Opening, register: Office) -> tuple[MeasureCard | None, tuple[HeldBack, ...]]:
    """The latest measure of an opened case without its outcome, and which others these readers may not see."""
    rows = _measures(gate)
    seen = [row for row in rows if opening.decide(row.owner_agency_id, "assessment").allowed][-1:]
    cards = [measure_card(row, register, None, remarks_of(gate.id, register).get(row.id, ())) for row in seen]
    return (cards[0] if cards else None), held_back(rows, opening, register)


def _measures(gate: Gate) -> Sequence[Measure]:
    """Every measure of the case, the oldest first."""
    query = select(Measure).where(Measure.case_id == gate.id).order_by(Measure.measured_on, Measure.created_at, Measure.id)
    return session().scalars(query).all()


def _compared(measures: tuple[MeasureCard, ...], unseen: tuple[HeldBack, ...], plan: JointPlan, age: int | None) -> Course:
    first, last = choose_pair([(measure.phase, measure.measured_on) for measure in measures])
    before = measures[first] if first is not None else None
    after = measures[last] if last is not None else None
    domains = tuple(codelists.codelist("NeedDomain"))
    pairs = paired_change(before.needs, after.needs, domains) if before and after else ()
    found = _hints_about(measures[-1], plan, age) if measures else ()
    return Course(measures, unseen, before, after, pairs, found)


def _hints_about(latest: MeasureCard, plan: JointPlan, age: int | None) -> tuple[Hint, ...]:
    """What is worth a thought about the support, by what this reader sees of it and of the needs."""
    given = [Given(one.type, one.focus, one.intensity, one.is_ongoing) for one in plan.interventions if not one.has_ended]
    all_seen = not plan.held_back_support and all(one.type for one in plan.interventions)  # one without a type cannot be read
    return hints(latest.needs, latest.risk, given, age=age, all_seen=all_seen, catalogue=catalogue())


@cache
def catalogue() -> Mapping[str, Kind]:
    """What hints need to know of each type of intervention, by its code."""
    return {code: kind_of(entry.extra) for code, entry in codelists.codelist("InterventionType").items()}


def measure_card(
    row: Measure, register: Office, outcome: OutcomeCard | None = None, remarks: tuple[RemarkCard, ...] = ()
) -> MeasureCard:
    """The measure's row as a frozen value."""
    answers, schooling = coded(row.answers), row.schooling
    instrument = answers.get("instrument") or {}
    return MeasureCard(
        id=row.id,
        version=row.version,
        phase=answers.get("phase", ""),
        measured_on=row.measured_on,
        agency_name=register.agency_name(row.owner_agency_id),
        needs=row.per_domain(),
        risk=answers.get("risk", ""),
        protective=tuple(answers.get("protective", ())),
        responsivity=tuple(answers.get("responsivity", ())),
        instrument=instrument.get("code", ""),
        instrument_on=date.fromisoformat(instrument["date"]) if instrument.get("date") else None,
        instrument_level=instrument.get("level", ""),
        occupation=answers.get("occupation", ""),
        attendance=schooling.get("attendance", "") if isinstance(schooling, dict) else schooling,
        youth_view=row.youth_view,
        guardian_view=row.guardian_view,
        text=row.text,
        outcome=outcome,
        remarks=remarks,
    )


def outcome_card(row: Outcome) -> OutcomeCard:
    """The outcome's row as a frozen value."""
    answers = row.answers
    known = coded(answers)
    return OutcomeCard(
        id=row.id,
        version=row.version,
        changes=row.per_domain(),
        youth=known.get("youth", {}),
        guardian=known.get("guardian", {}),
        youth_words=row.youth_words,
        guardian_words=row.guardian_words,
        text=row.text,
        withheld=getattr(answers, "reason", ""),
    )
