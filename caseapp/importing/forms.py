"""What is asked on the way: the file, the sheet, what each column is, what unknown words mean, and which rows are to become cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from caseapp import codelists
from caseapp.cases.notes import NOTE_TYPES
from caseapp.fields import ChoiceField, CodeField, FileField, Form, HiddenField, WholeNumberField, language

from . import rules
from .choosing import UnknownValue
from .columns import Column
from .lines import LEFT_OUT
from .words import MAPPING, field_words

#: What a column is that is not taken in.
NOT_TAKEN = "-"


class FileForm(Form):
    """The file, and which team's list it is."""

    team = ChoiceField(_l("Team"), needed=_l("Välj team."), look="select")
    file = FileField(
        _l("Fil"), needed=_l("Välj filen med teamets lista."), hint=_l("Excel-arbetsbok (.xlsx) eller CSV, högst 5 MB och 1 000 rader.")
    )


class SheetForm(Form):
    """Which sheet, and in which row the headings stand. The view fills `sheet`."""

    sheet = ChoiceField(_l("Blad"), needed=_l("Välj ett blad."), look="radios")
    heading_row = WholeNumberField(_l("Rad med rubriker"), smallest=1, largest=20, hint=_l("Det som står ovanför läses inte."))


class _ColumnsForm(Form):
    """What each column is. Each column has a field of its own (`columns_form`)."""

    columns: Sequence[Column] = ()
    note_type = CodeField(
        _l("Vad handlar anteckningarna om?"),
        "InformationType",
        only=NOTE_TYPES,
        needed=_l("Välj vad anteckningarna handlar om."),
        look="select",
        hint=_l("Det avgör vilka som får läsa dem när ett samtycke finns."),
    )

    def fields_of(self) -> list[tuple[Column, Any]]:
        """The columns with their questions."""
        return [(column, self[f"column_{column.place}"]) for column in self.columns]

    def mapping(self) -> dict[int, str]:
        """Place of a column → field, without those that are not taken in."""
        return {column.place: field.data for column, field in self.fields_of() if field.data and field.data != NOT_TAKEN}

    def validate(self, extra_validators: Any = None) -> bool:
        """A name and an identity have to be there, and nothing twice."""
        fine = super().validate(extra_validators)
        wrong = rules.wrong_with_mapping(self.mapping().values()) if fine else ""
        if wrong == "twice":
            chosen = list(self.mapping().values())
            for _column, field in self.fields_of():
                if field.data in rules.FIELDS and chosen.count(field.data) > 1 and not rules.FIELDS[field.data].many:
                    field.errors = [MAPPING[wrong]]
        elif wrong:
            self.form_errors.append(MAPPING[wrong])
        return fine and not wrong


def columns_form(columns: Sequence[Column], mapping: Mapping[int, str], note_type: str) -> Any:
    """A form that asks of each column what it is."""
    offered = [(NOT_TAKEN, _l("Tas inte med")), *((code, field_words(code)) for code in rules.FIELDS)]
    fields: dict[str, Any] = {"columns": tuple(columns)}
    for column in columns:
        label = _l("Kolumn %(letter)s: %(heading)s", letter=column.letter, heading=column.heading or _l("utan rubrik"))
        fields[f"column_{column.place}"] = ChoiceField(label, offered, needed=True, look="select")
    begin = {f"column_{column.place}": mapping.get(column.place, NOT_TAKEN) for column in columns}
    return type("ColumnsForm", (_ColumnsForm,), fields)(note_type=note_type, **begin)


class _ValuesForm(Form):
    """What unknown words mean. Each has a field of its own (`values_form`)."""

    values: Sequence[UnknownValue] = ()

    def fields_of(self) -> list[tuple[UnknownValue, Any]]:
        """The words with their questions."""
        return [(value, self[value.key]) for value in self.values]

    def chosen(self) -> dict[str, str]:
        """What stands for the words → code, agency or LEFT_OUT."""
        return {value.key: field.data for value, field in self.fields_of() if field.data}


def values_form(values: Sequence[UnknownValue], agencies: Sequence[tuple[str, str]]) -> Any:
    """A form that asks of each unknown value what it means."""
    fields: dict[str, Any] = {"values": tuple(values)}
    for value in values:
        known = rules.FIELDS[value.field]
        offered = list(agencies) if known.kind == "agencies" else codelists.choices(known.codelist, language())
        label = _l("%(field)s: ”%(words)s”", field=field_words(value.field), words=value.words[:80])
        choices = [(LEFT_OUT, _l("Tas inte med")), *offered]
        fields[value.key] = ChoiceField(label, choices, look="select", needed=_l("Välj vad det betyder, eller ”Tas inte med”."))
    return type("ValuesForm", (_ValuesForm,), fields)(**{value.key: value.chosen or None for value in values})


class RowsForm(Form):
    """Which rows. `how`: the whole file or the chosen rows, by the button that was pressed."""

    how = HiddenField()
    rows = ChoiceField(_l("Rader"))

    def numbers(self, offered: Sequence[int]) -> list[int]:
        """The chosen rows that are offered."""
        posted = {str(one) for one in self.rows.raw_data or ()}
        return [number for number in offered if str(number) in posted]

    def validate(self, extra_validators: Any = None) -> bool:
        """Which rows are offered the report tells; here only the page's own tokens are looked at."""
        self.rows.choices = [(one, "") for one in self.rows.raw_data or () if isinstance(one, str)]
        return super().validate(extra_validators)


def say_file(form: FileForm, sentence: str) -> None:
    """Tell at the field why the file cannot be used."""
    form.file.errors = [*form.file.errors, sentence]

