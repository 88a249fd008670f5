"""Is this person in the case in an emergency right now, and until when? Asked of rows whose seals are checked, at each request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.db import glance, remembered
from caseapp.formats import clock

from .actor import Actor
from .models import BreakGlass
from .rules import EMERGENCY_LASTS, is_running


@dataclass(frozen=True)
class Emergency:
    """An emergency opening that is running: its id, which is the ground's in the log, and when it stops by itself."""

    id: str
    begun_at: datetime

    @property
    def ends_at(self) -> datetime:
        """The moment from which it opens nothing."""
        return self.begun_at + EMERGENCY_LASTS


def running_emergency(actor: Actor, case_id: str) -> Emergency | None:
    """This person's own opening that is running in this case; None otherwise. Nobody else's is ever looked at.

    All of the person's rows in the case are read, so that an edited one is met whatever was edited. Raises DamagedRow.
    """
    query = select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.user_id == actor.user_id)
    rows = remembered(("emergency", case_id, actor.user_id), lambda: list(glance(BreakGlass, query)))
    running = [row for row in rows if is_running(row.begun_at, row.ended_at, clock.now())]
    return Emergency(running[0].id, running[0].begun_at) if running else None


def end_running(openings: Iterable[BreakGlass], by: Actor) -> list[str]:
    """End those of these openings that are running, for good: whoever is let in again later does not go on with one. Their ids."""
    moment = clock.now()
    running = [row for row in openings if is_running(row.begun_at, row.ended_at, moment)]
    for row in running:
        row.ended_at, row.ended_by_id = moment, by.user_id
    return [row.id for row in running]
