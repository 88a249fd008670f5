"""Who takes part, who must not, who is on the list of a protected identity."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.access import NotFound, Permission, needs
from caseapp.accounts.signed_in import current_actor

from ..participation import (
    LastCoordinator,
    LastReader,
    PartnerWithoutAccount,
    add_participant,
    block,
    name_person_reader,
    name_reader,
    read_participation,
    remove_participant,
)
from .page import blueprint, say, to

_CHANGES: dict[str, tuple[Callable[..., None], dict[str, bool], Any]] = {
    "add": (add_participant, {}, _l("Personen deltar nu.")),
    "remove": (remove_participant, {}, _l("Personen deltar inte längre.")),
    "block": (block, {}, _l("Personen är spärrad från ärendet.")),
    "unblock": (block, {"blocked": False}, _l("Spärren är borttagen.")),
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
    if user_id == actor.user_id and change in ("remove", "block", "unname"):
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
