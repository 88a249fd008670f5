"""Which of the offered answers was chosen?

`CodeField` and `CodesField` offer a code list in the language of the page; `ChoiceField` and `ChoicesField` offer what the view
puts into `choices`, a list of (value, label) or (value, label, hint). Only what is offered is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.validators import StopValidation

from caseapp import codelists
from caseapp.fields.typed_text import language

_NOT_OFFERED = _l("Välj ett av alternativen.")
_CHOOSE = _l("Välj ett alternativ.")
_MANY_FOR_RADIOS = 7


@dataclass(frozen=True)
class Option:
    """One offered answer as the page shows it."""

    value: str
    label: Any
    hint: Any
    checked: bool
    id: str


class ChoiceField(wtforms.Field):
    """One of the offered values, or None. `look`: radios, select, or segments (a row of short answers); by length if not said.

    `not_offered`: what is said of a value that is not among them.
    """

    many = False

    def __init__(
        self,
        label: Any = None,
        choices: Sequence[Sequence[Any]] = (),
        *,
        needed: Any = None,
        hint: Any = "",
        look: str | None = None,
        blank: Any = None,
        not_offered: Any = _NOT_OFFERED,
        validators: Any = (),
        **named: Any,
    ) -> None:
        super().__init__(label, list(validators), description=hint, **named)
        self.not_offered = not_offered
        self.choices: list[Sequence[Any]] = list(choices)
        self.data: Any
        self.needed = _CHOOSE if needed is True else needed
        self.hint = hint
        self.blank = blank
        self._look = look

    @property
    def kind(self) -> str:
        """The look: radios, select or segments."""
        return self._look or ("radios" if len(self.choices) <= _MANY_FOR_RADIOS else "select")

    def options(self) -> list[Option]:
        """What is offered, in order, with what is chosen marked."""
        chosen = self._chosen()
        return [
            Option(str(one[0]), one[1], one[2] if len(one) > 2 else "", str(one[0]) in chosen, f"{self.id}-{place}")
            for place, one in enumerate(self.choices)
        ]

    def _chosen(self) -> set[str]:
        return set() if self.data is None else {str(self.data)}

    def _offered(self) -> list[str]:
        return [str(one[0]) for one in self.choices]

    def process_data(self, value: Any) -> None:
        """Take the value the form begins with."""
        self.data = None if value is None else str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was posted; whether it is offered is asked in pre_validate, when the view has set the choices."""
        first = valuelist[0] if valuelist else ""
        self.data = first if isinstance(first, str) and first else None

    def pre_validate(self, _form: wtforms.Form) -> None:
        """Only what is offered; something, if something is needed."""
        if self.data is not None and self.data not in self._offered():
            self.data = None
            raise StopValidation(self.not_offered)
        if self.needed and self.data is None:
            raise StopValidation(self.needed)

    @property
    def anchor(self) -> str:
        """The id of the element the error summary leads to: the first radio, or the select box."""
        return str(self.id) if self.kind == "select" else f"{self.id}-0"


class ChoicesField(ChoiceField):
    """Any number of the offered values: a list in the order they are offered.

    `exclusive`: a value that excludes the others ("Inga särskilda hinder").
    """

    many = True

    def __init__(
        self, label: Any = None, choices: Sequence[Sequence[Any]] = (), *, exclusive: str | None = None, **named: Any
    ) -> None:
        super().__init__(label, choices, **named)
        self.exclusive = exclusive

    @property
    def kind(self) -> str:
        """The look: checkboxes."""
        return self._look or "checkboxes"

    @property
    def anchor(self) -> str:
        """The id of the first box."""
        return f"{self.id}-0"

    def _chosen(self) -> set[str]:
        return {str(value) for value in self.data or ()}

    def process_data(self, value: Any) -> None:
        """Take the values the form begins with."""
        self.data = [str(one) for one in value or ()]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was posted."""
        self.data = [one for one in valuelist if isinstance(one, str) and one]

    def pre_validate(self, _form: wtforms.Form) -> None:
        """Only what is offered, each once; something, if something is needed; nothing beside the exclusive answer."""
        posted, offered = set(self.data or ()), self._offered()
        self.data = [value for value in offered if value in posted]
        if posted - set(offered):
            raise StopValidation(self.not_offered)
        if self.exclusive in posted and len(posted) > 1:
            only = next(one[1] for one in self.choices if str(one[0]) == self.exclusive)
            raise StopValidation(_l("Välj antingen ”%(only)s” eller de andra alternativen.", only=only))
        if self.needed and not posted:
            raise StopValidation(self.needed)


def _from_list(name: str, only: Collection[str] | None, without: Collection[str]) -> list[tuple[str, str]]:
    offered = codelists.choices(name, language())
    return [(code, label) for code, label in offered if (only is None or code in only) and code not in without]


class CodeField(ChoiceField):
    """One code of a code list, or None: CodeField(_l("Behov"), "NeedLevel", look="segments")."""

    def __init__(
        self,
        label: Any = None,
        codelist: str = "",
        *,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        **named: Any,
    ) -> None:
        super().__init__(label, _from_list(codelist, only, without), **named)


class CodesField(ChoicesField):
    """Any number of codes of a code list."""

    def __init__(
        self,
        label: Any = None,
        codelist: str = "",
        *,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        **named: Any,
    ) -> None:
        super().__init__(label, _from_list(codelist, only, without), **named)
