"""Notes on the page: reading, writing and correcting them, with who can read shown before anything is saved."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.access import NotFound, Permission, StaleForm, keeps_draft, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import language, status_of

from ..forms import CorrectionForm, NoteForm
from ..notes import NoteCard, NotesPage, add_note, correct_note, read_notes
from .page import blueprint, say, to


@blueprint.get("/cases/<case_id>/notes")
@needs(Permission.READ_CASE)
def notes(case_id: str) -> str:
    """The notes of a case."""
    return render_template("cases/notes.html", page=read_notes(current_actor(), case_id))


@blueprint.route("/cases/<case_id>/notes/new", methods=["GET", "POST"])
@needs(Permission.WRITE_NOTE)
@keeps_draft(_l("Ny anteckning"))
def new_note(case_id: str) -> Any:
    """Write a note; beside each type it says who can read it."""
    page = read_notes(current_actor(), case_id, to=Permission.WRITE_NOTE)
    form = NoteForm(occurred_on=today(), epoch=str(page.bar.epoch))
    form.information_type.choices = _types_with_readers(page)
    if form.validate_on_submit() and _readers_are_as_shown(form, page):
        add_note(
            current_actor(),
            case_id,
            information_type=form.information_type.data,
            text=form.text.data,
            heading=form.heading.data or "",
            occurred_on=form.occurred_on.data,
            once=form.once_key(),
        )
        say(_("Anteckningen är sparad."))
        return to("cases.notes", case_id=case_id)
    return render_template("cases/note.html", form=form, bar=page.bar, note=None, readers=()), status_of(form)


def _readers_are_as_shown(form: NoteForm | CorrectionForm, page: NotesPage) -> bool:
    """Whether those who can read are still those the writer was told; otherwise the form says so and shows who can read now."""
    epoch = str(page.bar.epoch)
    if form.epoch.data in (None, epoch):
        return True
    form.epoch.data = form.epoch.typed = epoch
    form.form_errors.append(_("Vilka som kan läsa har ändrats medan du skrev. Kontrollera vem som kan läsa nu och spara igen."))
    return False


def _types_with_readers(page: NotesPage) -> list[Sequence[Any]]:
    kinds = codelists.codelist("InformationType")
    return [
        (kind, kinds[kind].label(language()), _("Kan läsas av: %(agencies)s", agencies=", ".join(agencies)))
        for kind, agencies in page.readers.items()
    ]


@blueprint.route("/cases/<case_id>/notes/<note_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_NOTE)
@keeps_draft(_l("Rättelse av anteckning"))
def correct(case_id: str, note_id: str) -> Any:
    """Correct a note of the own agency; the earlier text stays."""
    page = read_notes(current_actor(), case_id, to=Permission.WRITE_NOTE)
    note = _own_note(page, note_id)
    form = CorrectionForm(
        occurred_on=note.occurred_on, heading=note.heading or None, text=note.text or None, epoch=str(page.bar.epoch)
    )
    if form.validate_on_submit() and _readers_are_as_shown(form, page):
        try:
            correct_note(
                current_actor(),
                case_id,
                note_id,
                text=form.text.data,
                heading=form.heading.data or "",
                occurred_on=form.occurred_on.data,
                reason=form.reason.data,
                once=form.once_key(),
            )
        except StaleForm as stale:
            raise StaleForm(_beside(case_id, stale.current)) from None
        say(_("Rättelsen är sparad. Den tidigare texten finns kvar."))
        return to("cases.notes", case_id=case_id)
    readers = page.readers.get(note.information_type, ())
    return render_template("cases/note.html", form=form, bar=page.bar, note=note, readers=readers), status_of(form)


def _own_note(page: NotesPage, note_id: str) -> NoteCard:
    """The note with this id, also when it was corrected meanwhile: saving then says so."""
    for note in page.notes:
        for one in (note, *note.earlier):
            if one.id == note_id and one.agency_id == page.agency_id:
                return one
    raise NotFound("not_found", Permission.WRITE_NOTE, page.bar.case_id)


def _beside(case_id: str, current: NoteCard | None) -> dict[str, Any] | None:
    """What took the note's place: what was typed can be sent on as a correction of that."""
    if current is None:
        return None
    rows = [("heading", _("Rubrik"), current.heading), ("text", _("Anteckning"), current.text)]
    action = url_for("cases.correct", case_id=case_id, note_id=current.id)
    return {"rows": rows, "by": current.written_by, "at": current.written_at, "action": action}
