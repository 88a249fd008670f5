"""What is asked when consent is asked for, answered and withdrawn."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, ChoicesField, CodeField, CodesField, DateField, Form, HiddenField, TextField, not_before
from caseapp.formats import clock

from .actions import Answer
from .reading import ConsentCard, SignatureCard
from .rules import ALWAYS_COVERED

#: Languages the family may have been informed in, by ISO 639-1; "other" for the rest.
LANGUAGES = (
    ("sv", _l("Svenska")),
    ("ar", _l("Arabiska")),
    ("en", _l("Engelska")),
    ("fi", _l("Finska")),
    ("ku", _l("Kurdiska")),
    ("fa", _l("Persiska eller dari")),
    ("pl", _l("Polska")),
    ("so", _l("Somaliska")),
    ("ti", _l("Tigrinska")),
    ("tr", _l("Turkiska")),
    ("uk", _l("Ukrainska")),
    ("other", _l("Annat språk")),
)


def _paper_reference() -> TextField:
    return TextField(_l("Var finns pappersoriginalet?"), max_length=200, hint=_l("Till exempel pärm, skåp eller diarienummer."))


class AskForm(Form):
    """What a consent says. `without` holds "agency id|information type" of every exception."""

    agencies = ChoicesField(
        _l("Vilka verksamheter får dela uppgifter med varandra?"),
        needed=_l("Välj minst en verksamhet."),
        not_offered=_l("Välj bland verksamheterna i ärendets team. Ett samtycke kan inte omfatta andra."),
    )
    types = CodesField(
        _l("Vilka uppgifter?"),
        "InformationType",
        without=(ALWAYS_COVERED,),
        needed=_l("Välj minst en sorts uppgifter."),
        hint=_l("Namn och identitet ingår alltid."),
    )
    without = ChoicesField(_l("Undantag"))
    purpose = CodeField(_l("Ändamål"), "ConsentPurpose", needed=_l("Välj ändamål."), look="radios")
    valid_from = DateField(_l("Gäller från"), needed=_l("Skriv från vilken dag samtycket gäller."))
    valid_to = DateField(
        _l("Gäller till och med"),
        lean="future",
        needed=_l("Skriv till vilken dag samtycket gäller."),
        validators=[not_before("valid_from", _l("Slutet ligger före början. Kontrollera de två datumen."))],
    )
    informed_on = DateField(
        _l("Familjen informerades"), lean="past", latest=clock.today, needed=_l("Skriv vilken dag familjen fick information.")
    )
    informed_by = TextField(_l("Vem informerade?"), needed=_l("Skriv vem som informerade familjen."), max_length=120)
    language = ChoiceField(_l("På vilket språk?"), LANGUAGES, needed=_l("Välj språk."), look="select")
    paper_reference = _paper_reference()

    def exceptions(self) -> list[tuple[str, str]]:
        """The (agency id, information type) pairs that are excepted."""
        return [(agency, kind) for agency, _bar, kind in (value.partition("|") for value in self.without.data or ())]


DECISIONS = (
    ("awaited", _l("Inväntas")),
    ("given", _l("Ja")),
    ("declined", _l("Nej")),
    ("waived", _l("Kan inte nås")),
)


class SignatureForm:
    """The questions about one signatory, as the fields of a form that were made for it."""

    def __init__(self, form: Form, place: int, card: SignatureCard) -> None:
        self.card = card
        self.decision, self.decided_on, self.method, self.witness, self.reason = (form[f"{name}_{place}"] for name in _ASKED)

    def answer(self) -> Answer:
        """The answers as a value."""
        return Answer(
            signature_id=self.card.id,
            decision=self.decision.data,
            decided_on=self.decided_on.data,
            method=self.method.data or "",
            witness=self.witness.data or "",
            reason=self.reason.data or "",
        )


_ASKED = ("decision", "decided_on", "method", "witness", "reason")


class _EditionForm(Form):
    """Carries which edition of the consent the page was made from."""

    edition = HiddenField()
    paper_reference = _paper_reference()


def answers_form(consent: ConsentCard, today: date) -> tuple[Any, list[SignatureForm]]:
    """A form with the questions about each signatory, and the questions by signatory."""
    fields: dict[str, Any] = {}
    begin: dict[str, Any] = {"edition": str(consent.edition), "paper_reference": consent.paper_reference or None}
    for place, card in enumerate(consent.signatures):
        decisions = [one for one in DECISIONS if one[0] != "waived" or card.person_id is not None]
        fields |= {
            f"decision_{place}": ChoiceField(_l("Svar"), decisions, needed=True, look="segments"),
            f"decided_on_{place}": DateField(_l("Vilken dag?"), lean="past", latest=clock.today),
            f"method_{place}": CodeField(_l("Hur?"), "SignMethod", look="segments"),
            f"witness_{place}": TextField(_l("Vittne"), max_length=120),
            f"reason_{place}": TextField(_l("Skäl, om svaret är nej eller personen inte kan nås"), max_length=500),
        }
        begin |= {
            f"decision_{place}": card.decision,
            f"decided_on_{place}": card.decided_on or today,
            f"method_{place}": card.method or None,
            f"witness_{place}": card.witness or None,
            f"reason_{place}": card.reason or None,
        }
    form = type("AnswersForm", (_EditionForm,), fields)(**begin)
    return form, [SignatureForm(form, place, card) for place, card in enumerate(consent.signatures)]


class WithdrawForm(Form):
    """What is withdrawn, by whom, and how it reached us. The view fills `what`."""

    what = ChoiceField(_l("Vad återkallas?"), needed=_l("Välj vad som återkallas."), look="radios")
    received_from = TextField(_l("Vem återkallar?"), needed=_l("Skriv vem som återkallar."), max_length=120)
    received_how = ChoiceField(
        _l("Hur kom det in?"),
        [
            ("meeting", _l("Muntligt vid ett möte")),
            ("phone", _l("Per telefon")),
            ("written", _l("Skriftligt")),
            ("other", _l("På annat sätt")),
        ],
        needed=_l("Välj hur det kom in."),
        look="radios",
    )
