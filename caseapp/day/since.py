"""What have others changed since somebody was last here, in what they may see?

The log says which rows were written in the person's cases, and when the person did something last before this sign-in. Each row is then
asked where it lies: what is in a compartment that is not open to the reader is not told of, not even as a number. Looked back is a month
at most, at no more than so many entries of the log: a page that counts thousands helps nobody. Called from inside an action.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from caseapp import audit
from caseapp.access import Actor, Gate, Permission, now, session
from caseapp.cases import CaseBar
from caseapp.cases.gates import has_a_part_in
from caseapp.cases.models import Case, Note
from caseapp.consent import Opening
from caseapp.consent.models import Consent, ConsentSignature, ConsentWithdrawal
from caseapp.db import CaseRow, glance
from caseapp.followup.models import Measure, Outcome
from caseapp.plans.models import Commitment, CommitmentReport, Goal, Intervention, Plan

_LONGEST, _ENTRIES, _ROWS = timedelta(days=31), 500, 500
#: What tells nothing of the person having been here: signing in, and the calendar program that fetches by itself.
_NOT_WORK = (Permission.SIGN_IN.value, Permission.FETCH_CALENDAR.value)
#: What is told of → the word for it (views turn it into a sentence).
_TOLD: Mapping[type[CaseRow], str] = {
    Note: "note",
    Commitment: "commitment",
    CommitmentReport: "commitment",
    Goal: "plan",
    Plan: "plan",
    Intervention: "support",
    Measure: "followup",
    Outcome: "followup",
    Consent: "consent",
    ConsentSignature: "consent",
    ConsentWithdrawal: "consent",
    Case: "case",
}
_MODELS = {model.__tablename__: model for model in _TOLD}
#: Whether a consent is given stands on every page of a case, for everybody who may open it.
_FOR_EVERYBODY = {"consent"}


@dataclass(frozen=True)
class Change:
    """Something that was changed: a word for it, what tells it apart from others, and the compartment it lies in."""

    kind: str
    subject: str
    owner_agency_id: str
    information_type: str


@dataclass(frozen=True)
class Changes:
    """Everything others have changed since `at`, by case id, whoever may read it. `is_all`: False where more was written than is told."""

    at: datetime
    by_case: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    is_all: bool = True


@dataclass(frozen=True)
class ChangedCase:
    """A case in which something was changed that the reader may see: (word, how many), in the order of the words."""

    case_id: str
    case_number: str
    initials: str
    kinds: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """How many changes."""
        return sum(number for _kind, number in self.kinds)


def changes_since(actor: Actor, came_at: datetime) -> Changes | None:
    """What others have changed in the cases the actor has a part in, since they were last here before `came_at`; None if never."""
    last = audit.last_entry_before(session(), actor.user_id, came_at, but=_NOT_WORK)
    if last is None:
        return None
    since = max(last, now() - _LONGEST)
    cases = select(Case.id).where(Case.team_id.in_(list(actor.teams)), has_a_part_in(actor, Case.id, Case.team_id))
    written, more = audit.written_since(session(), cases, since, not_by=actor.user_id, tables=_MODELS, most=_ENTRIES)
    found: dict[str, dict[Change, None]] = {}
    for row in _rows(written[:_ROWS]):
        found.setdefault(row.case_id, {})[_change(row)] = None
    return Changes(since, {case_id: tuple(changes) for case_id, changes in found.items()}, is_all=not more and len(written) <= _ROWS)


def _rows(written: Sequence[audit.Written]) -> Sequence[CaseRow]:
    """The rows that are still there and say something of their own, with one query for each table that was written."""
    ids: dict[str, list[str]] = {}
    for one in written:
        ids.setdefault(one.table, []).append(one.row_id)
    rows: list[CaseRow] = []
    for table, chosen in ids.items():
        model = _MODELS[table]
        rows += glance(model, select(model).where(model.id.in_(chosen)))
    return [row for row in rows if getattr(row, "replaced_by_id", None) is None]


def _change(row: CaseRow) -> Change:
    kind = _TOLD[type(row)]
    subject = {"commitment": getattr(row, "commitment_id", row.id), "followup": getattr(row, "measure_id", row.id)}.get(kind, row.id)
    return Change(kind, row.case_id if kind in _FOR_EVERYBODY else subject or row.id, row.owner_agency_id, row.information_type)


def changed_cases(
    changes: Changes | None, gates: Sequence[Gate], openings: Mapping[str, Opening], bars: Mapping[str, CaseBar]
) -> list[ChangedCase]:
    """Those of these opened cases in which the reader may see that something was changed."""
    if changes is None:
        return []
    found = []
    for gate in gates:
        seen = [one for one in changes.by_case.get(gate.id, ()) if _is_seen(one, openings[gate.id])]
        counted = {kind: sum(one.kind == kind for one in seen) for kind in dict.fromkeys(_TOLD.values())}
        bar = bars[gate.id]
        if seen:
            kinds = tuple((kind, number) for kind, number in counted.items() if number)
            found.append(ChangedCase(gate.id, bar.case_number, bar.initials, kinds))
    return found


def _is_seen(change: Change, opening: Opening) -> bool:
    return change.kind in _FOR_EVERYBODY or opening.decide(change.owner_agency_id, change.information_type).allowed
