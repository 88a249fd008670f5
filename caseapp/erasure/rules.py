"""When is a case to be erased, and what keeps it? Pure.

Source: socialtjänstlagen (2025:468) 13 kap. 1 § – erasure five years after the last entry, except for the selection kept for
research: everybody in certain counties, and elsewhere those born on the 5th, 15th and 25th of any month. A municipality without
personal files follows its own document plan. Years and days are therefore a profile, set by the municipality, never constants of
the decision. Read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Days of the month whose people are kept for research where a county does not keep everybody.
RESEARCH_DAYS = (5, 15, 25)
DEFAULT_YEARS = 5


@dataclass(frozen=True)
class Profile:
    """How long a municipality keeps its cases. `years` after the last entry; `kept_days` of birth; `keeps_all` in some counties."""

    code: str = "personakt"
    years: int = DEFAULT_YEARS
    kept_days: frozenset[int] = frozenset(RESEARCH_DAYS)
    keeps_all: bool = False


def profile_of(settings: Mapping[str, Any]) -> Profile:
    """The profile as the municipality's settings hold it: {retention: {profile, years, keeps_birth_days, keeps_all}}."""
    written = settings.get("retention", {})
    kept = RESEARCH_DAYS if written.get("keeps_birth_days", True) else ()
    return Profile(
        code=str(written.get("profile", "personakt")),
        years=int(written.get("years", DEFAULT_YEARS)),
        kept_days=frozenset(kept),
        keeps_all=bool(written.get("keeps_all", False)),
    )


@dataclass(frozen=True)
class Facts:
    """What the decision looks at. `last_entry` is the day of the last entry in the case; `born` None: not known or not readable."""

    is_open: bool
    last_entry: date
    born: date | None
    is_held: bool


@dataclass(frozen=True)
class Verdict:
    """Whether the case is due, the reason as a code, and the first day on which its time is out."""

    is_due: bool
    reason: str
    due_on: date


#: Every reason a verdict can have: "due" is the only one that lets a case be erased.
REASONS = ("case_open", "not_yet", "held", "kept_everything", "birth_unknown", "kept_birth_day", "due")


def verdict(facts: Facts, profile: Profile, on: date) -> Verdict:
    """Is this case due on this day?

    A hold is named before the selection, because somebody set it and can lift it. An unknown day of birth keeps the case: whoever
    cannot be told from the selection must not be lost to it.
    """
    due_on = years_after(facts.last_entry, profile.years)
    reason = _reason(facts, profile, on, due_on)
    return Verdict(reason == "due", reason, due_on)


def _reason(facts: Facts, profile: Profile, on: date, due_on: date) -> str:
    if facts.is_open:
        return "case_open"
    if on < due_on:
        return "not_yet"
    if facts.is_held:
        return "held"
    if profile.keeps_all:
        return "kept_everything"
    if not profile.kept_days:
        return "due"
    if facts.born is None:
        return "birth_unknown"
    return "kept_birth_day" if facts.born.day in profile.kept_days else "due"


def years_after(day: date, years: int) -> date:
    """The first day on which so many whole years have passed: the same date, or 1 March for 29 February in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


# -- the decision of two people ---------------------------------------------------------------------------------------

PROPOSED, APPROVED, CANCELLED, DONE = "proposed", "approved", "cancelled", "done"

#: From which state a decision may go where.
NEXT_STATES: Mapping[str, frozenset[str]] = {
    PROPOSED: frozenset({APPROVED, CANCELLED}),
    APPROVED: frozenset({CANCELLED, DONE}),
    CANCELLED: frozenset(),
    DONE: frozenset(),
}
#: States in which a case has a decision under way; at most one at a time.
UNDER_WAY = frozenset({PROPOSED, APPROVED})


def why_not_approve(proposed_by: str, approver: str, now: Verdict) -> str | None:
    """None if this person may approve the proposal today, otherwise a reason code."""
    if proposed_by == approver:
        return "same_person"
    return None if now.is_due else now.reason


def may_become(state: str, wanted: str) -> bool:
    """Whether a decision in this state may go to the other."""
    return wanted in NEXT_STATES.get(state, frozenset())
