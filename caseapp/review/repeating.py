"""Is the random sample of a month what its seed says? Drawn again from the log and compared with the list.

What it shows: that nobody chose, left out or exchanged a reading of the sample after the seed was stored. What else stands out is not
repeated, since names, protection and settings may have changed since.
"""

from dataclasses import dataclass

from sqlalchemy import select

from caseapp.access import Actor, Permission, Refused, action, allow, check_whole, log_as, log_detail, session
from caseapp.db import transaction

from .models import ReviewItem, ReviewMonth
from .readings import days_of_readings
from .rules import Draw, Month, ReviewSettings, settings_of


@dataclass(frozen=True)
class Repeated:
    """How many readings were drawn again; how many of them are not on the list, and how many on the list were not drawn."""

    month: Month
    drawn: int
    not_listed: int
    not_drawn: int

    @property
    def is_same(self) -> bool:
        """Whether the list holds the sample and no other."""
        return not self.not_listed and not self.not_drawn


@dataclass(frozen=True)
class _Stored:
    seed: bytes
    settings: ReviewSettings
    sample: frozenset[str]


def repeat_sample(actor: Actor, month: Month) -> Repeated:
    """Draw the sample of this month again. Raises Refused("not_selected") where its list is not made, DamagedRow where it is spoiled."""
    stored = _stored(actor, month)
    draw = Draw(stored.seed, stored.settings.sample)
    with transaction(reading=True):
        for readings in days_of_readings(*month.bounds, lambda _moment: False):
            for reading in readings:
                draw.offer(reading)
    drawn = {reading.key for reading in draw.drawn()}
    return Repeated(month, len(drawn), len(drawn - stored.sample), len(stored.sample - drawn))


@action
def _stored(actor: Actor, month: Month) -> _Stored:
    allow(actor, Permission.SELECT_REVIEW)
    log_as("view")
    log_detail(month=month.written, repeats="sample")
    row = session().scalars(select(ReviewMonth).where(ReviewMonth.month == month.written)).one_or_none()
    if row is None or row.made_at is None:
        raise Refused("not_selected", Permission.SELECT_REVIEW)
    check_whole(row)
    sample = set()
    for item in session().scalars(select(ReviewItem).where(ReviewItem.month == month.written)):
        check_whole(item)
        if "sample" in item.facts["rules"]:
            sample.add(f"{item.user_id} {item.facts['case']} {item.day.isoformat()}")
    return _Stored(bytes.fromhex(row.seed), settings_of({"review": row.settings}), frozenset(sample))
