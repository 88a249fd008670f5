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
from collections.abc import Mapping
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto

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
from caseapp.formats import merged

__all__ = [
    "Answer", "ChoiceField", "ChoicesField", "CodeField", "CodesField", "DateField", "EmailField", "FileField", "Form",
    "FormKey", "HiddenField", "HourField", "OneTimeCodeField", "Option", "PersonalNumberField", "SecretField", "TextArea", "TextField",
    "TextRefused", "WholeNumberField", "YesField", "clean_text", "for_a_page", "language", "not_before", "page_of", "takes_files",
]  # fmt: skip


#: What a page calls the text that a field held when it was opened, before the field's own name.
FIRST = "first-"
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


class FormKey(str):
    """What tells a form that was sent from its double: 64 hex digits, of which the first half stands for the page it was sent from.

    `draft_at`: the address under which a draft of it may have been kept, which ends when the form is carried out; "" for none.
    """

    draft_at: str

    def __new__(cls, digits: str, draft_at: str = "") -> FormKey:
        made = super().__new__(cls, digits)
        made.draft_at = draft_at
        return made


def page_of(once: str) -> str:
    """32 hex digits that stand for the page with this token, and do not tell the token."""
    return hashlib.sha256(b"page" + once.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Form(FlaskForm):
    """A form of the house: CSRF by Flask-WTF, `once` against saving twice, `version` against overwriting somebody.

    Where a draft is in use on this request (see the room drafts), a form that was not sent begins with what was typed in it.
    """

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent; otherwise the draft in use."""
            sent = super().wrap_formdata(form, formdata)
            return g.get("draft_in_use") if sent is None and formdata is _Auto else sent

    once = _OnceField()
    version = _VersionField()

    def post_process(self, formdata: Any) -> None:
        """As always; and note what the page first showed, which it brings back when it is sent."""
        super().post_process(formdata)
        self.is_from_draft = formdata is not None and not self.is_submitted()
        texts = [field for field in self if isinstance(field, TextArea)]
        if formdata is None:
            self._first = {field.name: field.show(field.object_data) for field in texts if field.object_data}
        else:
            brought = {field.name: formdata.get(FIRST + field.name) for field in texts}
            self._first = {name: for_a_page(text) for name, text in brought.items() if isinstance(text, str)}

    def first_seen(self) -> dict[str, str]:
        """Name → the text that a field of several lines held when the person opened the page: what was changed is told from it."""
        return self._first

    def propose(self, stored: Mapping[str, Any]) -> bool:
        """Put into the fields of several lines what becomes of the text that is stored now (field name → text) and the one typed here.

        Whether both changed the same place somewhere, so that somebody has to choose: there both stand. What is stored now is from then
        on what the page began with.
        """
        is_disputed = False
        for field in self:
            text = stored.get(field.name)
            if isinstance(field, TextArea) and isinstance(text, str) and text != field.typed:
                field.typed, disputed = merged(self._first.get(field.name, ""), text, field.typed)
                field.data = field.typed or None
                self._first[field.name] = text
                is_disputed = is_disputed or disputed
        return is_disputed

    def once_key(self) -> FormKey:
        """The same key for the same page sent twice with the same answers; other answers give another key.

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
        return FormKey(page_of(str(self.once.data)) + digest.hexdigest()[:32], g.get("draft_at", ""))

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
