"""The facts a verdict needs, of the cases that may be due: the last entry, the day of birth, and whether there is a hold.

The last entry is told by the log (the last time somebody wrote in the case), so that it does not depend on which room wrote it; work
of the installation itself, such as new keys, is no entry. The day of birth is opened with keys to coded answers and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from caseapp.access import log_detail, session
from caseapp.audit import AuditEntry
from caseapp.cases.models import Case, YoungPerson
from caseapp.consent import open_codes_for_retention
from caseapp.db import batches
from caseapp.formats import local_day

from .models import LegalHold
from .rules import Facts, Profile, Verdict, verdict, years_after

_BATCH = 250
#: Writing under these permissions is an entry in the case; the part of the permission before the dot.
_ENTRIES = ("case", "consent", "plan", "followup", "meeting")


@dataclass(frozen=True)
class Candidate:
    """A case with its verdict today. `hold` is the id of the hold that keeps it, "" for none."""

    case_id: str
    case_number: str
    team_id: str
    last_entry: date
    verdict: Verdict
    hold: str


def candidates(team_ids: Iterable[str], profile: Profile, on: date) -> list[Candidate]:
    """Every closed case of these teams whose time may be out, oldest number first. Inside an action that was allowed to ask."""
    query = select(Case).where(Case.is_open.is_(False), Case.team_id.in_(list(team_ids))).order_by(Case.case_number)
    closed = [case for case in session().scalars(query) if case.closed_on is None or years_after(case.closed_on, profile.years) <= on]
    return judged(closed, profile, on)


def judged(cases: Sequence[Case], profile: Profile, on: date) -> list[Candidate]:
    """These cases, each with its verdict. Whose day of birth was looked at is in the log."""
    log_detail(birth_days_of=[case.id for case in cases])
    found: list[Candidate] = []
    for batch in batches(cases, _BATCH):
        ids = [case.id for case in batch]
        last, held = _last_entries(ids), holds_of(ids)
        born = _births(batch)
        for case in batch:
            closed = case.closed_on or case.opened_on
            facts = Facts(case.is_open, max(closed, last.get(case.id, closed)), born.get(case.id), case.id in held)
            found.append(
                Candidate(case.id, case.case_number, case.team_id, facts.last_entry, verdict(facts, profile, on), held.get(case.id, ""))
            )
    return found


def _last_entries(case_ids: Sequence[str]) -> dict[str, date]:
    is_entry = or_(*(AuditEntry.permission.like(f"{room}.%") for room in _ENTRIES))
    query = (
        select(AuditEntry.case_id, func.max(AuditEntry.at))
        .where(AuditEntry.case_id.in_(case_ids), AuditEntry.decision == "allowed", AuditEntry.writes != "[]", is_entry)
        .group_by(AuditEntry.case_id)
    )
    return {case_id: local_day(at) for case_id, at in session().execute(query) if case_id}


def holds_of(case_ids: Sequence[str]) -> Mapping[str, str]:
    """Case id → the id of the hold in force."""
    query = select(LegalHold).where(LegalHold.case_id.in_(case_ids), LegalHold.lifted.is_(False))
    return {row.case_id: row.id for row in session().scalars(query)}


def _births(cases: Sequence[Case]) -> dict[str, date | None]:
    open_codes_for_retention({case.id: {case.owner_agency_id} for case in cases})
    ids = [case.id for case in cases]
    born = {}
    for row in session().scalars(select(YoungPerson).where(YoungPerson.case_id.in_(ids))):
        answers = row.answers
        written = answers.get("born") if isinstance(answers, dict) else None
        born[row.case_id] = date.fromisoformat(written) if written else None
    open_codes_for_retention({})
    return born
