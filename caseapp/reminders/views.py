"""The page where somebody chooses whether to be reminded."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from caseapp.access import AlreadyDone, Permission, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import status_of

from . import actions
from .forms import ReminderForm

blueprint = Blueprint("reminders", __name__)


@blueprint.route("/account/reminders", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def choose() -> Any:
    """Whether, when and where."""
    actor = current_actor()
    chosen = actions.read_choice(actor)
    form = ReminderForm(data={"days": chosen.days, "email": chosen.email, "version": chosen.version})
    if form.validate_on_submit():
        wanted = {"email": form.email.data or "", "days": form.days.data, "version": form.version.data}
        with suppress(AlreadyDone):  # clicked twice: it is as they wanted it
            actions.choose(actor, **wanted, once=form.once_key())
        flash(_("Dina påminnelser är sparade."), "success")
        return redirect(url_for("accounts.account"), code=303)
    sends = bool(current_app.extensions["caseapp.config"].smtp_url)
    return render_template("reminders/choose.html", form=form, is_readable=chosen.is_readable, sends=sends), status_of(form)
