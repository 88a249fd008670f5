"""Going through a month of the log: every reading is looked at by the rules, and what they choose is kept with its facts.

Reading alone, in one pass, so that nobody waits for it; a day of very many cases is read a second time. In memory are one day's
readings, what was chosen, and a number for each person and day.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from caseapp.access import protected_among
from caseapp.db import transaction

from .names import Pair
from .readings import count_entries, days_of_readings
from .rules import Draw, Month, Reading, ReviewSettings, UnusualDay, is_outside, month_of, stands_out, unusual_days

Place = tuple[date, str, str]
"""(day, user id, case id); no case for a day of very many."""
#: How many case numbers of a day of very many are kept with it.
_NUMBERS_KEPT = 200


@dataclass
class Found:
    """What was chosen: the rules and the facts of each item by its place; how many entries and readings there were."""

    entries: int
    readings: int = 0
    rules: dict[Place, list[str]] = field(default_factory=dict)
    facts: dict[Place, dict[str, Any]] = field(default_factory=dict)

    def choose(self, reading: Reading, rules: Iterable[str]) -> None:
        place = (reading.day, reading.user_id, reading.case_id)
        self.rules.setdefault(place, []).extend(rules)
        self.facts.setdefault(place, _facts(reading))


def _facts(reading: Reading) -> dict[str, Any]:
    return {
        "case": reading.case_id,
        "agency": reading.agency_id,
        "first": reading.first.isoformat(),
        "last": reading.last.isoformat(),
        "times": reading.times,
        "pages": list(reading.pages),
        "grounds": list(reading.grounds),
        "outside": reading.outside,
        "stood_in_for": list(reading.stood_in_for),
    }


def gather(
    month: Month, seed: bytes, settings: ReviewSettings, alike: frozenset[Pair], progress: Callable[[float], None] = lambda _share: None
) -> Found:
    """What the rules choose of this month. `alike`: where a reader has the surname of somebody in the case. Outside a transaction."""
    draw, counted = Draw(seed, settings.sample), dict[tuple[str, date], int]()
    outside = partial(is_outside, settings=settings)
    with transaction(reading=True):
        found = Found(count_entries(*month.bounds))
        gone_through = 0

        def note(entries: int) -> None:
            nonlocal gone_through
            gone_through += entries
            progress(gone_through / max(found.entries, 1))

        for readings in days_of_readings(*month.bounds, outside, progress=note):
            protected = protected_among({reading.case_id for reading in readings})
            for reading in readings:
                rules = stands_out(
                    reading, protected=reading.case_id in protected, same_name=(reading.user_id, reading.case_id) in alike
                )
                if rules:
                    found.choose(reading, rules)
                draw.offer(reading)
                counted[reading.user_id, reading.day] = counted.get((reading.user_id, reading.day), 0) + 1
            found.readings += len(readings)
        for one in unusual_days(counted, settings):
            _choose_day(found, one, outside)
    for reading in draw.drawn():
        found.choose(reading, ["sample"])
    return found


def _choose_day(found: Found, unusual: UnusualDay, outside: Callable[[datetime], bool]) -> None:
    """A day of very many is one item, with the cases of that day; they are read from the log again."""
    begins = month_of(unusual.day).bounds[0].replace(day=unusual.day.day)
    (readings,) = days_of_readings(begins, begins + timedelta(days=1), outside, user_id=unusual.user_id)
    place = (unusual.day, unusual.user_id, "")
    found.rules[place] = ["volume"]
    found.facts[place] = {
        "case": "",
        "agency": readings[0].agency_id,
        "first": min(one.first for one in readings).isoformat(),
        "last": max(one.last for one in readings).isoformat(),
        "times": sum(one.times for one in readings),
        "pages": sorted({page for one in readings for page in one.pages}),
        "grounds": sorted({ground for one in readings for ground in one.grounds}),
        "outside": sum(one.outside for one in readings),
        "cases": unusual.cases,
        "limit": unusual.limit,
        "own": unusual.is_own,
        "case_ids": [one.case_id for one in readings][:_NUMBERS_KEPT],
    }
