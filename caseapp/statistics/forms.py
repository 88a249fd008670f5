"""What is asked about a release: which quarter to begin with, and why it is turned down or recalled."""

from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, Form, TextArea


class BeginForm(Form):
    """The first quarter; after that they come in order."""

    quarter = ChoiceField(
        _l("Första kvartalet"),
        hint=_l("Välj det tidigaste kvartal ni vill redovisa. Därefter förbereds kvartalen i ordning."),
        needed=_l("Välj ett kvartal."),
        look="select",
    )


class RejectForm(Form):
    """Why a release is turned down."""

    reason = TextArea(
        _l("Varför?"),
        hint=_l("Den som förberedde ser det här. Skriv inget om enskilda."),
        needed=_l("Skriv varför, så att den som förberedde vet vad som behöver ändras."),
        max_length=500,
        rows=3,
    )


class RecallForm(Form):
    """Why an approved release is to be recalled."""

    why = TextArea(
        _l("Varför ska utgåvan återkallas?"),
        hint=_l("Enhetschefen som beslutar ser det här, och det står kvar vid utgåvan. Skriv inget om enskilda."),
        needed=_l("Skriv varför, så att den som beslutar vet vad som är fel."),
        max_length=500,
        rows=3,
    )
