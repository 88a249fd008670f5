"""Whether, when and where somebody wants to be reminded."""

from flask_babel import lazy_gettext as _l

from caseapp.fields import CodeField, EmailField, Form

from .rules import NEVER


class ReminderForm(Form):
    """The choice, and the address where it needs one."""

    days = CodeField(_l("När vill du ha påminnelser?"), "ReminderDays", needed=_l("Välj när du vill ha påminnelser."), look="radios")
    email = EmailField(
        _l("Din e-postadress i arbetet"),
        hint=_l("I breven står bara hur mycket som väntar och en länk, aldrig namn eller ärendenummer."),
        max_length=254,
    )

    def validate(self, extra_validators: object = None) -> bool:
        """An address is needed where letters are wanted."""
        is_valid = bool(super().validate(extra_validators))
        if self.days.data not in (None, NEVER) and not self.email.data and not self.email.errors:
            self.email.errors = [_l("Skriv den e-postadress som påminnelserna ska gå till.")]
            return False
        return is_valid
