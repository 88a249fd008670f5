"""The pages of the plan's versions: which there are and who agreed, fixing one, what changed between two, and the plan on paper."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from caseapp import codelists
from caseapp.access import Permission, Refused, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.cases.views.printing import asks_before_printing
from caseapp.fields import language, status_of
from caseapp.formats import date_words

from .. import versions
from ..forms import version_form
from .plan import Answer, blueprint, paper_language

#: The values of what stood in a plan, in words: their name, and the code list of those that are codes.
PARTS = {
    "text": _l("Vad"),
    "review_on": _l("Nästa uppföljning"),
    "domain": _l("Behovsområde"),
    "indicator": _l("Hur märks det?"),
    "baseline": _l("Läget nu"),
    "target": _l("Dit vi vill"),
    "attainment": _l("Uppfyllelse"),
    "person": _l("Person"),
    "due_on": _l("Senast"),
    "status": _l("Läge"),
    "type": _l("Insats"),
    "focus": _l("Riktas mot"),
    "intensity": _l("Hur ofta"),
    "legal_form": _l("Form"),
    "started_on": _l("Började"),
    "ended_on": _l("Slutade"),
    "as_planned": _l("Genomfördes den som det var tänkt?"),
}
_CODES = {
    "domain": "NeedDomain",
    "attainment": "Attainment",
    "status": "CommitmentStatus",
    "type": "InterventionType",
    "focus": "NeedDomain",
    "intensity": "Intensity",
    "legal_form": "LegalForm",
    "as_planned": "YesNoUnknown",
}
_DAYS = frozenset({"review_on", "due_on", "started_on", "ended_on"})


@blueprint.app_template_filter("part_name")
def part_name(name: str) -> str:
    """What a value of the plan is called."""
    return str(PARTS[name])


@blueprint.app_template_filter("part_words")
def part_words(value: Any, name: str) -> Any:
    """A value of the plan in words; what stands in place of one that cannot be read is left to the page."""
    if not isinstance(value, str) or not value:
        return value
    if name in _CODES:
        return codelists.label(_CODES[name], value, language())
    return date_words(date.fromisoformat(value), language()) if name in _DAYS else value


@blueprint.get("/cases/<uuid:case_id>/plan/versions")
@needs(Permission.READ_PLAN)
def all_versions(case_id: UUID) -> Answer:
    """The versions of the plan, the newest first, and who said what to each."""
    return render_template("plans/versions.html", page=versions.read_versions(current_actor(), str(case_id)))


@blueprint.route("/cases/<uuid:case_id>/plan/versions/new", methods=["GET", "POST"])
@needs(Permission.WRITE_PLAN)
def fix(case_id: UUID) -> Answer:
    """Keep the plan as it is now as a version, with what the family said to it."""
    actor = current_actor()
    page = versions.read_versions(actor, str(case_id), to=Permission.WRITE_PLAN)
    form = version_form(page.asked)
    if form.validate_on_submit():
        try:
            versions.fix_version(actor, str(case_id), form.answered(), once=form.once_key())
        except Refused as refusal:
            if refusal.reason != "nothing_in_plan":
                raise
            form.form_errors.append(_("Planen är tom. Skriv mål, åtaganden eller insatser först."))
        else:
            flash(_("Planen är fastställd som en version."), "good")
            return _to_versions(case_id)
    return render_template("plans/fix.html", page=page, form=form), status_of(form)


@blueprint.route("/cases/<uuid:case_id>/plan/versions/<uuid:version_id>/answers", methods=["GET", "POST"])
@needs(Permission.WRITE_PLAN)
def agreements(case_id: UUID, version_id: UUID) -> Answer:
    """Note what those who had not answered yet said to a version."""
    actor = current_actor()
    page = versions.read_versions(actor, str(case_id), to=Permission.WRITE_PLAN)
    version = page.find(str(version_id))
    form = version_form(version.awaited)
    if form.validate_on_submit():
        if form.answered():
            versions.note_agreements(actor, str(case_id), version.id, form.answered(), once=form.once_key())
            flash(_("Svaren är sparade."), "good")
            return _to_versions(case_id)
        form.form_errors.append(_("Välj vad minst en person sa."))
    return render_template("plans/agreements.html", page=page, version=version, form=form), status_of(form)


@blueprint.get("/cases/<uuid:case_id>/plan/changes")
@needs(Permission.READ_PLAN)
def changes(case_id: UUID) -> Answer:
    """What changed between two versions; `since` and `until` are their numbers, without `until` up to today."""
    page = versions.read_changes(current_actor(), str(case_id), _number("since"), _number("until"))
    return render_template("plans/changes.html", page=page)


def _number(name: str) -> int | None:
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 7 else None


@blueprint.get("/cases/<uuid:case_id>/plan/paper")
@needs(Permission.READ_PLAN)
@asks_before_printing("plan")
def paper(case_id: UUID) -> Answer:
    """The plan to print and hand to the family; in Swedish or English, whatever language the page around it has."""
    wanted = paper_language()
    page = versions.read_paper(current_actor(), str(case_id))
    with force_locale(wanted):
        sheet = render_template("plans/sheet.html", page=page, lang=wanted, today=today())
    return render_template("plans/paper.html", page=page, language=wanted, sheet=Markup(sheet))  # noqa: S704 - our own template


def _to_versions(case_id: UUID) -> Response:
    return redirect(url_for("plans.all_versions", case_id=case_id), code=303)
