"""The pages of statistics: the ledger, the five questions, work in the background, a release to look at and decide on, its file; and
the tables that left the house another way."""

from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from caseapp.access import Permission, needs, refuse
from caseapp.accounts.sessions import do_not_prolong
from caseapp.accounts.signed_in import current_actor, freshly_proved
from caseapp.fields import language, takes_files
from caseapp.formats import Quarter

from . import actions, background, jobs, recalling, recording
from .forms import BeginForm, OutsideForm, RecallForm, RejectForm
from .outside import NotATable
from .overview import overview as read_overview
from .preview import preview
from .words import part_done, problem_words, step_words

blueprint = Blueprint("statistics", __name__)


@blueprint.get("/statistics")
@needs(Permission.READ_STATISTICS)
def listing() -> str:
    """The quarters and their releases."""
    ledger = actions.list_releases(current_actor())
    return render_template("statistics/listing.html", ledger=ledger, form=_begin_form(ledger))


@blueprint.get("/statistics/follow-up")
@needs(Permission.READ_STATISTICS)
def overview() -> str:
    """The five questions, answered by what was released."""
    page = read_overview(current_actor(), request.args.get("quarter", ""), language=language())
    return render_template("statistics/overview.html", page=page)


@blueprint.post("/statistics/prepare")
@needs(Permission.PREPARE_STATISTICS)
def prepare() -> Any:
    """Let a quarter be counted and protected in the background, or come to the work that goes on."""
    quarter, actor = request.form.get("quarter", ""), current_actor()
    if not quarter:  # the select box was left as it was
        ledger = actions.list_releases(actor)
        form = _begin_form(ledger)
        form.validate()
        return render_template("statistics/listing.html", ledger=ledger, form=form), 422
    preparation_id = jobs.begin_preparation(actor, quarter)
    background.set_going(preparation_id, actor.request_id, current_app.extensions.get("caseapp.runner", background.beside))
    return redirect(url_for("statistics.preparation", preparation_id=preparation_id), code=303)


@blueprint.get("/statistics/preparations/<preparation_id>")
@needs(Permission.READ_STATISTICS)
def preparation(preparation_id: str) -> Any:
    """How far the work has come; the release, when it is done."""
    actor = current_actor()
    work = jobs.watch_preparation(actor, preparation_id)
    if work.release_id:
        flash(_("Tabellerna är förberedda. Nu ska en enhetschef granska och godkänna dem."), "success")
        return redirect(url_for("statistics.release", release_id=work.release_id), code=303)
    shown = {"work": work, "said": step_words(work.step), "part": part_done(work.step)}
    return render_template("statistics/preparation.html", **shown, may_prepare=actor.has_role("statistician"))


@blueprint.get("/statistics/preparations/<preparation_id>/step")
@needs(Permission.READ_STATISTICS)
def preparation_step(preparation_id: str) -> Any:
    """The same in short, for the open page that asks every other second."""
    do_not_prolong()
    seen = jobs.glance_at_preparation(preparation_id)
    if seen is None:
        refuse(current_actor(), "not_found", Permission.READ_STATISTICS)
    goes_on, step = seen
    done, whole = part_done(step)
    return {"goes_on": goes_on, "said": step_words(step), "done": done, "whole": whole}


@blueprint.post("/statistics/preparations/<preparation_id>/cancel")
@needs(Permission.PREPARE_STATISTICS)
def cancel(preparation_id: str) -> Any:
    """Call the work off."""
    jobs.cancel_preparation(current_actor(), preparation_id)
    flash(_("Arbetet är avbrutet. Ingenting har sparats."), "success")
    return redirect(url_for("statistics.listing"), code=303)


def _begin_form(ledger: actions.Ledger) -> BeginForm:
    form = BeginForm()
    form.quarter.choices = [[str(quarter), _capital(quarter)] for quarter in reversed(ledger.choices)]
    return form


def _capital(quarter: Quarter) -> str:
    words = quarter.words(language())
    return words[0].upper() + words[1:]


@blueprint.get("/statistics/releases/<release_id>")
@needs(Permission.READ_STATISTICS)
def release(release_id: str) -> str:
    """A release as it would leave, or has left."""
    return _page(release_id)


@blueprint.post("/statistics/releases/<release_id>/approve")
@needs(Permission.APPROVE_STATISTICS)
@freshly_proved
def approve(release_id: str) -> Any:
    """Approve the bytes that were shown."""
    actions.approve(current_actor(), release_id, sha256=request.form.get("sha256", ""))
    flash(_("Utgåvan är godkänd och låst. Den kan hämtas här."), "success")
    return redirect(url_for("statistics.release", release_id=release_id), code=303)


@blueprint.post("/statistics/releases/<release_id>/reject")
@needs(Permission.APPROVE_STATISTICS)
def reject(release_id: str) -> Any:
    """Turn it down and say why."""
    form = RejectForm()
    if not form.validate_on_submit():
        return _page(release_id, rejecting=form), 422
    actions.reject(current_actor(), release_id, reason=form.reason.data)
    flash(_("Utgåvan är avslagen. Innehållet är borta; kvartalet kan förberedas på nytt."), "success")
    return redirect(url_for("statistics.listing"), code=303)


@blueprint.post("/statistics/releases/<release_id>/withdraw")
@needs(Permission.PREPARE_STATISTICS)
def withdraw(release_id: str) -> Any:
    """Take it back before it is approved."""
    actions.withdraw(current_actor(), release_id)
    flash(_("Utgåvan är tillbakadragen. Innehållet är borta; kvartalet kan förberedas på nytt."), "success")
    return redirect(url_for("statistics.listing"), code=303)


@blueprint.post("/statistics/releases/<release_id>/recall")
@needs(Permission.READ_STATISTICS)
def ask_recall(release_id: str) -> Any:
    """Ask for an approved release to be recalled, and say why."""
    form = RecallForm()
    if not form.validate_on_submit():
        return _page(release_id, asking=form), 422
    recalling.ask_for_recall(current_actor(), release_id, reason=form.why.data)
    flash(_("Återkallelsen är begärd. Nu ska en enhetschef, någon annan än du, besluta."), "success")
    return redirect(url_for("statistics.release", release_id=release_id), code=303)


@blueprint.post("/statistics/releases/<release_id>/recall/confirm")
@needs(Permission.APPROVE_STATISTICS)
@freshly_proved
def confirm_recall(release_id: str) -> Any:
    """Recall it."""
    recalling.confirm_recall(current_actor(), release_id, sha256=request.form.get("sha256", ""))
    flash(_("Utgåvan är återkallad. Kvartalet kan rättas med en ny utgåva."), "success")
    return redirect(url_for("statistics.release", release_id=release_id), code=303)


@blueprint.post("/statistics/releases/<release_id>/recall/drop")
@needs(Permission.READ_STATISTICS)
def drop_recall(release_id: str) -> Any:
    """Let it stand."""
    recalling.drop_recall(current_actor(), release_id)
    flash(_("Utgåvan återkallas inte."), "success")
    return redirect(url_for("statistics.release", release_id=release_id), code=303)


@blueprint.get("/statistics/releases/<release_id>/bundle")
@needs(Permission.READ_STATISTICS)
def bundle(release_id: str) -> Any:
    """The file of an approved release."""
    fetched = actions.bundle(current_actor(), release_id)
    return send_file(BytesIO(fetched.archive), "application/zip", as_attachment=True, download_name=fetched.name)


@blueprint.get("/statistics/outside")
@needs(Permission.READ_STATISTICS)
def outside() -> str:
    """Tables that left the house another way."""
    return render_template("statistics/outside.html", cards=recording.list_outside(current_actor(), language=language()))


@blueprint.route("/statistics/outside/new", methods=["GET", "POST"])
@needs(Permission.READ_STATISTICS)
@takes_files
def new_outside() -> Any:
    """Record such a table."""
    actor, form = current_actor(), OutsideForm()
    offered = recording.read_offered(actor, language=language())
    form.quarter.choices = [[str(quarter), _capital(quarter)] for quarter in offered.quarters]
    form.flow.choices = [list(flow) for flow in offered.flows]
    if form.validate_on_submit():
        answers = {"title": form.title.data, "quarter": form.quarter.data, "flow": form.flow.data}
        try:
            outside_id = recording.record_outside(actor, **answers, text=_typed_or_chosen(form), once=form.once_key())
        except NotATable as refused:
            form.rows.errors = [problem_words(one) for one in refused.problems[:_TOLD]]
        else:
            flash(_("Tabellen är registrerad. Nu ska en enhetschef, någon annan än du, godkänna den."), "success")
            return redirect(url_for("statistics.outside_table", outside_id=outside_id), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("statistics/new_outside.html", form=form, columns=offered.columns), status


_TOLD = 10  # problems of a table that are shown at a time


def _typed_or_chosen(form: OutsideForm) -> str:
    """The rows as text: the file's, if one was chosen. What is no text becomes text that is no table."""
    return form.file.data.decode("utf-8-sig", errors="replace") if form.file.data else form.rows.data or ""


@blueprint.get("/statistics/outside/<outside_id>")
@needs(Permission.READ_STATISTICS)
def outside_table(outside_id: str) -> str:
    """One such table."""
    return render_template("statistics/outside_table.html", card=recording.read_one(current_actor(), outside_id, language=language()))


@blueprint.post("/statistics/outside/<outside_id>/approve")
@needs(Permission.APPROVE_STATISTICS)
@freshly_proved
def approve_outside(outside_id: str) -> Any:
    """Let it bind what is released from now on."""
    recording.approve_outside(current_actor(), outside_id)
    flash(_("Tabellen är godkänd. När kvartalet förbereds räknas dess tal som kända."), "success")
    return redirect(url_for("statistics.outside_table", outside_id=outside_id), code=303)


@blueprint.post("/statistics/outside/<outside_id>/reject")
@needs(Permission.READ_STATISTICS)
def reject_outside(outside_id: str) -> Any:
    """Turn it down, or take it back."""
    recording.reject_outside(current_actor(), outside_id)
    flash(_("Tabellen används inte."), "success")
    return redirect(url_for("statistics.outside"), code=303)


def _page(release_id: str, *, rejecting: RejectForm | None = None, asking: RecallForm | None = None) -> str:
    page = preview(current_actor(), release_id, language=language())
    forms = {"form": rejecting or RejectForm(formdata=None), "recall_form": asking or RecallForm(formdata=None)}
    return render_template("statistics/release.html", page=page, **forms)
