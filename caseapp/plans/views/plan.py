"""The pages of the plan itself: the plan, its goals, commitments and support. Each saves through one action.

A form that came too late is shown again with everything typed in it, beside what is stored now. A double click leads back to
the plan.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from caseapp import codelists
from caseapp.access import AlreadyDone, NotFound, Permission, StaleForm, keeps_draft, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.drafts.views import is_written_for
from caseapp.fields import Form
from caseapp.followup.actions import needs_now

from .. import actions, interventions
from .. import excerpt as handing
from ..forms import (
    CommitmentForm,
    Difference,
    GoalForm,
    HandOutForm,
    HeadForm,
    StatusForm,
    SupportForm,
    agencies_offered,
    catalogue,
    differences,
)
from ..rules import FAMILY_MAKERS, Rating, rating

blueprint = Blueprint("plans", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.errorhandler(AlreadyDone)
def _already_done(_error: AlreadyDone) -> Response:
    """The twin of a form that was saved leads to the plan."""
    return redirect(url_for("plans.plan", case_id=(request.view_args or {})["case_id"]), code=303)


@blueprint.app_template_global("rating_of")
def rating_of(code: str) -> Rating:
    """What the catalogue says of a type of support."""
    return rating(codelists.codelist("InterventionType")[code].extra)


@blueprint.get("/cases/<uuid:case_id>/plan")
@needs(Permission.READ_PLAN)
def plan(case_id: UUID) -> Answer:
    """The plan with goals, commitments and support, and what is worth a thought about it."""
    return render_template("plans/plan.html", page=actions.read_plan(current_actor(), str(case_id), beside=needs_now))


@blueprint.route("/cases/<uuid:case_id>/plan/head", methods=["GET", "POST"])
@needs(Permission.WRITE_PLAN)
@keeps_draft(_l("Planens syfte och uppföljning"), owner="home", kind="plan")
def head(case_id: UUID) -> Answer:
    """Aim and review."""
    page = actions.read_plan(current_actor(), str(case_id), to=Permission.WRITE_PLAN)
    form = HeadForm(data=_values(HeadForm, page.plan.head))

    def save() -> None:
        written = {"text": form.text.data or "", "review_on": form.review_on.data}
        actions.write_head(current_actor(), str(case_id), **written, version=form.version.data, once=form.once_key())

    return _asked(form, "plans/head.html", page, save, _("Planen är sparad."))


# -- handed out on paper ----------------------------------------------------------------------------------------------

_PAPER_LANGUAGES = ("sv", "en")


def paper_language() -> str:
    """The language the plan or an excerpt of it is to have on paper, whatever language the page around it has."""
    asked = request.args.get("language", "sv")
    return asked if asked in _PAPER_LANGUAGES else "sv"


@blueprint.route("/cases/<uuid:case_id>/plan/excerpt/<uuid:agency_id>", methods=["GET", "POST"])
@needs(Permission.HAND_OUT_PLAN)
def excerpt(case_id: UUID, agency_id: UUID) -> Answer:
    """What one agency may see of the plan: shown first, and registered as handed out when it is sent to the paper."""
    form = HandOutForm()
    lang = paper_language()
    handed_out = form.validate_on_submit()
    try:
        if handed_out:
            shown = handing.hand_out(current_actor(), str(case_id), str(agency_id), once=form.once_key())
        else:
            shown = handing.read_excerpt(current_actor(), str(case_id), str(agency_id))
    except AlreadyDone:
        return redirect(url_for("cases.sharing", case_id=case_id), code=303)
    with force_locale(lang):
        sheet = render_template("plans/excerpt_sheet.html", excerpt=shown, lang=lang, today=today())
    answer = render_template(
        "plans/excerpt.html",
        page=shown,
        excerpt=shown,
        form=form,
        handed_out=handed_out,
        language=lang,
        sheet=Markup(sheet),  # noqa: S704 - our own template
    )
    return (answer, 422) if form.errors else answer


# -- goals ------------------------------------------------------------------------------------------------------------


@blueprint.route("/cases/<uuid:case_id>/plan/goals/new", methods=["GET", "POST"], defaults={"goal_id": None})
@blueprint.route("/cases/<uuid:case_id>/plan/goals/<uuid:goal_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_PLAN)
@keeps_draft(_l("Mål i planen"), owner="home", kind="plan")
def goal(case_id: UUID, goal_id: UUID | None) -> Answer:
    """A new goal, or one to change."""
    page = actions.read_plan(current_actor(), str(case_id), to=Permission.WRITE_PLAN)
    card = _found(page.plan.goals, goal_id)
    form = GoalForm(data=_values(GoalForm, card))

    def save() -> None:
        answers = {name: form[name].data or "" for name in ("domain", "text", "indicator", "baseline", "target")}
        actions.write_goal(
            current_actor(),
            str(case_id),
            goal_id=str(goal_id) if goal_id else None,
            **answers,
            version=form.version.data,
            once=form.once_key(),
        )

    return _asked(form, "plans/goal.html", page, save, _("Målet är sparat."), goal=card)


@blueprint.post("/cases/<uuid:case_id>/plan/goals/<uuid:goal_id>/drop")
@needs(Permission.WRITE_PLAN)
def drop_goal(case_id: UUID, goal_id: UUID) -> Response:
    """Take a goal out of the plan."""
    actions.drop_goal(current_actor(), str(case_id), str(goal_id))
    _say(_("Målet är borttaget ur planen."), undo=url_for("plans.restore_goal", case_id=case_id, goal_id=goal_id))
    return _to_plan(case_id)


@blueprint.post("/cases/<uuid:case_id>/plan/goals/<uuid:goal_id>/restore")
@needs(Permission.WRITE_PLAN)
def restore_goal(case_id: UUID, goal_id: UUID) -> Response:
    """Put a dropped goal back."""
    actions.drop_goal(current_actor(), str(case_id), str(goal_id), dropped=False)
    flash(_("Målet är tillbaka i planen."), "good")
    return _to_plan(case_id)


# -- commitments ------------------------------------------------------------------------------------------------------


@blueprint.route("/cases/<uuid:case_id>/plan/commitments/new", methods=["GET", "POST"])
@needs(Permission.REPORT_COMMITMENT)
@keeps_draft(_l("Nytt åtagande"))
def new_commitment(case_id: UUID) -> Answer:
    """A new commitment."""
    page = actions.read_plan(current_actor(), str(case_id), to=Permission.REPORT_COMMITMENT)
    form = _offering(CommitmentForm(), page)

    def save() -> None:
        chosen = str(form.by.data)
        is_person = chosen in FAMILY_MAKERS
        actions.add_commitment(
            current_actor(),
            str(case_id),
            agency_id=page.home_agency_id if is_person else chosen,
            made_by=chosen if is_person else None,
            **_commitment_answers(form),
            once=form.once_key(),
        )

    return _asked(form, "plans/commitment_form.html", page, save, _("Åtagandet är sparat."), commitment=None)


@blueprint.route("/cases/<uuid:case_id>/plan/commitments/<uuid:commitment_id>/edit", methods=["GET", "POST"])
@needs(Permission.REPORT_COMMITMENT)
@keeps_draft(_l("Ändring av åtagande"), kind="plan")
def edit_commitment(case_id: UUID, commitment_id: UUID) -> Answer:
    """What was taken on, by whom and until when."""
    page = actions.read_plan(current_actor(), str(case_id), to=Permission.REPORT_COMMITMENT)
    card = _found([one for one in page.plan.commitments if one.id in page.reportable], commitment_id)
    is_written_for(card.agency_id)
    form = _offering(CommitmentForm(data=_values(CommitmentForm, card)), page)
    del form.by

    def save() -> None:
        actions.change_commitment(
            current_actor(),
            str(case_id),
            str(commitment_id),
            **_commitment_answers(form),
            version=form.version.data,
            once=form.once_key(),
        )

    return _asked(form, "plans/commitment_form.html", page, save, _("Åtagandet är sparat."), commitment=card)


@blueprint.route("/cases/<uuid:case_id>/plan/commitments/<uuid:commitment_id>", methods=["GET", "POST"])
@needs(Permission.REPORT_COMMITMENT)
@keeps_draft(_l("Hur det går med ett åtagande"), kind="plan")
def commitment(case_id: UUID, commitment_id: UUID) -> Answer:
    """One commitment with its history, and how it goes."""
    page = actions.read_plan(current_actor(), str(case_id))
    card = _found(page.plan.commitments, commitment_id)
    is_written_for(card.agency_id)
    form = StatusForm(data={"status": card.reported, "version": card.version})

    def save() -> str:
        number = actions.report_status(
            current_actor(),
            str(case_id),
            str(commitment_id),
            str(form.status.data),
            text=form.text.data or "",
            version=form.version.data,
            once=form.once_key(),
        )
        return _undo_of(case_id, commitment_id, number) if form.status.data != card.reported else ""

    return _asked(form, "plans/commitment.html", page, save, _("Läget är sparat."), commitment=card, stored_as={"status": "reported"})


@blueprint.post("/cases/<uuid:case_id>/plan/commitments/<uuid:commitment_id>/done")
@needs(Permission.REPORT_COMMITMENT)
def done(case_id: UUID, commitment_id: UUID) -> Response:
    """The commitment is done: one click, and one to undo it."""
    number = actions.report_status(current_actor(), str(case_id), str(commitment_id), "done")
    _say(_("Åtagandet är klart."), undo=_undo_of(case_id, commitment_id, number))
    return _to_plan(case_id)


@blueprint.post("/cases/<uuid:case_id>/plan/commitments/<uuid:commitment_id>/undo")
@needs(Permission.REPORT_COMMITMENT)
def undo(case_id: UUID, commitment_id: UUID) -> Response:
    """Back to the status before the last."""
    number = request.args.get("report", 0, type=int)
    if actions.take_back_report(current_actor(), str(case_id), str(commitment_id), number=number):
        flash(_("Åtagandet har fått tillbaka sitt förra läge."), "good")
    else:
        flash(_("Det var redan ångrat, eller så har någon annan berättat hur det går sedan dess."), "info")
    return _to_plan(case_id)


def _undo_of(case_id: UUID, commitment_id: UUID, number: int) -> str:
    """Where this report is taken back; "" for none."""
    return url_for("plans.undo", case_id=case_id, commitment_id=commitment_id, report=number) if number > 1 else ""


def _say(text: str, *, undo: str = "") -> None:
    """A good message on the next page, with a button that takes it back if `undo` is an address."""
    flash({"text": text, "undo": undo, "label": _("Ångra")} if undo else text, "good")  # type: ignore[arg-type]


# -- support ----------------------------------------------------------------------------------------------------------


@blueprint.route("/cases/<uuid:case_id>/plan/support/new", methods=["GET", "POST"], defaults={"support_id": None})
@blueprint.route("/cases/<uuid:case_id>/plan/support/<uuid:support_id>", methods=["GET", "POST"])
@needs(Permission.REPORT_COMMITMENT)
@keeps_draft(_l("Insats"), kind="support_ongoing")
def support(case_id: UUID, support_id: UUID | None) -> Answer:
    """New support, or some to change or end."""
    actor = current_actor()
    page = actions.read_plan(actor, str(case_id), to=Permission.REPORT_COMMITMENT)
    card = _found([one for one in page.plan.interventions if one.agency_id in page.supporter_ids], support_id)
    form = SupportForm(data=_values(SupportForm, card))
    form.offer_types(page.bar.age)
    if card is None:
        form.by.choices = agencies_offered(page.supporters, with_people=False)
    else:
        del form.by
        is_written_for(card.agency_id)

    def save() -> None:
        words = {name: form[name].data or "" for name in ("type", "focus", "legal_form", "intensity", "as_planned", "text")}
        given = interventions.Support(**words, started_on=form.started_on.data, ended_on=form.ended_on.data)
        if support_id is None:
            interventions.add_intervention(actor, str(case_id), given, agency_id=str(form.by.data), once=form.once_key())
        else:
            interventions.change_intervention(actor, str(case_id), str(support_id), given, version=form.version.data, once=form.once_key())

    return _asked(form, "plans/support.html", page, save, _("Insatsen är sparad."), support=card, catalogue=catalogue())


# -- what all of them do ----------------------------------------------------------------------------------------------


def _asked(
    form: Form,
    template: str,
    page: actions.PlanPage,
    save: Callable[[], str | None],
    said: str,
    *,
    stored_as: Mapping[str, str] | None = None,
    **values: Any,
) -> Answer:
    """The form's page; or, for answers that hold, what is saved and the way back to the plan. `save` may give where it is undone."""
    stale: list[Difference] | None = None
    if form.validate_on_submit():
        try:
            undo = save()
        except StaleForm as error:
            stored = _values(form.__class__, error.current, stored_as)
            stale = differences(form, stored)
            form.propose(stored)
            form.version.process_data(error.current.version)
            form.once.process_data(None)
        else:
            _say(said, undo=undo or "")
            return _to_plan(page.bar.case_id)
    shown = render_template(template, page=page, form=form, stale=stale, **values)
    return (shown, 409) if stale is not None else (shown, 422) if form.errors else shown


def _values(form: type[Form], card: Any, stored_as: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a card holds for each field of a form, by the same names (or as `stored_as` renames them)."""
    if card is None:
        return {}
    names = {name: (stored_as or {}).get(name, name) for name in dir(form)}
    values = {name: getattr(card, source) for name, source in names.items() if source in card.__dataclass_fields__}
    return {name: value for name, value in values.items() if isinstance(value, str | int | date) and value != ""}


def _found(cards: Any, card_id: UUID | None) -> Any:
    """The card with this id, None without an id. Raises NotFound for one that is not there for this person."""
    if card_id is None:
        return None
    for card in cards:
        if card.id == str(card_id):
            return card
    raise NotFound("not_found")


def _offering(form: CommitmentForm, page: actions.PlanPage) -> CommitmentForm:
    form.by.choices = agencies_offered(page.writers, with_people=page.may_write)
    form.responsible_id.choices = list(page.responsible)
    form.goal_id.choices = [(goal.id, goal.text) for goal in page.plan.current_goals]
    return form


def _commitment_answers(form: CommitmentForm) -> dict[str, Any]:
    return {
        "text": form.text.data or "",
        "person": form.person.data or "",
        "due_on": form.due_on.data,
        "responsible_id": form.responsible_id.data,
        "goal_id": form.goal_id.data,
    }


def _to_plan(case_id: UUID | str) -> Response:
    return redirect(url_for("plans.plan", case_id=case_id), code=303)
