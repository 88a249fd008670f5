"""Other people's names and telephone numbers out of a text that one person is handed. Pure.

Promised: a name that is known to the case, in whole or by its parts and in the genitive, and a telephone number that is known to it,
however it is spaced, is replaced wherever it stands. What the asker and the young person are called themselves is left. Not promised:
somebody whom the case does not know, or knows under another name; whoever makes the extract reads it and can withhold an item.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

_LEAST_LETTERS = 3
_LEAST_DIGITS = 6

Mask = Callable[[Any], Any]


def mask_of(names: Iterable[str], numbers: Iterable[str], *, known: Iterable[str], instead: str) -> Mask:
    """A function that gives a text, or a frozen value with all texts in it, without these people. `known`: names that stay."""
    kept = {part.casefold() for name in known for part in _parts(name)}
    words = {part for name in names for part in _parts(name) if part.casefold() not in kept}
    patterns = [_word(word) for word in sorted(words, key=lambda word: (-len(word), word))]
    patterns += [rf"(?<!\d){pattern}(?!\d)" for number in numbers if (pattern := _spaced(number))]
    if not patterns:
        return lambda value: value
    wanted = re.compile("|".join(patterns), re.IGNORECASE)
    again = re.compile(rf"{re.escape(instead)}(?:[ -]{re.escape(instead)})+")  # a first name and a surname are one person
    return lambda value: _masked(value, lambda text: again.sub(instead, wanted.sub(instead, text)))


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\s\-]+", name) if part]


def _word(word: str) -> str:
    """As a word of its own, in the genitive too; a very short name only as it is written ("Bo" is a name, "bo" is not)."""
    exactly = re.escape(word) if len(word) >= _LEAST_LETTERS else f"(?-i:{re.escape(word)})"
    return rf"(?<!\w){exactly}(?:s|:s)?(?!\w)"


def _spaced(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    if len(digits) < _LEAST_DIGITS:
        return ""
    national = digits[2:] if digits.startswith("46") else digits.removeprefix("0")
    return r"(?:\+?46|0)?[\s\-()/]*" + r"[\s\-()/]*".join(national)


def _masked(value: Any, on_text: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return on_text(value)
    if isinstance(value, tuple):
        return tuple(_masked(one, on_text) for one in value)
    if isinstance(value, Mapping):
        return {name: _masked(one, on_text) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: _masked(getattr(value, each.name), on_text) for each in fields(value)}
        return replace(value, **changed)
    return value
