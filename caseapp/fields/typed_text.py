"""Which typed text do we take in, and what do we say about the rest?

Text is normalised (NFC, plain line breaks, no blank ends) and then refused if it holds characters that cannot be stored or that
deceive the reader: NUL and other control characters, halves of characters (lone surrogates), places that are no character, marks
that turn the reading direction. The refused characters are taken out of what is shown again, because nobody can find an invisible
character; the sentence says so. Nothing is cut off in silence.

Not done here: HTML. Text is text; the templates escape it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from caseapp.formats import number

# Embeddings, overrides, isolates and direction marks (Unicode 15, Bidi_Control).
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Places in Unicode that will never be a character; a page that holds one is not valid HTML.
_NEVER = "\ufdd0-\ufdef" + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f{_NEVER}]")
_HALF = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")  # zero width, no meaning in our languages: dropped without a word

_DIRECTION_SAYS = _l(
    "Texten innehöll osynliga tecken som ändrar läsriktningen. De är borttagna nu. Läs igenom texten och skicka igen."
)
_CONTROL_SAYS = _l("Texten innehöll tecken som inte går att spara. De är borttagna nu. Läs igenom texten och skicka igen.")


class TextRefused(ValueError):
    """Text that is not taken in: `shown` is what goes back on the page, the message is for the person."""

    def __init__(self, message: Any, shown: str) -> None:
        super().__init__(message)
        self.shown = shown


def for_a_page(raw: str) -> str:
    """The text without what no page can hold. For what is shown again as it was typed, before any form has looked at it."""
    return _HALF.sub("", _CONTROL.sub("", raw.replace("\r\n", "\n")))


def clean_text(raw: object, *, max_length: int, lines: bool = False) -> str:
    """The text as it will be stored; TextRefused with a sentence and what to show again.

    `lines` keeps line breaks; otherwise every run of white space becomes one space.
    """
    if not isinstance(raw, str):  # a file sent in place of a text
        return ""
    taken = _HALF.sub("", _CONTROL.sub("", raw.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")))
    turned = _DIRECTION.sub("", taken)
    clean = _INVISIBLE.sub("", turned)
    if len(clean) <= 4 * max_length:  # normalising megabytes that are refused anyway would only cost time
        clean = unicodedata.normalize("NFC", clean)
    clean = "\n".join(line.rstrip() for line in clean.split("\n")).strip() if lines else " ".join(clean.split())
    if len(taken) != len(raw.replace("\r\n", "\n")):
        raise TextRefused(_CONTROL_SAYS, clean)
    if len(turned) != len(taken):
        raise TextRefused(_DIRECTION_SAYS, clean)
    if len(clean) > max_length:
        raise TextRefused(_too_long(len(clean), max_length), clean)
    return clean


def _too_long(length: int, limit: int) -> Any:
    lang = language()
    return _l(
        "Texten är %(length)s tecken. Korta den till högst %(limit)s tecken.",
        length=number(length, lang),
        limit=number(limit, lang),
    )


def language() -> str:
    """The language of the page being made: sv or en."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "sv"
