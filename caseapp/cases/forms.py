"""What is asked about a young person, the people around, a note, and the end of a case."""

import hashlib
from typing import Any

from flask_babel import lazy_gettext as _l

from caseapp.fields import (
    ChoiceField,
    ChoicesField,
    CodeField,
    CodesField,
    DateField,
    Form,
    HiddenField,
    PersonalNumberField,
    TextArea,
    TextField,
    YesField,
)
from caseapp.formats import PersonalNumber, clock

from .starting import NO_CONTACT, NewPerson, NewRelated

_ADDRESS_NOT_KEPT = _l("Vid skyddad folkbokföring sparas ingen adress. Ta bort adressen.")
_PHONE_NOT_KEPT = _l("Vid skyddad folkbokföring sparas inget telefonnummer. Ta bort numret.")
_HOME_NOT_KEPT = _l("En vårdnadshavare har skyddad folkbokföring. Då sparas inte den unges adress. Ta bort adressen.")
_TICK_TO_REMOVE = _l("Kryssa i att det som är sparat ska tas bort, eller välj ett annat skydd.")


def _remove_field() -> YesField:
    return YesField(
        _l("Ta bort sparad adress och telefon"),
        hint=_l("Behövs bara när du väljer skyddad folkbokföring. De skrivs då över när du sparar och går inte att få tillbaka."),
    )


class SearchForm(Form):
    """The search box of every page."""

    words = TextField(_l("Sök ärende"), hint=_l("Namn, personnummer eller ärendenummer"), needed=_l("Skriv ett namn eller ett nummer."))


class YoungPersonForm(Form):
    """Who the young person is."""

    name = TextField(_l("Den unges namn"), needed=_l("Skriv den unges namn."), max_length=120)
    id_kind = ChoiceField(
        _l("Identitetsnummer"),
        [
            ("number", _l("Personnummer eller samordningsnummer")),
            ("temporary", _l("Reservnummer eller annat tillfälligt nummer")),
            ("none", _l("Saknar nummer")),
        ],
        needed=_l("Välj vilket slags nummer den unge har."),
    )
    number = PersonalNumberField(_l("Personnummer eller samordningsnummer"), hint=_l("10 eller 12 siffror. Kontrollsiffran prövas."))
    temporary_number = TextField(_l("Tillfälligt nummer"), max_length=40, width=20)
    born = DateField(
        _l("Född"), lean="past", latest=clock.today, hint=_l("Behövs bara när numret saknas eller är tillfälligt. Till exempel 2011-03-03.")
    )
    sex = CodeField(_l("Kön"), "Sex", needed=_l("Välj kön, eller att uppgiften saknas."), look="segments")
    protected = CodeField(
        _l("Skyddade personuppgifter"), "ProtectedStatus", needed=True, hint=_l("Med skydd ser bara namngivna personer vem ärendet gäller.")
    )
    phone = TextField(_l("Den unges telefon"), max_length=40, width=20, input_type="tel")
    address = TextField(_l("Den unges adress"), max_length=200)
    remove_contact = _remove_field()
    #: What is stored now, "" for nothing: with protected population registration it is removed, and nothing new is taken.
    stored_phone = stored_address = ""

    @property
    def has_stored_contact(self) -> bool:
        """Whether there is anything that protected population registration would remove."""
        return bool(self.stored_phone or self.stored_address)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the number, or for the birth date, that the chosen kind needs."""
        fine = super().validate(extra_validators)
        kind = self.id_kind.data
        if kind == "number" and self.number.data is None and not self.number.errors:
            self.number.errors = [_l("Skriv numret, eller välj att det saknas.")]
        if kind == "temporary" and not self.temporary_number.data and not self.temporary_number.errors:
            self.temporary_number.errors = [_l("Skriv det tillfälliga numret, eller välj att nummer saknas.")]
        if kind in ("temporary", "none") and self.born.data is None and not self.born.errors:
            self.born.errors = [_l("Skriv när den unge är född. Det behövs för att veta vem som ska ge samtycke.")]
        if self.protected.data == NO_CONTACT:
            self._refuse_contact()
        asked = (self.number, self.temporary_number, self.born, self.phone, self.address, self.remove_contact)
        return fine and not any(field.errors for field in asked)

    def _refuse_contact(self) -> None:
        """Take no new address or telephone, and ask before what is stored is removed."""
        for field, stored, sentence in (
            (self.phone, self.stored_phone, _PHONE_NOT_KEPT),
            (self.address, self.stored_address, _ADDRESS_NOT_KEPT),
        ):
            if field.data and field.data != stored:
                field.errors = [sentence]
        if self.has_stored_contact and not self.remove_contact.data:
            self.remove_contact.errors = [_TICK_TO_REMOVE]

    def person(self) -> NewPerson:
        """The answers as a value."""
        kind = self.id_kind.data
        return NewPerson(
            name=self.name.data,
            sex=self.sex.data,
            number=self.number.data if kind == "number" else None,
            temporary_number=(self.temporary_number.data or "") if kind == "temporary" else "",
            born=self.born.data if kind != "number" else None,
            protected=self.protected.data,
            phone=self.phone.data or "",
            address=self.address.data or "",
        )


class StartForm(YoungPersonForm):
    """A new case on one page. `confirmed` holds the mark of the person that was shown as "Stämmer detta?"."""

    team = ChoiceField(_l("Team"), needed=_l("Välj team."))
    opened_on = DateField(_l("Aktualiserad"), lean="past", latest=clock.today, needed=_l("Skriv vilken dag oron kom in."))
    referral_source = CodeField(_l("Vem tog initiativet?"), "ReferralSource", needed=_l("Välj vem som tog initiativet."), look="select")
    concerns = CodesField(_l("Vad gäller oron?"), "Concern", hint=_l("Välj alla som stämmer."))
    custodian_name = TextField(_l("Vårdnadshavarens namn"), max_length=120)
    custodian_phone = TextField(_l("Telefon"), max_length=40, width=20, input_type="tel")
    custodian_protected = CodeField(_l("Skyddade personuppgifter"), "ProtectedStatus", look="select", blank=_l("Ingen skyddsuppgift"))
    custodian2_name = TextField(_l("Vårdnadshavarens namn"), max_length=120)
    custodian2_phone = TextField(_l("Telefon"), max_length=40, width=20, input_type="tel")
    custodian2_protected = CodeField(_l("Skyddade personuppgifter"), "ProtectedStatus", look="select", blank=_l("Ingen skyddsuppgift"))
    participants = ChoicesField(_l("Vilka i teamet deltar?"), hint=_l("Vad de får läsa avgörs av samtycket. Du deltar själv."))
    confirmed = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """A custodian with protected population registration has no telephone here, and no address through the young person."""
        fine = super().validate(extra_validators)
        for phone, protected in ((self.custodian_phone, self.custodian_protected), (self.custodian2_phone, self.custodian2_protected)):
            if protected.data == NO_CONTACT and phone.data:
                phone.errors = [_PHONE_NOT_KEPT]
            if protected.data == NO_CONTACT and self.address.data and not self.address.errors:
                self.address.errors = [_HOME_NOT_KEPT]
        return fine and not any(field.errors for field in (self.custodian_phone, self.custodian2_phone, self.address))

    def custodians(self) -> list[NewRelated]:
        """The custodians that were named."""
        rows = (
            (self.custodian_name, self.custodian_phone, self.custodian_protected),
            (self.custodian2_name, self.custodian2_phone, self.custodian2_protected),
        )
        return [
            NewRelated(name=name.data, phone=phone.data or "", protected=protected.data or "none")
            for name, phone, protected in rows
            if name.data
        ]

    def mark(self) -> str:
        """What stands for exactly this person, so that a changed number is asked about again."""
        number = self.number.data.canonical if isinstance(self.number.data, PersonalNumber) else ""
        told = "\n".join((str(self.name.data), str(self.id_kind.data), number, str(self.temporary_number.data), str(self.born.data)))
        return hashlib.sha256(told.encode()).hexdigest()[:32]


class RelatedForm(Form):
    """Somebody around the young person."""

    name = TextField(_l("Namn"), needed=_l("Skriv personens namn."), max_length=120)
    role = CodeField(_l("Vem är det?"), "RelatedRole", needed=_l("Välj vem personen är för den unge."))
    phone = TextField(_l("Telefon"), max_length=40, width=20, input_type="tel")
    protected = CodeField(
        _l("Skyddade personuppgifter"), "ProtectedStatus", needed=True, hint=_l("Med skydd ser bara de på personens lista vem det är.")
    )
    remove_contact = _remove_field()
    #: The telephone that is stored now, and whether an address of the young person is.
    stored_phone = ""
    has_home_address = False

    @property
    def has_stored_contact(self) -> bool:
        """Whether there is anything that protected population registration would remove."""
        return bool(self.stored_phone or self.has_home_address)

    def validate(self, extra_validators: Any = None) -> bool:
        """With protected population registration no telephone is taken, and what is stored is removed after asking."""
        fine = super().validate(extra_validators)
        if self.protected.data != NO_CONTACT:
            return fine
        if self.phone.data and self.phone.data != self.stored_phone:
            self.phone.errors = [_PHONE_NOT_KEPT]
        removes = self.stored_phone or (self.has_home_address and self.role.data == "custodian")
        if removes and not self.remove_contact.data:
            self.remove_contact.errors = [_TICK_TO_REMOVE]
        return fine and not (self.phone.errors or self.remove_contact.errors)

    def person(self) -> NewRelated:
        """The answers as a value."""
        return NewRelated(name=self.name.data, role=self.role.data, phone=self.phone.data or "", protected=self.protected.data)


class FactsForm(Form):
    """Where the case stands and how it began."""

    status = CodeField(_l("Status"), "CaseStatus", without=("closed", "not_started"), needed=_l("Välj status."), look="radios")
    opened_on = DateField(_l("Aktualiserad"), lean="past", latest=clock.today, needed=_l("Skriv vilken dag oron kom in."))
    referral_source = CodeField(_l("Vem tog initiativet?"), "ReferralSource", needed=_l("Välj vem som tog initiativet."), look="select")
    concerns = CodesField(_l("Vad gäller oron?"), "Concern", hint=_l("Välj alla som stämmer."))


class NoteForm(Form):
    """A note. The view fills `information_type` with who can read each type now; `epoch` tells of which moment that was."""

    epoch = HiddenField()
    occurred_on = DateField(_l("När hände det?"), lean="past", latest=clock.today, needed=_l("Skriv vilken dag det gäller."))
    information_type = ChoiceField(_l("Vad handlar det om?"), needed=_l("Välj vad anteckningen handlar om."), look="radios")
    heading = TextField(_l("Rubrik"), max_length=120)
    text = TextArea(_l("Anteckning"), needed=_l("Skriv anteckningen."), rows=8)


class CorrectionForm(Form):
    """A corrected note: everything but its type."""

    epoch = HiddenField()
    occurred_on = DateField(_l("När hände det?"), lean="past", latest=clock.today, needed=_l("Skriv vilken dag det gäller."))
    heading = TextField(_l("Rubrik"), max_length=120)
    text = TextArea(_l("Anteckning"), needed=_l("Skriv anteckningen."), rows=8)
    reason = TextField(_l("Varför rättas den?"), needed=_l("Skriv varför anteckningen rättas."), max_length=500)


class CloseForm(Form):
    """The end of a case."""

    ending = ChoiceField(
        _l("Hur slutade det?"),
        [
            ("closed", _l("Samverkan avslutas")),
            ("not_started", _l("Samverkan inleddes aldrig"), _l("Till exempel för att samtycke inte gavs.")),
        ],
        needed=True,
    )
    reason = CodeField(_l("Orsak"), "ClosureReason", needed=_l("Välj varför ärendet avslutas."), look="radios")
    closed_on = DateField(_l("Avslutat"), lean="past", latest=clock.today, needed=_l("Skriv vilken dag ärendet avslutades."))
    summary = TextArea(_l("Sammanfattning"), hint=_l("Vad har gjorts, och vad tar vid?"))


class PrintForm(Form):
    """Why something about somebody with protected identity is printed."""

    reason = TextField(
        _l("Varför behövs pappret?"), needed=_l("Skriv varför pappret behövs."), max_length=300, hint=_l("Till exempel för underskrift.")
    )


class BlockForm(Form):
    """Why somebody is kept away from a case, or no longer."""

    reason = TextArea(
        _l("Varför?"),
        hint=_l("Kort, till exempel släkt eller grannar. Bara ärendets samordnare ser det."),
        needed=_l("Skriv varför, så att beslutet går att förstå efteråt."),
        max_length=500,
        rows=3,
    )


class BiasForm(BlockForm):
    """Why one must not come near the case, and who takes over from its only coordinator."""

    successor = ChoiceField(_l("Vem tar över?"), look="select", hint=_l("Du är ärendets enda samordnare."))
