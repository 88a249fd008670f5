"""What is asked about the plan, and how an answer that came too late is shown beside what is stored now.

Which agencies, people and goals may be chosen is set by the view from what the action said; a form offers nothing by itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.fields import (
    ChoiceField,
    CodeField,
    DateField,
    Form,
    TextArea,
    TextField,
    language,
    not_before,
)
from caseapp.formats import clock

from .fixed import Person
from .rules import Rating, rating, recommendation
from .versions import Answered


class HeadForm(Form):
    """The plan itself: aim and review."""

    text = TextArea(_l("Vad vill vi uppnå tillsammans?"), rows=3, max_length=2000, hint=_l("Gärna med den unges egna ord."))
    review_on = DateField(_l("Nästa uppföljning"), lean="future", hint=_l("Till exempel 3/3 eller om 6 veckor."))


class GoalForm(Form):
    """A goal for one need domain."""

    domain = CodeField(_l("Behovsområde"), "NeedDomain", needed=_l("Välj det område som målet gäller."), look="select")
    text = TextField(_l("Mål"), needed=_l("Skriv vad som ska uppnås."), max_length=300, hint=_l("Ett mål som går att följa upp."))
    indicator = TextField(_l("Hur märks det?"), max_length=300, hint=_l("Till exempel: närvaro enligt skolans system."))
    baseline = TextField(_l("Läget nu"), max_length=200, width=30)
    target = TextField(_l("Dit vi vill"), max_length=200, width=30)


class CommitmentForm(Form):
    """Who does what until when. `by` is an agency's id, "youth" or "guardian"."""

    text = TextField(_l("Vad ska göras?"), needed=_l("Skriv vad som ska göras."), max_length=300)
    by = ChoiceField(_l("Vem åtar sig det?"), needed=_l("Välj vem som åtar sig det."), look="select")
    person = TextField(_l("Person"), max_length=200, width=30, hint=_l("Den som gör det, till exempel en mentor."))
    responsible_id = ChoiceField(_l("Följs av"), look="select", blank=_l("Ingen särskild"), hint=_l("Den i teamet som bevakar åtagandet."))
    due_on = DateField(_l("Senast"), lean="future", hint=_l("Till exempel 3/3 eller om 2 veckor."))
    goal_id = ChoiceField(_l("Mål"), look="select", blank=_l("Inget särskilt mål"))


class StatusForm(Form):
    """How a commitment goes."""

    status = CodeField(_l("Hur går det?"), "CommitmentStatus", needed=_l("Välj hur det går."), look="segments")
    text = TextArea(_l("Kommentar"), rows=3, max_length=2000)


class SupportForm(Form):
    """Support from the catalogue."""

    type = ChoiceField(
        _l("Insats"),
        needed=_l("Välj insats."),
        look="select",
        hint=_l("Preventionsnivå och evidensstyrka står i katalogen nedanför."),
    )
    focus = CodeField(_l("Behovsområde som insatsen riktas mot"), "NeedDomain", needed=_l("Välj behovsområde."), look="select")
    by = ChoiceField(_l("Vem ger insatsen?"), needed=_l("Välj vem som ger insatsen."), look="select")
    legal_form = CodeField(_l("Form"), "LegalForm", look="radios")
    intensity = CodeField(_l("Hur ofta?"), "Intensity", look="radios")
    started_on = DateField(_l("Började"), lean="past", hint=_l("Lämna tomt om den inte har börjat."))
    ended_on = DateField(
        _l("Slutade"), lean="past", validators=[not_before("started_on", _l("Slutet ligger före starten. Kontrollera datumen."))]
    )
    as_planned = CodeField(_l("Genomfördes den som det var tänkt?"), "YesNoUnknown", look="segments")
    text = TextArea(_l("Mer om insatsen"), rows=3, max_length=2000)

    def offer_types(self, age: int | None) -> None:
        """Offer the catalogue; a type recommended for this age says so."""
        self.type.choices = [(code, _type_words(entry, age)) for code, entry in codelists.codelist("InterventionType").items()]


def _type_words(entry: codelists.Code, age: int | None) -> str:
    found = recommendation(entry.extra)
    if found is None or not found.fits(age):
        return entry.label(language())
    return _("%(type)s – rekommenderad för %(low)s–%(high)s år", type=entry.label(language()), low=found.lowest, high=found.highest)


def catalogue() -> list[tuple[str, Rating]]:
    """[(code, rating)] of every type of support, in the order of the catalogue."""
    return [(code, rating(entry.extra)) for code, entry in codelists.codelist("InterventionType").items()]


@dataclass(frozen=True)
class Difference:
    """One answer that differs: the field's anchor and label, what is stored now and what was typed."""

    anchor: str
    label: str
    stored: str
    typed: str


def differences(form: Form, stored: Mapping[str, Any], *, asked: Collection[str] | None = None) -> list[Difference]:
    """How the typed answers differ from what is stored now (field name → value), in words, in the order of the page.

    `asked`: the fields to compare, where one that is not stored counts as empty; the stored ones if nothing is said.
    """
    as_stored = form.__class__(formdata=None, data=dict(stored))
    found = []
    for field in form:
        if field.name not in (stored if asked is None else asked) or getattr(field, "kind", "hidden") == "hidden":
            continue
        twin = as_stored[field.name]
        if isinstance(field, ChoiceField):
            twin.choices = field.choices
        if in_words(field) != in_words(twin):
            found.append(Difference(field.anchor, str(field.label.text), in_words(twin), in_words(field)))
    return found


def in_words(field: Any) -> str:
    """What a field holds, as it is read on the page."""
    if isinstance(field, ChoiceField):
        return ", ".join(str(option.label) for option in field.options() if option.checked)
    return str(field.typed)


def agencies_offered(writers: Sequence[Any], *, with_people: bool) -> list[Sequence[Any]]:
    """The agencies somebody may write for; with the young person and the guardians, whose promises the home agency holds."""
    people: list[Sequence[Any]] = [("youth", _l("Den unge")), ("guardian", _l("Vårdnadshavare eller annan anhörig"))]
    return [*((agency.id, agency.name) for agency in writers), *(people if with_people else ())]


class HandOutForm(Form):
    """Nothing to answer: that the excerpt is printed now."""


# -- what people said to a version --------------------------------------------------------------------------------------

_ASKED = ("decision", "on", "how", "words")


class PersonFields:
    """The four questions about one person, as the fields of a form that were made for them."""

    def __init__(self, form: Form, place: int, person: Person) -> None:
        self.person = person
        self.decision, self.on, self.how, self.words = (form[f"{name}_{place}"] for name in _ASKED)

    def check(self) -> None:
        """An answer has a day and a way it was given; a day or words have an answer."""
        if self.decision.data:
            if not self.on.data and not self.on.errors:
                self.on.errors = [_("Skriv vilken dag personen svarade.")]
            if not self.how.data and not self.how.errors:
                self.how.errors = [_("Välj hur personen svarade.")]
        elif (self.how.data or self.words.data) and not self.decision.errors:
            self.decision.errors = [_("Välj vad personen sa, eller töm fälten om svaret inte finns än.")]

    def answer(self) -> Answered | None:
        """The answers as a value; None where the person has not answered."""
        if not self.decision.data:
            return None
        return Answered(self.person.who_id, self.decision.data, self.on.data, self.how.data, self.words.data or "")


class VersionForm(Form):
    """Who said what to a version. Four fields for each person are added by `version_form`."""

    people: Sequence[Person] = ()

    def questions(self) -> list[PersonFields]:
        """The questions by person."""
        return [PersonFields(self, place, person) for place, person in enumerate(self.people)]

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether it was sent, each field holds, and each person's answers hold together."""
        if not self.is_submitted():
            return False
        holds = super().validate_on_submit(extra_validators)
        for one in self.questions():
            one.check()
        return holds and not self.errors

    def answered(self) -> list[Answered]:
        """What those who have answered said."""
        return [answer for one in self.questions() if (answer := one.answer()) is not None]


def version_form(people: Sequence[Person]) -> VersionForm:
    """A form with the questions about each of these people, the day filled in as today."""
    fields: dict[str, Any] = {"people": tuple(people)}
    for place, _person in enumerate(people):
        fields |= {
            f"decision_{place}": CodeField(_l("Svar"), "PlanDecision", look="segments"),
            f"on_{place}": DateField(_l("Vilken dag?"), lean="past", latest=clock.today),
            f"how_{place}": CodeField(_l("Hur?"), "PlanAgreedHow", look="segments"),
            f"words_{place}": TextArea(_l("Med egna ord"), rows=2, max_length=1000),
        }
    made: VersionForm = type("VersionFormForPeople", (VersionForm,), fields)(
        data={f"on_{place}": clock.today() for place in range(len(people))}
    )
    return made
