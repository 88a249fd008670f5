"""What is asked about teams: what leaving ends and who takes over, from when until when somebody is away, and where they move."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, ChoicesField, DateField, Form, not_before
from caseapp.formats import clock

from .leaving import LeavingPage


class LeavingForm(Form):
    """Which roles end. One more field for each case that must be handed over (see `leaving_form`)."""

    roles = ChoicesField(_l("Roller som avslutas"), needed=_l("Markera minst en roll."))
    all_to = ChoiceField(
        _l("Lämna över alla ärenden till"),
        look="select",
        blank=_l("Välj för varje ärende"),
        hint=_l("Gäller där inget annat är valt nedanför."),
    )

    def case_fields(self) -> list[Any]:
        """The fields of the cases, in the order of the page."""
        return [field for field in self if field.name.startswith(_CASE)]

    def chosen(self, page: LeavingPage) -> dict[str, str]:
        """Case id → who takes it over, as far as somebody was named who can."""
        found = {}
        for card in page.to_hand_over:
            named = self[case_field(card.case_id)].data or self.all_to.data
            if named in dict(card.successors):
                found[card.case_id] = named
        return found


_CASE = "case_"


def case_field(case_id: str) -> str:
    """The name of the field that asks who takes over a case."""
    return _CASE + case_id.replace("-", "")


def leaving_form(page: LeavingPage, roles: list[Sequence[Any]]) -> LeavingForm:
    """The form for this person: begun with every role they hold, and a field for each case that would lose its only coordinator."""
    fields = {
        case_field(card.case_id): ChoiceField(
            card.case_number if card.is_open else _("%(number)s (avslutat)", number=card.case_number),
            look="select",
            choices=[list(one) for one in card.successors],
            hint="" if card.successors else _("Ingen annan samordnare i teamet kan ta över. Be administratören föreslå en till."),
        )
        for card in page.to_hand_over
    }
    form: LeavingForm = type("LeavingFormOfOne", (LeavingForm,), fields)(roles=sorted(page.roles))
    form.roles.choices = roles
    offered = {one for card in page.to_hand_over for one in card.successors}
    form.all_to.choices = [list(one) for one in sorted(offered, key=lambda one: one[1])]
    return form


class LeaveForm(Form):
    """From which day until which somebody is away, and who stands in."""

    from_day = DateField(_l("Första dagen"), lean="future", earliest=clock.today, needed=_l("Skriv första dagen."))
    until_day = DateField(
        _l("Sista dagen"),
        lean="future",
        needed=_l("Skriv sista dagen. Frånvaron slutar av sig själv."),
        validators=(not_before("from_day", _l("Sista dagen ligger före den första. Byt plats på dem.")),),
    )
    stand_in = ChoiceField(_l("Ersättare"), look="select", blank=_l("Ingen ersättare"))


class AppointForm(Form):
    """Who takes over a case that no coordinator can open."""

    coordinator = ChoiceField(_l("Samordnare"), needed=_l("Välj vem som tar över."), look="select")


class MovingForm(Form):
    """Where somebody moves, and which roles are proposed anew."""

    agency = ChoiceField(_l("Ny verksamhet"), needed=True, look="select")
    team_roles = ChoicesField(
        _l("Föreslå på nytt"), hint=_l("Enhetschefen i varje team godkänner. Till dess är teamet stängt för personen.")
    )
