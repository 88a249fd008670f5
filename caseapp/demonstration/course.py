"""One case from the first concern onwards, done by the actions that people use.

A course is a generator: it gives the moment of its next step, is woken when the calendar has come that far, and does the step. What
would lie after today is never reached, so that cases are left in every status by themselves.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from caseapp.access import today
from caseapp.cases import actions as cases
from caseapp.cases.blocking import block
from caseapp.cases.participation import name_reader
from caseapp.cases.starting import start_case
from caseapp.plans import actions as plans
from caseapp.plans.interventions import Support, change_intervention
from caseapp.plans.rules import FAMILY_MAKERS

from .consenting import Consenting
from .measuring import Measuring
from .planning import Planning
from .written import phrases


class Course(Consenting, Measuring, Planning):
    """The whole way of one case."""

    def run(self) -> Iterator[datetime]:
        """The moments of the steps, from the notice to the end."""
        yield from self._begin()
        if self.outline.stops == "noticed":
            return
        yield from self._triage()
        if self.outline.stops == "triage":
            return
        yield from self._consent()
        if self.outline.answers == "declined":
            yield from self._never_begun()
        if not self.is_shared:
            return
        yield from self._map()
        if self.outline.stops == "mapping":
            return
        yield from self._plan()
        yield from self._work()
        if self.outline.lasts is not None:
            yield from self._close()

    def _begin(self) -> Iterator[datetime]:
        yield self.diary.on(self.outline.opened)
        self.case_id = start_case(
            self.actor,
            self.town.teams[self.outline.team],
            person=self.family.person,
            related=self.family.related,
            referral_source=self.source,
            concerns=self.story.concerns,
            participant_ids=[self._user(login) for login in self._invited()],
        )
        yield self.diary.soon()
        self._note(self.actor, "assessment", "Aktualisering", self.story.notice)
        if self.outline.blocked:
            yield self.diary.soon()
            block(self.actor, self.case_id, self._user(self.outline.blocked), reason="Känner familjen privat.")
        if self.is_protected:
            yield self.diary.soon()
            name_reader(self.actor, self.case_id, self._user("helena"))

    def _invited(self) -> list[str]:
        if self.is_protected:
            return ["helena"]
        others = [login for login in self.workers.values() if login not in self.town.regulars[self.outline.team]]
        regulars = [login for login in self.town.regulars[self.outline.team] if login != self.outline.blocked]
        return [*regulars, *others, *(["sara"] if self.outline.team == "sspf" and self.rng.random() < 0.4 else [])]

    def _triage(self) -> Iterator[datetime]:
        """What the coordinator thinks first; where it is plain, the family is asked straight away."""
        if self.outline.stops != "triage" and self.rng.random() < 0.6:
            return
        yield self.diary.after(1, 3)
        cases.change_facts(
            self.actor,
            self.case_id,
            status="triage",
            referral_source=self.source,
            concerns=self.story.concerns,
        )
        if self.outline.stops == "triage" or self.rng.random() < 0.5:
            yield self.diary.soon()
            self._note(self.actor, "assessment", "Inledande bedömning", phrases()["triage"])

    def _never_begun(self) -> Iterator[datetime]:
        yield self.diary.after(1, 4)
        self._end("consent_declined", started=False)

    def _work(self) -> Iterator[datetime]:
        """Notes, reports and what else happens, in the order of its days."""
        began = today()
        ends = began + timedelta(days=self.outline.lasts) if self.outline.lasts is not None else date.max
        steps: list[tuple[date, int, Any]] = []

        def plan(day: date, *do: Any) -> None:
            if day < ends:
                steps.append((day, len(steps), do))

        for number, note in enumerate(self._some_notes(3 if ends > self.now else 2)):
            plan(began + timedelta(days=12 + 19 * number + self.rng.randint(0, 12)), self._note_of, note)
        for promise in self.promises:
            plan(self._report_day(promise), self._report, promise)
            plan(self._report_day(promise) + timedelta(days=self.rng.randint(14, 24)), self._finish, promise)
        plan(began + timedelta(days=self.rng.randint(85, 110)), self._during)
        if ends > self.now:
            plan(max(self.now - timedelta(days=self.rng.randint(8, 34)), began + timedelta(days=20)), self._revise)
        if self.outline.withdrawn_on:
            plan(self.outline.withdrawn_on, self._withdraw)
        if self.outline.paused_on:
            plan(self.outline.paused_on, self._pause)
        if self.outline.renewed_on:
            plan(self.outline.renewed_on, self._renew)
        for day, _number, (do, *what) in sorted(steps, key=lambda step: step[:2]):
            yield self.diary.on(day)
            more = do(*what)
            if more is not None:
                yield from more

    def _pause(self) -> None:
        self._note(self.actor, "assessment", "Paus", phrases()["paused"])
        cases.change_facts(self.actor, self.case_id, status="paused", referral_source=self.source, concerns=self.story.concerns)

    def _close(self) -> Iterator[datetime]:
        assert self.outline.lasts is not None
        yield self.diary.after(2, 8)
        for promise in self.promises:
            actor = self._worker(promise.agency)
            if not promise.is_settled and (self.is_shared or actor is not self.actor or promise.agency in ("social", *FAMILY_MAKERS)):
                plans.report_status(actor, self.case_id, promise.id, self.rng.choice(("done", "done", "cancelled")))
                promise.is_settled = True
        for support_id, actor, support in self.support:
            yield self.diary.soon()
            ended = Support(**{**vars(support), "ended_on": today(), "as_planned": self.rng.choice(("yes", "yes", "yes", "no"))})
            change_intervention(actor, self.case_id, support_id, ended)
        yield self.diary.soon()
        if self.outline.closure not in ("moved", "consent_withdrawn") or self.rng.random() < 0.3:
            self._after("after")
            yield self.diary.soon()
        self._end(self.outline.closure)
        if self.rng.random() < 0.95:
            yield self.diary.after(180, 195)
            self._after("post")

    def _end(self, reason: str, *, started: bool = True) -> None:
        summary = phrases()["closing"][reason]
        if reason == "goals_met":
            summary = f"{summary} {self._told(self.story.after)}"
        cases.close_case(self.actor, self.case_id, reason=reason, closed_on=today(), summary=summary, started=started)
        self.is_closed = True
