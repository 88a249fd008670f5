"""In which order does each agency get its turn in a case? The round at a meeting. Pure.

Those in the room come first, in the order of the attendance list, each with its open commitments, and with none if it has none: everybody
is asked. Then what the young person and the family have taken on, then the agencies that are not here but have something open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from caseapp.plans.rules import FAMILY_MAKERS


class Promise(Protocol):
    """What a round needs to know of a commitment."""

    @property
    def agency_id(self) -> str: ...

    @property
    def actor(self) -> str: ...

    @property
    def is_settled(self) -> bool: ...


AnyPromise = TypeVar("AnyPromise", bound=Promise)


@dataclass(frozen=True)
class Turn(Generic[AnyPromise]):
    """One agency's turn, or the family's where `agency_id` is ""."""

    agency_id: str
    is_here: bool
    commitments: tuple[AnyPromise, ...]


def the_round(commitments: Iterable[AnyPromise], here: Sequence[str]) -> tuple[Turn[AnyPromise], ...]:
    """The turns in a case. `here`: the ids of the agencies in the room, in order."""
    waiting: dict[str, list[AnyPromise]] = {agency: [] for agency in here}
    family: list[AnyPromise] = []
    for one in commitments:
        if not one.is_settled:
            (family if one.actor in FAMILY_MAKERS else waiting.setdefault(one.agency_id, [])).append(one)
    turns = [Turn(agency, agency in here, tuple(found)) for agency, found in waiting.items()]
    present, absent = turns[: len(set(here))], turns[len(set(here)) :]
    return (*present, *([Turn("", True, tuple(family))] if family else []), *absent)
