"""What changed between two measures? Pure.

Change is the difference between two answers about the same domain, never a claim about what caused it. A domain that was not
asked about, or is unknown, cannot be compared: missing is not zero. Whether the support answers to risk and need: hints.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from caseapp.formats import add_months

#: The need domains whose answers are of another information type than the mapping itself. Consent may hold these back alone.
DOMAIN_TYPES: Mapping[str, str] = {
    "family": "family",
    "mental_health": "health",
    "norm_breaking": "offences",
    "substance": "substance",
}

UNKNOWN_LEVEL = "9"


# -- after the close --------------------------------------------------------------------------------------------------

#: When a closed case is followed up, in months after its close (the process of SIG and SSPF).
LATER_MONTHS = (6, 12)


def due_after_close(closed_on: date, measured: Sequence[date], on: date) -> tuple[int, date] | None:
    """The follow-up after the close that is due on a day and not made: (months, the day it fell due), or None.

    It is due until it is made or half a year has gone; any measure from a month before its day on counts as made.
    """
    for months in reversed(LATER_MONTHS):
        due = add_months(closed_on, months)
        if due <= on < add_months(due, LATER_MONTHS[0]):
            return None if any(day >= add_months(due, -1) for day in measured) else (months, due)
    return None


# -- change -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """The answers about one domain before and after; None was not asked or not answered. Other values are not for this reader."""

    domain: str
    before: Any
    after: Any

    @property
    def steps(self) -> int | None:
        """Levels more (+) or less (-) need than before; None where the two cannot be compared."""
        if not (_is_known(self.before) and _is_known(self.after)):
            return None
        return int(self.after) - int(self.before)

    @property
    def direction(self) -> str:
        """ "less", "same" or "more" need, or "unknown"."""
        steps = self.steps
        if steps is None:
            return "unknown"
        return "same" if steps == 0 else "less" if steps < 0 else "more"


def paired_change(before: Mapping[str, Any], after: Mapping[str, Any], domains: Sequence[str]) -> tuple[Pair, ...]:
    """A pair for each domain that was answered at either time, in the order of `domains`."""
    return tuple(Pair(domain, before.get(domain), after.get(domain)) for domain in domains if domain in before or domain in after)


def choose_pair(measures: Sequence[tuple[str, date]]) -> tuple[int | None, int | None]:
    """Which of the measures (phase, day) are compared, as positions: the last before, and the last one made after it.

    An after measure comes before a during one, whatever the days; a later follow-up counts as after.
    """
    before = max((at for at, (phase, _day) in enumerate(measures) if phase == "before"), key=lambda at: measures[at][1], default=None)
    for phases in ({"after", "post"}, {"during"}):
        later = [at for at, (phase, _day) in enumerate(measures) if phase in phases]
        if later:
            return before, max(later, key=lambda at: measures[at][1])
    return before, None


def _is_known(level: Any) -> bool:
    return isinstance(level, str) and level in {"0", "1", "2", "3"}
