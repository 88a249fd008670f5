"""The pages of follow-up: the mapping (before), the course over time, and the one-page form of each phase.

A form that came too late is shown again with everything typed in it, beside what is stored now.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from caseapp import codelists
from caseapp.access import AlreadyDone, NotFound, Permission, StaleForm, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import language
from caseapp.formats import table_date
from caseapp.plans.forms import Difference, differences

from . import actions
from .actions import WITH_OUTCOME, FollowupPage
from .experience import GUARDIAN, YOUTH, statements
from .forms import answers_in, form_for
from .measured import MeasureCard
from .rules import Pair

blueprint = Blueprint("followup", __name__)
Answer = str | Response | tuple[str, int]

#: The hints in words; %(domains)s, %(type)s, %(low)s and %(high)s are what a hint is about.
HINTS = {
    "high_risk_nothing_ongoing": _l("Risken är hög, men ingen insats pågår. Mest stöd bör gå till den med högst risk."),
    "low_risk_intensive": _l("%(type)s: risken är låg, men insatsen är intensiv. Det kan göra mer skada än nytta."),
    "need_without_intervention": _l("Behovet är tydligt, men ingen insats riktas mot det: %(domains)s."),
    "intervention_without_need": _l("%(domains)s: %(type)s riktas dit, men bedömningen säger att det inte finns något behov."),
    "recommended_fits": _l(
        "%(type)s rekommenderas för %(low)s–%(high)s år vid hög risk för fortsatt normbrytande beteende, och passar behovet: %(domains)s."
    ),
    "nothing_confrontational": _l(
        "Välj inte program som ska skrämma eller konfrontera, som konsekvensprogram av typen Scared Straight. De rekommenderas inte."
    ),
}


@blueprint.app_template_global("hint_words")
def hint_words(hint: Any) -> str:
    """A hint as a sentence in the language of the page."""
    about = {
        "domains": ", ".join(codelists.label("NeedDomain", code, language()) for code in in_order(hint.domains, "NeedDomain")),
        "type": codelists.label("InterventionType", hint.type, language()) if hint.type else _("Insats"),
    }
    if hint.ages:
        about["low"], about["high"] = map(str, hint.ages)
    words = str(HINTS[hint.code])
    return words % about if "%(" in words else words


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
        over_time=over_time(page.course.measures),
        asked={"youth": statements(YOUTH), "guardian": statements(GUARDIAN)},
    )


@blueprint.route("/cases/<uuid:case_id>/mapping/edit", methods=["GET", "POST"])
@needs(Permission.WRITE_FOLLOWUP)
def edit_mapping(case_id: UUID) -> Answer:
    """The mapping on one page: written once, corrected afterwards."""
    page = actions.read_followup(current_actor(), str(case_id), to=Permission.WRITE_FOLLOWUP)
    return _asked(page, "before", page.course.before, "followup.mapping")


@blueprint.route("/cases/<uuid:case_id>/follow-up/new/<any(during,after,post):phase>", methods=["GET", "POST"])
@needs(Permission.WRITE_FOLLOWUP)
def new_measure(case_id: UUID, phase: str) -> Answer:
    """A new measure during, after or long after."""
    page = actions.read_followup(current_actor(), str(case_id), to=Permission.WRITE_FOLLOWUP)
    return _asked(page, phase, None, "followup.follow_up")


@blueprint.route("/cases/<uuid:case_id>/follow-up/<uuid:measure_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_FOLLOWUP)
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
            stale = differences(
                form, answers_in(error.current, ()), asked=[field.name for field in form if not field.name.startswith("goal_")]
            )
            form.version.process_data(error.current.version)
            form.once.process_data(None)
        else:
            flash(_("Kartläggningen är sparad.") if phase == "before" else _("Uppföljningen är sparad."), "good")
            return redirect(url_for(then, case_id=page.bar.case_id), code=303)
    shown = render_template("followup/measure_form.html", page=page, form=form, phase=phase, card=card, last=last, stale=stale, then=then)
    return (shown, 409) if stale is not None else (shown, 422) if form.errors else shown


def _drawn(pair: Pair) -> tuple[str, Any, Any]:
    """A pair for the chart: the domain in words, and the two levels: a code, None where it is missing, or what stands in its place."""
    return codelists.label("NeedDomain", pair.domain, language()), pair.before, pair.after


def over_time(measures: Sequence[MeasureCard]) -> list[tuple[str, list[Any]]]:
    """[(domain, its level at each measure)] for the domains that were answered at some time; None where it was not."""
    levels = [(domain, [measure.needs.get(domain) for measure in measures]) for domain in codelists.codelist("NeedDomain")]
    return [row for row in levels if any(level is not None for level in row[1])]


_PHASES = {"before": _l("Före"), "during": _l("Under"), "after": _l("Efter"), "post": _l("Lång tid efter")}


@blueprint.app_template_filter("measure_heading")
def measure_heading(measure: MeasureCard) -> str:
    """When a measure was made, for the head of its column."""
    return f"{_PHASES.get(measure.phase, _('Mätning'))} {table_date(measure.measured_on)}"


@blueprint.app_template_global("level_meanings")
def level_meanings() -> list[tuple[str, str]]:
    """[(level in words, how to tell it from the others)] of the need levels, in the language of the page."""
    return [(entry.label(language()), entry.extra["means"][language()]) for entry in codelists.codelist("NeedLevel").values()]
