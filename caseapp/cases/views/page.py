"""What the pages of a case share: the blueprint, and how an answer goes back to the browser."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from ..starting import DuplicateCase
from ..words import case_tabs, consent_line, ground_words, information_types, permission_words

blueprint = Blueprint("cases", __name__)
blueprint.add_app_template_global(case_tabs, "case_tabs")
blueprint.add_app_template_global(consent_line, "consent_line")
blueprint.add_app_template_filter(permission_words, "permission")
blueprint.add_app_template_filter(information_types, "information_types")
blueprint.add_app_template_filter(ground_words, "ground")


def to(endpoint: str, **values: Any) -> Any:
    """Send the browser on, after something was saved."""
    return redirect(url_for(endpoint, **values), code=303)


def made_from(form: Any, version: int) -> Any:
    """The same form as if it had been made from this version: sent again, it replaces what is stored."""
    form.version.data, form.version.typed = version, str(version)
    return form


def say(text: str, *, undo: str = "", label: str = "") -> None:
    """A good message on the next page, with a button that takes it back if `undo` is an address."""
    message: Any = {"text": text, "undo": undo, "label": label} if undo else text
    flash(message, "success")


def page_number() -> int:
    """The page asked for in the address; the first for anything odd."""
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def say_duplicate(form: Any, twin: DuplicateCase) -> None:
    """Tell on the form that the person has an open case already."""
    if twin.case_id:
        form.form_errors.append(_("Personen har redan ett öppet ärende i teamet: %(number)s. Fortsätt i det.", number=twin.case_number))
    else:
        form.form_errors.append(_("Personen har redan ett öppet ärende i teamet, som du inte deltar i. Fråga en kollega i teamet."))
