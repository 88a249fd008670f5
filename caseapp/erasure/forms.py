"""What is asked about erasure: why a case is held back, and the municipality's retention profile."""

from flask_babel import lazy_gettext as _l

from caseapp.fields import CodeField, Form, TextArea, WholeNumberField, YesField


class HoldForm(Form):
    """Why a case must not be erased for now."""

    reason = TextArea(
        _l("Varför ska ärendet bevaras?"),
        hint=_l("Till exempel ett skadeståndskrav, en tillsyn eller en begäran om utdrag. Skriv inget om den unge."),
        needed=_l("Skriv varför, så att den som ska häva stoppet vet när det kan göras."),
        max_length=500,
        rows=3,
    )


class RetentionForm(Form):
    """How long cases are kept."""

    profile = CodeField(_l("Hur förvaras ärendena?"), "RetentionProfile", needed=True, look="radios")
    years = WholeNumberField(
        _l("År efter sista anteckningen"), smallest=1, largest=100, needed=True, hint=_l("Personakter hos socialnämnden: 5 år.")
    )
    keeps_birth_days = YesField(
        _l("Bevara ett urval för forskning"), hint=_l("Ärenden om personer födda den 5, 15 eller 25 i någon månad gallras inte.")
    )
    keeps_all = YesField(_l("Bevara alla ärenden"), hint=_l("Gäller i de län där allt bevaras för forskning. Då gallras ingenting."))
