"""What is written in the files beside this one: the office, the names, the stories and the phrases, read once.

A file that lacks something stops here, by name, and not in the middle of a load.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Story:
    """What a case is about. The codes are those of the code lists; `by` in the parts is an agency's key, or youth or guardian."""

    teams: Sequence[str]
    ages: tuple[int, int]
    sources: Sequence[str]
    concerns: Sequence[str]
    risk: str
    attendance: str
    needs: Mapping[str, int]
    protective: Sequence[str]
    responsivity: Sequence[str]
    notice: str
    picture: str
    youth_view: Sequence[str]
    guardian_view: Sequence[str]
    aim: str
    goals: Sequence[Mapping[str, Any]]
    commitments: Sequence[Mapping[str, Any]]
    support: Sequence[Mapping[str, Any]]
    notes: Sequence[Mapping[str, Any]]
    after: str
    youth_words: Sequence[str]
    guardian_words: Sequence[str]
    occupation: str = ""


@cache
def stories() -> Mapping[str, Story]:
    """Every story, by its key."""
    return {key: Story(**{**one, "ages": tuple(one["ages"])}) for key, one in _read("stories").items()}


def phrases() -> Mapping[str, Any]:
    """Sentences that fit any case."""
    return _read("phrases")


def names() -> Mapping[str, Any]:
    """Lists of names, and places that do not exist."""
    return _read("names")


def office_plan() -> Mapping[str, Any]:
    """The municipality, its agencies, teams and people."""
    return _read("office")


@cache
def _read(name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def told(text: str, first_name: str) -> str:
    """A text about somebody; without a first name it speaks of "den unge"."""
    if first_name:
        return text.format(name=first_name, names=first_name if first_name[-1] in "sxz" else f"{first_name}s")
    anonymous = text.format(name="den unge", names="den unges")
    return re.sub(r"(^|[.!?:] )d(en unge)", r"\1D\2", anonymous)
