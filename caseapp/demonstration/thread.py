"""What the steps of one case have in common: who acts in it, what has been written, and how texts are told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from caseapp.access import Actor, today
from caseapp.cases.notes import add_note, read_notes
from caseapp.plans.interventions import Support
from caseapp.plans.rules import FAMILY_MAKERS

from .diary import Diary, working_day
from .founding import Town
from .invented import Family
from .outlines import Outline
from .written import stories, told


@dataclass
class Promise:
    """A commitment that has been written down, and who reports on it."""

    id: str
    agency: str
    due_on: date
    is_settled: bool = False


@dataclass
class CaseThread:
    """A case under way. `case_id` is empty until it has begun; `is_shared` while a consent holds."""

    town: Town
    outline: Outline
    family: Family
    rng: Random
    #: The day of the load, and the days of the team's meetings.
    now: date
    meeting_days: Sequence[date]
    case_id: str = ""
    is_shared: bool = False
    is_closed: bool = False
    promises: list[Promise] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.story = stories()[self.outline.story]
        self.diary = Diary(self.rng, self.outline.opened)
        self.actor = self.town.coordinator(self.outline.team)
        self.workers = self._workers()
        self.source = self.rng.choice(self.story.sources)
        self.needs: dict[str, str] = {}
        self.goals: list[str] = []
        self.support: list[tuple[str, Actor, Support]] = []
        self.written: list[Any] = []

    def _workers(self) -> dict[str, str]:
        """agency key → the login of whoever takes part from there."""
        found = {}
        for agency in self.town.agencies:
            logins = [login for login in self.town.workers(self.outline.team, agency) if login != self.outline.blocked]
            if agency == "health" and not self._speaks_of("health"):
                continue
            if logins:
                found[agency] = logins[0]
        return found

    def _speaks_of(self, agency: str) -> bool:
        return any(part["by"] == agency for part in (*self.story.commitments, *self.story.notes))

    @property
    def is_protected(self) -> bool:
        """Whether somebody's identity in the case is protected."""
        return self.outline.protected != "none" or self.outline.protected_parent != "none"

    @property
    def holds_today(self) -> bool:
        """Whether a consent holds now, at least for some."""
        ends = None if self.outline.renewed_on else self.outline.consent_ends
        return self.is_shared and (ends is None or today() <= ends)

    def _takes_part(self, agency: str) -> bool:
        return self._worker(agency) is not self.actor

    def next_review(self, fewest: int) -> date:
        """The team's first meeting at least so many days from now, where plans are gone through."""
        earliest = today() + timedelta(days=fewest)
        return next((day for day in self.meeting_days if day >= earliest), working_day(earliest))

    def _worker(self, agency: str) -> Actor:
        """Who acts for an agency here: whoever takes part from there; the coordinator for the family and where nobody does."""
        if agency in FAMILY_MAKERS or (self.is_protected and agency != "social"):
            return self.actor
        login = "helena" if agency == "social" else self.workers.get(agency, "")
        return self.town.actors.get(login, self.actor)

    def _some_notes(self, most: int) -> list[Any]:
        """Notes of the story that have not been written, by agencies that take part."""
        left = [note for note in self.story.notes if note not in self.written and self._can_write(note["by"])]
        chosen = left[:most]
        self.written += chosen
        return chosen

    def _can_write(self, agency: str) -> bool:
        return agency == "social" or (agency in self.workers and not self.is_protected)

    def _note_of(self, note: Any) -> None:
        actor = self.actor if note["by"] == "social" else self._worker(note["by"])
        if self.rng.random() < 0.1:
            read_notes(actor, self.case_id)
        self._note(actor, note["type"], note["heading"], note["text"])

    def _note(self, actor: Actor, kind: str, heading: str, text: str) -> None:
        add_note(actor, self.case_id, information_type=kind, heading=heading, text=self._told(text))

    def _told(self, text: str) -> str:
        return told(text, self.family.first_name)

    def _user(self, login: str) -> str:
        return self.town.actors[login].user_id
