"""The settings: the municipality, its agencies and teams. For administrators."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from caseapp import codelists
from caseapp.access import Permission, needs
from caseapp.consent.actions import choices_of, read_rule_sets
from caseapp.fields import language, status_of
from caseapp.statistics.actions import planned_tables

from .. import actions
from ..directory import Office
from ..forms import RULE_SET_FIELDS, AgencyForm, ChangeAgencyForm, ChangeTeamForm, MunicipalityForm, TeamForm
from ..signed_in import current_actor
from .blueprint import blueprint, both_texts


@blueprint.get("/settings")
@needs(Permission.MANAGE_SETTINGS)
def settings() -> str:
    """Everything that can be set, at a glance."""
    actor = current_actor()
    register = actions.read_office(actor)
    names = {form: kept.newest.label(language()) for kept in read_rule_sets(actor) for form in kept.used_for}
    used = {form: names.get(form, "") for form in codelists.codelist("WorkForm")}
    return render_template("accounts/settings.html", office=register, rules=used)


@blueprint.route("/settings/municipality", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def municipality() -> Any:
    """Name, plan, consent rules, ages and the numbers of the statistics."""
    actor = current_actor()
    card = actions.read_municipality(actor)
    lowest, highest = card.settings.get("ages", [None, None])
    rules = card.settings.get("consent_rules", {})
    form = MunicipalityForm(
        name=card.name,
        code=card.settings.get("code", ""),
        version=card.version,
        plan_label=card.settings.get("plan_label", "atagandeplan"),
        youngest=lowest,
        oldest=highest,
        threshold=card.settings.get("threshold", 5),
        width=card.settings.get("width", 3),
        minimum_population=card.settings.get("minimum_population", 30),
        rounding_base=card.settings.get("rounding_base", 5),
        hiding_cost=card.settings.get("hiding_cost", "count"),
        spared_tables=card.settings.get("spared_tables", []),
        **{name: rules.get(work_form, "default") for work_form, name in RULE_SET_FIELDS.items()},
    )
    form.spared_tables.choices = planned_tables(language())
    offered = choices_of(read_rule_sets(actor), language(), rules.values())
    for work_form, name in RULE_SET_FIELDS.items():
        form[name].label.text = codelists.label("WorkForm", work_form, language())
        form[name].choices = [list(choice) for choice in offered]
    if form.validate_on_submit() and _numbers_fit(form):
        with both_texts(form):
            actions.set_municipality(
                actor,
                name=form.name.data,
                code=form.code.data or "0000",
                version=form.version.data,
                plan_label=form.plan_label.data,
                consent_rules={work_form: form[name].data for work_form, name in RULE_SET_FIELDS.items()},
                ages=[form.youngest.data, form.oldest.data],
                threshold=form.threshold.data,
                width=form.width.data,
                minimum_population=form.minimum_population.data,
                rounding_base=form.rounding_base.data,
                hiding_cost=form.hiding_cost.data,
                spared_tables=form.spared_tables.data,
            )
        flash(_("Inställningarna är sparade."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("accounts/municipality.html", form=form, rule_fields=list(RULE_SET_FIELDS.values())), status_of(form)


def _numbers_fit(form: MunicipalityForm) -> bool:
    """Whether ages are in order, and a hidden count can be as uncertain as asked for: it lies below the threshold."""
    if form.youngest.data > form.oldest.data:
        form.oldest.errors = [_("Den äldsta åldern är lägre än den yngsta. Byt plats på dem.")]
    if form.width.data >= form.threshold.data:
        form.width.errors = [_("Osäkerheten måste vara mindre än det lägsta antalet personer i en cell. Sänk den eller höj antalet.")]
    return not form.errors


# -- agencies ---------------------------------------------------------------------------------------------------------


@blueprint.route("/settings/agencies/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def new_agency() -> Any:
    """A new agency."""
    form = AgencyForm()
    if form.validate_on_submit():
        actions.create_agency(current_actor(), name=form.name.data, kind=form.kind.data, once=form.once_key())
        flash(_("Verksamheten är tillagd."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("accounts/agency.html", form=form), status_of(form)


@blueprint.route("/settings/agencies/<agency_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def agency(agency_id: str) -> Any:
    """Change an agency."""
    actor = current_actor()
    card = actions.read_office(actor).agencies.get(agency_id) or abort(404)
    form = ChangeAgencyForm(name=card.name, kind=card.actor, is_active=card.is_active, version=card.version)
    if form.validate_on_submit():
        with both_texts(form):
            actions.change_agency(
                actor,
                agency_id,
                name=form.name.data,
                kind=form.kind.data,
                is_active=form.is_active.data,
                version=form.version.data,
            )
        flash(_("Verksamheten är ändrad."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("accounts/agency.html", form=form, card=card), status_of(form)


# -- teams ------------------------------------------------------------------------------------------------------------


@blueprint.route("/settings/teams/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def new_team() -> Any:
    """A new team."""
    actor = current_actor()
    register = actions.read_office(actor)
    form = TeamForm()
    form.home_agency.choices = form.agencies.choices = _agency_choices(register)
    if form.validate_on_submit():
        actions.create_team(
            actor,
            name=form.name.data,
            work_form=form.work_form.data,
            home_agency_id=form.home_agency.data,
            agency_ids=form.agencies.data,
            partner_accounts=form.partner_accounts.data,
            once=form.once_key(),
        )
        flash(_("Teamet är tillagt."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("accounts/team.html", form=form), status_of(form)


@blueprint.route("/settings/teams/<team_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def team(team_id: str) -> Any:
    """Change a team."""
    actor = current_actor()
    register = actions.read_office(actor)
    card = register.teams.get(team_id) or abort(404)
    form = ChangeTeamForm(
        name=card.name,
        agencies=[agency_id for agency_id in card.agency_ids if agency_id != card.home_agency_id],
        partner_accounts=card.partner_accounts,
        is_active=card.is_active,
        version=card.version,
    )
    form.agencies.choices = _agency_choices(register, but=card.home_agency_id, also=card.agency_ids)
    if form.validate_on_submit():
        with both_texts(form):
            actions.change_team(
                actor,
                team_id,
                name=form.name.data,
                agency_ids=form.agencies.data,
                partner_accounts=form.partner_accounts.data,
                is_active=form.is_active.data,
                version=form.version.data,
            )
        flash(_("Teamet är ändrat."), "success")
        return redirect(url_for("accounts.settings"), code=303)
    return render_template("accounts/team.html", form=form, card=card, home=register.agency_name(card.home_agency_id)), status_of(form)


def _agency_choices(register: Office, *, but: str = "", also: tuple[str, ...] = ()) -> list[Sequence[str]]:
    offered = [card for card in register.agencies.values() if (card.is_active or card.id in also) and card.id != but]
    return [[card.id, card.name] for card in offered]
