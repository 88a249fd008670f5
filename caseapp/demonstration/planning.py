"""The joint plan of a case: goals, what each agency takes on and reports, support that begins."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from caseapp.access import today
from caseapp.cases import actions as cases
from caseapp.plans import actions as plans
from caseapp.plans.interventions import Support, add_intervention
from caseapp.plans.rules import FAMILY_MAKERS
from caseapp.plans.versions import Answered, fix_version, read_versions

from .diary import working_day
from .thread import CaseThread, Promise
from .written import phrases

#: What was due within this time before the load, the forgetful have not got round to.
_FORGOTTEN = timedelta(days=40)


class Planning(CaseThread):
    """The steps with the plan."""

    def _plan(self) -> Iterator[datetime]:
        yield self.diary.after(4, 10)
        actor = self.actor
        plans.write_head(
            actor,
            self.case_id,
            text=self._told(self.story.aim),
            review_on=self.next_review(self.rng.randint(20, 34)),
        )
        for goal in self.story.goals[:2]:
            yield self.diary.soon()
            written: dict[str, Any] = {name: self._told(text) for name, text in goal.items() if name != "domain"}
            self.goals.append(plans.write_goal(actor, self.case_id, domain=goal["domain"], **written))
        possible = [one for one in self.story.commitments if self.holds_today and self._can_promise(one["by"])]
        chosen = self.rng.sample(possible, min(len(possible), 4 if self.outline.is_forgetful else self.rng.choice((2, 3, 3, 4))))
        for one in sorted(chosen, key=possible.index):
            yield self.diary.soon()
            self._promise(one)
        yield self.diary.soon()
        cases.change_facts(actor, self.case_id, status="active", referral_source=self.source, concerns=self.story.concerns)
        for one in self.story.support:
            if one["by"] in self.workers and (one["by"] == "social" or self._takes_part(one["by"])):
                yield self.diary.after(1, 6)
                self._begin_support(one)
        self._agree("meeting")

    def _agree(self, how: str) -> None:
        """The plan is gone through with the family and kept as a version; the young person says yes, and the first custodian."""
        asked = read_versions(self.actor, self.case_id).asked[: 2 if self.family.person.protected == "none" else 1]
        fix_version(self.actor, self.case_id, [Answered(person.who_id, "agreed", today(), how) for person in asked])

    def _revise(self) -> Iterator[datetime]:
        """The plan goes on: something more is taken on, and reported when its day comes."""
        if not self.holds_today:
            return
        more = [one for one in phrases()["more"] if self._can_promise(one["by"])]
        for one in self.rng.sample(more, min(2, len(more))):
            self._promise(one)
            yield self.diary.soon()
        self._agree("phone")

    def _can_promise(self, by: str) -> bool:
        if by in FAMILY_MAKERS:
            return True
        if by == self.outline.withdrawn_for and self.outline.withdrawn_on and self.outline.withdrawn_on <= today():
            return False
        return by == "social" or (by in self.workers and by not in self.outline.left_out and ((by, "plan") not in self.outline.without))

    def _promise(self, one: Any) -> None:
        by = one["by"]
        due = working_day(today() + timedelta(weeks=one["weeks"]))
        family = by in FAMILY_MAKERS
        agency = "social" if family else by
        responsible = self._worker(agency)
        promise_id = plans.add_commitment(
            self.actor,
            self.case_id,
            agency_id=self.town.agencies[agency],
            text=self._told(one["text"]),
            due_on=due,
            responsible_id=None if family else responsible.user_id,
            goal_id=self.goals[one["goal"]] if one.get("goal", len(self.goals)) < len(self.goals) else None,
            made_by=by if family else None,
        )
        self.promises.append(Promise(promise_id, by, due))

    def _begin_support(self, one: Any) -> None:
        actor = self._worker(one["by"])
        support = Support(
            type=one["type"],
            focus=one["focus"],
            legal_form=one["legal"],
            intensity=one["intensity"],
            started_on=today(),
            text=self._told(one["text"]),
        )
        agency_id = self.town.agencies[one["by"]]
        if agency_id == actor.agency_id:
            self.support.append((add_intervention(actor, self.case_id, support, agency_id=agency_id), actor, support))

    def _report_day(self, promise: Promise) -> date:
        """When the agency reports: about the day it was due; the forgetful do not get round to what was due lately."""
        if self.outline.is_forgetful and promise.due_on > self.now - _FORGOTTEN:
            return date.max - timedelta(days=60)
        return promise.due_on - timedelta(days=self.rng.randint(-1, 9))

    def _finish(self, promise: Promise) -> None:
        """What was still going on at the first report is done at the next."""
        self._report(promise, "done")

    def _report(self, promise: Promise, status: str = "") -> None:
        actor = self._worker(promise.agency)
        shared = self.holds_today or actor.agency_id == self.actor.agency_id
        if promise.is_settled or (actor is self.actor and not shared):
            return
        status = status or self.rng.choices(("done", "ongoing", "not_done", "cancelled"), (74, 16, 7, 3))[0]
        if self.rng.random() < 0.12:
            cases.read_case(actor, self.case_id)
        plans.report_status(actor, self.case_id, promise.id, status, text=self.rng.choice(phrases()["reports"][status]))
        promise.is_settled = status != "ongoing"
