"""What does a case answer to the questions of the tables?

The rows of a batch of cases are read in a fixed number of queries; from their coded answers and their days come, for each case, one code
per question (`answers`) and its interventions, commitments and goals (`events`). It promises to read no text, and that an answer which
cannot be read is left out and counted by `unreadable`. Days become bands here and go no further.

How the questions are answered:

- a need at start is the level at the measure before, and so are risk and what protects; change is the difference between the measures
  before and after, and where the two cannot be compared, the change that people assessed at the end;
- an actor took part who had a person in the case, a commitment or an intervention;
- a consent was given on the day of the last signature that was needed; days are counted from the day of the notice;
- a clear need (level 2 or 3 before) is met by an intervention that has begun and is aimed at it; intensity is the highest of any;
- a commitment counts in the quarter it was due in, as it stood when the quarter was read; a goal in the quarter it was assessed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select

from caseapp.access import Participation, session
from caseapp.accounts import Office
from caseapp.cases.models import Case
from caseapp.codelists import codelist
from caseapp.consent.models import Consent, ConsentSignature
from caseapp.consent.rules import decisions_that_count
from caseapp.db import CaseRow, Unreadable, coded, glance
from caseapp.followup.experience import GUARDIAN, YOUTH, statements
from caseapp.followup.hints import CLEAR_NEED
from caseapp.followup.models import DomainRow, Measure, Outcome
from caseapp.followup.rules import choose_pair, paired_change
from caseapp.formats import quarter as quarter_of
from caseapp.plans.models import Commitment, Goal, Intervention, Plan
from caseapp.plans.rules import is_settled
from caseapp.statistics.bands import Asked, consent_band, length_band, match_code, plan_band
from caseapp.statistics.counting import Event, Record
from caseapp.statistics.rules import counted_in

AnyCaseRow = TypeVar("AnyCaseRow", bound=CaseRow)
#: Levels more or less need than before → code of Change.
_STEPS = {-3: "much_better", -2: "much_better", -1: "better", 0: "unchanged", 1: "worse", 2: "much_worse", 3: "much_worse"}


def by_case(model: type[AnyCaseRow], ids: Iterable[str]) -> dict[str, list[AnyCaseRow]]:
    """Case id → its rows, in the order they were made."""
    found: dict[str, list[AnyCaseRow]] = defaultdict(list)
    for row in session().scalars(select(model).where(model.case_id.in_(ids)).order_by(model.created_at, model.id)):
        found[row.case_id].append(row)
    return found


class CaseAnswers:
    """What belongs to the cases of one batch, in a fixed number of queries."""

    def __init__(self, ids: Sequence[str], register: Office) -> None:
        self._measures = by_case(Measure, ids)
        self._outcomes = by_case(Outcome, ids)
        self._commitments = by_case(Commitment, ids)
        self._interventions = by_case(Intervention, ids)
        self._goals = by_case(Goal, ids)
        self._plans = by_case(Plan, ids)
        self._consents = _consents(ids)
        self._answered: dict[str, Any] = {}
        self._by_domain: dict[str, dict[str, Any]] = {}
        self._present: dict[str, set[str]] = defaultdict(set)
        query = select(Participation.case_id, Participation.user_id).where(Participation.case_id.in_(ids))
        for case_id, user_id in session().execute(query):
            self._present[case_id].add(register.agencies[register.users[user_id].agency_id].actor)

    def owners(self, case_id: str) -> set[str]:
        """The agencies that hold something of the case."""
        kinds = (self._measures, self._outcomes, self._commitments, self._interventions, self._goals)
        return {row.owner_agency_id for rows in kinds for row in rows[case_id]}

    def answers(self, case: Case) -> dict[str, str]:
        """Dimension of a family → code. What was not asked, or does not open, is not there."""
        said, closing = coded(case.answers), coded(case.closure)
        before, after = self._pair(case.id)
        start, levels = (coded(self._answers(before)), self._levels(before)) if before else ({}, {})
        found = {"source": said.get("referral_source", ""), "risk": start.get("risk", ""), "reason": closing.get("reason", "")}
        if "concerns" in said:
            found |= _chosen("concern", "Concern", said["concerns"])
        if "protective" in start:
            found |= _chosen("protective", "ProtectiveFactor", start["protective"])
        found |= {f"need.{domain}": level for domain, level in levels.items()}
        found |= {f"change.{domain}": code for domain, code in self._changes(case.id, levels, self._levels(after) if after else {}).items()}
        found |= _chosen("actor", "Actor", self._actors(case.id))
        found |= self._support_for(case.id, levels, start.get("risk", ""))
        found |= self._days(case)
        return found | self._experience(case.id)

    def events(self, case_id: str, of: Record, counted: Mapping[str, datetime]) -> Iterator[Event]:
        """The interventions that have begun, the commitments that were due, the goals that were assessed."""
        yield from self._begun(case_id, of, counted)
        for row in self._commitments[case_id]:
            answers = coded(self._answers(row))
            if row.due_on is not None:
                due = counted_in(quarter_of(row.due_on), row.created_at, counted)
                codes = {"maker": answers.get("actor", ""), "kept": _kept(answers.get("status", ""))}
                yield Event("commitments", (of.person,), {"due": due}, codes, of.protected)
        for goal in self._goals[case_id]:
            answers = coded(goal.answers)
            if answers.get("attainment") and answers.get("assessed_on"):
                assessed = counted_in(quarter_of(date.fromisoformat(answers["assessed_on"])), goal.created_at, counted)
                codes = {"sex": of.sex, "attainment": answers["attainment"]}
                yield Event("goals", (of.person,), {"assessed": assessed}, codes, of.protected)

    def unreadable(self, case_id: str) -> int:
        """How many answers of the case have a broken seal."""
        domains = [part for row in (*self._measures[case_id], *self._outcomes[case_id]) for part in self._domains(row).values()]
        goals = [goal.answers for goal in self._goals[case_id]]
        return sum(isinstance(answer, Unreadable) for answer in (*self._support(case_id), *domains, *goals))

    def _begun(self, case_id: str, of: Record, counted: Mapping[str, datetime]) -> Iterator[Event]:
        for row in self._interventions[case_id]:
            answers = coded(self._answers(row))
            if not answers.get("started_on"):
                continue
            started = counted_in(quarter_of(date.fromisoformat(answers["started_on"])), row.created_at, counted)
            ended = str(quarter_of(date.fromisoformat(answers["ended_on"]))) if answers.get("ended_on") else None
            flows = {"started": started, "completed": max(started, ended) if ended else None}
            codes = {"type": answers.get("type", ""), "focus": answers.get("focus", "")}
            yield Event("interventions", (of.person,), flows, codes, of.protected)

    def _changes(self, case_id: str, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
        """Need domain → change."""
        outcomes = self._outcomes[case_id]
        assessed = _readable(self._domains(outcomes[-1])) if outcomes else {}
        pairs = paired_change(before, after, tuple(codelist("NeedDomain")))
        return assessed | {pair.domain: _STEPS[pair.steps] for pair in pairs if pair.steps is not None}

    def _actors(self, case_id: str) -> set[str]:
        """The kinds of actors that took part."""
        said = [coded(answers) for answers in self._support(case_id)]
        return {answers.get("actor", "") for answers in said if answers.get("status") != "cancelled"} | self._present[case_id]

    def _support_for(self, case_id: str, levels: Mapping[str, str], risk: str) -> dict[str, str]:
        """Whether each need was answered by an intervention, and the risk by how much of them."""
        begun = [answers for row in self._interventions[case_id] if (answers := coded(self._answers(row))).get("started_on")]
        aimed_at = {answers.get("focus", "") for answers in begun}
        met = {
            f"met.{domain}": "no_need" if level not in CLEAR_NEED else "met" if domain in aimed_at else "unmet"
            for domain, level in levels.items()
            if level != "9"
        }
        return met | {"match": match_code(risk, [answers.get("intensity", "") for answers in begun])}

    def _days(self, case: Case) -> dict[str, str]:
        plans = self._plans[case.id]
        return {
            "consent": consent_band(case.opened_on, self._consents.get(case.id, ())),
            "to_plan": plan_band(case.opened_on, plans[0].begun_on if plans else None),
            "length": length_band(case.opened_on, case.closed_on),
        }

    def _experience(self, case_id: str) -> dict[str, str]:
        """How it was experienced, as answered last: each statement, by the young person and by the guardians."""
        found: dict[str, str] = {}
        for row in self._outcomes[case_id]:
            said = coded(row.answers)
            for who, entries in (("youth", YOUTH), ("guardian", GUARDIAN)):
                found |= {f"{who}.{item}": code for item, code in said.get(who, {}).items() if item in statements(entries)}
        return found

    def _pair(self, case_id: str) -> tuple[Measure | None, Measure | None]:
        """The measures before and after, as the case's own page compares them."""
        measures = self._measures[case_id]
        chosen = choose_pair([(coded(self._answers(row)).get("phase", ""), row.measured_on) for row in measures])
        before, after = (None if at is None else measures[at] for at in chosen)
        return before, after

    def _levels(self, measure: Measure) -> dict[str, str]:
        """Need domain → level, as far as it can be read."""
        return _readable(self._domains(measure))

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


def _consents(ids: Sequence[str]) -> dict[str, list[Asked]]:
    """Case id → every consent that was asked for, as far as its days and answers go."""
    asked_for = select(Consent).where(Consent.case_id.in_(ids)).order_by(Consent.created_at, Consent.id)
    consents = [row for row in glance(Consent, asked_for) if not row.is_draft]
    signed: dict[str, list[ConsentSignature]] = defaultdict(list)
    theirs = select(ConsentSignature).where(ConsentSignature.consent_id.in_([row.id for row in consents]))
    for signature in glance(ConsentSignature, theirs):
        signed[signature.consent_id].append(signature)
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in consents:
        decisions = decisions_that_count([(one.is_required, one.decision) for one in signed[row.id]])
        days = [one.decided_on for one in signed[row.id] if one.decision == "given" and one.decided_on is not None]
        is_given = "given" in decisions and not {"awaited", "declined"} & set(decisions)
        found[row.case_id].append(Asked(max(days) if is_given and days else None, "declined" in decisions, row.withdrawn_at is not None))
    return found


def _chosen(dimension: str, entries: str, said: Iterable[str]) -> dict[str, str]:
    """Yes or no for each entry of a list."""
    chosen = set(said)
    return {f"{dimension}.{entry}": "yes" if entry in chosen else "no" for entry in codelist(entries)}


def _kept(status: str) -> str:
    """How a commitment went whose day has passed; "" where its status cannot be read."""
    if status and not is_settled(status):
        return "late"
    return "done" if status == "done" else "not_done" if status else ""


def _readable(per_domain: Mapping[str, Any]) -> dict[str, str]:
    return {domain: code for domain, code in per_domain.items() if isinstance(code, str)}
