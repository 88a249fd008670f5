"""How are people asked, and what do their answers become?

The shared form and its fields. A package's `forms.py` declares forms of these; the macros in templates/components/forms.html
show them. Every field is optional unless it has `needed`, the sentence that asks for it.

Promised: whatever a browser or an attacker posts, a form answers with values or with Swedish sentences that say what to do; it
never raises. What was typed is kept, except secrets.

Not done here: whether the person may do it, and whether the record allows it. That is decided by the actions.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from caseapp.fields.basic import (
    Answer,
    EmailField,
    HiddenField,
    HourField,
    OneTimeCodeField,
    SecretField,
    TextArea,
    TextField,
    WholeNumberField,
    YesField,
)
from caseapp.fields.choices import ChoiceField, ChoicesField, CodeField, CodesField, Option
from caseapp.fields.dates import DateField, PersonalNumberField, not_before
from caseapp.fields.files import FileField, takes_files
from caseapp.fields.typed_text import TextRefused, clean_text, for_a_page, language

__all__ = [
    "Answer", "ChoiceField", "ChoicesField", "CodeField", "CodesField", "DateField", "EmailField", "FileField", "Form", "HiddenField",
    "HourField", "OneTimeCodeField", "Option", "PersonalNumberField", "SecretField", "TextArea", "TextField", "TextRefused",
    "WholeNumberField", "YesField", "clean_text", "for_a_page", "language", "not_before", "takes_files",
]  # fmt: skip


_TOO_OLD = _l("Sidan har varit öppen för länge. Kontrollera svaren och skicka igen.")


class _OnceField(HiddenField):
    """A random token made with the page; anything that does not look like one is replaced by a fresh one."""

    def process_data(self, value: Any) -> None:
        """A new token for a new page."""
        super().process_data(value or secrets.token_hex(16))

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The page's own token comes back."""
        posted = valuelist[0] if valuelist else ""
        if isinstance(posted, str) and re.fullmatch(r"[0-9a-f]{32}", posted):
            self.data = self.typed = posted


class _VersionField(HiddenField):
    """The version of the record the page was made from; an int, or None where there is no record yet.

    No record has version 0: it stands for what no page of ours sends, so that such a form overwrites nothing unseen.
    """

    def process_formdata(self, valuelist: list[Any]) -> None:
        """A number, or nothing."""
        posted = valuelist[0] if valuelist else ""
        found = isinstance(posted, str) and re.fullmatch(r"[0-9]{1,9}", posted)
        self.data = int(posted) if found else 0 if posted or self.object_data is not None else None
        self.typed = "" if self.data is None else str(self.data)


class Form(FlaskForm):
    """A form of the house: CSRF by Flask-WTF, `once` against saving twice, `version` against overwriting somebody."""

    once = _OnceField()
    version = _VersionField()

    def once_key(self) -> str:
        """The same 64 hex digits for the same page sent twice with the same answers; other answers give another key.

        Store this, never the token: without the token the digest tells nothing about the answers.
        """
        digest = hashlib.sha256()
        for field in self:
            if field.name == "csrf_token":
                continue
            # A page that lost its token counts as a page of its own: its answers must not look like somebody else's.
            answers = [field.data] if field is self.once else field.raw_data or []
            for part in (field.name, *answers):
                written = str(part).encode("utf-8", "surrogatepass")
                digest.update(len(written).to_bytes(8, "big") + written)
        return digest.hexdigest()

    def problems(self) -> list[tuple[str | None, Any]]:
        """[(anchor, sentence)] for the error summary, in the order of the page; anchor None belongs to the form as a whole."""
        found: list[tuple[str | None, Any]] = [(None, sentence) for sentence in self.form_errors]
        for field in self:
            if field.name == "csrf_token":  # the library's own words are English and about tokens
                found.extend((None, _TOO_OLD) for _ in field.errors)
                continue
            # Fields of other libraries have no kind and no anchor; they stand for themselves.
            anchor = None if getattr(field, "kind", "") == "hidden" else getattr(field, "anchor", field.id)
            found.extend((anchor, sentence) for sentence in field.errors)
        return found


def status_of(form: FlaskForm) -> int:
    """The HTTP status of a page with this form: 422 where it was sent and has something to put right, otherwise 200."""
    return 422 if form.is_submitted() and (form.errors or form.form_errors) else 200
