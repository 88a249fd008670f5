"""How are numbers written, and how are names shortened and compared?

Pure functions. `fold` is what name search compares: it forgives accents and case, never å, ä and ö.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from caseapp.formats.days import NBSP, known


def number(value: int | float, lang: str = "sv", *, decimals: int = 0) -> str:
    """10 000 or 3,5 (sv); 10,000 or 3.5 (en). A minus is a minus sign."""
    written = f"{abs(value):,.{decimals}f}"
    if known(lang) == "sv":
        written = written.replace(",", NBSP).replace(".", ",")
    return f"\u2212{written}" if value < 0 else written


def percent(part: float, lang: str = "sv") -> str:
    """80 % (sv) or 80% (en) from the share 0.8."""
    return number(round(part * 100), lang) + ("%" if known(lang) == "en" else f"{NBSP}%")


def initials(name: str) -> str:
    """A.L. from Amina Larsson: first letter of the first and of the last word; a dash when there is no name."""
    words = [word for word in unicodedata.normalize("NFC", name).split() if word[0].isalpha()]
    if not words:
        return "–"
    letters = [words[0][0]] + ([words[-1][0]] if len(words) > 1 else [])
    return "".join(f"{letter.upper()[0]}." for letter in letters)


_KEPT = frozenset("åäö")
_NO_LETTERS = re.compile(r"[^\w]+")
_NORDIC = str.maketrans({"ø": "ö", "æ": "ä", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe"})


def fold(text: str) -> str:
    """A name as searched for: small letters, no accents (é is e), but å, ä and ö are letters of their own; hyphens are spaces."""
    small = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold()).translate(_NORDIC)
    bare = small if small.isascii() else "".join(_bare(one) for one in small)
    return " ".join(_NO_LETTERS.sub(" ", bare).split())


@lru_cache(maxsize=4096)
def _bare(letter: str) -> str:
    if letter in _KEPT:
        return letter
    return "".join(one for one in unicodedata.normalize("NFD", letter) if not unicodedata.combining(one))
