"""When is a commitment late or settled, who may report on it, and does an intervention suit this age? Pure.

Sources: the code lists (CommitmentStatus; InterventionType with the ages of the five types recommended in 2021). "Late" is
a fact about two days, so it is worked out each time and not kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Those who can take something on without being an agency.
FAMILY_MAKERS = ("youth", "guardian")
#: Nothing more is expected of the agency.
SETTLED = frozenset({"done", "not_done", "cancelled"})


def is_settled(status: str) -> bool:
    """Whether a commitment with this status asks nothing more of anybody."""
    return status in SETTLED


def is_late(due_on: date | None, settled: bool, on: date) -> bool:
    """Whether the day has passed and the commitment is not settled. On the day itself it is not late."""
    return due_on is not None and not settled and due_on < on


def shown_status(status: str, due_on: date | None, on: date) -> str:
    """The status to show: what was reported, or "late" where the day has passed without a settled one."""
    return "late" if is_late(due_on, is_settled(status), on) else status


def may_report(agency_id: str, owner_agency_id: str, coordinates: bool) -> bool:
    """Whether somebody may report on a commitment: their own agency's, or any that the coordinator can open."""
    return coordinates or agency_id == owner_agency_id


@dataclass(frozen=True)
class Recommendation:
    """That a type was recommended in 2021, for whole years of age from `lowest` to `highest`."""

    lowest: int
    highest: int

    def fits(self, age: int | None) -> bool:
        """Whether the age is known and inside the bounds."""
        return age is not None and self.lowest <= age <= self.highest


def recommendation(written: Mapping[str, Any]) -> Recommendation | None:
    """The recommendation in what the catalogue says of a type ({recommended: true, age: "12-17"}), or None."""
    ages = re.fullmatch(r"([0-9]+)-([0-9]+)", str(written.get("age", "")))
    if not written.get("recommended") or ages is None:
        return None
    return Recommendation(int(ages[1]), int(ages[2]))


@dataclass(frozen=True)
class Rating:
    """What the catalogue says of a type: for whom it is (a code of PreventionLevel, "" where that is not written) and how strong the
    evidence is (a code of EvidenceStrength, "not_rated" until somebody has rated it).
    """

    prevention: str
    evidence: str
    recommended: Recommendation | None


def rating(written: Mapping[str, Any]) -> Rating:
    """The rating in what the catalogue says of a type."""
    return Rating(str(written.get("prevention", "")), str(written.get("evidence", "not_rated")), recommendation(written))


def is_ongoing(started_on: str | None, ended_on: str | None, on: date) -> bool:
    """Whether an intervention (ISO dates) runs on this day. One without a start has not begun."""
    return started_on is not None and started_on <= on.isoformat() and (ended_on is None or on.isoformat() <= ended_on)
