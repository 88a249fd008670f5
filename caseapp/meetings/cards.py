"""What a page shows of a meeting, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from caseapp.access import Unreadable, Withheld
from caseapp.accounts import AgencyCard, TeamCard
from caseapp.cases import CaseBar
from caseapp.cases.remarks import RemarkCard
from caseapp.plans.joint_plan import CommitmentCard, JointPlan

from .rules import ON_SCREEN, Attendee, Obstacle

Shown = str | Withheld | Unreadable


@dataclass(frozen=True)
class MeetingCard:
    """A meeting in a list: `state` is planned, running or ended; `case_number` belongs to a meeting about one case."""

    id: str
    version: int
    meeting_type: str
    team_id: str
    team_name: str
    case_id: str | None
    case_number: str
    starts_at: datetime
    place: Shown
    state: str
    case_count: int
    may_lead: bool


@dataclass(frozen=True)
class AgendaItem:
    """A case on the agenda. `initials` are empty when the identity is protected or not for everybody present.

    `is_yours`: the person who looks at it may open the case.
    """

    case_id: str
    case_number: str
    initials: str
    position: int
    is_done: bool
    version: int
    is_yours: bool


@dataclass(frozen=True)
class Minutes:
    """What a meeting came to in one case, as far as the reader may see it. `present` are names as the register has them."""

    item: AgendaItem
    bar: CaseBar
    decision: Shown
    next_on: date | None
    present: tuple[Attendee, ...]
    new: tuple[CommitmentCard, ...]
    reported: tuple[tuple[CommitmentCard, str], ...]


@dataclass(frozen=True)
class CaseMinutes:
    """The minutes of one case (minnesanteckning), with the meeting they are from."""

    card: MeetingCard
    minutes: Minutes
    people: tuple[Attendee, ...]
    agency_names: dict[str, str]


@dataclass(frozen=True)
class Narrowing:
    """Whose presence keeps something off the screen: the agency's name and the information types it may not take part of."""

    agency_name: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class CaseOnScreen:
    """The case being talked about: what everyone in the room may see, and nothing else.

    With `obstacles` nothing of the case is here but its number. `needs` is what the page asked follow-up for; `makers` are the
    agencies that commitments can be written down for.
    """

    item: AgendaItem
    obstacles: tuple[Obstacle, ...] = ()
    bar: CaseBar | None = None
    plan: JointPlan | None = None
    narrowings: tuple[Narrowing, ...] = ()
    needs: Any = None
    decision: Shown = ""
    next_on: date | None = None
    last_decision: Shown = ""
    last_met: datetime | None = None
    makers: tuple[AgencyCard, ...] = ()
    #: what is said beside the measures, as far as everybody here may know it
    remarks: tuple[RemarkCard, ...] = ()

    @property
    def can_be_written(self) -> bool:
        """Whether something can be decided of the case now: everybody may be here, and it is open."""
        return not self.obstacles and self.bar is not None and self.bar.is_open


@dataclass(frozen=True)
class Foreseen:
    """Somebody invited who keeps something of these cases (ids) off the screen.

    With a `reason` (blocked, not_named, not_taking_part) nothing of the cases can be shown while `token` is in the room. Without, an
    agency (`agency_id`) may not take part of `types`; `is_all`: of nothing that the screen shows.
    """

    cases: tuple[str, ...]
    reason: str = ""
    token: str = ""
    agency_id: str = ""
    agency_name: str = ""
    types: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether the agency may take part of nothing that the screen shows."""
        return set(self.types) == set(ON_SCREEN)


@dataclass(frozen=True)
class WhyNow:
    """Why a case should be taken up: the plan's day of review if it has come by then, and how many commitments are late by then."""

    review_on: date | None = None
    late: int = 0


@dataclass(frozen=True)
class Asking:
    """What is needed to plan a meeting: the teams whose meetings this person plans, and who can be asked."""

    teams: tuple[TeamCard, ...]
    people: tuple[Attendee, ...]
    agency_names: dict[str, str]
    bar: CaseBar | None = None
    #: who of them would keep what off the screen, in a meeting about one case
    foreseen: tuple[Foreseen, ...] = ()


@dataclass(frozen=True)
class Planned:
    """A meeting as it is planned: who is asked, what is on the agenda, what could be.

    `why`: case id → why it should be taken up now; `foreseen`: what those who are asked keep off the screen.
    """

    card: MeetingCard
    people: tuple[Attendee, ...]
    agenda: tuple[AgendaItem, ...]
    others: tuple[CaseBar, ...]
    agency_names: dict[str, str]
    watch: str
    why: Mapping[str, WhyNow] = field(default_factory=dict)
    foreseen: tuple[Foreseen, ...] = ()
    #: what the page asked follow-up for: closed cases to be followed up by then
    follow_ups: tuple[Any, ...] = ()

    @property
    def proposed(self) -> tuple[CaseBar, ...]:
        """The cases that should be taken up and are not on the agenda."""
        return tuple(bar for bar in self.others if bar.case_id in self.why)


@dataclass(frozen=True)
class Live:
    """A meeting in progress, for the screen in the room. `room` changes with who is there."""

    card: MeetingCard
    people: tuple[Attendee, ...]
    agenda: tuple[AgendaItem, ...]
    case: CaseOnScreen | None
    agency_names: dict[str, str]
    room: str
    watch: str


@dataclass(frozen=True)
class Record:
    """A meeting for somebody who was not leading it, or afterwards: the minutes of the cases the reader takes part in."""

    card: MeetingCard
    people: tuple[Attendee, ...]
    minutes: tuple[Minutes, ...]
    not_yours: int
    agency_names: dict[str, str]
    watch: str
