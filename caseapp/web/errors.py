"""When something cannot be done: a page that says so in a sentence and what to do, with what was typed kept. Never a stack trace."""

import logging
from typing import Any

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from caseapp.access import AlreadyDone, DamagedRow, NotFound, ReadOnlyRow, Refused, StaleForm, log_damage, permission_of
from caseapp.accounts.signed_in import actor_in_trouble, ask_for_proof
from caseapp.fields import FIRST, for_a_page
from caseapp.formats import merged

from .reasons import reason_words

_log = logging.getLogger(__name__)
OTHER_HOST = "caseapp does not answer to this host name. Whoever runs it names those it answers to in CASEAPP_ALLOWED_HOSTS.\n"
#: The token is made anew; secrets are never sent back. `once` stays: what was rejected was never carried out.
_NOT_TYPED = {"csrf_token", "password", "new_password", "current_password", "code"}


def typed_fields() -> list[tuple[str, str]]:
    """What the rejected form held, as (name, text), without tokens and secrets."""
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return []  # another site's form must not be able to fill in our "send again"
    try:
        typed = request.form.items(multi=True)
        return [(for_a_page(name), for_a_page(value)) for name, value in typed if name not in _NOT_TYPED]
    except HTTPException:  # the body itself was refused (too large, not a form)
        return []


def typed_text_kept(why: str) -> str:
    """A page with the typed text and a button to send it again, for a form that came without a valid session or token."""
    return render_template("errors/typed_text.html", why=why, typed=typed_fields(), action=request.path)


def not_installed() -> tuple[str, int]:
    """The answer while there is no installation."""
    return "caseapp is not installed here yet. Run: flask --app wsgi init\n", 503


def _page(code: int, **values: Any) -> Response:
    response = make_response(render_template(f"errors/{code}.html", typed=typed_fields(), action=request.path, **values), code)
    if code in (429, 503):
        response.headers["Retry-After"] = str(values.get("retry_after", 10))
    return response


def register(app: Flask) -> None:
    """The error pages of this application."""

    @app.errorhandler(NotFound)
    def _not_found(_error: NotFound) -> Response:
        return _page(404)

    @app.errorhandler(Refused)
    def _refused(error: Refused) -> Any:
        if error.reason == "step_up":
            return ask_for_proof()
        return _page(403, reason=reason_words(error.reason))

    @app.errorhandler(DamagedRow)
    def _damaged(error: DamagedRow) -> Response:
        _log.error("damaged row: %s (request %s)", error, g.request_id)
        log_damage(actor_in_trouble(), error)
        return _page(403, reason=reason_words("unreadable" if isinstance(error, ReadOnlyRow) else "damaged"))

    @app.errorhandler(StaleForm)
    def _stale(error: StaleForm) -> Response:
        return _page(409, current=error.current, proposed=_with_both(error.current))

    @app.errorhandler(AlreadyDone)
    def _already_done(error: AlreadyDone) -> Any:
        return redirect(error.result if error.result.startswith("/") else _nearest_page(), code=303)

    @app.errorhandler(CSRFError)
    def _token(_error: CSRFError) -> tuple[str, int]:
        if _needs_signing_in():  # with the session went its token: what is missing is the signing in
            return typed_text_kept("signed_out"), 401
        return typed_text_kept("token"), 400

    @app.errorhandler(OperationalError)
    def _busy(error: OperationalError) -> Response:
        _log.error("the database does not answer: %s (request %s)", type(error.orig).__name__, g.request_id)
        return _page(503)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        code = error.code or 500
        if isinstance(error, SecurityError):
            return Response(OTHER_HOST, 400, mimetype="text/plain")  # there are no addresses of ours to lead to on a page
        if code < 400:
            return error
        return _page({405: 404, 410: 404, 421: 400}.get(code, code if code in (400, 403, 404, 409, 413, 429, 500, 503) else 400))

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        # the exception's text may hold what somebody typed: only its kind and place are logged
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
        _log.error("unexpected %s at %s (request %s)", type(error).__name__, where, getattr(g, "request_id", "-"))
        if app.testing or app.debug:
            raise error
        return _page(500)


def _needs_signing_in() -> bool:
    """Whether nobody is signed in on a request to an address that is for somebody."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is not None and permission_of(view) is not None and not actor_in_trouble().user_id


def _with_both(current: Any) -> list[tuple[str, str]]:
    """The typed answers with both people's changes in the longer texts: those whose beginning the page carried. None of them: empty."""
    stored = {name: text for name, _label, text in (current or {}).get("rows", ())} if isinstance(current, dict) else {}
    typed = typed_fields()
    first = {name.removeprefix(FIRST): text for name, text in typed if name.startswith(FIRST)}
    joined = {name for name, text in typed if name in first and isinstance(stored.get(name), str) and stored[name] != text}
    if not joined:
        return []

    def again(name: str, text: str) -> str:
        if name in joined:
            return merged(first[name], stored[name], text)[0]
        return stored[name.removeprefix(FIRST)] if name.startswith(FIRST) and name.removeprefix(FIRST) in joined else text

    return [(name, again(name, text)) for name, text in typed]


def _nearest_page() -> str:
    arguments = request.view_args or {}
    if "case_id" in arguments:
        return url_for("cases.overview", case_id=arguments["case_id"])
    return "/"
