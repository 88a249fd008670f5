"""The pages of the teams: who is in them, what waits for the unit manager, leaving, being away."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from caseapp.access import Permission, Refused, StaleForm, needs
from caseapp.accounts.actions import read_office
from caseapp.accounts.forms import by_team
from caseapp.accounts.signed_in import ROLE_WORDS, current_actor
from caseapp.accounts.views.blueprint import in_words
from caseapp.fields import status_of

from . import actions
from .forms import AppointForm, LeaveForm, MovingForm, case_field, leaving_form

blueprint = Blueprint("members", __name__)


@blueprint.get("/members")
@needs(Permission.READ_MEMBERS)
def teams() -> str:
    """The teams of who is signed in."""
    return render_template("members/teams.html", teams=actions.read_teams(current_actor()), role_words=ROLE_WORDS)


@blueprint.post("/members/proposals/<proposal_id>/approve")
@needs(Permission.DECIDE_MEMBERS)
def approve(proposal_id: str) -> Response:
    """Let somebody in."""
    actions.approve_proposal(current_actor(), proposal_id)
    flash(_("Godkänt. Personen är medlem i teamet från och med nu."), "success")
    return _back()


@blueprint.post("/members/proposals/<proposal_id>/refuse")
@needs(Permission.DECIDE_MEMBERS)
def refuse(proposal_id: str) -> Response:
    """Not this person."""
    actions.refuse_proposal(current_actor(), proposal_id)
    flash(_("Förslaget är avslaget. Personen får ingen roll i teamet."), "success")
    return _back()


@blueprint.route("/members/<team_id>/leave", methods=["GET", "POST"])
@needs(Permission.OWN_MEMBERSHIP)
def leave_own(team_id: str) -> Any:
    """Leave the team."""
    return _leave(actions.read_leaving(current_actor(), team_id, current_actor().user_id))


@blueprint.route("/members/<team_id>/people/<user_id>/leave", methods=["GET", "POST"])
@needs(Permission.DECIDE_MEMBERS)
def leave(team_id: str, user_id: str) -> Any:
    """End somebody's membership."""
    return _leave(actions.read_leaving(current_actor(), team_id, user_id, deciding=True))


def _leave(page: actions.LeavingPage) -> Any:
    actor, team_id, user_id = current_actor(), page.team_id, page.user_id
    form = leaving_form(page, [[role, ROLE_WORDS[role]] for role in ROLE_WORDS if role in page.roles])
    if form.validate_on_submit():
        try:
            chosen = form.chosen(page)
            actions.leave_team(actor, team_id, user_id, hand_over_to=chosen, roles=form.roles.data, once=form.once_key())
        except actions.NotHandedOver as missing:
            for card in page.to_hand_over:
                if card.case_id in missing.case_ids:
                    form[case_field(card.case_id)].errors = [_("Välj vem som tar över %(number)s.", number=card.case_number)]
        except Refused as refusal:
            form.form_errors.append(in_words(refusal))
        else:
            flash(_("Medlemskapet är avslutat. Allt som följde med det är stängt."), "success")
            still_there = page.roles - set(form.roles.data) or not page.is_self or len(actor.teams) > 1
            return _back() if still_there else redirect(url_for("day.my_day"), code=303)
    return render_template("members/leave.html", form=form, page=page), status_of(form)


@blueprint.route("/members/<team_id>/absence", methods=["GET", "POST"])
@needs(Permission.OWN_MEMBERSHIP)
def absence_own(team_id: str) -> Any:
    """Ask for a leave."""
    return _absence(actions.read_leave_form(current_actor(), team_id, current_actor().user_id))


@blueprint.route("/members/<team_id>/people/<user_id>/absence", methods=["GET", "POST"])
@needs(Permission.DECIDE_MEMBERS)
def absence(team_id: str, user_id: str) -> Any:
    """Set a leave for somebody."""
    return _absence(actions.read_leave_form(current_actor(), team_id, user_id, deciding=True))


def _absence(page: actions.LeavePage) -> Any:
    actor, team_id, user_id = current_actor(), page.team_id, page.user_id
    form = LeaveForm()
    form.stand_in.choices = [list(one) for one in page.stand_ins]
    if form.validate_on_submit():
        try:
            actions.take_leave(
                actor,
                team_id,
                user_id,
                from_day=form.from_day.data,
                until_day=form.until_day.data,
                stand_in_id=form.stand_in.data,
                once=form.once_key(),
            )
        except Refused as refusal:
            field = form.stand_in if refusal.reason.startswith("stand_in") else form.until_day
            field.errors = [in_words(refusal)]
        else:
            asked = _("Frånvaron är anmäld. Den gäller när enhetschefen har bekräftat.")
            flash(_("Frånvaron är sparad.") if page.decides else asked, "success")
            return redirect(url_for("day.my_day"), code=303) if page.is_self else _back()
    return render_template("members/absence.html", form=form, page=page), status_of(form)


@blueprint.post("/members/absences/<leave_id>/confirm")
@needs(Permission.DECIDE_MEMBERS)
def confirm_absence(leave_id: str) -> Response:
    """Let a leave hold."""
    actions.confirm_leave(current_actor(), leave_id)
    flash(_("Frånvaron är bekräftad."), "success")
    return _back()


@blueprint.post("/members/absences/<leave_id>/refuse")
@needs(Permission.DECIDE_MEMBERS)
def refuse_absence(leave_id: str) -> Response:
    """No to a leave."""
    actions.refuse_leave(current_actor(), leave_id)
    flash(_("Frånvaron är inte bekräftad och gäller inte."), "success")
    return _back()


@blueprint.post("/members/absences/<leave_id>/end")
@needs(Permission.OWN_MEMBERSHIP)
def end_absence(leave_id: str) -> Response:
    """End a leave, or take it back."""
    actions.end_leave(current_actor(), leave_id)
    flash(_("Frånvaron är avslutad."), "success")
    return _back()


@blueprint.route("/members/<team_id>/cases/<lone_id>", methods=["GET", "POST"])
@needs(Permission.DECIDE_MEMBERS)
def appoint(team_id: str, lone_id: str) -> Any:
    """Appoint a coordinator for a case that none can open."""
    actor = current_actor()
    card = actions.read_lone_case(actor, team_id, lone_id)
    form = AppointForm()
    form.coordinator.choices = [list(one) for one in card.successors]
    if form.validate_on_submit():
        try:
            actions.appoint(actor, team_id, lone_id, form.coordinator.data, once=form.once_key())
        except Refused as refusal:
            form.coordinator.errors = [in_words(refusal)]
        else:
            flash(_("Ärendet har en samordnare igen."), "success")
            return _back()
    return render_template("members/appoint.html", form=form, card=card), status_of(form)


# -- for whoever keeps the register ------------------------------------------------------------------------------------


@blueprint.post("/settings/people/proposals/<proposal_id>/take-back")
@needs(Permission.MANAGE_USERS)
def take_back(proposal_id: str) -> Any:
    """Take a proposal back before it is decided."""
    user_id = actions.take_back_proposal(current_actor(), proposal_id)
    flash(_("Förslaget är tillbakadraget."), "success")
    return redirect(url_for("accounts.person", user_id=user_id), code=303)


@blueprint.route("/settings/people/<user_id>/agency", methods=["GET", "POST"])
@needs(Permission.MANAGE_USERS)
def move(user_id: str) -> Any:
    """Move somebody to another agency, after it was shown what that ends."""
    actor = current_actor()
    page = actions.read_moving(actor, user_id)
    form = MovingForm(version=page.version)
    register = read_office(actor)
    form.agency.choices = [[card.id, card.name] for card in register.agencies.values() if card.is_active and card.id != page.agency_id]
    form.team_roles.choices = [
        [f"{team_id}:{role}", f"{register.teams[team_id].name}: {ROLE_WORDS[role]}"]
        for team_id, roles in page.teams.items()
        for role in sorted(roles)
    ]
    if form.validate_on_submit():
        try:
            actions.move_agency(
                actor, user_id, form.agency.data, propose=by_team(form.team_roles.data), version=form.version.data
            )
        except Refused as refusal:
            field = form.team_roles if refusal.reason in ("agency_not_in_team", "team_closed") else form.agency
            field.errors = [in_words(refusal)]
        except StaleForm:
            form.form_errors.append(_("Någon annan har ändrat personen under tiden. Kontrollera siffrorna och skicka igen."))
            form.version.typed = str(page.version)
        else:
            flash(_("Personen är flyttad. Allt som följde med den förra verksamheten är stängt."), "success")
            return redirect(url_for("accounts.person", user_id=user_id), code=303)
    return render_template("members/move.html", form=form, page=page, office=register, role_words=ROLE_WORDS), status_of(form)


def _back() -> Response:
    return redirect(url_for("members.teams"), code=303)
