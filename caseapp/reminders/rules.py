"""On which days somebody wants to be reminded, and whether it is time. Pure."""

from datetime import date

NEVER = "never"
#: Code of ReminderDays → the days of the week; 0 is Monday.
DAYS = {NEVER: frozenset[int](), "mondays": frozenset({0}), "workdays": frozenset(range(5))}


def is_due(days: str, sent_on: date | None, today: date) -> bool:
    """Whether a letter is to be written today: on one of the days chosen, and not a second one."""
    return today.weekday() in DAYS.get(days, DAYS[NEVER]) and sent_on != today
