"""What is said beside something recorded: that it was corrected, or that the young person does not agree.

A remark lies in the compartment of what it is about, so whoever is shown the one is shown the other. Nothing recorded is changed by it.
Called from inside an action, with the case opened; who may write one is decided in rights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.access import Actor, Withheld, session
from caseapp.accounts import Office
from caseapp.db import CaseRow, coded, remembered

from .models import Remark
from .reading import Shown

CORRECTION, OBJECTION = "correction", "objection"
AGENCY, YOUTH, GUARDIAN = "agency", "youth", "guardian"


@dataclass(frozen=True)
class RemarkCard:
    """A remark as shown. `kind` is a code of RemarkKind, `voice` of RemarkVoice; `was` and `becomes` are empty for an objection."""

    id: str
    about_kind: str
    about_id: str
    kind: str
    voice: str
    part: Shown
    was: Shown
    becomes: Shown
    text: Shown
    at: datetime
    by: str
    agency_name: str


Remarks = Mapping[str, tuple[RemarkCard, ...]]
"""Row id → what is said beside it, the oldest first."""


def remarks_of(case_id: str, register: Office) -> Remarks:
    """What is said beside each row of the case, as far as this transaction may read it."""
    found: dict[str, list[RemarkCard]] = {}
    query = select(Remark).where(Remark.case_id == case_id).order_by(Remark.created_at, Remark.id)
    for row in remembered(("remarks", case_id), lambda: session().scalars(query).all()):
        if not isinstance(row.answers, Withheld):
            found.setdefault(row.about_id, []).append(_card(row, register))
    return {about: tuple(cards) for about, cards in found.items()}


def _card(row: Remark, register: Office) -> RemarkCard:
    answers = coded(row.answers)
    return RemarkCard(
        id=row.id,
        about_kind=row.about_kind,
        about_id=row.about_id,
        kind=answers.get("kind", ""),
        voice=answers.get("voice", ""),
        part=row.part,
        was=row.was,
        becomes=row.becomes,
        text=row.text,
        at=row.created_at,
        by=register.user_name(row.created_by_id),
        agency_name=register.agency_name(_writer(row, register)),
    )


def _writer(row: Remark, register: Office) -> str:
    """The agency of whoever wrote it: an objection lies with what it is about, which may be another agency's."""
    card = register.users.get(row.created_by_id)
    return card.agency_id if card else row.owner_agency_id


def put_beside(
    actor: Actor,
    about: CaseRow,
    about_kind: str,
    *,
    kind: str,
    text: str,
    voice: str = AGENCY,
    part: str = "",
    was: str = "",
    becomes: str = "",
    information_type: str = "",
) -> Remark:
    """Write a remark in the compartment of the row it is about, or of this type of its agency's. Raises KeyNotHeld where that is shut."""
    remark = Remark(
        case_id=about.case_id,
        owner_agency_id=about.owner_agency_id,
        created_by_id=actor.user_id,
        information_type=information_type or about.information_type,
        about_kind=about_kind,
        about_id=about.id,
        answers={"kind": kind, "voice": voice},
        part=part,
        was=was,
        becomes=becomes,
        text=text,
    )
    session().add(remark)
    return remark
