"""Which cases are gone through, and in which order: one click each, no dragging."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext as _

from caseapp.access import Permission, needs
from caseapp.accounts.signed_in import current_actor

from .. import actions
from ..forms import chosen_ids
from .page import blueprint, to_meeting


@blueprint.post("/meetings/<uuid:meeting_id>/agenda")
@needs(Permission.PLAN_MEETING)
def add_to_agenda(meeting_id: UUID) -> Response:
    """Put more cases on the agenda."""
    count = actions.add_to_agenda(current_actor(), str(meeting_id), chosen_ids(request.form.getlist("cases")))
    flash(_("%(count)s ärenden lades till.", count=count) if count != 1 else _("Ett ärende lades till."), "good")
    return to_meeting(meeting_id)


@blueprint.post("/meetings/<uuid:meeting_id>/agenda/<uuid:case_id>/remove")
@needs(Permission.PLAN_MEETING)
def take_off_agenda(meeting_id: UUID, case_id: UUID) -> Response:
    """Remove a case from the agenda; can be undone by adding it again."""
    actions.take_off_agenda(current_actor(), str(meeting_id), str(case_id))
    return to_meeting(meeting_id)


@blueprint.post("/meetings/<uuid:meeting_id>/agenda/<uuid:case_id>/move")
@needs(Permission.PLAN_MEETING)
def move_on_agenda(meeting_id: UUID, case_id: UUID) -> Any:
    """One place up, or down; the page comes back where the case now stands."""
    actions.move_on_agenda(current_actor(), str(meeting_id), str(case_id), up=request.form.get("to") == "up")
    return to_meeting(meeting_id, anchor=f"agenda-{case_id}")
