"""Putting right what was recorded, and writing down that somebody does not agree with it.

Promised: the original stays; an agency corrects only what it recorded itself, while an objection may be written beside whatever its
writer may read. Anything else is answered as if it did not exist. Source: GDPR articles 16 and 19, read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caseapp.access import (
    Actor,
    Gate,
    NotFound,
    Permission,
    action,
    allow,
    could_be_an_id,
    log_as,
    log_detail,
    observe,
    remember_result,
    session,
)
from caseapp.accounts import office
from caseapp.cases import CaseBar, case_bar
from caseapp.cases.models import Case, Note, RelatedPerson, YoungPerson
from caseapp.cases.remarks import AGENCY, CORRECTION, OBJECTION, RemarkCard, put_beside, remarks_of
from caseapp.consent import open_case
from caseapp.consent.models import Consent
from caseapp.consent.opening import Opening
from caseapp.db import CaseRow
from caseapp.followup.models import Measure

#: What a remark can stand beside: its kind → the rows, and the information type of a remark where it is not the row's own.
_ABOUT: Mapping[str, tuple[Any, str]] = {
    "case": (Case, "assessment"),
    "young_person": (YoungPerson, ""),
    "related_person": (RelatedPerson, ""),
    "note": (Note, ""),
    "measure": (Measure, ""),
    "consent": (Consent, ""),
}


@dataclass(frozen=True)
class AboutPage:
    """What somebody wants to say something about. `may_correct`: their own agency recorded it."""

    bar: CaseBar
    kind: str
    item_id: str
    may_correct: bool
    remarks: tuple[RemarkCard, ...]


@dataclass(frozen=True)
class RemarksPage:
    """Everything said beside what is recorded in the case, the oldest first, as far as the reader may see it."""

    bar: CaseBar
    remarks: tuple[RemarkCard, ...]
    may_write: bool


@action
def read_about(actor: Actor, case_id: str, item_id: str) -> AboutPage:
    """What is already said beside this row. Raises NotFound where the actor may not read the row."""
    gate = allow(actor, Permission.WRITE_NOTE, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    kind, row = _row(gate, opening, item_id)
    remarks = remarks_of(case_id, office()).get(row.id, ())
    return AboutPage(case_bar(gate, opening), kind, row.id, row.owner_agency_id == actor.agency_id, remarks)


@action
def write_remark(
    actor: Actor,
    case_id: str,
    item_id: str,
    *,
    kind: str,
    text: str,
    voice: str = AGENCY,
    part: str = "",
    was: str = "",
    becomes: str = "",
    once: str | None = None,
) -> str:
    """Write a correction or an objection beside this row, and give its id. `text`: why it is wrong, or what the person says.

    Raises NotFound for a correction of what another agency recorded, and where the actor may not read the row.
    """
    gate = allow(actor, Permission.WRITE_NOTE, on=case_id, once=once)
    log_as("update" if kind == CORRECTION else "create")
    about_kind, row = _row(gate, open_case(actor, gate), item_id)
    if kind not in (CORRECTION, OBJECTION) or (kind == CORRECTION and row.owner_agency_id != actor.agency_id):
        raise NotFound("not_found", Permission.WRITE_NOTE, case_id)
    log_detail(remark=kind, about=[about_kind, row.id])
    written = put_beside(
        actor,
        row,
        about_kind,
        kind=kind,
        voice=AGENCY if kind == CORRECTION else voice,
        part=part,
        was=was,
        becomes=becomes,
        text=text,
        information_type=_ABOUT[about_kind][1],
    )
    remember_result(once, written.id)
    return written.id


@action
def read_remarks(actor: Actor, case_id: str) -> RemarksPage:
    """Every remark of the case that this person may read."""
    gate = allow(actor, Permission.READ_CASE, on=case_id)
    opening = open_case(actor, gate)
    said = [card for cards in remarks_of(case_id, office()).values() for card in cards]
    ordered = tuple(sorted(said, key=lambda card: (card.at, card.id)))
    return RemarksPage(case_bar(gate, opening), ordered, observe(actor, Permission.WRITE_NOTE, case_id))


def _row(gate: Gate, opening: Opening, item_id: str) -> tuple[str, CaseRow]:
    for kind, (model, information_type) in _ABOUT.items():
        row = session().get(model, item_id) if could_be_an_id(item_id) else None
        if row is not None and row.case_id == gate.id:
            if opening.decide(row.owner_agency_id, information_type or row.information_type).allowed:
                return kind, row
            break
    raise NotFound("not_found", Permission.WRITE_NOTE, gate.id)
