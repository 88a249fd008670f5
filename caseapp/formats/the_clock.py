"""What time is it? The one clock of the program.

Everything asks `clock`; a test or the demonstration sets it for one context with `clock.at(moment)`. It never goes by itself
while set, and other threads keep the real time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def midnight(day: date) -> datetime:
    """The moment a day begins in Sweden."""
    return datetime.combine(day, time(), SWEDEN)


_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


class Clock:
    """The program's only source of the present; the real time unless set with `at`."""

    def now(self) -> datetime:
        """This moment, UTC and aware."""
        return _set_to.get() or datetime.now(UTC)

    def today(self) -> date:
        """The calendar day in Sweden."""
        return self.now().astimezone(SWEDEN).date()

    @contextmanager
    def at(self, moment: datetime | date) -> Iterator[datetime]:
        """Stand still at a moment (aware), or at noon in Sweden of a day, inside the `with` block and in this context only."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(12), SWEDEN)
        if moment.tzinfo is None:
            raise ValueError("the clock needs a time with a time zone")
        token = _set_to.set(moment.astimezone(UTC))
        try:
            yield moment.astimezone(UTC)
        finally:
            _set_to.reset(token)


clock = Clock()
