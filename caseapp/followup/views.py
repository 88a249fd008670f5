"""The pages of follow-up: the mapping (before), the course over time, and the one-page form of each phase.

A form that came too late is shown again with everything typed in it, beside what is stored now.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from caseapp import codelists
from caseapp.access import AlreadyDone, NotFound, Permission, StaleForm, keeps_draft, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import language
from caseapp.plans.forms import Difference, differences

from . import actions
from .actions import WITH_OUTCOME, FollowupPage
from .experience import GUARDIAN, YOUTH, statements
from .forms import answers_in, form_for
from .measured import MeasureCard
from .rules import Pair

blueprint = Blueprint("followup", __name__)
Answer = str | Response | tuple[str, int]

#: The hints in words; %(domain)s is the need domain concerned.
HINTS = {
    "high_risk_nothing_ongoing": _l("Risken är hög, men ingen insats pågår. Mest stöd bör gå till den med högst risk."),
    "low_risk_intensive": _l("Risken är låg, men en insats är intensiv. Intensivt stöd vid låg risk kan göra mer skada än nytta."),
    "need_without_intervention": _l("%(domain)s: behovet är tydligt, men ingen insats riktas mot det."),
    "intervention_without_need": _l("%(domain)s: en insats pågår, men inget behov är noterat."),
}


@blueprint.app_template_global("hint_words")
def hint_words(hint: Any) -> str:
    """A hint as a sentence in the language of the page."""
    domain = codelists.label("NeedDomain", hint.domain, language()) if hint.domain else ""
    return str(HINTS[hint.code]) % {"domain": domain} if hint.domain else str(HINTS[hint.code])


@blueprint.app_template_filter("labels")
def labels(codes: Iterable[str], name: str) -> str:
    """Several codes in words, in the order of their list."""
    return ", ".join(codelists.label(name, code, language()) for code in in_order(codes, name))


@blueprint.app_template_filter("in_order")
def in_order(codes: Iterable[str], name: str) -> list[str]:
    """The codes in the order of their list."""
    chosen = set(codes)
    return [code for code in codelists.codelist(name) if code in chosen]


@blueprint.errorhandler(AlreadyDone)
def _already_done(_error: AlreadyDone) -> Response:
    """The twin of a form that was saved leads to the course."""
    return redirect(url_for("followup.follow_up", case_id=(request.view_args or {})["case_id"]), code=303)


@blueprint.get("/cases/<uuid:case_id>/mapping")
@needs(Permission.READ_FOLLOWUP)
def mapping(case_id: UUID) -> Answer:
    """The measure before: needs, risk, protective factors and people's own words."""
    return render_template("followup/mapping.html", page=actions.read_followup(current_actor(), str(case_id)))


@blueprint.get("/cases/<uuid:case_id>/follow-up")
@needs(Permission.READ_FOLLOWUP)
def follow_up(case_id: UUID) -> Answer:
    """What changed, what is worth a thought, and every measure over time."""
    page = actions.read_followup(current_actor(), str(case_id))
    return render_template(
        "followup/follow_up.html",
        page=page,
        rows=[_drawn(pair) for pair in page.course.pairs],
        asked={"youth": statements(YOUTH), "guardian": statements(GUARDIAN)},
    )


@blueprint.route("/cases/<uuid:case_id>/mapping/edit", methods=["GET", "POST"])
@needs(Permission.WRITE_FOLLOWUP)
@keeps_draft(_l("Kartläggning"), owner="home", kind="assessment")
def edit_mapping(case_id: UUID) -> Answer:
    """The mapping on one page: written once, corrected afterwards."""
    page = actions.read_followup(current_actor(), str(case_id), to=Permission.WRITE_FOLLOWUP)
    return _asked(page, "before", page.course.before, "followup.mapping")


@blueprint.route("/cases/<uuid:case_id>/follow-up/new/<any(during,after,post):phase>", methods=["GET", "POST"])
@needs(Permission.WRITE_FOLLOWUP)
@keeps_draft(_l("Ny uppföljning"), owner="home", kind="assessment")
def new_measure(case_id: UUID, phase: str) -> Answer:
    """A new measure during, after or long after."""
    page = actions.read_followup(current_actor(), str(case_id), to=Permission.WRITE_FOLLOWUP)
    return _asked(page, phase, None, "followup.follow_up")


@blueprint.route("/cases/<uuid:case_id>/follow-up/<uuid:measure_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_FOLLOWUP)
@keeps_draft(_l("Ändring av uppföljning"), owner="home", kind="assessment")
def edit_measure(case_id: UUID, measure_id: UUID) -> Answer:
    """A measure to correct."""
    page = actions.read_followup(current_actor(), str(case_id), to=Permission.WRITE_FOLLOWUP)
    card = page.course.find(str(measure_id))
    if card is None:
        raise NotFound("not_found")
    return _asked(page, card.phase, card, "followup.follow_up")


def _asked(page: FollowupPage, phase: str, card: MeasureCard | None, then: str) -> Answer:
    goals = page.plan.current_goals
    last = page.course.previous_to(card)
    form = form_for(with_outcome=phase in WITH_OUTCOME, goals=goals, card=card, last=last)
    stale: list[Difference] | None = None
    if form.validate_on_submit():
        try:
            actions.save_measure(
                current_actor(),
                page.bar.case_id,
                form.seen(phase),
                led=form.led(),
                measure_id=card.id if card else None,
                version=form.version.data,
                once=form.once_key(),
            )
        except StaleForm as error:
            stored = answers_in(error.current, ())
            stale = differences(form, stored, asked=[field.name for field in form if not field.name.startswith("goal_")])
            form.propose(stored)
            form.version.process_data(error.current.version)
            form.once.process_data(None)
        else:
            flash(_("Kartläggningen är sparad.") if phase == "before" else _("Uppföljningen är sparad."), "good")
            return redirect(url_for(then, case_id=page.bar.case_id), code=303)
    shown = render_template("followup/measure_form.html", page=page, form=form, phase=phase, card=card, last=last, stale=stale, then=then)
    return (shown, 409) if stale is not None else (shown, 422) if form.errors else shown


def _drawn(pair: Pair) -> tuple[str, Any, Any]:
    """A pair for the chart: the domain in words, and the two levels; what cannot be shown is None."""
    levels = [level if isinstance(level, str) else None for level in (pair.before, pair.after)]
    return codelists.label("NeedDomain", pair.domain, language()), levels[0], levels[1]
