"""What is asked when an extract is made, and when something recorded is put right or not agreed with."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from caseapp.fields import ChoiceField, CodeField, Form, TextArea, TextField

from .actions import Withholding
from .extract import Item

#: Stands for the young person where a custodian has an id.
YOUNG = "young"


class ExtractForm(Form):
    """For whom, and how they were identified. The view fills `asker`; each item gets two fields of its own (`extract_form`)."""

    asker = ChoiceField(_l("Vem begär utdraget?"), needed=_l("Välj vem som begär utdraget."), look="radios")
    identified_by = CodeField(
        _l("Hur kontrollerades identiteten?"), "IdentityCheck", needed=_l("Välj hur identiteten kontrollerades."), look="radios"
    )
    identified_how = TextField(_l("Vilken handling, eller vem som intygade"), max_length=200, hint=_l("Skriv inte av handlingens nummer."))
    language = ChoiceField(
        _l("Utdragets språk"), [("sv", "Svenska"), ("en", "English")], needed=_l("Välj språk."), look="segments"
    )

    def asker_id(self) -> str | None:
        """The custodian's id; None for the young person."""
        return None if self.asker.data == YOUNG else self.asker.data


class ItemFields:
    """The two questions about one item."""

    def __init__(self, form: Any, item: Item) -> None:
        self.item = item
        self.ground, self.reason = form[f"ground_{item.id}"], form[f"reason_{item.id}"]


class _AllItemsForm(ExtractForm):
    """Knows which items it was made for; the page that was sent may have been made for fewer."""

    items: Sequence[Item] = ()

    def fields_of(self) -> list[ItemFields]:
        """The questions by item."""
        return [ItemFields(self, item) for item in self.items]

    def seen(self) -> set[str]:
        """The ids of the items that the page in front of the person asked about."""
        return {item.id for item in self.items if f"ground_{item.id}" in request.form}

    def withheld(self) -> dict[str, Withholding]:
        """Item id → why it is not handed over."""
        return {
            one.item.id: Withholding(one.ground.data, one.reason.data or "") for one in self.fields_of() if one.ground.data
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """An item that is withheld needs a reason; a reason alone does not withhold."""
        fine = super().validate(extra_validators)
        for one in self.fields_of():
            if one.ground.data and not one.reason.data and not one.reason.errors:
                one.reason.errors = [_l("Skriv varför uppgiften inte lämnas ut.")]
                fine = False
            if one.reason.data and not one.ground.data and not one.ground.errors:
                one.ground.errors = [_l("Välj vilken bestämmelse som gör att uppgiften inte lämnas ut, eller ta bort skälet.")]
                fine = False
        return fine


def extract_form(items: Sequence[Item], **begin: Any) -> Any:
    """A form with the questions about each item."""
    fields: dict[str, Any] = {"items": tuple(items)}
    for item in items:
        fields[f"ground_{item.id}"] = CodeField(_l("Lämna inte ut, med stöd av"), "WithholdingGround", look="select", blank=_l("Lämnas ut"))
        fields[f"reason_{item.id}"] = TextField(_l("Skäl, om uppgiften inte lämnas ut"), max_length=500)
    return type("ExtractItemsForm", (_AllItemsForm,), fields)(**begin)


class RemarkForm(Form):
    """A correction or an objection. The view leaves the correction out where another agency recorded it."""

    what = ChoiceField(
        _l("Vad gäller det?"),
        [
            ("correction", _l("Rättelse"), _l("Det som står är fel. Det finns kvar, med rättelsen bredvid.")),
            ("youth", _l("Den unge håller inte med")),
            ("guardian", _l("En vårdnadshavare håller inte med")),
        ],
        needed=_l("Välj om det är en rättelse eller om någon inte håller med."),
        look="radios",
    )
    part = TextField(_l("Vilken uppgift?"), max_length=120, hint=_l("Till exempel risknivå eller telefon."))
    was = TextField(_l("Vad står där?"), max_length=500)
    becomes = TextField(_l("Vad är rätt?"), max_length=500)
    text = TextArea(
        _l("Varför är det fel, eller vad säger personen?"), needed=_l("Skriv varför det är fel, eller vad personen säger."), max_length=4000
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A correction says what is right."""
        fine = super().validate(extra_validators)
        if self.what.data == "correction" and not self.becomes.data and not self.becomes.errors:
            self.becomes.errors = [_l("Skriv vad som är rätt.")]
            fine = False
        return fine
