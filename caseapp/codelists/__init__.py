"""Which words may be chosen, and what are they called in Swedish and English?

The code lists are versioned data (`codelists.yaml`), never enums in code, so that an official variable list can replace
them without a programmer. This module reads the file once, checks it hard, and gives ordered, unchangeable lists.

Promised: every key is text ("yes" and "0" stay what they are), every code has a Swedish and an English label, no key
stands twice. What is asked for and does not exist is refused by name; nothing falls back to a guess.

Not promised: that a stored code is still in the list after the list was replaced. Whoever shows old records uses
`label(…)`, which refuses an unknown code; keep retired codes in the file.

Source: domain notes on Socialstyrelsen's follow-up of SIG/SSPF; the comments in the file itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

LANGUAGES = ("sv", "en")
_FILE = Path(__file__).with_name("codelists.yaml")


class BrokenCodeList(ValueError):
    """The file does not hold what a code list must hold."""


class UnknownCode(KeyError):
    """Somebody asked for a list or a code that is not in the file."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Code:
    """One choice: the stored code, its labels, and what else the file says of it (`grant_t3`, `age`, `recommended` …)."""

    code: str
    sv: str
    en: str
    extra: Mapping[str, Any]

    def label(self, lang: str = "sv") -> str:
        """The label in the asked language; Swedish for a language we do not have."""
        return self.en if lang == "en" else self.sv


class CodeList(Mapping[str, Code]):
    """An ordered, unchangeable list: code → Code. Asking for what it does not hold raises UnknownCode."""

    def __init__(self, name: str, codes: dict[str, Code]) -> None:
        self.name = name
        self._codes = MappingProxyType(codes)

    def __getitem__(self, code: str) -> Code:
        try:
            return self._codes[code]
        except (KeyError, TypeError):
            raise UnknownCode(f"{code!r} is not a code of {self.name}; it has {', '.join(self._codes)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def __repr__(self) -> str:
        return f"<CodeList {self.name}: {', '.join(self._codes)}>"

    def choices(self, lang: str = "sv") -> list[tuple[str, str]]:
        """[(code, label)] in the order of the file, for a form."""
        return [(code.code, code.label(lang)) for code in self._codes.values()]


def codelist(name: str) -> CodeList:
    """The list of that name; UnknownCode if there is none."""
    lists = _library().lists
    if name not in lists:
        raise UnknownCode(f"there is no code list {name!r}; there are {', '.join(lists)}")
    return lists[name]


def label(name: str, code: str, lang: str = "sv") -> str:
    """The words for a code; UnknownCode if the list does not hold it."""
    return codelist(name)[code].label(lang)


def choices(name: str, lang: str = "sv") -> list[tuple[str, str]]:
    """[(code, label)] of a list in the order of the file."""
    return codelist(name).choices(lang)


def version() -> str:
    """The version written at the head of the file; it goes into every release."""
    return _library().version


def names() -> tuple[str, ...]:
    """The names of all lists."""
    return tuple(_library().lists)


@dataclass(frozen=True)
class Library:
    """A whole file of code lists."""

    version: str
    lists: Mapping[str, CodeList]


def read(text: str) -> Library:
    """The lists written in a YAML text; BrokenCodeList tells what is wrong and where."""
    try:
        content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that also refuses doubled keys
    except yaml.YAMLError as broken:
        raise BrokenCodeList(f"the code lists cannot be read: {broken}") from broken
    if not isinstance(content, dict) or not isinstance(content.get("version"), str):
        raise BrokenCodeList("the code lists must begin with a version, written as text")
    lists = {name: _list(name, codes) for name, codes in content.items() if name != "version"}
    return Library(content["version"], MappingProxyType(lists))


@cache
def _library() -> Library:
    return read(_FILE.read_text(encoding="utf-8"))


def _list(name: object, codes: object) -> CodeList:
    if not isinstance(name, str) or not isinstance(codes, dict) or not codes:
        raise BrokenCodeList(f"{name!r} must be a list of codes")
    return CodeList(name, {code: _code(name, code, words) for code, words in codes.items()})


def _code(name: str, code: object, words: object) -> Code:
    if not isinstance(code, str):
        # YAML reads a bare yes, no or 0 as something else than text; quoting it is the cure.
        raise BrokenCodeList(f"{name}: the code {code!r} is not text; put quotation marks around it")
    if not isinstance(words, dict):
        raise BrokenCodeList(f"{name}.{code}: labels are missing")
    for lang in LANGUAGES:
        if not isinstance(words.get(lang), str) or not words[lang].strip():
            raise BrokenCodeList(f"{name}.{code}: the label {lang!r} is missing")
    extra = {key: value for key, value in words.items() if key not in LANGUAGES}
    return Code(code, words["sv"], words["en"], MappingProxyType(extra))


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML data, and a key that stands twice is an error instead of the last one winning in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise BrokenCodeList(f"{key!r} stands twice, the second time in line {key_node.start_mark.line + 1}")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)
