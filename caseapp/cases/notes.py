"""Notes: what was said and seen, by whom, of which type, and who can read it.

A note belongs to the agency of the person who wrote it and to one information type; the writer sees, before saving, which agencies
can read that type now. A saved note is never overwritten: a correction is a new note that names the one it replaces.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from caseapp.access import (
    Actor,
    Gate,
    NotFound,
    Permission,
    StaleForm,
    action,
    allow,
    fetch,
    log_as,
    observe,
    remember_result,
    session,
    today,
)
from caseapp.accounts import Office, office
from caseapp.consent import open_case, open_own
from caseapp.consent.opening import ALL_TYPES, Opening
from caseapp.consent.rules import may_read

from .models import Note
from .reading import CaseBar, Shown, case_bar
from .remarks import CORRECTION, RemarkCard, Remarks, put_beside, remarks_of

#: Not offered for notes: these have rows of their own.
NOT_FOR_NOTES = ("identity", "contact", "plan", "outcome")
NOTE_TYPES = tuple(kind for kind in ALL_TYPES if kind not in NOT_FOR_NOTES)


@dataclass(frozen=True)
class NoteCard:
    """A note as shown. `earlier` holds what it corrects, the newest first; `remarks` what is said beside it, and why it was corrected."""

    id: str
    heading: Shown
    text: Shown
    occurred_on: date
    information_type: str
    agency_id: str
    agency_name: str
    written_by: str
    written_at: datetime
    earlier: tuple["NoteCard", ...] = ()
    remarks: tuple[RemarkCard, ...] = ()


@dataclass(frozen=True)
class NotesPage:
    """The notes of a case, and for the form: information type → names of the agencies that can read it if this person writes it."""

    bar: CaseBar
    notes: tuple[NoteCard, ...]
    readers: dict[str, tuple[str, ...]]
    may_write: bool
    agency_id: str


@action
def read_notes(actor: Actor, case_id: str, *, to: Permission = Permission.READ_CASE) -> NotesPage:
    """The notes of a case, newest first. `to`: what they want to do with it."""
    gate = allow(actor, to, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    register = office()
    return NotesPage(
        bar=case_bar(gate, opening),
        notes=notes_of(case_id, register),
        readers=readers_by_type(actor, gate, opening, register, NOTE_TYPES),
        may_write=observe(actor, Permission.WRITE_NOTE, case_id),
        agency_id=actor.agency_id,
    )


def notes_of(case_id: str, register: Office) -> tuple[NoteCard, ...]:
    """The notes that stand, newest event first, each with what it corrects. Inside an action with the case opened."""
    rows = session().scalars(select(Note).where(Note.case_id == case_id)).all()
    by_id = {row.id: row for row in rows}
    standing = sorted((row for row in rows if row.replaced_by_id is None), key=lambda row: (row.occurred_on, row.created_at), reverse=True)
    remarks = remarks_of(case_id, register)
    return tuple(_card(row, by_id, register, remarks) for row in standing)


def _card(row: Note, by_id: dict[str, Note], register: Office, remarks: Remarks) -> NoteCard:
    earlier: list[NoteCard] = []
    before = by_id.get(row.replaces_id or "")
    while before is not None and before is not row and before.id not in {one.id for one in earlier}:  # edited, it could point in a ring
        earlier.append(_bare(before, register, remarks))
        before = by_id.get(before.replaces_id or "")
    return _bare(row, register, remarks, tuple(earlier))


def _bare(row: Note, register: Office, remarks: Remarks, earlier: tuple[NoteCard, ...] = ()) -> NoteCard:
    return NoteCard(
        id=row.id,
        heading=row.heading,
        text=row.text,
        occurred_on=row.occurred_on,
        information_type=row.information_type,
        agency_id=row.owner_agency_id,
        agency_name=register.agency_name(row.owner_agency_id),
        written_by=register.user_name(row.created_by_id),
        written_at=row.created_at,
        earlier=earlier,
        remarks=remarks.get(row.id, ()),
    )


def readers_by_type(
    actor: Actor, gate: Gate, opening: Opening, register: Office, types: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Information type → the names of the agencies of the team that can read it now if this person writes it."""
    agencies = register.team_agencies(gate.team_id)
    return {
        kind: tuple(agency.name for agency in agencies if may_read(agency.id, actor.agency_id, kind, opening.grounds, today()).allowed)
        for kind in types
    }


@action
def add_note(
    actor: Actor,
    case_id: str,
    *,
    information_type: str,
    text: str,
    heading: str = "",
    occurred_on: date | None = None,
    once: str | None = None,
) -> str:
    """Write a note and give its id. It belongs to the writer's agency."""
    gate = allow(actor, Permission.WRITE_NOTE, on=case_id, once=once)
    open_own(actor, gate, _known_type(information_type, NOTE_TYPES))
    note = Note(
        case_id=case_id,
        owner_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        information_type=information_type,
        occurred_on=occurred_on or today(),
        heading=heading,
        text=text,
    )
    session().add(note)
    remember_result(once, note.id)
    return note.id


@action
def correct_note(
    actor: Actor,
    case_id: str,
    note_id: str,
    *,
    text: str,
    heading: str = "",
    occurred_on: date | None = None,
    reason: str = "",
    once: str | None = None,
) -> str:
    """Write a corrected note in place of one of the own agency's, and give its id; the earlier text stays, with the reason beside it.

    Raises StaleForm if somebody has corrected it meanwhile.
    """
    gate = allow(actor, Permission.WRITE_NOTE, on=case_id, once=once)
    log_as("update")
    open_case(actor, gate)
    earlier = fetch(Note, note_id, case_id=case_id)
    if earlier.owner_agency_id != actor.agency_id:
        raise NotFound("not_found", Permission.WRITE_NOTE, case_id)
    if earlier.replaced_by_id is not None:
        raise StaleForm(next((note for note in notes_of(case_id, office()) if note_id in {one.id for one in note.earlier}), None))
    note = Note(
        case_id=case_id,
        owner_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        information_type=earlier.information_type,
        occurred_on=occurred_on or earlier.occurred_on,
        replaces_id=earlier.id,
        heading=heading,
        text=text,
    )
    session().add(note)
    earlier.replaced_by_id = note.id
    if reason:
        put_beside(actor, earlier, "note", kind=CORRECTION, text=reason)
    remember_result(once, note.id)
    return note.id


def _known_type(information_type: str, offered: Collection[str]) -> str:
    if information_type not in offered:
        raise ValueError(f"{information_type!r} is not a type for notes")
    return information_type
