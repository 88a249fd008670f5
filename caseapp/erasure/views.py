"""The pages of erasure: what is due and why, a hold, the retention profile."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from caseapp.access import Permission, needs
from caseapp.accounts.actions import read_municipality, set_municipality
from caseapp.accounts.signed_in import current_actor, freshly_proved
from caseapp.accounts.views.blueprint import both_texts
from caseapp.fields import status_of

from . import actions
from .forms import HoldForm, RetentionForm
from .rules import profile_of

blueprint = Blueprint("erasure", __name__)


@blueprint.get("/retention")
@needs(Permission.READ_RETENTION)
def due() -> str:
    """What is due, what waits for a second person, what is kept and why."""
    actor = current_actor()
    return render_template("erasure/due.html", page=actions.read_retention(actor), own_id=actor.user_id)


@blueprint.post("/retention/<case_id>/propose")
@needs(Permission.PROPOSE_ERASURE)
def propose(case_id: str) -> Response:
    """The first of two people."""
    actions.propose(current_actor(), case_id)
    flash(_("Förslaget är registrerat. En enhetschef som inte är du ska godkänna det."), "success")
    return _back()


@blueprint.post("/retention/<case_id>/approve")
@needs(Permission.APPROVE_ERASURE)
@freshly_proved
def approve(case_id: str) -> Response:
    """The second of two people."""
    actions.approve(current_actor(), case_id)
    flash(_("Gallringen är godkänd. Den görs vid nästa körning och kan tas tillbaka till dess."), "success")
    return _back()


@blueprint.post("/retention/<case_id>/take-back")
@needs(Permission.PROPOSE_ERASURE)
def take_back(case_id: str) -> Response:
    """Not after all."""
    actions.take_back(current_actor(), case_id)
    flash(_("Beslutet är tillbakadraget. Ärendet står kvar bland dem som kan gallras."), "success")
    return _back()


@blueprint.route("/retention/<case_id>/hold", methods=["GET", "POST"])
@needs(Permission.HOLD_ERASURE)
def hold(case_id: str) -> Any:
    """Keep a case back, with a reason."""
    actor, form = current_actor(), HoldForm()
    if form.validate_on_submit():
        actions.hold(actor, case_id, reason=form.reason.data, once=form.once_key())
        flash(_("Ärendet gallras inte förrän stoppet hävs."), "success")
        return _back()
    return render_template("erasure/hold.html", form=form, case=actions.read_for_hold(actor, case_id)), status_of(form)


@blueprint.post("/retention/<case_id>/lift-hold")
@needs(Permission.HOLD_ERASURE)
def lift_hold(case_id: str) -> Response:
    """It may be erased again when its time is out."""
    actions.lift_hold(current_actor(), case_id)
    flash(_("Stoppet är hävt."), "success")
    return _back()


@blueprint.route("/settings/retention", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def profile() -> Any:
    """How long cases are kept in this municipality."""
    actor = current_actor()
    card = read_municipality(actor)
    now = profile_of(card.settings)
    form = RetentionForm(
        profile=now.code, years=now.years, keeps_birth_days=bool(now.kept_days), keeps_all=now.keeps_all, version=card.version
    )
    if form.validate_on_submit():
        with both_texts(form):
            set_municipality(
                actor,
                version=form.version.data,
                retention={
                    "profile": form.profile.data,
                    "years": form.years.data,
                    "keeps_birth_days": form.keeps_birth_days.data,
                    "keeps_all": form.keeps_all.data,
                },
            )
        flash(_("Inställningarna är sparade."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("erasure/profile.html", form=form), status_of(form)


def _back() -> Response:
    return redirect(url_for("erasure.due"), code=303)
