"""What changed between two measures, and does the support answer to risk and need? Pure.

Change is the difference between two answers about the same domain, never a claim about what caused it. A domain that was not
asked about, or is unknown, cannot be compared: missing is not zero.

The hints follow the principles of risk, need and responsivity: most support for those with the highest risk, aimed at what
drives it. They are reminders in words, and stop nothing. Sources: Andrews, Bonta & Hoge (1990), Classification for effective
rehabilitation, Criminal Justice and Behavior 17(1); Socialstyrelsen, final report on the grant 2021–2023 (2024-6-9178).
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
CLEAR_NEED = frozenset({"2", "3"})
HIGH_RISK = frozenset({"high", "very_high"})


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


# -- risk, need and responsivity --------------------------------------------------------------------------------------

#: Where all of these principles stand; shown with the hints.
SOURCE = "Andrews, Bonta & Hoge 1990; Socialstyrelsen 2024-6-9178"


@dataclass(frozen=True)
class Ongoing:
    """An intervention that runs now: which need it is aimed at and how intensive it is ("" where that was not said)."""

    focus: str
    intensity: str


@dataclass(frozen=True)
class Hint:
    """Something worth a thought: a code that the page turns into words, the need domain concerned, and the source."""

    code: str
    source: str
    domain: str = ""


def hints(needs: Mapping[str, Any], risk: Any, ongoing: Sequence[Ongoing], *, all_seen: bool) -> tuple[Hint, ...]:
    """The hints for these needs (domain → level), this risk level and these interventions.

    Without `all_seen` some interventions are withheld from the reader: then nothing is said about support that is missing.
    """
    found = []
    if risk in HIGH_RISK and not ongoing and all_seen:
        found.append(Hint("high_risk_nothing_ongoing", SOURCE))
    if risk == "low" and any(one.intensity == "high" for one in ongoing):
        found.append(Hint("low_risk_intensive", SOURCE))
    aimed_at = {one.focus for one in ongoing}
    if all_seen:
        unmet = [domain for domain, level in needs.items() if isinstance(level, str) and level in CLEAR_NEED and domain not in aimed_at]
        found += [Hint("need_without_intervention", SOURCE, domain) for domain in unmet]
    found += [Hint("intervention_without_need", SOURCE, domain) for domain, level in needs.items() if level == "0" and domain in aimed_at]
    return tuple(found)
