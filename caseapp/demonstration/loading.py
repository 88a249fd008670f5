"""Loading the demonstration: every thread of work woken in the order of the calendar, until today.

Many actions share one transaction, a chapter, because a commit to disk for each of two thousand would take minutes; each is still
allowed and logged one by one. A chapter ends where somebody acts for themselves: when a quarter is released, and at refusals.
An interrupted load is recognised and never taken for a whole one.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from functools import partial
from random import Random

from sqlalchemy import event

from caseapp.access import Actor, NotFound, Permission, Refused, action, allow, session
from caseapp.accounts import actions as accounts
from caseapp.accounts import office
from caseapp.cases.actions import read_case
from caseapp.cases.finding import search
from caseapp.db import transaction
from caseapp.formats import clock
from caseapp.statistics.actions import approve, list_releases
from caseapp.statistics.preparing import prepare
from caseapp.statistics.releases import CannotPublish

from .course import Course
from .diary import at_hour, last_working_day, working_day
from .founding import Town, first_administrator, found
from .gatherings import meeting_days, network_meeting, team_meetings
from .invented import Family, birth_date, family
from .outlines import Outline, first_day, outlines, quarters_until
from .written import stories

Progress = Callable[[float], None]
Thread = Iterator[datetime]

#: From a quarter's end until its tables are prepared, and from then until somebody else approves them.
_UNTIL_PREPARED, _UNTIL_APPROVED = timedelta(days=20), timedelta(days=3)


class RealDataHere(Exception):
    """The installation holds something that is no demonstration; nothing was changed."""


class Interrupted(Exception):
    """An earlier load was interrupted; what it left is not whole."""


class Standing(Enum):
    """What an installation is to the demonstration."""

    EMPTY = "empty"
    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    REAL = "real"


def standing() -> tuple[Standing, int]:
    """What the bound installation is, and the seed of its demonstration (0 where there is none)."""
    with transaction(reading=True):
        register = office()
    written = register.settings.get("demonstration", {})
    if register.settings.get("is_demonstration"):
        return (Standing.WHOLE if written.get("is_whole") else Standing.INTERRUPTED), int(written.get("seed", 0))
    is_empty = len(register.users) == 1 and not register.teams and len(register.agencies) <= 1
    return (Standing.EMPTY if is_empty else Standing.REAL), 0


def load(*, cases: int = 60, quarters: int = 5, seed: int = 1, progress: Progress = lambda _share: None) -> bool:
    """Fill the bound installation, as `init` leaves it. False where a whole demonstration is there already.

    Raises RealDataHere where anybody has begun to work, Interrupted where an earlier load did not come to its end.
    """
    found_here, _seed = standing()
    if found_here is Standing.REAL:
        raise RealDataHere
    if found_here is Standing.INTERRUPTED:
        raise Interrupted
    if found_here is Standing.WHOLE:
        return False
    _Load(cases, quarters, seed, clock.now(), progress).run()
    return True


@dataclass
class _Load:
    cases: int
    quarters: int
    seed: int
    now: datetime
    progress: Progress
    threads: list[tuple[datetime, int, Thread]] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    by_case: dict[str, Course] = field(default_factory=dict)
    meeting_days: dict[str, list[date]] = field(default_factory=dict)

    def run(self) -> None:
        """Found the office, let everything happen until now, and say that it is whole."""
        self.today = clock.today()
        self.start = first_day(self.quarters, self.today)
        with clock.at(at_hour(last_working_day(self.start - timedelta(days=14)), 9)):
            with transaction(reading=True):
                admin = first_administrator()
            town = _found(admin, self.seed)
        self._begin(town)
        for moment, happens in self._in_between(town):
            self._live_until(admin, moment)
            with clock.at(moment):
                happens()
        self._live_until(admin, self.now)
        accounts.set_municipality(admin, demonstration={"seed": self.seed, "is_whole": True})

    def _rng(self, label: str) -> Random:
        return Random(f"{self.seed}/{label}")  # noqa: S311 - meant to be foreseen

    # -- the threads --------------------------------------------------------------------------------------------------

    def _begin(self, town: Town) -> None:
        self.meeting_days = {team: meeting_days(team, self.start, self.today) for team in town.teams}
        with clock.at(at_hour(self.start, 8)):
            drawn = outlines(self._rng("outlines"), cases=self.cases, quarters=self.quarters, today=self.today)
            families: dict[str, Family] = {}
            taken: set[str] = set()
            for number, outline in enumerate(drawn):
                if outline.person not in families:
                    families[outline.person] = self._family(outline, taken)
                self._begin_case(town, number, outline, families[outline.person])
        for team in town.teams:
            self._thread(team_meetings(town, team, self._rng(f"meetings/{team}"), self.meeting_days[team], self.today, self.by_case))

    def _born(self, outline: Outline) -> date:
        rng = self._rng(f"{outline.person}/born")
        years = outline.age or rng.randint(*stories()[outline.story].ages)
        return outline.born or birth_date(rng, years, outline.opened, day=outline.birth_day)

    def _family(self, outline: Outline, taken: set[str]) -> Family:
        return family(
            self._rng(f"{outline.person}/family"),
            born=self._born(outline),
            custodians=outline.custodians,
            taken=taken,
            id_type=outline.id_type,
            protected=outline.protected,
            protected_parent=outline.protected_parent,
        )

    def _begin_case(self, town: Town, number: int, outline: Outline, them: Family) -> None:
        course = Course(town, outline, them, self._rng(f"case/{number}"), self.today, self.meeting_days[outline.team])
        self.courses.append(course)
        self._thread(course.run())
        rng = self._rng(f"case/{number}/meeting")
        if outline.meeting_on:
            self._thread(network_meeting(course, working_day(outline.meeting_on)))
        elif rng.random() < 0.15 and (self.today - outline.opened).days > 60:
            self._thread(network_meeting(course, working_day(outline.opened + timedelta(days=rng.randint(45, 60)))))

    def _thread(self, thread: Thread) -> None:
        self._wake_later(thread, len(self.threads))

    def _wake_later(self, thread: Thread, number: int) -> None:
        moment = next(thread, None)
        if moment is not None:
            heapq.heappush(self.threads, (moment, number, thread))

    # -- the calendar -------------------------------------------------------------------------------------------------

    def _live_until(self, admin: Actor, end: datetime) -> None:
        """A chapter: everything up to this moment, in one transaction."""
        if self.threads and self.threads[0][0] <= end:
            with clock.at(self.threads[0][0]):
                _chapter(admin, partial(self._wake_until, end))

    def _wake_until(self, end: datetime) -> None:
        whole = (self.now.date() - self.start).days or 1
        while self.threads and self.threads[0][0] <= end:
            moment, number, thread = heapq.heappop(self.threads)
            with clock.at(moment):
                self._wake_later(thread, number)
            for course in self.courses:
                if course.case_id and course.case_id not in self.by_case:
                    self.by_case[course.case_id] = course
            self.progress(min(max((moment.date() - self.start).days / whole, 0), 1))

    def _in_between(self, town: Town) -> Sequence[tuple[datetime, Callable[[], None]]]:
        """What somebody does for themselves, each with its moment, in order."""
        alone = [(at_hour(last_working_day(self.today - timedelta(days=4)), 14, 12), partial(self._curiosity, town))]
        for ended in quarters_until(self.today, self.quarters)[:-1]:
            prepared = working_day(ended.end + _UNTIL_PREPARED)
            if prepared + _UNTIL_APPROVED < self.today:
                alone.append((at_hour(prepared, 10, 5), partial(self._release, town, str(ended), working_day(prepared + _UNTIL_APPROVED))))
        return sorted(alone, key=lambda one: one[0])

    def _release(self, town: Town, ended: str, approved_on: date) -> None:
        """A quarter as the statistician prepares it and the unit manager approves it some days later."""
        try:
            prepare(town.actors["stefan"], ended)
        except CannotPublish:  # so few cases that nothing can be told about them
            return
        with clock.at(at_hour(approved_on, 13, 40)) as moment:
            manager = replace(town.actors["birgitta"], proved_at=moment.timestamp())
            waiting = list_releases(manager).waiting
            if waiting is not None:
                approve(manager, waiting.id, sha256=waiting.sha256)

    def _curiosity(self, town: Town) -> None:
        """Somebody searches for a name they have no case with, and opens an address that is not theirs: both are in the log."""
        protected = next((course for course in self.courses if course.is_protected and course.case_id), None)
        officer = town.actors["sara"]
        search(officer, "Ekdahl")
        if protected is not None:
            with suppress(NotFound, Refused):
                read_case(officer, protected.case_id)


@action
def _found(actor: Actor, seed: int) -> Town:
    allow(actor, Permission.MANAGE_SETTINGS)
    accounts.set_municipality(actor, is_demonstration=True, search_seconds=None, demonstration={"seed": seed, "is_whole": False})
    return found(actor, seed)


@action
def _chapter(actor: Actor, happens: Callable[[], None]) -> None:
    allow(actor, Permission.MANAGE_SETTINGS)
    # Rows that one action has read stay for the next: read again for each, they would be half the work of a chapter
    kept: list[object] = []
    for change in ("loaded_as_persistent", "pending_to_persistent"):
        event.listen(session(), change, lambda _session, row: kept.append(row))
    happens()
