"""What does the case hold about somebody, item by item? As frozen values, for the extract and for whoever decides what is in it.

Called from inside an action, with the case opened. An item is what can be withheld by itself: a person's facts, a consent, a measure,
a goal, a note … What other agencies own and no consent opens is counted by agency and sort, never shown. Staff are told by agency.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from caseapp.access import Gate, session
from caseapp.accounts import Office, office
from caseapp.cases import People, current_people
from caseapp.cases.models import Case, Note, YoungPerson
from caseapp.cases.reading import RelatedCard, Shown
from caseapp.cases.remarks import RemarkCard, Remarks, remarks_of
from caseapp.consent import Opening
from caseapp.consent.emergency import KIND as IN_EMERGENCY
from caseapp.consent.models import Consent
from caseapp.consent.reading import ConsentCard, consents_of
from caseapp.db import CaseRow, coded
from caseapp.documents.models import Document
from caseapp.followup.measured import measure_card, outcome_card
from caseapp.followup.models import Measure, Outcome
from caseapp.formats import local_day
from caseapp.meetings.models import Meeting, MeetingCase
from caseapp.plans.fixed import TEXTS, agreement_of
from caseapp.plans.joint_plan import commitments_for, goal_card, head_of, intervention_card
from caseapp.plans.models import Commitment, Goal, Intervention, Plan, PlanAgreement, PlanVersion, PlanVersionItem


@dataclass(frozen=True)
class Item:
    """One thing the case holds. `kind` says what `card` is; `title` is the little that tells it from others of its kind.

    `begun` is when it was recorded, `on` the day it concerns.
    """

    id: str
    kind: str
    agency_name: str
    begun: datetime
    on: date | None
    card: Any
    title: Shown = ""
    remarks: tuple[RemarkCard, ...] = ()


@dataclass(frozen=True)
class HeldElsewhere:
    """That an agency has `count` records of this information type here, which no consent opens for the maker of the extract."""

    agency_name: str
    information_type: str
    count: int


@dataclass(frozen=True)
class Facts:
    """How the case stands and began; codes, "" where nothing was answered."""

    case_number: str
    status: str
    opened_on: date
    closed_on: date | None
    referral_source: str
    concerns: tuple[str, ...]
    closure_reason: str
    closure_summary: Shown


@dataclass(frozen=True)
class YoungFacts:
    """The young person, with the whole number. `has_contact`: whether telephone and address belong on the paper."""

    name: Shown
    number: Shown
    born: date | None
    sex: str
    protected: str
    phone: Shown
    address: Shown
    has_contact: bool = True


@dataclass(frozen=True)
class NoteFacts:
    """A note. `is_corrected`: another one took its place."""

    heading: Shown
    text: Shown
    information_type: str
    is_corrected: bool


@dataclass(frozen=True)
class DocumentFacts:
    """A document that lies in the case: what it is, not its content."""

    title: Shown
    kind: str
    information_type: str


@dataclass(frozen=True)
class Decided:
    """What a meeting decided in the case."""

    decision: Shown
    next_on: date | None


@dataclass(frozen=True)
class VersionFacts:
    """A version of the plan: its aim, and the words of each goal, commitment and intervention as they stood."""

    number: int
    aim: Shown
    lines: tuple[Shown, ...]


@dataclass(frozen=True)
class GuardianWords:
    """What custodians said in a measure and of the work. `answers`: item → code of Agree5."""

    view: Shown
    words: Shown
    answers: Any


@dataclass(frozen=True)
class Held:
    """Everything the case holds: what may be read, in order, and what is other agencies'."""

    people: People
    items: tuple[Item, ...]
    elsewhere: tuple[HeldElsewhere, ...]


def held_in(gate: Gate, opening: Opening) -> Held:
    """Everything an opened case holds."""
    gathering = _Gathering(gate, opening, office())
    people = current_people(gate.id)
    gathering.take_person()
    gathering.take_related(people.related)
    gathering.take_case()
    gathering.take_consents()
    gathering.take_measures()
    gathering.take_plan()
    gathering.take_versions()
    gathering.take_meetings()
    gathering.take_notes()
    gathering.take_documents()
    counted = sorted(gathering.shut.items(), key=lambda one: one[0])
    elsewhere = tuple(HeldElsewhere(agency, kind, count) for (agency, kind), count in counted)
    return Held(people, tuple(gathering.items), elsewhere)


class _Gathering:
    def __init__(self, gate: Gate, opening: Opening, register: Office) -> None:
        self.gate, self.opening, self.register = gate, opening, register
        self.items: list[Item] = []
        self.shut: Counter[tuple[str, str]] = Counter()
        self.remarks: Remarks = remarks_of(gate.id, register)

    def rows(self, model: Any, *order: Any) -> Sequence[Any]:
        """The rows that may be read; the others are counted."""
        found = session().scalars(select(model).where(model.case_id == self.gate.id).order_by(*order, model.created_at, model.id))
        return [row for row in found if self._is_open(row)]

    def _is_open(self, row: CaseRow) -> bool:
        if self._may_stand(row):
            return True
        self.shut[self.register.agency_name(row.owner_agency_id), row.information_type] += 1
        return False

    def _may_stand(self, row: CaseRow) -> bool:
        decision = self.opening.decide(row.owner_agency_id, row.information_type)
        return decision.allowed and decision.reason != IN_EMERGENCY  # an emergency opens it for one person's eyes, not for paper

    def take(self, kind: str, row: CaseRow, card: Any, *, on: date | None = None, title: Shown = "", part: str = "") -> None:
        """One item more. `part`: which of several items of the same row."""
        self.items.append(
            Item(
                id=f"{row.id}.{part}" if part else row.id,
                kind=kind,
                agency_name=self.register.agency_name(row.owner_agency_id),
                begun=row.created_at,
                on=on,
                card=card,
                title=title,
                remarks=() if part else self.remarks.get(row.id, ()),
            )
        )

    def take_person(self) -> None:
        for row in self.rows(YoungPerson):
            facts = coded(row.answers)
            born = date.fromisoformat(facts["born"]) if facts.get("born") else None
            card = YoungFacts(row.name, row.number, born, facts.get("sex", ""), facts.get("protected", ""), row.phone, row.address)
            self.take("young", row, card, title=row.name)

    def take_related(self, related: Iterable[RelatedCard]) -> None:
        for card in related:
            remarks = self.remarks.get(card.id, ())
            agency = self.register.agency_name(self.gate.home_agency_id)
            self.items.append(Item(card.id, "related", agency, self._begun(), None, card, card.name, remarks))

    def _begun(self) -> datetime:
        """People around are told as they are now, whenever they were written down."""
        return session().get_one(Case, self.gate.id).created_at

    def take_case(self) -> None:
        for row in self.rows(Case):
            answers, closure = coded(row.answers), coded(row.closure)
            card = Facts(
                case_number=row.case_number,
                status=coded(row.progress).get("status", ""),
                opened_on=row.opened_on,
                closed_on=row.closed_on,
                referral_source=answers.get("referral_source", ""),
                concerns=tuple(answers.get("concerns", ())),
                closure_reason=closure.get("reason", ""),
                closure_summary=row.closure_summary,
            )
            self.take("case", row, card, on=row.opened_on)

    def take_consents(self) -> None:
        cards: dict[str, ConsentCard] = {card.id: card for card in consents_of(self.gate.id)}
        for row in self.rows(Consent, Consent.valid_from):
            self.take("consent", row, cards[row.id], on=row.valid_from)

    def take_measures(self) -> None:
        outcomes = {row.measure_id: outcome_card(row) for row in self.rows(Outcome)}
        for row in self.rows(Measure, Measure.measured_on):
            card = measure_card(row, self.register, outcomes.get(row.id))
            self.take("measure", row, card, on=row.measured_on)
            outcome = card.outcome
            said = GuardianWords(card.guardian_view, outcome.guardian_words if outcome else "", outcome.guardian if outcome else {})
            if said.view or said.words or said.answers:
                self.take("guardian", row, said, on=row.measured_on, part="guardian")

    def take_plan(self) -> None:
        for row in self.rows(Plan):
            self.take("plan", row, head_of(row), on=row.begun_on)
        for row in self.rows(Goal):
            self.take("goal", row, goal_card(row), title=row.text)
        promised = {card.id: card for card in commitments_for(self.gate, self.opening)}
        for row in self.rows(Commitment):
            self.take("commitment", row, promised[row.id], on=row.due_on, title=row.text)
        for row in self.rows(Intervention):
            card = intervention_card(row, self.register)
            self.take("intervention", row, card, on=card.started_on)

    def take_versions(self) -> None:
        """The plan as it stood when it was gone through, and what each said. Copies are not counted among what others hold: they are."""
        lines: dict[str, list[Shown]] = {}
        query = select(PlanVersionItem).where(PlanVersionItem.case_id == self.gate.id)
        for row in session().scalars(query.order_by(PlanVersionItem.created_at, PlanVersionItem.id)):
            if self._may_stand(row):
                lines.setdefault(row.plan_version_id, []).extend(text for text in _texts(row) if text)
        for row in self.rows(PlanVersion, PlanVersion.number):
            self.take("plan_version", row, VersionFacts(row.number, row.text, tuple(lines.get(row.id, ()))), on=row.fixed_on)
        for row in self.rows(PlanAgreement):
            said = agreement_of(row, {})
            self.take("agreement", row, said, on=said.on)

    def take_meetings(self) -> None:
        rows = [row for row in self.rows(MeetingCase) if row.is_done]
        meetings = session().scalars(select(Meeting).where(Meeting.id.in_([row.meeting_id for row in rows])))
        days = {meeting.id: local_day(meeting.starts_at) for meeting in meetings}
        for row in rows:
            self.take("meeting", row, Decided(row.decision, row.next_on), on=days.get(row.meeting_id))

    def take_notes(self) -> None:
        for row in self.rows(Note, Note.occurred_on):
            card = NoteFacts(row.heading, row.text, row.information_type, row.replaced_by_id is not None)
            self.take("note", row, card, on=row.occurred_on, title=row.heading or row.text)

    def take_documents(self) -> None:
        for row in self.rows(Document):
            if row.removed_at is None:
                card = DocumentFacts(row.title, coded(row.answers).get("kind", ""), row.information_type)
                self.take("document", row, card, on=local_day(row.created_at), title=row.title)

def _texts(row: PlanVersionItem) -> list[Shown]:
    return [getattr(row, name) for name in TEXTS[row.kind]]
