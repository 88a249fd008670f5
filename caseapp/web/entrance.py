"""The entrance: a visitor who is not signed in is sent to sign in; what they had typed is not lost."""

from typing import Any

from flask import Flask, redirect, request, url_for

from caseapp.access import ANONYMOUS, may_ever, permission_of, refuse
from caseapp.accounts.signed_in import current_actor, init_login

from .errors import typed_text_kept


def register(app: Flask) -> None:
    """Ask every request for what its address declares."""
    init_login(app)

    @app.before_request
    def _ask() -> Any:
        if request.endpoint is None:
            return None  # no such address: the error page answers
        needed = permission_of(app.view_functions[request.endpoint])
        if needed is None:
            return None
        actor = current_actor()
        if actor == ANONYMOUS or not actor.user_id:
            if request.method == "GET":
                return redirect(url_for("accounts.sign_in", **_way_back()), code=303)
            return typed_text_kept("signed_out"), 401
        if not may_ever(actor, needed):
            refuse(actor, "not_permitted", needed)
        return None


def _way_back() -> dict[str, Any]:
    from caseapp.accounts.signed_in import sign_return_address

    return {} if request.path == "/" else {"next": sign_return_address(request.path)}
