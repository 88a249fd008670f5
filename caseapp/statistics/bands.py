"""Days and levels as the few codes that a table has room for.

This module answers: in which band does this fall? Pure; the bands are the codes of the table plan of the same name. Bands and not days,
because a day is a name to whoever was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

#: Grading a need by intensity: everything that was not said to be intensive is simply an intervention.
_INTENSIVE = "high"
_LOWER, _HIGHER = frozenset({"low", "medium"}), frozenset({"high", "very_high"})


@dataclass(frozen=True)
class Asked:
    """One consent that was asked for: the day of the last signature needed (None: not all given), whether anybody said no, whether it
    was withdrawn."""

    given_on: date | None
    is_declined: bool
    is_withdrawn: bool


def consent_band(noticed: date, asked: Sequence[Asked]) -> str:
    """How it went with consent, and how soon after the notice it was first given. `asked` in the order it was asked for."""
    given = [one for one in asked if one.given_on is not None]
    if given:
        days = (min(one.given_on for one in given if one.given_on is not None) - noticed).days
        return "withdrawn" if given[-1].is_withdrawn else "d14" if days <= 14 else "d30" if days <= 30 else "d31_plus"
    return "declined" if any(one.is_declined for one in asked) else "unanswered"


def plan_band(noticed: date, begun: date | None) -> str:
    """How soon after the notice there was a plan."""
    if begun is None:
        return "no_plan"
    days = (begun - noticed).days
    return "d30" if days <= 30 else "d60" if days <= 60 else "d61_plus"


def length_band(noticed: date, closed: date | None) -> str:
    """How long the case lasted; "" while it goes on. Months of 365/12 days."""
    if closed is None:
        return ""
    days = (closed - noticed).days
    return "m3" if days <= 91 else "m6" if days <= 182 else "m12" if days <= 365 else "m12_plus"


def match_code(risk: str, intensities: Iterable[str]) -> str:
    """Risk level × the intensity of the interventions that were given; "" where the risk was not assessed."""
    found = list(intensities)
    given = "none" if not found else "intensive" if _INTENSIVE in found else "some"
    return f"low_{given}" if risk in _LOWER else f"high_{given}" if risk in _HIGHER else ""
