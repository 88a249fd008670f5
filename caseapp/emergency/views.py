"""The pages of emergencies: opening a case, ending that, and the unit manager's reviews.

The page that opens tells nothing of any case before it is confirmed; what could not be taken comes back with what was typed, but the code.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from caseapp.access import NotFound, Permission, Refused, needs
from caseapp.accounts.sessions import this_session
from caseapp.accounts.signed_in import current_actor
from caseapp.accounts.signing_in import Rejected, TryLater
from caseapp.accounts.views.blueprint import network, too_many, wrong_code
from caseapp.fields import status_of

from . import actions, reviewing
from .forms import EmergencyForm, ReviewForm

blueprint = Blueprint("emergency", __name__)


@blueprint.route("/emergency", methods=["GET", "POST"])
@needs(Permission.BREAK_GLASS)
def begin() -> Any:
    """Open a case in an emergency."""
    form = EmergencyForm()
    if form.validate_on_submit():
        case_id = _opened(form)
        if case_id is not None:
            return redirect(url_for("cases.overview", case_id=case_id), code=303)
    return render_template("emergency/begin.html", form=form), status_of(form)


def _opened(form: EmergencyForm) -> str | None:
    """The id of the case that is open now; None, with a sentence at the field, where it is not."""
    try:
        answer = actions.open_in_emergency(
            current_actor(), case_number=form.case_number.data, reason=form.reason.data, code=form.code.data, network=network()
        )
    except Refused as refusal:
        this_session().prove()  # the code was right
        if not isinstance(refusal, NotFound) and refusal.reason != "open_already":
            raise
        _say(form.case_number, _reads_already() if refusal.reason == "open_already" else _no_such_case())
        return None
    if isinstance(answer, Rejected | TryLater):
        _say(form.code, too_many(answer) if isinstance(answer, TryLater) else wrong_code())
        return None
    this_session().prove()
    return answer


def _say(field: Any, sentence: str) -> None:
    field.errors = [*field.errors, sentence]


def _no_such_case() -> str:
    return _("Det finns inget ärende med det numret som du kan öppna. Kontrollera numret, och skriv en ny kod.")


def _reads_already() -> str:
    return _("Du läser redan allt i det ärendet. Det står bland dina ärenden.")


@blueprint.post("/cases/<case_id>/emergency/end")
@needs(Permission.END_EMERGENCY)
def end(case_id: str) -> Response:
    """Not any longer."""
    takes_part = actions.end_emergency(current_actor(), case_id)
    flash(_("Nödöppningen är avslutad. Enhetschefen granskar den."), "success")
    return redirect(url_for("cases.overview", case_id=case_id) if takes_part else url_for("day.my_day"), code=303)


@blueprint.get("/emergency/reviews")
@needs(Permission.LIST_EMERGENCIES)
def reviews() -> str:
    """What waits for a review, and what was reviewed."""
    return render_template("emergency/reviews.html", page=reviewing.list_emergencies(current_actor()))


@blueprint.route("/emergency/reviews/<opening_id>", methods=["GET", "POST"])
@needs(Permission.REVIEW_EMERGENCY)
def review(opening_id: str) -> Any:
    """One opening: why, what was read, and what the unit manager thinks of it."""
    actor = current_actor()
    page = reviewing.read_emergency(actor, opening_id)
    form = ReviewForm(version=page.card.version)
    if form.validate_on_submit():
        reviewing.close_review(
            actor,
            opening_id,
            verdict=form.verdict.data,
            assessment=form.assessment.data,
            version=form.version.data,
            once=form.once_key(),
        )
        flash(_("Granskningen är avslutad."), "success")
        return redirect(url_for("emergency.reviews"), code=303)
    return render_template("emergency/review.html", page=page, form=form), status_of(form)
