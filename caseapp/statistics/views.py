"""The pages of statistics: the ledger, the five questions, a release to look at and decide on, its file."""

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from caseapp.access import Permission, needs
from caseapp.accounts.signed_in import current_actor, freshly_proved
from caseapp.fields import language
from caseapp.formats import Quarter

from . import actions
from .forms import BeginForm, RejectForm
from .overview import overview as read_overview
from .preview import preview
from .releases import CannotPublish

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
    """Count and protect a quarter. Takes some seconds."""
    quarter = request.form.get("quarter", "")
    if not quarter:  # the select box was left as it was
        ledger = actions.list_releases(current_actor())
        form = _begin_form(ledger)
        form.validate()
        return render_template("statistics/listing.html", ledger=ledger, form=form), 422
    try:
        release_id = actions.prepare(current_actor(), quarter)
    except CannotPublish:
        flash(_("Kvartalet kunde inte skyddas så att ingen enskild kan hittas. Ingenting har sparats."), "danger")
        return redirect(url_for("statistics.listing"), code=303)
    flash(_("Tabellerna är förberedda. Nu ska en enhetschef granska och godkänna dem."), "success")
    return redirect(url_for("statistics.release", release_id=release_id), code=303)


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
    return _page(release_id, RejectForm(formdata=None))


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
        return _page(release_id, form), 422
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


@blueprint.get("/statistics/releases/<release_id>/bundle")
@needs(Permission.READ_STATISTICS)
def bundle(release_id: str) -> Any:
    """The file of an approved release."""
    fetched = actions.bundle(current_actor(), release_id)
    return send_file(BytesIO(fetched.archive), "application/zip", as_attachment=True, download_name=f"{fetched.label}.zip")


def _page(release_id: str, form: RejectForm) -> str:
    return render_template("statistics/release.html", page=preview(current_actor(), release_id, language=language()), form=form)
