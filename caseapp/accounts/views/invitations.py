"""An invitation: choose a password, connect an app, show that it works."""

from typing import Any

from flask import redirect, render_template, session, url_for
from flask_babel import gettext as _

from caseapp.access import ANONYMOUS, public
from caseapp.fields import status_of

from .. import actions
from ..forms import ChoosePasswordForm, CodeForm
from ..passwords import WeakPassword, new_password
from ..second_factor import enrolment_address, new_secret, square_code
from ..sessions import token_hash
from ..signed_in import end_session
from .blueprint import PASSWORD_SAYS, blueprint, request_id, wrong_code


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
                token, password_hash=begun["password"], totp_secret=begun["secret"], code=form.code.data, request_id=request_id()
            )
        except actions.WrongCode:
            form.code.errors = [wrong_code()]
        else:
            end_session()
            return redirect(url_for("accounts.sign_in", welcome=1), code=303)
    address = enrolment_address(begun["secret"], login=invited.login, issuer=f"caseapp {invited.municipality}")
    square = square_code(address, _("Rutkod för autentiseringsappen"))
    return render_template("accounts/enrol.html", form=form, invited=invited, square=square, secret=begun["secret"]), status_of(form)


def _choose_password(token: str, invited: actions.Invited) -> Any:
    form = ChoosePasswordForm()
    if form.validate_on_submit():
        try:
            hashed = new_password(form.password.data, invited.context)
        except WeakPassword as weak:
            form.password.errors = [PASSWORD_SAYS[weak.reason]]
        else:
            session["invitation"] = {"token": token_hash(token), "password": hashed, "secret": new_secret()}
            return redirect(url_for("accounts.invitation", token=token), code=303)
    return render_template("accounts/invitation.html", form=form, invited=invited), status_of(form)
