"""Signing in and out, and a fresh proof."""

from typing import Any

from flask import make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from caseapp.access import Permission, needs, now, public
from caseapp.fields import status_of

from .. import signing_in
from ..forms import CodeForm, SignInForm
from ..sessions import this_session
from ..signed_in import begin_session, current_actor, end_session, return_address
from ..signing_in import PasswordAccepted, Rejected, TryLater
from .blueprint import blueprint, network, request_id, say_of_code, too_many


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """The first step: login and password."""
    form = SignInForm()
    if form.validate_on_submit():
        answer = signing_in.sign_in_password(form.login.data, form.password.data, network=network(), request_id=request_id())
        if isinstance(answer, PasswordAccepted):
            session["half_way"] = {"user": answer.user_id, "login": answer.login, "until": now().timestamp() + 300}
            return redirect(url_for("accounts.sign_in_code", **_onward()), code=303)
        if isinstance(answer, TryLater):
            form.form_errors.append(too_many(answer))
        else:  # which of the two it was is not told; the password is what has to be typed again
            form.password.errors = [_("Användarnamnet eller lösenordet stämmer inte. Försök igen.")]
    return render_template("accounts/sign_in.html", form=form), status_of(form)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def sign_in_code() -> Any:
    """The second step: a code from the app. Then the session begins."""
    accepted = _half_way()
    if accepted is None:
        return redirect(url_for("accounts.sign_in", **_onward()), code=303)
    form = CodeForm()
    if form.validate_on_submit():
        answer = signing_in.sign_in_code(accepted, form.code.data, network=network(), request_id=request_id())
        if not isinstance(answer, (Rejected, TryLater)):
            begin_session(answer)
            session["lang"] = signing_in.read_own_account(answer).language
            return redirect(return_address(request.args.get("next")), code=303)
        say_of_code(form, answer)
    return render_template("accounts/code.html", form=form, proving=False), status_of(form)


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
        answer = signing_in.prove_again(current_actor(), form.code.data, network=network())
        if not isinstance(answer, (Rejected, TryLater)):
            this_session().prove()
            return redirect(return_address(request.args.get("next")), code=303)
        say_of_code(form, answer)
    return render_template("accounts/code.html", form=form, proving=True), status_of(form)


def _onward() -> dict[str, Any]:
    signed = request.args.get("next")
    return {"next": signed} if signed else {}
