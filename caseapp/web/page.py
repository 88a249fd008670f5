"""What every page gets: language, menu, who is signed in, addresses, and how a withheld value shows itself."""

from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_babel import Babel, get_locale
from flask_babel import gettext as _

from caseapp import formats
from caseapp.access import Permission, Unreadable, Withheld, may_ever
from caseapp.accounts.signed_in import current_actor, role_words, sign_return_address

from .reasons import reason_words

LANGUAGES = (("sv", "Svenska"), ("en", "English"))
#: endpoint, permission, icon; the label is translated where the menu is made
_WAYS = (
    ("day.my_day", Permission.OWN_ACCOUNT, "day"),
    ("cases.listing", Permission.LIST_CASES, "cases"),
    ("meetings.listing", Permission.LIST_MEETINGS, "meetings"),
    ("members.teams", Permission.READ_MEMBERS, "person"),
    ("statistics.listing", Permission.READ_STATISTICS, "statistics"),
    ("erasure.due", Permission.APPROVE_ERASURE, "document"),
    ("review.queue", Permission.READ_REVIEW, "check"),
    ("accounts.log", Permission.READ_LOG, "log"),
    ("accounts.settings", Permission.MANAGE_SETTINGS, "settings"),
)


def language() -> str:
    """The page's language: chosen in this session, else the visitor's own, else Swedish."""
    chosen = session.get("lang") if session else None
    if chosen in dict(LANGUAGES):
        return str(chosen)
    return "sv"


def _current_language() -> str:
    locale = get_locale()
    return locale.language if locale else "sv"


def present(value: Any) -> Any:
    """What a template prints for a value: a withheld or unreadable one shows itself as such, whoever forgot to ask."""
    if isinstance(value, Withheld):
        return _component("withheld")(reason_words(value.reason))
    if isinstance(value, Unreadable):
        return _component("unreadable")()
    return "" if value is None else value


def _component(name: str) -> Any:
    return getattr(current_app.jinja_env.get_template("components/notices.html").module, name)


def register(app: Flask) -> None:
    """Filters, context and language of this application's pages."""
    Babel(app, locale_selector=language, default_translation_directories="translations")
    app.jinja_env.finalize = present
    app.jinja_env.filters.update(formats.page_filters(_current_language))
    app.jinja_env.filters["reason"] = reason_words
    app.jinja_env.globals["text_changes"] = formats.changes

    @app.context_processor
    def _context() -> dict[str, Any]:
        actor = current_actor()
        config = app.extensions["caseapp.config"]
        here = {"sign_in": _url("accounts.sign_in"), "language": _url("accounts.language"), "accessibility": _url("program.accessibility")}
        if request.method == "GET":
            here["back"] = sign_return_address(request.path)
        values: dict[str, Any] = {"lang": _current_language(), "languages": LANGUAGES, "urls": here, "idle_minutes": config.idle_minutes}
        if not actor.user_id:
            return values
        here["sign_out"] = _url("accounts.sign_out")
        here["here"] = _url("accounts.still_here")
        if may_ever(actor, Permission.SEARCH_CASES):
            here["search"] = _url("cases.search")
        if request.view_args and "case_id" in request.view_args:
            here["epoch"] = _url("cases.epoch", case_id=request.view_args["case_id"])
        if request.view_args and "meeting_id" in request.view_args:
            here["epoch"] = _url("meetings.epoch", meeting_id=request.view_args["meeting_id"])
        me = {
            "name": actor.name,
            "initials": formats.initials(actor.name),
            "role": role_words(actor),
            "links": [(_url("accounts.account"), _("Mitt konto"))],
        }
        return values | {"me": me, "nav": _menu(actor)}


def _menu(actor: Any) -> list[tuple[str, str, str, bool]]:
    labels = {
        "day.my_day": _("Min dag"),
        "cases.listing": _("Ärenden"),
        "meetings.listing": _("Möten"),
        "members.teams": _("Team"),
        "statistics.listing": _("Statistik"),
        "erasure.due": _("Gallring"),
        "review.queue": _("Loggkontroll"),
        "accounts.log": _("Logg"),
        "accounts.settings": _("Inställningar"),
    }
    menu = []
    for endpoint, permission, icon in _WAYS:
        if endpoint in current_app.view_functions and may_ever(actor, permission):
            url = url_for(endpoint)
            active = request.path == url or (url != "/" and request.path.startswith(url + "/"))
            menu.append((url, labels[endpoint], icon, active))
    return menu


def _url(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
