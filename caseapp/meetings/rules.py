"""Who is in the room, and what may therefore be shown? Which case is next? Pure.

A meeting shows a case to everybody present at once, so two things must hold. Nobody may be in the room whom the policy keeps
away from that case (`who_must_leave`): then nothing of it is shown, until they have left. And each piece is shown only if
everyone's agency may read it; `who_narrows` tells whose presence closes what is not, so that the leader can do something.

The young person and the family count as nobody's agency: secrecy that protects them does not apply against themselves
(offentlighets- och sekretesslagen 2009:400, 12 kap. 1 §, read 2026-11). Whether something must be kept from a custodian
(12 kap. 3 §) is for the leader to judge; the program does not know it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from caseapp.consent.rules import Ground, may_read

#: Kinds of attendance that stand for an agency's eyes and ears.
MEMBER, AGENCY, YOUNG_PERSON, RELATED = "member", "agency", "young_person", "related"
FAMILY = frozenset({YOUNG_PERSON, RELATED})
#: The information types a case on the screen is made of.
ON_SCREEN = ("identity", "plan", "support_ongoing", "assessment")


@dataclass(frozen=True)
class Attendee:
    """Somebody who can be asked to a meeting. `who_id` is a user, an agency, a case or a related person, by `kind`.

    `name` may be withheld for the family; `role` is then still their code of RelatedRole, and `number` (from 1) tells them apart.
    `has_left`: could not be asked any more, but nobody has said that they have gone.
    """

    kind: str
    who_id: str
    agency_id: str | None
    name: Any
    role: str = ""
    is_asked: bool = False
    is_present: bool = False
    number: int = 0
    has_left: bool = False

    @property
    def token(self) -> str:
        """What a form calls this person."""
        return f"{self.kind}:{self.who_id}"


@dataclass(frozen=True)
class Circle:
    """Who may come near a case: user ids. `named` is None when the identity is not protected."""

    participants: frozenset[str]
    blocked: frozenset[str] = field(default_factory=frozenset)
    named: frozenset[str] | None = None


@dataclass(frozen=True)
class Obstacle:
    """Somebody who must leave the room before a case is shown, and why (a code)."""

    attendee: Attendee
    reason: str


def who_must_leave(attendees: Iterable[Attendee], circle: Circle) -> tuple[Obstacle, ...]:
    """Those present whom the policy keeps away from the case, in order: blocked, not_named, not_taking_part."""
    present = [attendee for attendee in attendees if attendee.is_present]
    return tuple(Obstacle(attendee, reason) for attendee in present if (reason := _why_leave(attendee, circle)))


def _why_leave(attendee: Attendee, circle: Circle) -> str | None:
    if attendee.kind in FAMILY:
        return None
    if attendee.kind == AGENCY:  # nobody can tell who it is, so protected identities are not for them
        return "not_named" if circle.named is not None else None
    if attendee.who_id in circle.blocked:
        return "blocked"
    if attendee.has_left or attendee.who_id not in circle.participants:
        return "not_taking_part"
    return "not_named" if circle.named is not None and attendee.who_id not in circle.named else None


def agencies_in_the_room(attendees: Iterable[Attendee]) -> tuple[str, ...]:
    """The agencies that see and hear what is shown, each once, in the order of the attendance list."""
    seen = (attendee.agency_id for attendee in attendees if attendee.is_present and attendee.kind not in FAMILY)
    return tuple(dict.fromkeys(agency for agency in seen if agency))


def who_narrows(
    agencies: Collection[str], owner_agency: str, information_type: str, grounds: Collection[Ground], on: date
) -> tuple[str, ...]:
    """The agencies in the room that may not read this compartment of a case today."""
    return tuple(agency for agency in agencies if not may_read(agency, owner_agency, information_type, grounds, on).allowed)


@dataclass(frozen=True)
class Ahead:
    """What these people would keep off the screen in a case: all of it, or (agency, information types) of those who see less."""

    obstacles: tuple[Obstacle, ...]
    narrowed: tuple[tuple[str, tuple[str, ...]], ...]


def foresee(
    attendees: Sequence[Attendee], circle: Circle, owner_agency: str, types: Sequence[str], grounds: Collection[Ground], on: date
) -> Ahead:
    """What would not be shown of a case on that day if these were in the room. Who must leave anyway narrows nothing besides."""
    obstacles = who_must_leave(attendees, circle)
    leaving = {obstacle.attendee.token for obstacle in obstacles}
    agencies = agencies_in_the_room([attendee for attendee in attendees if attendee.token not in leaving])
    missing: dict[str, list[str]] = {}
    for kind in types:
        for agency in who_narrows(agencies, owner_agency, kind, grounds, on):
            missing.setdefault(agency, []).append(kind)
    return Ahead(obstacles, tuple((agency, tuple(kinds)) for agency, kinds in missing.items()))


class OnAgenda(Protocol):
    """What `following` needs to know of a case on the agenda."""

    @property
    def case_id(self) -> str: ...

    @property
    def is_done(self) -> bool: ...


def following(agenda: Sequence[OnAgenda], current: str | None = None) -> str | None:
    """The case to take next: the first unfinished one after `current`, then from the top; None when all others are finished."""
    ids = [item.case_id for item in agenda]
    start = ids.index(current) + 1 if current in ids else 0
    return next((item.case_id for item in [*agenda[start:], *agenda[:start]] if not item.is_done and item.case_id != current), None)


def state_of(started: bool, ended: bool) -> str:
    """planned, running or ended."""
    return "ended" if ended else "running" if started else "planned"
