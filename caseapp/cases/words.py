"""Facts of a case in words, and the tabs of its pages: for templates."""

from collections.abc import Sequence

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.access import Permission, may_ever, permission_of
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import language
from caseapp.formats import day_words, days_away

from .reading import AgencyShare, CaseBar

_FEW = 2


def consent_line(bar: CaseBar) -> tuple[str, str, str]:
    """(tone, sentence, scope) for the bar: ("good", "Samtycke gäller till 3 mars", "Skolan, Polisen (inte hälsa)")."""
    consent, lang = bar.consent, language()
    day = day_words(consent.valid_to, lang)
    if consent.state == "active" and consent.ends_soon:
        return "late", _("Samtycket går ut %(when)s, %(day)s", when=days_away(consent.valid_to, lang), day=day), _scope(bar.shares)
    sentences = {
        "active": ("good", _("Samtycke gäller till %(day)s", day=day)),
        "pending": ("wait", _("Väntar på underskrift (%(signed)s av %(needed)s)", signed=consent.signed, needed=consent.needed)),
        "draft": ("wait", _("Samtycket är ett utkast")),
        "not_yet_valid": ("wait", _("Samtycke gäller från %(day)s", day=day_words(consent.valid_from, lang))),
        "withdrawn": ("danger", _("Samtycket är återkallat")),
        "expired": ("late", _("Samtycket gick ut %(day)s", day=day)),
        "declined": ("danger", _("Samtycke gavs inte")),
        "superseded": ("off", _("Samtycket är ersatt")),
        "none": ("wait", _("Inget samtycke än")),
    }
    return (*sentences[consent.state], _scope(bar.shares))


def _scope(shares: Sequence[AgencyShare]) -> str:
    covered = [_share(share) for share in shares if share.covered]
    outside = [share.name for share in shares if not share.covered]
    parts = [", ".join(covered)] if covered else []
    if outside:
        parts.append(_("utanför: %(agencies)s", agencies=", ".join(outside)))
    return " · ".join(parts)


def _share(share: AgencyShare) -> str:
    if not share.missing:
        return share.name
    if len(share.missing) > _FEW:
        return _("%(agency)s (delvis)", agency=share.name)
    return _("%(agency)s (inte %(what)s)", agency=share.name, what=information_types(sorted(share.missing)))


_CONCERNS = {
    Permission.READ_CASE: _l("ärendet"),
    Permission.WRITE_CASE: _l("uppgifter i ärendet"),
    Permission.WRITE_NOTE: _l("anteckning"),
    Permission.IMPORT_CASES: _l("hämtning från Excel"),
    Permission.REVEAL_NUMBER: _l("hela identitetsnumret"),
    Permission.CLOSE_CASE: _l("avslut"),
    Permission.MANAGE_PARTICIPANTS: _l("deltagare"),
    Permission.DECLARE_BIAS: _l("jäv"),
    Permission.OWN_MEMBERSHIP: _l("medlemskap i teamet"),
    Permission.DECIDE_MEMBERS: _l("medlemskap i teamet"),
    Permission.MANAGE_USERS: _l("byte av verksamhet"),
    Permission.READ_HISTORY: _l("historiken"),
    Permission.MAKE_EXTRACT: _l("registerutdrag"),
    Permission.BREAK_GLASS: _l("nödöppning"),
    Permission.END_EMERGENCY: _l("nödöppningen avslutad"),
    Permission.REVIEW_EMERGENCY: _l("granskning av nödöppning"),
    Permission.READ_CONSENT: _l("samtycket"),
    Permission.MANAGE_CONSENT: _l("samtycket"),
    Permission.DISCLOSE: _l("beslut om utlämnande"),
    Permission.REGISTER_SHARING: _l("delning"),
    Permission.READ_PLAN: _l("planen"),
    Permission.WRITE_PLAN: _l("planen"),
    Permission.REPORT_COMMITMENT: _l("åtagande"),
    Permission.HAND_OUT_PLAN: _l("utdrag ur planen"),
    Permission.READ_FOLLOWUP: _l("kartläggning och uppföljning"),
    Permission.WRITE_FOLLOWUP: _l("kartläggning och uppföljning"),
    Permission.LEAD_MEETING: _l("möte"),
    Permission.READ_MINUTES: _l("minnesanteckning från möte"),
    Permission.PROPOSE_ERASURE: _l("gallring"),
    Permission.APPROVE_ERASURE: _l("gallring"),
    Permission.HOLD_ERASURE: _l("gallringsstopp"),
}


def permission_words(code: str) -> str:
    """What a permission concerns, in words; the code itself for one that is not about a case."""
    return str(_CONCERNS.get(Permission(code), code)) if code in set(Permission) else code


#: The reasons of the rule of access, as somebody is told on which ground a compartment was opened.
_GROUNDS = {
    "own_agency": _l("egna uppgifter"),
    "consent": _l("samtycke"),
    "disclosure": _l("beslut om utlämnande"),
    "break_glass": _l("nödöppning"),
}


def ground_words(reason: str) -> str:
    """The ground on which something was opened, in words; the code itself for one that has none."""
    return str(_GROUNDS.get(reason, reason))


def information_types(codes: Sequence[str]) -> str:
    """The names of information types in a row."""
    kinds = codelists.codelist("InformationType")
    return ", ".join(kinds[code].label(language()).lower() for code in codes if code in kinds)


def case_tabs(case_id: str, here: str, *, in_emergency: bool = False) -> list[tuple[str, str, bool]]:
    """[(address, label, whether we are here)] of a case's pages; `here` is an endpoint of the list. In an emergency the history is shut."""
    tabs = (
        ("cases.overview", _("Översikt")),
        ("consent.page", _("Samtycke")),
        ("followup.mapping", _("Kartläggning")),
        ("plans.plan", _("Plan")),
        ("cases.notes", _("Anteckningar")),
        ("followup.follow_up", _("Uppföljning")),
        ("cases.participants", _("Deltagare")),
        ("cases.history", _("Historik")),
    )
    actor, views = current_actor(), current_app.view_functions
    return [
        (url_for(endpoint, case_id=case_id), label, endpoint == here)
        for endpoint, label in tabs
        if endpoint in views
        and may_ever(actor, permission_of(views[endpoint]) or Permission.READ_CASE)
        and not (in_emergency and endpoint == "cases.history")
    ]
