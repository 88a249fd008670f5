"""What does a typed answer become, and which sentence comes back when it cannot?

`Answer` is the base of all fields: it cleans the text, lets `understand` make the value, and keeps what was typed for the page
that asks again. A field is optional unless `needed` holds the sentence that asks for it.

Promised: whatever is posted, `data` is either the value or None, `errors` hold sentences, and nothing is raised.
"""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.validators import StopValidation

from caseapp.fields.typed_text import TextRefused, clean_text, language
from caseapp.formats import clock_time, number, parse_hour

NEEDED = _l("Fyll i det här fältet.")


class Answer(wtforms.Field):
    """One answer typed as text. The macros in components/forms.html choose the look by `kind`.

    `needed`: the sentence shown when nothing is answered (True for a general one); without it the field is optional.
    `hint`: said before the field. `width`: number of characters the box is meant for: 4, 6, 8, 12, 16, 20, 30, or None for the full width.
    """

    kind = "text"
    input_type = "text"
    inputmode: str | None = None
    lines = False

    def __init__(
        self,
        label: Any = None,
        *,
        needed: Any = None,
        hint: Any = "",
        max_length: int = 200,
        width: int | None = None,
        autocomplete: str = "off",
        input_type: str | None = None,
        validators: Any = (),
        **named: Any,
    ) -> None:
        super().__init__(label, list(validators), description=hint, **named)
        self.needed = NEEDED if needed is True else needed
        self.hint = hint
        self.max_length = max_length
        self.width = width
        self.autocomplete = autocomplete
        self.input_type = input_type or self.input_type
        self.typed = ""

    def understand(self, text: str) -> Any:
        """The value of a clean, non-empty text; ValueError(sentence) if it has none."""
        return text

    def show(self, value: Any) -> str:
        """The text in the box for a value."""
        return str(value)

    def process_data(self, value: Any) -> None:
        """Take the value the form begins with."""
        self.data = value
        self.typed = "" if value is None else self.show(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was posted."""
        self.data = None
        raw = valuelist[0] if valuelist else ""
        try:
            self.typed = clean_text(raw, max_length=self.max_length, lines=self.lines)
        except TextRefused as refused:
            self.typed = refused.shown
            raise
        if self.typed:
            self.data = self.understand(self.typed)

    def pre_validate(self, _form: wtforms.Form) -> None:
        """Ask for a missing answer; say only one thing at a time."""
        if self.process_errors:
            raise StopValidation()
        if self.needed and self.is_empty:
            raise StopValidation(self.needed)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        return self.data is None

    @property
    def anchor(self) -> str:
        """The id of the element the error summary leads to."""
        return str(self.id)

    def _value(self) -> str:
        return self.typed


class TextField(Answer):
    """One line of text; the value is a text or None."""


class TextArea(Answer):
    """Several lines of text with a count of characters left."""

    kind = "textarea"
    lines = True

    def __init__(self, label: Any = None, *, max_length: int = 10_000, rows: int = 5, **named: Any) -> None:
        super().__init__(label, max_length=max_length, **named)
        self.rows = rows


class EmailField(Answer):
    """An e-mail address, only checked for its shape."""

    input_type = "email"
    inputmode = "email"

    def __init__(self, label: Any = None, *, autocomplete: str = "email", width: int | None = 30, **named: Any) -> None:
        super().__init__(label, autocomplete=autocomplete, width=width, **named)

    def understand(self, text: str) -> str:
        """The address as typed."""
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
            raise ValueError(_l("Skriv hela e-postadressen, till exempel namn@kommun.se."))
        return text


class HourField(Answer):
    """A time of day: 13, 13.00, 13:00 or 1300; the value is a datetime.time."""

    inputmode = "text"

    def __init__(self, label: Any = None, *, width: int | None = 6, **named: Any) -> None:
        super().__init__(label, width=width, **named)

    def understand(self, text: str) -> time:
        """The time of day."""
        try:
            return parse_hour(text)
        except ValueError:
            raise ValueError(_l("Skriv klockslaget som 13.00.")) from None

    def show(self, value: time) -> str:
        """13.00"""
        return clock_time(value, language())


class WholeNumberField(Answer):
    """A whole number between two bounds; the value is an int."""

    inputmode = "numeric"

    def __init__(
        self, label: Any = None, *, smallest: int = 0, largest: int = 999_999, width: int | None = 6, **named: Any
    ) -> None:
        super().__init__(label, width=width, **named)
        self.smallest, self.largest = smallest, largest

    def understand(self, text: str) -> int:
        """The number; spaces between thousands are fine."""
        digits = re.sub(r"\s", "", text)
        if not re.fullmatch(r"-?[0-9]{1,12}", digits) or not self.smallest <= int(digits) <= self.largest:
            lang = language()
            bounds = {"smallest": number(self.smallest, lang), "largest": number(self.largest, lang)}
            raise ValueError(_l("Skriv ett heltal mellan %(smallest)s och %(largest)s.", **bounds))
        return int(digits)


class SecretField(Answer):
    """A password, exactly as typed: nothing trimmed or normalised, never shown again."""

    kind = "secret"
    input_type = "password"

    def __init__(self, label: Any = None, *, max_length: int = 128, autocomplete: str = "current-password", **named: Any) -> None:
        super().__init__(label, max_length=max_length, autocomplete=autocomplete, **named)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the text untouched; refuse only what cannot be written as UTF-8 or is too long."""
        raw = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.typed, self.data = "", None
        try:
            raw.encode()
        except UnicodeEncodeError:
            raise ValueError(_l("Lösenordet innehöll tecken som inte går att använda. Skriv det igen.")) from None
        if len(raw) > self.max_length:
            raise ValueError(_l("Lösenordet får vara högst %(limit)s tecken.", limit=self.max_length))
        self.data = raw or None


class OneTimeCodeField(Answer):
    """The six digits of an authenticator app; spaces are forgiven, never shown again."""

    inputmode = "numeric"

    def __init__(self, label: Any = None, *, width: int | None = 8, autocomplete: str = "one-time-code", **named: Any) -> None:
        super().__init__(label, width=width, autocomplete=autocomplete, **named)

    def understand(self, text: str) -> str:
        """Six digits."""
        self.typed = ""
        digits = re.sub(r"\s", "", text)
        if not re.fullmatch(r"[0-9]{6}", digits):
            raise ValueError(_l("Skriv koden med sex siffror från din app."))
        return digits


class HiddenField(Answer):
    """Something the page carries for itself: an id, a step. The value is a text or None."""

    kind = "hidden"


class YesField(wtforms.Field):
    """A single box to tick; the value is True or False."""

    kind = "yes"

    def __init__(self, label: Any = None, *, needed: Any = None, hint: Any = "", validators: Any = (), **named: Any) -> None:
        super().__init__(label, list(validators), description=hint, **named)
        self.needed = NEEDED if needed is True else needed
        self.hint = hint

    def process_data(self, value: Any) -> None:
        """Take the value the form begins with."""
        self.data = bool(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Ticked means that the page sent 1."""
        self.data = "1" in valuelist

    def pre_validate(self, _form: wtforms.Form) -> None:
        """Ask for the tick when it is needed."""
        if self.needed and not self.data:
            raise StopValidation(self.needed)

    @property
    def anchor(self) -> str:
        """The id of the element the error summary leads to."""
        return str(self.id)
