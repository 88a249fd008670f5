"""The blueprint of the accounts' pages, and the few things they all say."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import Refused, StaleForm, now
from caseapp.formats import SWEDEN, clock_time

from ..sessions import this_session
from ..signed_in import current_actor
from ..signing_in import TryLater

blueprint = Blueprint("accounts", "caseapp.accounts")

PASSWORD_SAYS = {
    "too_short": _l("Lösenordet är för kort. Det ska ha minst 12 tecken."),
    "too_long": _l("Lösenordet är för långt. Det får ha högst 128 tecken."),
    "names_you": _l("Lösenordet består mest av namn på dig, teamet eller kommunen. Välj ord som inte har med jobbet att göra."),
    "guessable": _l("Lösenordet är lätt att gissa. Ta några ord som inte hör ihop, eller gör det längre."),
}


def network() -> str:
    """The visitor's address, for counting failures."""
    return request.remote_addr or ""


def request_id() -> str:
    """The id this request has in the log."""
    return current_actor().request_id


def this_session_id() -> str:
    """The id of the session at hand."""
    return this_session().stored.row_id


@contextmanager
def both_texts(form: Any) -> Iterator[None]:
    """If somebody else saved meanwhile, the page shows what is stored now beside what was typed.

    The form was begun from what is stored, so that its fields still know it.
    """
    try:
        yield
    except StaleForm:
        typed = [field for field in form if getattr(field, "kind", "") == "text"]
        rows = [(field.name, field.label.text, "" if field.object_data is None else field.show(field.object_data)) for field in typed]
        raise StaleForm({"version": form.version.object_data, "rows": rows}) from None


def in_words(refusal: Refused) -> str:
    """The reason of a refusal as a sentence for a form."""
    return f"{current_app.jinja_env.filters['reason'](refusal.reason)}."


def wrong_code() -> str:
    """What is said of a code that was not taken."""
    return _("Koden stämmer inte, eller är redan använd. Vänta på nästa kod i appen och skriv den.")


def say_of_code(form: Any, answer: Any) -> None:
    """Put on the form what is said of a code that was not taken: at the field, or of the form where it is about waiting."""
    if isinstance(answer, TryLater):
        form.form_errors.append(too_many(answer))
    else:
        form.code.errors = [wrong_code()]


def too_many(answer: TryLater) -> str:
    """How long to wait after too many failures."""
    seconds = max(1, round((answer.until - now()).total_seconds()))
    if seconds < 90:
        return _("För många misslyckade försök. Försök igen om %(count)s sekunder.", count=seconds)
    after = clock_time(answer.until.astimezone(SWEDEN).time(), "sv")
    return _("För många misslyckade försök. Försök igen efter klockan %(time)s.", time=after)
