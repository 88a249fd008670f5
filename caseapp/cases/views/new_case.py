"""How does a new case begin on the page? The number is checked and read back before anything is saved."""

from typing import Any

from flask import render_template, request

from caseapp.access import Actor, AlreadyDone, Permission, needs, today
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import status_of

from ..finding import known_cases
from ..forms import StartForm
from ..starting import DuplicateCase, read_team, start_case
from .page import blueprint, say_duplicate, to


@blueprint.route("/cases/new", methods=["GET", "POST"])
@needs(Permission.CREATE_CASE)
def new_case() -> Any:
    """A new case on one page, with the question whether this is the right person before anything is saved."""
    actor = current_actor()
    team = read_team(actor, _team_of_the_form())
    everybody = [member.id for member in team.members]
    form = StartForm(team=team.id, id_kind="number", protected="none", opened_on=today(), participants=everybody)
    form.team.choices = [(one, name) for one, name in team.mine.items()]
    form.participants.choices = [(member.id, member.name, member.agency_name) for member in team.members]
    known: Any = ()
    ask = False
    if form.validate_on_submit():
        if form.confirmed.data == form.mark():
            try:
                return to("cases.overview", case_id=_start(actor, form))
            except AlreadyDone as done:
                return to("cases.overview", case_id=done.result) if done.result else to("cases.listing")
            except DuplicateCase as twin:
                say_duplicate(form, twin)
        number = form.number.data if form.id_kind.data == "number" else None
        known = known_cases(actor, number) if number is not None else ()
        ask = not any(bar.is_open and bar.team_id == form.team.data for bar in known)
        if ask:
            form.confirmed.data = form.confirmed.typed = form.mark()
    return render_template("cases/new.html", form=form, team=team, known=known, ask=ask), 200 if ask else status_of(form)


def _team_of_the_form() -> str:
    return request.form.get("team", "") or request.args.get("team", "")


def _start(actor: Actor, form: StartForm) -> str:
    return start_case(
        actor,
        form.team.data,
        person=form.person(),
        related=form.custodians(),
        referral_source=form.referral_source.data,
        concerns=form.concerns.data or (),
        opened_on=form.opened_on.data,
        participant_ids=form.participants.data or (),
        once=form.once_key(),
    )
