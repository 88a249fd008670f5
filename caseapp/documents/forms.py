"""What is asked about a document, and why one is taken away."""

from typing import Any

from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, CodeField, FileField, Form, HiddenField, TextArea, TextField

from .rules import CONSENT

_ACCEPT = ".pdf,.jpg,.jpeg,.png,.docx,application/pdf,image/jpeg,image/png"


class DocumentForm(Form):
    """A new document; the types that are offered come with who can read them, the consents with their period."""

    file = FileField(_l("Fil"), accept=_ACCEPT, needed=_l("Välj en fil."))
    kind = CodeField(_l("Vad är det?"), "DocumentKind", needed=_l("Välj vad det är."))
    consent = ChoiceField(
        _l("Vilket samtycke är underskrivet?"),
        look="select",
        hint=_l("Behövs bara för ett underskrivet samtycke."),
        not_offered=_l("Samtycket finns inte i ärendet. Välj ett i listan."),
    )
    title = TextField(_l("Rubrik"), max_length=120, needed=_l("Skriv en rubrik, så att dokumentet går att känna igen."))
    information_type = ChoiceField(_l("Vad handlar det om?"), look="radios", needed=_l("Välj vad dokumentet handlar om."))
    #: The gate's epoch when the page was made, so that nobody else can read than those who were named beside the types.
    epoch = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask which consent it is, where it is one."""
        fine = super().validate(extra_validators)
        if self.kind.data == CONSENT and not self.consent.data and not self.consent.errors:
            self.consent.errors = [_l("Välj vilket samtycke som är underskrivet.")]
        return fine and not self.consent.errors


class RemovalForm(Form):
    """Why a document is taken away."""

    reason = TextArea(
        _l("Varför tas dokumentet bort?"),
        max_length=500,
        rows=3,
        needed=_l("Skriv varför dokumentet tas bort."),
        hint=_l("Till exempel: hör till ett annat ärende. Skälet står kvar, så skriv inget ur dokumentet."),
    )
