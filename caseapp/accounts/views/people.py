"""The people of the register: who may sign in, with which roles. For administrators."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from caseapp.access import AlreadyDone, Permission, Refused, needs
from caseapp.fields import status_of
from caseapp.members import actions as members

from .. import actions
from ..forms import InviteForm, PersonForm, by_team
from ..signed_in import ROLE_WORDS, current_actor, freshly_proved
from .blueprint import blueprint, both_texts, in_words


@blueprint.get("/settings/people")
@needs(Permission.MANAGE_USERS)
def people() -> str:
    """Everybody in the register."""
    actor = current_actor()
    return render_template(
        "accounts/people.html", people=actions.list_people(actor), office=actions.read_office(actor), role_words=ROLE_WORDS
    )


@blueprint.route("/settings/people/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_USERS)
def invite_person() -> Any:
    """Invite somebody; the link is shown once."""
    form = InviteForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            token, _user_id = members.invite_member(
                current_actor(),
                name=form.name.data,
                login=form.login.data,
                agency_id=form.agency.data,
                roles=form.roles.data,
                teams=by_team(form.team_roles.data),
                once=form.once_key(),
            )
        except actions.LoginTaken:
            form.login.errors = [_("Någon har redan det användarnamnet. Välj ett annat.")]
        except Refused as refusal:
            form.team_roles.errors = [in_words(refusal)]
        except AlreadyDone as done:
            return redirect(url_for("accounts.person", user_id=done.result), code=303)
        else:
            return _show_link(token, form.name.data)
    return render_template("accounts/person.html", form=form), status_of(form)


@blueprint.route("/settings/people/<user_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_USERS)
def person(user_id: str) -> Any:
    """Change somebody's name and roles, and propose them for teams."""
    actor = current_actor()
    card = actions.read_person(actor, user_id)
    form = PersonForm(name=card.name, roles=sorted(card.roles), version=card.version)
    _offer(form, held=card.teams)
    is_self = user_id == actor.user_id
    if form.validate_on_submit():
        with both_texts(form):
            try:
                members.change_member(
                    actor,
                    user_id,
                    name=form.name.data,
                    roles=card.roles if is_self and "roles" not in request.form else form.roles.data,
                    teams=by_team(form.team_roles.data),
                    version=form.version.data,
                )
            except Refused as refusal:
                field = form.roles if refusal.reason in ("own_role", "administrator_manages") else form.team_roles
                field.errors = [in_words(refusal)]
            else:
                waits = _("Ändringen är sparad. Det föreslagna väntar på enhetschefen.")
                flash(waits if form.team_roles.data else _("Ändringen är sparad och gäller redan."), "success")
                return redirect(url_for("accounts.people"), code=303)
    return (
        render_template(
            "accounts/person.html",
            form=form,
            card=card,
            is_self=is_self,
            office=actions.read_office(actor),
            role_words=ROLE_WORDS,
            waiting=members.proposals_about(actor, user_id),
        ),
        status_of(form),
    )


@blueprint.post("/settings/people/<user_id>/invite")
@needs(Permission.MANAGE_USERS)
@freshly_proved
def invite_again(user_id: str) -> Any:
    """A new link for somebody who lost password or app."""
    actor = current_actor()
    return _show_link(actions.invite_again(actor, user_id), actions.read_person(actor, user_id).name)


@blueprint.post("/settings/people/<user_id>/disable")
@needs(Permission.MANAGE_USERS)
def disable_person(user_id: str) -> Any:
    """Shut somebody out at once."""
    actions.disable_person(current_actor(), user_id)
    undo = {"text": _("Kontot är stängt och personen är utloggad."), "undo": url_for("accounts.enable_person", user_id=user_id)}
    flash(undo, "success")  # type: ignore[arg-type] # the frame shows a mapping as a notice with a button
    return redirect(url_for("accounts.people"), code=303)


@blueprint.post("/settings/people/<user_id>/enable")
@needs(Permission.MANAGE_USERS)
def enable_person(user_id: str) -> Any:
    """Let somebody in again."""
    actions.enable_person(current_actor(), user_id)
    flash(_("Kontot är öppet igen."), "success")
    return redirect(url_for("accounts.people"), code=303)


@blueprint.post("/settings/people/<user_id>/end-sessions")
@needs(Permission.MANAGE_USERS)
def end_sessions(user_id: str) -> Any:
    """Sign somebody out everywhere."""
    actions.end_sessions(current_actor(), user_id)
    flash(_("Personen är utloggad överallt."), "success")
    return redirect(url_for("accounts.person", user_id=user_id), code=303)


def _show_link(token: str, name: str) -> str:
    link = url_for("accounts.invitation", token=token, _external=True)
    return render_template("accounts/invited.html", link=link, name=name)


def _offer(form: Any, held: Mapping[str, Collection[str]] | None = None) -> None:
    """The choices of a form: agencies and teams that take part, without the roles that are held already."""
    register = actions.read_office(current_actor())
    if "agency" in form:
        form.agency.choices = [[card.id, card.name] for card in register.agencies.values() if card.is_active]
    form.roles.choices = [[role, ROLE_WORDS[role]] for role in actions.INSTALLATION_ROLES]
    form.team_roles.choices = [
        [f"{team.id}:{role}", f"{team.name}: {ROLE_WORDS[role]}"]
        for team in register.teams.values()
        for role in actions.TEAM_ROLES
        if team.is_active and role not in (held or {}).get(team.id, ())
    ]
