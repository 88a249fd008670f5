"""From sealed answers to records: where identity stops.

This module answers: what do the records say of the people who count in a quarter, as codes? It opens the codes drawers of the
information types the tables ask about and nothing else: names, numbers, texts and places stay shut, and a test says so. A case
whose key was destroyed is gone and is not counted. An answer that cannot be read counts as unknown, and how many there were is told.

How the questions of the tables are answered:

- a case counts from the day of the notice until the day it was closed, also when it never came further than the notice;
- a person is one person in all their cases, by the look-up value of the identity number (without a number: by the case);
- a need at start is the level at the measure before; change is the difference between the measures before and after, and where the
  two cannot be compared, the change that people assessed at the end;
- an actor took part who had a person in the case, a commitment or an intervention.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import or_, select

from caseapp.access import Gate, Participation, session
from caseapp.accounts import Office, office
from caseapp.cases.models import Case, YoungPerson
from caseapp.codelists import codelist
from caseapp.consent import open_codes_for_statistics
from caseapp.db import CaseRow, Unreadable, Withheld
from caseapp.followup.models import DomainRow, Measure, Outcome
from caseapp.followup.rules import choose_pair, paired_change
from caseapp.formats import Quarter, age, age_band
from caseapp.formats import quarter as quarter_of
from caseapp.plans.models import Commitment, Intervention
from caseapp.statistics import counting
from caseapp.statistics.plan import UNKNOWN
from caseapp.statistics.rules import counted_in

#: The information types whose codes the tables ask about.
TYPES = ("identity", "assessment", "outcome", "family", "health", "offences", "substance", "plan", "support_ongoing")
_BATCH = 250
#: Levels more or less need than before → code of Change.
_STEPS = {-3: "much_better", -2: "much_better", -1: "better", 0: "unchanged", 1: "worse", 2: "much_worse", 3: "much_worse"}

Progress = Callable[[str], None]
AnyCaseRow = TypeVar("AnyCaseRow", bound=CaseRow)


@dataclass
class Reading:
    """Everybody who may count in a quarter. `gone`: cases whose key was destroyed; `unreadable`: answers with a broken seal."""

    records: list[counting.Record] = field(default_factory=list)
    interventions: list[counting.Intervention] = field(default_factory=list)
    gone: int = 0
    unreadable: int = 0


def read_quarter(quarter: Quarter, counted: Mapping[str, datetime], tell: Progress) -> Reading:
    """The records of a quarter. `counted`: released quarter → when it was read. Called inside an action that was allowed to prepare."""
    register, reading = office(), Reading()
    ids = _cases_of(quarter, counted)
    for start in range(0, len(ids), _BATCH):
        tell(f"{start} / {len(ids)}")
        batch = ids[start : start + _BATCH]
        _read_batch(batch, quarter, counted, register, reading)
    open_codes_for_statistics({})
    return reading


def _cases_of(quarter: Quarter, counted: Mapping[str, datetime]) -> list[str]:
    still_there = or_(Case.closed_on.is_(None), Case.closed_on >= quarter.start)
    if counted:  # what was registered too late for its own quarter, or closed up to a year before that was noted
        still_there |= or_(Case.created_at > max(counted.values()), Case.closed_on >= quarter.start - timedelta(days=366))
    query = select(Case.id).where(Case.opened_on <= quarter.end, still_there).order_by(Case.id)
    return list(session().scalars(query))


def _read_batch(ids: Sequence[str], quarter: Quarter, counted: Mapping[str, datetime], register: Office, reading: Reading) -> None:
    cases = session().scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)).all()
    gates = {gate.id: gate for gate in session().scalars(select(Gate).where(Gate.id.in_(ids)))}
    young = {row.case_id: row for row in session().scalars(select(YoungPerson).where(YoungPerson.case_id.in_(ids)))}
    parts = _Parts(ids, register)
    open_codes_for_statistics({case.id: {case.owner_agency_id, *parts.owners(case.id)} for case in cases}, types=TYPES)
    for case in cases:
        person = young[case.id].answers if case.id in young else Unreadable()
        if isinstance(person, Withheld):
            reading.gone += 1
            continue
        reading.unreadable += isinstance(person, Unreadable) + parts.unreadable(case.id) + case.is_damaged
        opened = counted_in(quarter_of(case.opened_on), case.created_at, counted)
        closed = max(opened, _closed_in(case, counted)) if case.closed_on else None
        born = date.fromisoformat(known["born"]) if (known := _codes(person)).get("born") else None
        whose = case.number_index or case.id
        reading.records.append(
            counting.Record(
                person=whose,
                work_form=gates[case.id].work_form,
                sex=known.get("sex") or "u",
                opened=opened,
                closed=closed,
                age_opened=_band(born, case.opened_on),
                age_now=_band(born, min(case.closed_on or quarter.end, quarter.end)),
                protected=gates[case.id].is_protected,
                needs=parts.needs(case.id),
                actors=parts.actors(case.id),
                changes=parts.changes(case.id),
            )
        )
        reading.interventions += parts.interventions(case.id, whose, gates[case.id].is_protected, counted)
    session().expunge_all()


def _closed_in(case: Case, counted: Mapping[str, datetime]) -> str:
    noted = _codes(case.progress).get("noted_at")
    happened = quarter_of(case.closed_on or date.max)
    return counted_in(happened, datetime.fromisoformat(noted), counted) if noted else str(happened)


def _band(born: date | None, on: date) -> str:
    return age_band(max(0, age(born, on))) if born else UNKNOWN


def _codes(answers: Any) -> dict[str, Any]:
    return answers if isinstance(answers, dict) else {}


class _Parts:
    """What belongs to the cases of one batch, in a fixed number of queries."""

    def __init__(self, ids: Sequence[str], register: Office) -> None:
        self._measures = _by_case(Measure, ids)
        self._outcomes = _by_case(Outcome, ids)
        self._commitments = _by_case(Commitment, ids)
        self._interventions = _by_case(Intervention, ids)
        self._answered: dict[str, Any] = {}
        self._by_domain: dict[str, dict[str, Any]] = {}
        self._present: dict[str, set[str]] = defaultdict(set)
        query = select(Participation.case_id, Participation.user_id).where(Participation.case_id.in_(ids))
        for case_id, user_id in session().execute(query):
            self._present[case_id].add(register.agencies[register.users[user_id].agency_id].actor)

    def owners(self, case_id: str) -> set[str]:
        """The agencies that hold something of the case."""
        kinds = (self._measures, self._outcomes, self._commitments, self._interventions)
        return {row.owner_agency_id for rows in kinds for row in rows[case_id]}

    def needs(self, case_id: str) -> dict[str, str]:
        """Need domain → level before."""
        return self._pair(case_id)[0]

    def changes(self, case_id: str) -> dict[str, str]:
        """Need domain → change."""
        outcomes = sorted(self._outcomes[case_id], key=lambda row: (row.created_at, row.id))
        assessed = _readable(self._domains(outcomes[-1])) if outcomes else {}
        pairs = paired_change(*self._pair(case_id), tuple(codelist("NeedDomain")))
        return assessed | {pair.domain: _STEPS[pair.steps] for pair in pairs if pair.steps is not None}

    def actors(self, case_id: str) -> frozenset[str]:
        """The kinds of actors that took part."""
        said = [_codes(answers) for answers in self._support(case_id)]
        named = {answers.get("actor", "") for answers in said if answers.get("status") != "cancelled"}
        return frozenset((named | self._present[case_id]) & set(codelist("Actor")))

    def interventions(
        self, case_id: str, whose: str, is_protected: bool, counted: Mapping[str, datetime]
    ) -> Iterator[counting.Intervention]:
        """The interventions that have begun. One without type or focus is counted in totals only."""
        for row in self._interventions[case_id]:
            answers = _codes(self._answers(row))
            if not answers.get("started_on"):
                continue
            started = counted_in(quarter_of(date.fromisoformat(answers["started_on"])), row.created_at, counted)
            ended = str(quarter_of(date.fromisoformat(answers["ended_on"]))) if answers.get("ended_on") else None
            kind, focus = answers.get("type", ""), answers.get("focus", "")
            yield counting.Intervention(
                whose, kind, focus, started, max(started, ended) if ended else None, is_protected or not (kind and focus)
            )

    def unreadable(self, case_id: str) -> int:
        """How many answers of the case have a broken seal."""
        domains = [part for row in (*self._measures[case_id], *self._outcomes[case_id]) for part in self._domains(row).values()]
        return sum(isinstance(answer, Unreadable) for answer in (*self._support(case_id), *domains))

    def _pair(self, case_id: str) -> tuple[dict[str, str], dict[str, str]]:
        """The levels before and after, as the case's own page compares them."""
        measures = self._measures[case_id]
        chosen = choose_pair([(_codes(self._answers(row)).get("phase", ""), row.measured_on) for row in measures])
        before, after = ({} if at is None else _readable(self._domains(measures[at])) for at in chosen)
        return before, after

    def _support(self, case_id: str) -> list[Any]:
        rows: list[Commitment | Intervention] = [*self._commitments[case_id], *self._interventions[case_id]]
        return [self._answers(row) for row in rows]

    def _answers(self, row: Measure | Commitment | Intervention) -> Any:
        """What was answered in a row, opened once."""
        if row.id not in self._answered:
            self._answered[row.id] = row.answers
        return self._answered[row.id]

    def _domains(self, row: DomainRow) -> dict[str, Any]:
        """What was answered for each domain in a row, opened once."""
        if row.id not in self._by_domain:
            self._by_domain[row.id] = row.per_domain()
        return self._by_domain[row.id]


def _readable(per_domain: Mapping[str, Any]) -> dict[str, str]:
    return {domain: code for domain, code in per_domain.items() if isinstance(code, str)}


def _by_case(model: type[AnyCaseRow], ids: Iterable[str]) -> dict[str, list[AnyCaseRow]]:
    found: dict[str, list[AnyCaseRow]] = defaultdict(list)
    for row in session().scalars(select(model).where(model.case_id.in_(ids)).order_by(model.created_at, model.id)):
        found[row.case_id].append(row)
    return found
