"""How far has the making of a release come? The steps, in order, as whoever waits is told them.

A step is a word of `WORDS`, and where there is something to count `at` of `of`. Whoever is told may raise: nothing is stored then, and
that is how making a release is called off.
"""

from collections.abc import Callable
from dataclasses import dataclass

#: In order: records are opened, counted, protected and vouched for population by population, tried by one who knows some cases, packed.
WORDS = ("read", "count", "protect", "insider", "pack")


@dataclass(frozen=True)
class Step:
    """One step; `at` 0 of `of` 0 where nothing is counted."""

    word: str
    at: int = 0
    of: int = 0


Progress = Callable[[Step], None]


def nobody_waits(_step: Step) -> None:
    """Progress that nobody is told of."""
