"""What people do with interventions (insatser): write down the support an agency gives, change it, end it.

Promised: it lands in the compartment of the agency that gives it; the coded answers hold all that is counted.
"""

from dataclasses import dataclass
from datetime import date

from caseapp.access import Actor, action, check_version, fetch, log_as, remember_result, session
from caseapp.accounts import office
from caseapp.consent import open_case

from .asking import actor_code, allow_for_agency, known, owner_of, require_open
from .joint_plan import intervention_card
from .models import Intervention


@dataclass(frozen=True)
class Support:
    """An intervention as typed: codes of InterventionType, NeedDomain, LegalForm, Intensity and YesNoUnknown; "" is not answered."""

    type: str
    focus: str
    legal_form: str = ""
    intensity: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    as_planned: str = ""
    text: str = ""

    def answers(self, actor: str) -> dict[str, str]:
        """The coded answers as they are kept. Raises UnknownCode."""
        written = {
            "type": known("InterventionType", self.type),
            "focus": known("NeedDomain", self.focus),
            "actor": actor,
            "legal_form": known("LegalForm", self.legal_form),
            "intensity": known("Intensity", self.intensity),
            "started_on": self.started_on.isoformat() if self.started_on else "",
            "ended_on": self.ended_on.isoformat() if self.ended_on else "",
            "as_planned": known("YesNoUnknown", self.as_planned),
        }
        return {name: value for name, value in written.items() if value}


@action
def add_intervention(actor: Actor, case_id: str, support: Support, *, agency_id: str, once: str | None = None) -> str:
    """Write down support that an agency gives, and give its id."""
    gate = allow_for_agency(actor, case_id, agency_id, once)
    log_as("create")
    require_open(open_case(actor, gate), agency_id, "support_ongoing")
    intervention = Intervention(
        case_id=case_id,
        owner_agency_id=agency_id,
        source_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        answers=support.answers(actor_code(agency_id)),
        text=support.text,
    )
    session().add(intervention)
    remember_result(once, intervention.id)
    return intervention.id


@action
def change_intervention(
    actor: Actor, case_id: str, intervention_id: str, support: Support, *, version: int | None = None, once: str | None = None
) -> None:
    """Change or end support that is given. Whose it is stays."""
    owner = owner_of(Intervention, intervention_id, case_id)
    gate = allow_for_agency(actor, case_id, owner, once)
    require_open(open_case(actor, gate), owner, "support_ongoing")
    intervention = fetch(Intervention, intervention_id, case_id=case_id)
    check_version(intervention, version, intervention_card(intervention, office()))
    intervention.answers = support.answers(actor_code(owner))
    intervention.text = support.text
