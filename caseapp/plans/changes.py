"""What changed in a plan between two days? Pure.

A plan on one day is a list of what stood in it: its aim, goals, commitments and interventions, each with its values. Two such lists are
compared item by item. What somebody has ended is told as ended, whatever else of it changed; what came and ended in between is told
once, as that. What cannot be read on either day is not compared, and neither is what one of the two could not hold, because whoever
fixed the version held no key for it: that it is missing there tells nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Stands among what is left out where it cannot be read what was: nothing is compared then.
EVERYTHING = "*"
#: The sorts of items, in the order a page shows them.
HEAD, GOAL, COMMITMENT, INTERVENTION = "head", "goal", "commitment", "intervention"
KINDS = (HEAD, GOAL, COMMITMENT, INTERVENTION)


@dataclass(frozen=True)
class Stood:
    """Something in a plan as it stood on one day. `is_current`: not dropped, settled or ended by then.

    `who`: "youth" or "guardian" where they, and not the agency, took it on. `values`: name → code, text, ISO date, or what stands in
    its place when it cannot be read; "" where nothing was answered.
    """

    kind: str
    id: str
    agency_id: str
    agency_name: str
    information_type: str
    is_current: bool
    values: Mapping[str, Any]
    who: str = ""


@dataclass(frozen=True)
class Change:
    """Something that stood in both and reads otherwise now: `parts` are (name, before, after)."""

    item: Stood
    parts: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True)
class Ended:
    """Something that is ended. `came_meanwhile`: it was not there before, and ended before the later day."""

    item: Stood
    came_meanwhile: bool = False


@dataclass(frozen=True)
class Changes:
    """What differs between two days. `not_compared`: the later, or only, state of what one of the two could not hold."""

    added: tuple[Stood, ...] = ()
    ended: tuple[Ended, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: tuple[Stood, ...] = ()
    not_compared: tuple[Stood, ...] = field(default=())

    @property
    def is_nothing(self) -> bool:
        """Whether nothing that can be compared differs."""
        return not (self.added or self.ended or self.changed)


def compare(before: Sequence[Stood], after: Sequence[Stood], left_out: Collection[str] = ()) -> Changes:
    """How the plan changed. `left_out`: the compartments ("agency:type") and the ids that one of the two does not hold."""
    earlier = {item.id: item for item in before}
    ids = dict.fromkeys([*(item.id for item in after), *earlier])
    later = {item.id: item for item in after}
    added, ended, changed, unchanged, skipped = [], [], [], [], []
    for item_id in ids:
        then, now = earlier.get(item_id), later.get(item_id)
        one = now or then
        if one is None or _is_left_out(one, left_out) or not (_can_be_read(then) and _can_be_read(now)):
            skipped += [one] if one else []
        elif now is None:
            ended += [Ended(one)] if one.is_current else []
        elif then is None or not then.is_current:
            added += [now] if now.is_current else []
            ended += [Ended(now, came_meanwhile=True)] if then is None and not now.is_current else []
        elif not now.is_current:
            ended.append(Ended(now))
        elif parts := _parts(then, now):
            changed.append(Change(now, parts))
        else:
            unchanged.append(now)
    return Changes(*(_in_order(found) for found in (added, ended, changed, unchanged, skipped)))


def place_of(agency_id: str, information_type: str) -> str:
    """What a compartment is called among what is left out."""
    return f"{agency_id}:{information_type}"


def _is_left_out(item: Stood, left_out: Collection[str]) -> bool:
    return EVERYTHING in left_out or item.id in left_out or place_of(item.agency_id, item.information_type) in left_out


def _can_be_read(item: Stood | None) -> bool:
    return item is None or all(isinstance(value, str) for value in item.values.values())


def _parts(then: Stood, now: Stood) -> tuple[tuple[str, Any, Any], ...]:
    pairs = [(name, then.values.get(name, ""), value) for name, value in now.values.items()]
    return tuple((name, old, new) for name, old, new in pairs if old != new)


def _in_order(found: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda one: KINDS.index((one if isinstance(one, Stood) else one.item).kind)))
