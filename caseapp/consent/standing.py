"""Where does the consent of a case stand, in a few facts that fit on one line?

Made from the grounds an opening already holds, plus one query for the signatures of consents that still wait. Words are for
the page; here are codes, days and counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from caseapp.access import today
from caseapp.db import batches, glance

from .models import ConsentSignature
from .opening import Opening
from .rules import Ground, ground_state, signed_of

#: Which consent speaks for the case when there are several: the first state of these that any of them is in.
_SPEAKS = ("active", "pending", "draft", "not_yet_valid", "withdrawn", "expired", "declined", "superseded")
WARN_DAYS, LATE_WARN_DAYS = 30, 14


@dataclass(frozen=True)
class Standing:
    """The consent that speaks for a case.

    `state`: a code of ConsentStatus, "not_yet_valid", or "none" when nobody was ever asked. `signed` of `needed` signatures.
    `covered`: agency id → the information types it may take part of while the consent holds.
    """

    state: str = "none"
    consent_id: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    signed: int = 0
    needed: int = 0
    covered: Mapping[str, frozenset[str]] | None = None

    @property
    def days_left(self) -> int | None:
        """Days until the last day of an active consent."""
        return (self.valid_to - today()).days if self.state == "active" and self.valid_to else None

    @property
    def ends_soon(self) -> bool:
        """Whether an active consent ends within 30 days."""
        return self.days_left is not None and self.days_left <= WARN_DAYS


def standing_of(openings: Mapping[str, Opening]) -> dict[str, Standing]:
    """The standing of each opened case, by case id, with one query at most."""
    speaking = {case_id: _speaking(opening.grounds) for case_id, opening in openings.items()}
    waiting = [ground.id for ground in speaking.values() if ground is not None and ground_state(ground, today()) == "pending"]
    signatures: dict[str, list[tuple[bool, str]]] = {}
    for chosen in batches(waiting):
        query = select(ConsentSignature).where(ConsentSignature.consent_id.in_(chosen))
        for row in glance(ConsentSignature, query):
            signatures.setdefault(row.consent_id, []).append((row.is_required, row.decision))
    return {case_id: _standing(ground, signatures) for case_id, ground in speaking.items()}


def _speaking(grounds: tuple[Ground, ...]) -> Ground | None:
    consents = [ground for ground in grounds if ground.kind == "consent"]
    if not consents:
        return None
    newest_first = sorted(consents, key=lambda ground: (ground.valid_from, ground.valid_to), reverse=True)
    return min(newest_first, key=lambda ground: _SPEAKS.index(ground_state(ground, today())))


def _standing(ground: Ground | None, signatures: Mapping[str, list[tuple[bool, str]]]) -> Standing:
    if ground is None:
        return Standing()
    covered: dict[str, set[str]] = {}
    for agency_id, information_type in ground.scope:
        covered.setdefault(agency_id, set()).add(information_type)
    signed, needed = signed_of(signatures.get(ground.id, []))
    return Standing(
        state=ground_state(ground, today()),
        consent_id=ground.id,
        valid_from=ground.valid_from,
        valid_to=ground.valid_to,
        signed=signed,
        needed=needed,
        covered={agency_id: frozenset(types) for agency_id, types in covered.items()},
    )
