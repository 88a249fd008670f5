"""What is asked about a release: which quarter to begin with, and why it is turned down or recalled."""

from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, FileField, Form, TextArea, TextField


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


class OutsideForm(Form):
    """A table that left the house another way: typed in, or as a file."""

    title = TextField(
        _l("Vad är det för tabell?"),
        hint=_l("Till exempel: Årsrapporten till länsstyrelsen, tabell 3."),
        needed=_l("Skriv vad det är för tabell."),
    )
    quarter = ChoiceField(_l("Vilket kvartal gäller den?"), needed=_l("Välj ett kvartal."), look="select")
    flow = ChoiceField(_l("Vad räknar den?"), needed=_l("Välj vad tabellen räknar."), look="select")
    rows = TextArea(
        _l("Raderna"),
        hint=_l("Första raden är kolumnernas namn, den sista kolumnen heter count. Koder, Total för en summa och X för ett dolt tal."),
        max_length=100_000,
        rows=10,
    )
    file = FileField(_l("Eller en CSV-fil"), accept=".csv,text/csv")
