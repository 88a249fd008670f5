"""The pages of signing in, invitations and the own account. The settings and the log have files of their own on the same blueprint."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import ANONYMOUS, Permission, needs, now, public
from caseapp.formats import SWEDEN, clock_time

from . import actions, signing_in
from .forms import ChangePasswordForm, ChoosePasswordForm, CodeForm, SignInForm
from .passwords import WeakPassword, new_password
from .second_factor import enrolment_address, new_secret, square_code
from .sessions import this_session, token_hash
from .signed_in import begin_session, current_actor, end_session, freshly_proved, return_address
from .signing_in import PasswordAccepted, Rejected, TryLater

blueprint = Blueprint("accounts", __name__)

_PASSWORD_SAYS = {
    "too_short": _l("Lösenordet är för kort. Det ska ha minst 12 tecken."),
    "too_long": _l("Lösenordet är för långt. Det får ha högst 128 tecken."),
    "names_you": _l("Lösenordet består mest av namn på dig, teamet eller kommunen. Välj ord som inte har med jobbet att göra."),
    "guessable": _l("Lösenordet är lätt att gissa. Ta några ord som inte hör ihop, eller gör det längre."),
}


# -- signing in -------------------------------------------------------------------------------------------------------


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """The first step: login and password."""
    form = SignInForm()
    if form.validate_on_submit():
        answer = signing_in.sign_in_password(form.login.data, form.password.data, network=_network(), request_id=_request_id())
        if isinstance(answer, PasswordAccepted):
            session["half_way"] = {"user": answer.user_id, "login": answer.login, "until": now().timestamp() + 300}
            return redirect(url_for("accounts.sign_in_code", **_onward()), code=303)
        form.form_errors.append(
            _too_many(answer) if isinstance(answer, TryLater) else _("Användarnamnet eller lösenordet stämmer inte. Försök igen.")
        )
    return render_template("accounts/sign_in.html", form=form), _status(form)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def sign_in_code() -> Any:
    """The second step: a code from the app. Then the session begins."""
    accepted = _half_way()
    if accepted is None:
        return redirect(url_for("accounts.sign_in", **_onward()), code=303)
    form = CodeForm()
    if form.validate_on_submit():
        answer = signing_in.sign_in_code(accepted, form.code.data, network=_network(), request_id=_request_id())
        if not isinstance(answer, (Rejected, TryLater)):
            begin_session(answer)
            session["lang"] = signing_in.read_own_account(answer).language
            return redirect(return_address(request.args.get("next")), code=303)
        form.form_errors.append(_too_many(answer) if isinstance(answer, TryLater) else _wrong_code())
    return render_template("accounts/code.html", form=form, proving=False), _status(form)


def _half_way() -> PasswordAccepted | None:
    """Who has given a right password in this session within the last five minutes."""
    half = session.get("half_way")
    if not half or half["until"] < now().timestamp():
        return None
    return PasswordAccepted(half["user"], half["login"])


@blueprint.post("/sign-out")
@public
def sign_out() -> Any:
    """End the session, and ask the browser to forget what it kept."""
    actor = current_actor()
    if actor.user_id:
        signing_in.sign_out(actor)
    end_session()
    response = make_response(redirect(url_for("accounts.sign_in"), code=303))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@blueprint.route("/prove", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def prove() -> Any:
    """A fresh proof with the second factor, then back to where it was asked for."""
    form = CodeForm()
    if form.validate_on_submit():
        answer = signing_in.prove_again(current_actor(), form.code.data, network=_network())
        if not isinstance(answer, (Rejected, TryLater)):
            this_session().prove()
            return redirect(return_address(request.args.get("next")), code=303)
        form.form_errors.append(_too_many(answer) if isinstance(answer, TryLater) else _wrong_code())
    return render_template("accounts/code.html", form=form, proving=True), _status(form)


@blueprint.get("/still-here")
@needs(Permission.OWN_ACCOUNT)
def still_here() -> Any:
    """Asked by the page when the person wants to go on working: the session is used."""
    return "", 204


# -- invitations ------------------------------------------------------------------------------------------------------


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> Any:
    """Choose a password, then enrol the second factor and show that it works."""
    invited = actions.read_invitation(ANONYMOUS, token)
    begun = session.get("invitation", {})
    if begun.get("token") != token_hash(token):
        return _choose_password(token, invited)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            actions.accept_invitation(
                token, password_hash=begun["password"], totp_secret=begun["secret"], code=form.code.data, request_id=_request_id()
            )
        except actions.WrongCode:
            form.form_errors.append(_wrong_code())
        else:
            end_session()
            return redirect(url_for("accounts.sign_in", welcome=1), code=303)
    address = enrolment_address(begun["secret"], login=invited.login, issuer=f"caseapp {invited.municipality}")
    square = square_code(address, _("Rutkod för autentiseringsappen"))
    return render_template("accounts/enrol.html", form=form, invited=invited, square=square, secret=begun["secret"]), _status(form)


def _choose_password(token: str, invited: actions.Invited) -> Any:
    form = ChoosePasswordForm()
    if form.validate_on_submit():
        try:
            hashed = new_password(form.password.data, invited.context)
        except WeakPassword as weak:
            form.password.errors = [_PASSWORD_SAYS[weak.reason]]
        else:
            session["invitation"] = {"token": token_hash(token), "password": hashed, "secret": new_secret()}
            return redirect(url_for("accounts.invitation", token=token), code=303)
    return render_template("accounts/invitation.html", form=form, invited=invited), _status(form)


# -- the own account --------------------------------------------------------------------------------------------------


@blueprint.get("/account")
@needs(Permission.OWN_ACCOUNT)
def account() -> str:
    """The own account and its open sessions."""
    return render_template("accounts/account.html", own=signing_in.read_own_account(current_actor(), this_session=_this_session_id()))


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
    signing_in.end_other_sessions(current_actor(), this_session=_this_session_id())
    flash(_("Du är utloggad på alla andra ställen."), "success")
    return redirect(url_for("accounts.account"), code=303)


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
                network=_network(),
                this_session=_this_session_id(),
            )
        except WeakPassword as weak:
            form.new_password.errors = [_PASSWORD_SAYS[weak.reason]]
        else:
            if isinstance(answer, TryLater):
                form.form_errors.append(_too_many(answer))
            elif isinstance(answer, Rejected):
                form.current_password.errors = [_("Det är inte lösenordet du har nu.")]
            else:
                flash(_("Lösenordet är bytt, och du är utloggad på alla andra ställen."), "success")
                return redirect(url_for("accounts.account"), code=303)
    return render_template("accounts/change_password.html", form=form), _status(form)


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
    return redirect(return_address(request.args.get("next")), code=303)


# -- small things -----------------------------------------------------------------------------------------------------


def _network() -> str:
    return request.remote_addr or ""


def _request_id() -> str:
    return current_actor().request_id


def _this_session_id() -> str:
    return this_session().stored.row_id


def _onward() -> dict[str, Any]:
    signed = request.args.get("next")
    return {"next": signed} if signed else {}


def _status(form: Any) -> int:
    return 422 if form.is_submitted() and (form.errors or form.form_errors) else 200


def _wrong_code() -> str:
    return _("Koden stämmer inte, eller är redan använd. Vänta på nästa kod i appen och skriv den.")


def _too_many(answer: TryLater) -> str:
    seconds = max(1, round((answer.until - now()).total_seconds()))
    if seconds < 90:
        return _("För många misslyckade försök. Försök igen om %(count)s sekunder.", count=seconds)
    after = clock_time(answer.until.astimezone(SWEDEN).time(), "sv")
    return _("För många misslyckade försök. Försök igen efter klockan %(time)s.", time=after)
