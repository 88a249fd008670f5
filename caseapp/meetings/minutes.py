"""What did a meeting come to, case by case? For each reader only as far as they may see it afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from caseapp.access import Gate, session
from caseapp.accounts import Office
from caseapp.cases import case_bars
from caseapp.consent import Opening
from caseapp.db import coded
from caseapp.plans.joint_plan import CommitmentCard, commitment_card
from caseapp.plans.models import Commitment

from .cards import Minutes
from .models import MeetingCase
from .room import agenda_items
from .rules import Attendee


def minutes_of(
    rows: Sequence[MeetingCase], gates: Sequence[Gate], openings: Mapping[str, Opening], people: Sequence[Attendee], register: Office
) -> tuple[Minutes, ...]:
    """The minutes of the opened cases, in the order of the agenda, with a fixed number of queries."""
    bars = case_bars(gates, openings)
    rows = [row for row in rows if row.case_id in bars]
    answers: dict[str, dict[str, Any]] = {row.id: coded(row.answers) for row in rows}
    commitments = _commitments(answers.values(), openings, register)
    there = {person.token: person for person in people}
    return tuple(
        Minutes(
            item=item,
            bar=bars[row.case_id],
            decision=row.decision,
            next_on=row.next_on,
            present=tuple(there[token] for token in answers[row.id].get("present", []) if token in there),
            new=tuple(commitments[one] for one in answers[row.id].get("new", []) if one in commitments),
            reported=tuple(
                (commitments[one], status) for one, status in answers[row.id].get("reported", {}).items() if one in commitments
            ),
        )
        for row, item in zip(rows, agenda_items(rows, bars), strict=True)
    )


def _commitments(answers: Any, openings: Mapping[str, Opening], register: Office) -> dict[str, CommitmentCard]:
    ids = [one for known in answers for one in [*known.get("new", []), *known.get("reported", {})]]
    if not ids:
        return {}
    rows = session().scalars(select(Commitment).where(Commitment.id.in_(ids)))
    return {
        row.id: commitment_card(row, register)
        for row in rows
        if row.case_id in openings and openings[row.case_id].decide(row.owner_agency_id, "plan").allowed
    }
