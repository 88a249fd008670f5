"""The pages of coming from Excel: the file, the sheet, the columns, the words, the report, the saving, and what came of it.

No word of a list is ever in an address. What is shown comes from actions; a page that belongs to a list that has gone leads to the start.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from caseapp.access import AlreadyDone, Permission, Refused, StaleForm, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import status_of

from . import checking, choosing, saving, taking_in, undoing
from .at_hand import ListGone
from .forms import FileForm, RowsForm, SheetForm, columns_form, say_file, values_form
from .sheets import FileProblem
from .words import field_words, file_words, row_words, why_not_words

blueprint = Blueprint("importing", __name__)
blueprint.add_app_template_filter(row_words, "import_row")
blueprint.add_app_template_filter(why_not_words, "import_why_not")
blueprint.add_app_template_filter(file_words, "import_file")
blueprint.add_app_template_filter(field_words, "import_field")

View = TypeVar("View", bound=Callable[..., Any])
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _with_list(view: View) -> View:
    """For pages that need the list: where it is gone, or its saving goes on, the page that tells of that."""

    @wraps(view)
    def shown(import_id: str) -> Any:
        try:
            return view(import_id)
        except ListGone:
            flash(_("Listan finns inte kvar. Den är sparad, kastad eller äldre än ett dygn. Hämta in filen igen om det behövs."), "info")
            return _to("importing.start")
        except Refused as refusal:
            if refusal.reason != "import_goes_on":
                raise
            return _to("importing.progress", import_id=import_id)
        except StaleForm:  # sent twice at the same moment: the first is being carried out
            return _to("importing.progress", import_id=import_id)

    return shown  # type: ignore[return-value]


def _to(endpoint: str, **values: Any) -> Any:
    return redirect(url_for(endpoint, **values), code=303)


def _wording() -> saving.Wording:
    return saving.Wording(
        note_heading=_("Ur den tidigare listan"),
        consent_heading=_("Samtycke i den tidigare listan"),
        consent_says=_("I den tidigare listan stod det här om samtycke. Det gäller inte förrän pappret är kontrollerat och registrerat."),
    )


@blueprint.route("/cases/import", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
def start() -> Any:
    """Choose the file; and the imports so far."""
    actor = current_actor()
    page = taking_in.read_start(actor)
    form = FileForm(team=next(iter(page.teams), None))
    form.team.choices = list(page.teams.items())
    if form.validate_on_submit():
        try:
            import_id = taking_in.take_in(actor, form.team.data, form.file.data or b"", once=form.once_key())
        except AlreadyDone as done:
            return _to("importing.columns", import_id=done.result) if done.result else _to("importing.start")
        except FileProblem as problem:
            say_file(form, file_words(problem.code, problem.told))
        else:
            return _to("importing.columns", import_id=import_id)
    return render_template("importing/start.html", form=form, page=page), status_of(form)


@blueprint.get("/cases/import/template")
@needs(Permission.IMPORT_CASES)
def template() -> Response:
    """The list to fill in."""
    from .template import template as made  # its library is used here alone

    taking_in.note_template(current_actor())
    return Response(made(), mimetype=_XLSX, headers={"Content-Disposition": 'attachment; filename="lista-att-fylla-i.xlsx"'})


@blueprint.route("/cases/import/<import_id>/sheet", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
@_with_list
def sheet(import_id: str) -> Any:
    """Which sheet, and which row of headings."""
    actor = current_actor()
    page = choosing.read_sheets(actor, import_id)
    form = SheetForm(sheet=str(page.chosen), heading_row=page.heading_row)
    usable = [(place, name or _("Listan"), rows) for place, name, rows, wrong in page.sheets if not wrong]
    form.sheet.choices = [(str(place), name, _("%(rows)s rader", rows=rows)) for place, name, rows in usable]
    if form.validate_on_submit():
        choosing.choose_sheet(actor, import_id, int(form.sheet.data), form.heading_row.data)
        return _to("importing.columns", import_id=import_id)
    return render_template("importing/sheet.html", form=form, page=page), status_of(form)


@blueprint.route("/cases/import/<import_id>/columns", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
@_with_list
def columns(import_id: str) -> Any:
    """What each column is."""
    actor = current_actor()
    page = choosing.read_columns(actor, import_id)
    form = columns_form(page.columns, page.mapping, page.note_type)
    if form.validate_on_submit():
        has_unknown = choosing.choose_columns(actor, import_id, form.mapping(), form.note_type.data)
        return _to("importing.values" if has_unknown else "importing.check", import_id=import_id)
    return render_template("importing/columns.html", form=form, page=page), status_of(form)


@blueprint.route("/cases/import/<import_id>/values", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
@_with_list
def values(import_id: str) -> Any:
    """What unknown words mean."""
    actor = current_actor()
    page = choosing.read_values(actor, import_id)
    form = values_form(page.values, page.agencies)
    if form.validate_on_submit():
        choosing.choose_values(actor, import_id, form.chosen())
        return _to("importing.check", import_id=import_id)
    return render_template("importing/values.html", form=form, page=page), status_of(form)


@blueprint.route("/cases/import/<import_id>/check", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
@_with_list
def check(import_id: str) -> Any:
    """What the list will become, row by row, and which rows are to."""
    actor = current_actor()
    form = RowsForm()
    report = checking.check(actor, import_id)
    if form.validate_on_submit():
        is_whole = form.how.data == "whole"
        numbers = form.numbers([line.number for line in report.fine])
        if is_whole and report.wrong:
            form.form_errors.append(_("Hela listan går inte att spara, för någon rad måste rättas. Välj rader i stället."))
        elif not is_whole and not numbers:
            form.form_errors.append(_("Välj minst en rad."))
        else:
            checking.choose_rows(actor, import_id, None if is_whole else numbers)
            return _to("importing.progress", import_id=import_id)
    return render_template("importing/check.html", form=form, report=report), status_of(form)


@blueprint.route("/cases/import/<import_id>/progress", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
@_with_list
def progress(import_id: str) -> Any:
    """How far the saving is. Each time the form is sent the next rows are saved."""
    actor = current_actor()
    if request.method == "GET":
        page = saving.read_progress(actor, import_id)
        if page.card.state == "preparing" and not page.card.chosen:
            return _to("importing.check", import_id=import_id)
        return render_template("importing/progress.html", page=page)
    page = saving.save_next(actor, import_id, wording=_wording())
    if page.failed:
        number, why = page.failed
        flash(_("Inget sparas, för rad %(number)s gick inte att spara: %(why)s", number=number, why=why_not_words(why)), "warning")
        return _to("importing.progress", import_id=import_id)
    if page.is_done:
        return _to("importing.result", import_id=import_id)
    return _to("importing.progress", import_id=import_id)


@blueprint.route("/cases/import/<import_id>/result", methods=["GET", "POST"])
@needs(Permission.IMPORT_CASES)
@_with_list
def result(import_id: str) -> Any:
    """What came of it; sent, it takes the next cases back that nobody has worked on."""
    actor = current_actor()
    if request.method == "POST":
        if not undoing.undo_next(actor, import_id, home=current_app.extensions["caseapp.config"].home):
            return _to("importing.progress", import_id=import_id)
        flash(_("De ärenden som ingen hade arbetat i är borttagna."), "success")
        return _to("importing.result", import_id=import_id)
    page = undoing.read_result(actor, import_id)
    if page.card.is_under_way or page.card.state == "undoing":
        return _to("importing.progress", import_id=import_id)
    return render_template("importing/result.html", page=page)


@blueprint.post("/cases/import/<import_id>/throw-away")
@needs(Permission.IMPORT_CASES)
def throw_away(import_id: str) -> Any:
    """Not this list after all."""
    taking_in.throw_away(current_actor(), import_id)
    flash(_("Listan är kastad. Inget av den finns kvar här."), "success")
    return _to("importing.start")
