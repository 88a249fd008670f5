"""What is asked in an emergency, and of whoever looks at it afterwards."""

from flask_babel import lazy_gettext as _l

from caseapp.fields import CodeField, Form, OneTimeCodeField, TextArea, TextField

from .rules import why_no_reason

_TOO_LITTLE = {
    "reason_needed": _l("Skriv varför du måste läsa nu."),
    "reason_too_short": _l("Skriv minst en hel mening: vad har hänt, och varför kan det inte vänta?"),
}


class _ReasonArea(TextArea):
    """Why: at least a sentence."""

    def understand(self, text: str) -> str:
        """The reason as typed."""
        poor = why_no_reason(text)
        if poor is not None:
            raise ValueError(_TOO_LITTLE[poor])
        return text


class EmergencyForm(Form):
    """Which case, why, and a new code."""

    case_number = TextField(
        _l("Ärendenummer"), needed=_l("Skriv ärendets nummer, till exempel 2026-0041."), max_length=16, width=12, hint=_l("Hela numret.")
    )
    reason = _ReasonArea(
        _l("Varför måste du läsa nu?"),
        needed=_TOO_LITTLE["reason_needed"],
        hint=_l("Vad har hänt, och varför kan det inte vänta? Enhetschefen läser det du skriver."),
        max_length=2000,
        rows=4,
    )
    code = OneTimeCodeField(
        _l("Ny kod från din app"),
        needed=_l("Skriv den kod som appen visar nu."),
        hint=_l("Sex siffror. En kod som du har använt går inte att använda igen."),
    )


class ReviewForm(Form):
    """What the unit manager thinks of it."""

    verdict = CodeField(_l("Var nödöppningen motiverad?"), "EmergencyAssessment", needed=_l("Välj en bedömning."), look="radios")
    assessment = TextArea(
        _l("Bedömning i ord"),
        needed=_l("Skriv med några ord vad du grundar bedömningen på."),
        hint=_l("Det du ser här: skälet, tiden och vad som lästes."),
        max_length=2000,
        rows=4,
    )
