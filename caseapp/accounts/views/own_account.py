"""The own account: open sessions, password, language."""

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from caseapp.access import Permission, may_ever, needs, public
from caseapp.fields import status_of

from .. import feeds, signing_in
from ..forms import ChangePasswordForm
from ..passwords import WeakPassword
from ..signed_in import current_actor, freshly_proved, return_address
from ..signing_in import Rejected, TryLater
from .blueprint import PASSWORD_SAYS, blueprint, network, this_session_id, too_many


@blueprint.get("/account")
@needs(Permission.OWN_ACCOUNT)
def account() -> str:
    """The own account and its open sessions."""
    actor = current_actor()
    own = signing_in.read_own_account(actor, this_session=this_session_id())
    return render_template("accounts/account.html", own=own, has_meetings=may_ever(actor, Permission.LIST_MEETINGS))


@blueprint.post("/account/sessions/<session_id>/end")
@needs(Permission.OWN_ACCOUNT)
def end_one_session(session_id: str) -> Any:
    """End one of the own sessions."""
    signing_in.end_own_session(current_actor(), session_id)
    flash(_("Inloggningen är avslutad."), "success")
    return redirect(url_for("accounts.account"), code=303)


@blueprint.post("/account/sessions/end-others")
@needs(Permission.OWN_ACCOUNT)
def end_other_sessions() -> Any:
    """End all own sessions but this one."""
    signing_in.end_other_sessions(current_actor(), this_session=this_session_id())
    flash(_("Du är utloggad på alla andra ställen."), "success")
    return redirect(url_for("accounts.account"), code=303)


@blueprint.post("/account/calendar")
@needs(Permission.OWN_ACCOUNT)
def new_calendar_address() -> str:
    """A secret address for the person's calendar program, shown once; an earlier one no longer works."""
    token = feeds.renew_feed(current_actor())
    address = url_for("meetings.feed", token=token, _external=True)
    return render_template("accounts/calendar_address.html", address=address, here=url_for("meetings.feed", token=token))


@blueprint.post("/account/calendar/stop")
@needs(Permission.OWN_ACCOUNT)
def stop_calendar() -> Any:
    """Switch the calendar's address off."""
    feeds.stop_feed(current_actor())
    flash(_("Kalenderadressen är avstängd. Ta bort prenumerationen i kalendern också."), "success")
    return redirect(url_for("accounts.account", _anchor="calendar"), code=303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
@freshly_proved
def change_password() -> Any:
    """A new password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            answer = signing_in.change_password(
                current_actor(),
                current=form.current_password.data,
                new=form.new_password.data,
                network=network(),
                this_session=this_session_id(),
            )
        except WeakPassword as weak:
            form.new_password.errors = [PASSWORD_SAYS[weak.reason]]
        else:
            if isinstance(answer, TryLater):
                form.form_errors.append(too_many(answer))
            elif isinstance(answer, Rejected):
                form.current_password.errors = [_("Det är inte lösenordet du har nu.")]
            else:
                flash(_("Lösenordet är bytt, och du är utloggad på alla andra ställen."), "success")
                return redirect(url_for("accounts.account"), code=303)
    return render_template("accounts/change_password.html", form=form), status_of(form)


@blueprint.post("/language")
@public
def language() -> Any:
    """Show the pages in another language, and remember it for who is signed in."""
    chosen = request.form.get("lang", "")
    if chosen in signing_in.LANGUAGES:
        session["lang"] = chosen
        actor = current_actor()
        if actor.user_id:
            signing_in.choose_language(actor, chosen)
    return redirect(return_address(request.form.get("next")), code=303)


@blueprint.get("/still-here")
@needs(Permission.OWN_ACCOUNT)
def still_here() -> Any:
    """Asked by the page when the person wants to go on working: the session is used."""
    return "", 204, {"Content-Type": "text/plain"}
