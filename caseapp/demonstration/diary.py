"""Working days and hours: when something is done in an office.

Nothing happens on weekends, on the fixed holidays or at night. A diary only goes forward.
"""

from datetime import date, datetime, time, timedelta
from random import Random

from caseapp.formats import SWEDEN

_HOLIDAYS = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}


def is_working_day(day: date) -> bool:
    """Whether the office is open."""
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


def working_day(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def last_working_day(day: date) -> date:
    """The day itself, or the last working day before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour in Sweden."""
    return datetime.combine(day, time(hour, minute), SWEDEN)


class Diary:
    """The moments of one thread of work, each later than the one before."""

    def __init__(self, rng: Random, begins: date) -> None:
        self._rng = rng
        self.moment = at_hour(begins - timedelta(days=1), 8)

    @property
    def today(self) -> date:
        """The day of the last moment."""
        return self.moment.date()

    def on(self, day: date) -> datetime:
        """Some time on that day or the first working day after it; soon, if that has passed already."""
        day = working_day(day)
        if day <= self.today:
            return self.soon()
        self.moment = at_hour(day, self._rng.randint(8, 15), self._rng.randint(0, 59))
        return self.moment

    def after(self, fewest: int, most: int) -> datetime:
        """Some time between so many days later."""
        return self.on(self.today + timedelta(days=self._rng.randint(fewest, most)))

    def soon(self) -> datetime:
        """Some minutes later."""
        self.moment += timedelta(minutes=self._rng.randint(2, 6))
        return self.moment
