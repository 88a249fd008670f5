"""Is this person in the case in an emergency right now, and until when? Asked of rows whose seals are checked, at each request."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.db import glance
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
    rows = list(glance(BreakGlass, select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.user_id == actor.user_id)))
    running = [row for row in rows if is_running(row.begun_at, row.ended_at, clock.now())]
    return Emergency(running[0].id, running[0].begun_at) if running else None
