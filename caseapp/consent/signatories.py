"""Which rule of who signs is sound, does a consent still have the right people's word, who is too young, who disagrees? Pure.

Promised: a rule set that passes `why_not_rules` has exactly one line for every age, lets custodians decide for nobody who is of age, and
lets nobody's consent be done without. Not decided here: what a consent opens (`rules.py`), and that it ends: a consent whose signatories
have changed holds until it is renewed or withdrawn, and says so.

Sources: föräldrabalken (1949:381) 6 kap. 2 § (custody ends at 18), 6 kap. 11 and 13 §§ (custodians decide together; a growing child's own
will counts for more and more); ages and months are data, in codelists/consent_rules.yaml. Read 2026-11.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from .rules import AgeRule, Answered, RuleSet, birthday

CUSTODIANS = ("all", "one", "none")

# -- is a rule set sound? ---------------------------------------------------------------------------------------------


def why_not_rules(bands: Sequence[AgeRule], longest_months: int, *, majority: int, most_months: int) -> tuple[str, int | None] | None:
    """None if this may be a rule set, otherwise a code and the place of the line it concerns (None: the whole).

    `bands` from the youngest up; the last one holds "from the age before and up". `majority`: the age from which nobody has custody.
    """
    if not bands:
        return "no_bands", None
    *below, last = bands
    reached = 0
    for place, band in enumerate(below):
        if band.under is None or band.under <= reached:
            return "overlap", place
        code = _why_not_signed(band) or ("beyond_majority" if band.under > majority else None)
        if code is not None:
            return code, place
        reached = band.under
    code = _why_not_signed(last) or _why_not_last(last, reached, majority)
    if code is not None:
        return code, len(below)
    if not 1 <= longest_months <= most_months:
        return "absurd_months", None
    return None


def _why_not_signed(band: AgeRule) -> str | None:
    if band.custodians not in CUSTODIANS:
        return "unknown_custodians"
    if band.custodians == "none" and not band.youth:
        return "nobody_signs"
    return None


def _why_not_last(band: AgeRule, reached: int, majority: int) -> str | None:
    if band.under is not None or reached < majority:
        return "gap"
    return "custodians_of_adult" if band.custodians != "none" else None


# -- does a consent still have the right people's word? -----------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked: a custodian's id, or None for the young person; whether it was needed, and what they answered."""

    person_id: str | None
    required: bool
    decision: str


@dataclass(frozen=True)
class Renewal:
    """Why a consent is to be renewed: youth_signs, youth_alone, new_custodian or custodian_ended; the last two name the custodian."""

    reason: str
    person_id: str | None = None


def why_renew(band: AgeRule, custodian_ids: Collection[str], asked: Sequence[Asked]) -> tuple[Renewal, ...]:
    """Why the people who were asked are no longer those who decide, given the line for today's age and who has custody today.

    Where one custodian is enough nothing is missing as long as one who has custody has said yes, or is still to answer.
    """
    found = []
    custodians_asked = [one for one in asked if one.person_id is not None]
    if band.youth and all(one.person_id is not None for one in asked):
        found.append(Renewal("youth_signs"))
    if band.custodians == "none":
        return tuple(found) if found or not custodians_asked else (Renewal("youth_alone"),)
    may_suffice = {one.person_id for one in custodians_asked if one.decision in ("given", "awaited")}
    if band.custodians == "one" and may_suffice & set(custodian_ids):
        return tuple(found)
    known = {one.person_id for one in custodians_asked}
    found += [Renewal("new_custodian", person) for person in custodian_ids if person not in known]
    found += [Renewal("custodian_ended", one.person_id) for one in custodians_asked if one.person_id not in custodian_ids]
    return tuple(found)


# -- what signatories answered ------------------------------------------------------------------------------------------


def first_day_to_sign(rules: RuleSet, born: date) -> date:
    """The day from which the young person's own yes counts under this rule set: the birthday before the first line that asks for it."""
    before = 0
    for band in rules.bands:
        if band.youth:
            break
        before = band.under or before
    return birthday(born, before)


def too_young(answers: Sequence[Answered], first_day: date) -> int | None:
    """The place of a young person's yes that was given before the first day it counts; None if there is none. A no counts at any age."""
    for place, one in enumerate(answers):
        if one.is_youth and one.decision == "given" and one.decided_on is not None and one.decided_on < first_day:
            return place
    return None


def who_disagree(answers: Collection[tuple[bool, str]]) -> str:
    """Between whom a yes stands against a no, from (is the young person, decision): "custodians", "youth" (with a custodian), or ""."""
    if {"given", "declined"} <= {decision for is_youth, decision in answers if not is_youth}:
        return "custodians"
    return "youth" if {"given", "declined"} <= {decision for _is_youth, decision in answers} else ""
