"""The log, for who reviews it. The filter is chosen in a form and carried in the address as plain ids and a day."""

import re
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.access import Permission, needs
from caseapp.cases.numbers import case_numbered, numbers_of
from caseapp.fields import language, status_of

from ..forms import LogFilterForm
from ..log_review import LogFilter, read_log
from ..signed_in import current_actor
from .blueprint import blueprint

#: What an entry concerned, by the part of the permission before the dot.
CONCERNS = {
    "account": _l("Konto"),
    "users": _l("Användare"),
    "settings": _l("Inställningar"),
    "log": _l("Loggen"),
    "members": _l("Team"),
    "cases": _l("Ärenden"),
    "case": _l("Ärende"),
    "consent": _l("Samtycke"),
    "plan": _l("Plan"),
    "followup": _l("Uppföljning"),
    "meetings": _l("Möten"),
    "meeting": _l("Möte"),
    "statistics": _l("Statistik"),
    "retention": _l("Gallring"),
    "erasure": _l("Gallring"),
    "emergency": _l("Nödöppning"),
    "emergencies": _l("Nödöppningar"),
    "review": _l("Loggkontroll"),
    "keys": _l("Nycklar"),
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@blueprint.route("/log", methods=["GET", "POST"])
@needs(Permission.READ_LOG)
def log() -> Any:
    """The log, newest first, a hundred entries at a time."""
    chosen = _chosen()
    before = request.args.get("before", type=int)
    actor = current_actor()
    page = read_log(actor, chosen, before=before if before and 0 < before < 2**31 else None, numbers_of=numbers_of)
    number = page.case_numbers.get(chosen.case_id)
    form = LogFilterForm(person=chosen.person or None, day=chosen.day, case=number, refused=chosen.refused)
    form.person.choices = [[user_id, name] for user_id, name in page.people.items()]
    if form.validate_on_submit():
        case_id = case_numbered(actor, form.case.data) if form.case.data else ""
        if case_id is None:
            form.case.errors = [_("Det finns inget ärende med det numret. Skriv det som 2026-0041.")]
        else:
            wanted = LogFilter(form.person.data or "", form.day.data, case_id, form.refused.data)
            return redirect(url_for("accounts.log", **_told(wanted)), code=303)
    older = url_for("accounts.log", **_told(chosen), before=page.older) if page.older else None
    answer = render_template(
        "accounts/log.html",
        form=form,
        page=page,
        chosen=chosen,
        older=older,
        concerns=CONCERNS,
        words=dict(codelists.choices("AuditAction", language())),
    )
    return answer, status_of(form)


def _chosen() -> LogFilter:
    """The filter in the address; whatever cannot be understood is left out."""
    person, case_id = request.args.get("person", ""), request.args.get("case", "")
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = None
    return LogFilter(
        person=person if _ID.fullmatch(person) else "",
        day=day,
        case_id=case_id if _ID.fullmatch(case_id) else "",
        refused=request.args.get("refused") == "1",
    )


def _told(chosen: LogFilter) -> dict[str, Any]:
    named = {"person": chosen.person, "day": chosen.day, "case": chosen.case_id, "refused": int(chosen.refused)}
    return {name: str(value) for name, value in named.items() if value}
