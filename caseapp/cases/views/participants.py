"""Who takes part, who must not, who is on the list of a protected identity."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import NotFound, Permission, keeps_draft, needs
from caseapp.accounts.signed_in import current_actor
from caseapp.fields import status_of

from ..blocking import block, declare_bias, read_bias, read_block
from ..forms import BiasForm, BlockForm
from ..participation import (
    LastCoordinator,
    LastReader,
    PartnerWithoutAccount,
    add_participant,
    name_person_reader,
    name_reader,
    read_participation,
    remove_participant,
)
from .page import blueprint, say, to

_CHANGES: dict[str, tuple[Callable[..., None], dict[str, bool], Any]] = {
    "add": (add_participant, {}, _l("Personen deltar nu.")),
    "remove": (remove_participant, {}, _l("Personen deltar inte längre.")),
    "name": (name_reader, {}, _l("Personen står på listan.")),
    "unname": (name_reader, {"named": False}, _l("Personen står inte längre på listan.")),
}


@blueprint.get("/cases/<case_id>/participants")
@needs(Permission.READ_CASE)
def participants(case_id: str) -> str:
    """Who takes part in the case."""
    return render_template("cases/participants.html", page=read_participation(current_actor(), case_id))


@blueprint.post("/cases/<case_id>/participants/<user_id>/<change>")
@needs(Permission.MANAGE_PARTICIPANTS)
def change_participant(case_id: str, user_id: str, change: str) -> Any:
    """Let somebody in, or out."""
    if change not in _CHANGES:
        raise NotFound("not_found", Permission.MANAGE_PARTICIPANTS, case_id)
    act, how, told = _CHANGES[change]
    actor = current_actor()
    try:
        act(actor, case_id, user_id, **how)
    except LastCoordinator:
        flash(_("Ärendet måste ha minst en samordnare som kan öppna det. Lägg till en annan samordnare först."), "warning")
        return to("cases.participants", case_id=case_id)
    except PartnerWithoutAccount:
        flash(_("I det här teamet loggar samarbetsparter inte in själva. Dela ut planen på papper i stället, under Samtycke."), "warning")
        return to("cases.participants", case_id=case_id)
    say(str(told))
    if user_id == actor.user_id and change in ("remove", "unname"):
        return to("cases.listing")
    return to("cases.participants", case_id=case_id)


@blueprint.post("/cases/<case_id>/people/<person_id>/readers/<user_id>/<change>")
@needs(Permission.MANAGE_PARTICIPANTS)
def change_person_reader(case_id: str, person_id: str, user_id: str, change: str) -> Any:
    """Put somebody on the list of one protected person, or take them off it."""
    if change not in ("name", "unname"):
        raise NotFound("not_found", Permission.MANAGE_PARTICIPANTS, case_id)
    try:
        name_person_reader(current_actor(), case_id, person_id, user_id, named=change == "name")
    except LastReader:
        flash(_("Någon måste stå på personens lista. Sätt en annan på listan först."), "warning")
    else:
        say(_("Personen står på listan.") if change == "name" else _("Personen står inte längre på listan."))
    return to("cases.participants", case_id=case_id)


@blueprint.route("/cases/<case_id>/participants/<user_id>/block", methods=["GET", "POST"])
@needs(Permission.MANAGE_PARTICIPANTS)
@keeps_draft(_l("Spärr av en deltagare"))
def block_person(case_id: str, user_id: str) -> Any:
    """Block somebody (jäv), or lift the block, with a reason."""
    actor, form = current_actor(), BlockForm()
    page = read_block(actor, case_id, user_id)
    if form.validate_on_submit():
        try:
            block(actor, case_id, user_id, blocked=not page.is_blocked, reason=form.reason.data, once=form.once_key())
        except LastCoordinator:
            form.form_errors.append(_("Ärendet måste ha minst en samordnare som kan öppna det. Lägg till en annan samordnare först."))
        else:
            say(_("Spärren är borttagen.") if page.is_blocked else _("Personen är spärrad från ärendet."))
            if user_id == actor.user_id:
                return to("cases.listing")
            return to("cases.participants", case_id=case_id)
    return render_template("cases/block.html", form=form, page=page), status_of(form)


@blueprint.route("/cases/<case_id>/bias", methods=["GET", "POST"])
@needs(Permission.DECLARE_BIAS)
@keeps_draft(_l("Anmälan av jäv"))
def bias(case_id: str) -> Any:
    """Declare oneself biased; the case is shut at once."""
    actor, form = current_actor(), BiasForm()
    page = read_bias(actor, case_id)
    form.successor.choices = [list(one) for one in page.successors]
    if form.validate_on_submit():
        if page.successors and not form.successor.data:
            form.successor.errors = [_("Du är ärendets enda samordnare. Välj vem som tar över.")]
        else:
            declare_bias(actor, case_id, reason=form.reason.data, successor_id=form.successor.data, once=form.once_key())
            say(_("Jävet är anmält. Ärendet är stängt för dig."))
            return to("cases.listing")
    return render_template("cases/bias.html", form=form, page=page), status_of(form)
