"""One case from the first concern onwards, done by the actions that people use.

A course is a generator: it gives the moment of its next step, is woken when the calendar has come that far, and does the step. What
would lie after today is never reached, so that cases are left in every status by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from caseapp import codelists
from caseapp.access import Actor, today
from caseapp.cases import actions as cases
from caseapp.cases.consenting import ask_for_consent, read_consent, register_answers
from caseapp.cases.notes import add_note, read_notes
from caseapp.cases.participation import block, name_reader
from caseapp.cases.starting import start_case
from caseapp.consent.actions import Answer, withdraw_consent
from caseapp.consent.reading import SignatureCard
from caseapp.followup.actions import Led, Seen, save_measure
from caseapp.followup.experience import GUARDIAN, YOUTH, statements
from caseapp.formats import age
from caseapp.plans import actions as plans
from caseapp.plans import interventions

from .diary import Diary, last_working_day, working_day
from .founding import Town
from .invented import Family
from .outlines import Outline
from .written import phrases, stories, told

#: What every consent covers; the rest is as the story asks.
_ALWAYS_SHARED = ("identity", "contact", "assessment", "outcome", "plan", "support_ongoing")
_FAMILY_MAKERS = ("youth", "guardian")


@dataclass
class Promise:
    """A commitment that has been written down, and who reports on it."""

    id: str
    agency: str
    due_on: date
    is_settled: bool = False


@dataclass
class Course:
    """A case under way. `case_id` is empty until it has begun; `is_shared` while a consent holds."""

    town: Town
    outline: Outline
    family: Family
    rng: Random
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
        self.support: list[tuple[str, Actor, interventions.Support]] = []
        self.written: list[Any] = []

    def _workers(self) -> dict[str, str]:
        """agency key → the login of whoever takes part from there."""
        found = {}
        for agency in self.town.agencies:
            logins = [login for login in self.town.workers(self.outline.team, agency) if login != self.outline.blocked]
            if agency == "health" and not self._speaks_of("health") and self.rng.random() < 0.5:
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

    # -- the whole way ------------------------------------------------------------------------------------------------

    def run(self) -> Iterator[datetime]:
        """The moments of the steps, from the notice to the end."""
        yield from self._begin()
        if self.outline.stops == "noticed":
            return
        yield from self._triage()
        if self.outline.stops == "triage":
            return
        yield from self._consent()
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
        day = self.outline.opened
        yield self.diary.on(working_day(day) if day < today() else last_working_day(day))
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
            block(self.actor, self.case_id, self._user(self.outline.blocked))
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
        yield self.diary.after(1, 3)
        cases.change_facts(
            self.actor,
            self.case_id,
            status="triage",
            referral_source=self.source,
            concerns=self.story.concerns,
        )
        if self.rng.random() < 0.3:
            yield self.diary.soon()
            self._note(self.actor, "assessment", "Inledande bedömning", phrases()["triage"])

    # -- consent ------------------------------------------------------------------------------------------------------

    def _consent(self) -> Iterator[datetime]:
        yield self.diary.after(1, 5)
        consent_id = self._ask(self.outline.consent_ends)
        yield self.diary.after(2, 6)
        asked = self._signatures(consent_id)
        if self.outline.answers == "awaited":
            return
        if self.outline.answers == "declined":
            self._answer(consent_id, asked[:1], "declined")
            yield from self._never_begun()
            return
        if self.outline.answers == "one_missing":
            self._answer(consent_id, asked[:1])
            yield self.diary.soon()
            self._note(self.actor, "assessment", "Väntar på underskrift", phrases()["consent_missing"])
            return
        if self.outline.answers == "unreachable" and len(asked) > 1:
            self._answer(consent_id, asked[1:], waived=asked[:1])
        elif len(asked) > 1 and self.rng.random() < 0.4:
            self._answer(consent_id, asked[:1])
            yield self.diary.after(2, 5)
            self._answer(consent_id, asked[1:])
        else:
            self._answer(consent_id, asked)
        self.is_shared = True

    def _ask(self, ends: date | None, renews_id: str = "") -> str:
        agencies = [agency for agency in self.workers if agency not in self.outline.left_out]
        kinds = [kind for kind in codelists.codelist("InformationType") if kind in _ALWAYS_SHARED or self._is_needed(kind)]
        return ask_for_consent(
            self.actor,
            self.case_id,
            agency_ids=[self.town.agencies[agency] for agency in agencies],
            types=kinds,
            without=[(self.town.agencies[agency], kind) for agency, kind in sorted(self.outline.without)],
            valid_from=today(),
            valid_to=ends or today() + timedelta(days=364),
            purpose="sspf_cooperation" if self.outline.team == "sspf" else "sig_cooperation",
            informed_on=today(),
            informed_by=self.actor.name,
            paper_reference=f"Pärm {today().year}, flik {self.rng.randint(1, 60)}",
            renews_id=renews_id,
        )

    def _is_needed(self, kind: str) -> bool:
        if kind in ("health", "substance", "offences"):
            need = {"health": "mental_health", "substance": "substance", "offences": "norm_breaking"}[kind]
            return self.story.needs.get(need, 0) > 0 or any(note["type"] == kind for note in self.story.notes)
        return True

    def _signatures(self, consent_id: str) -> list[SignatureCard]:
        page = read_consent(self.actor, self.case_id)
        return list(next(consent for consent in page.consents if consent.id == consent_id).signatures)

    def _answer(
        self, consent_id: str, asked: Sequence[SignatureCard], decision: str = "given", waived: Sequence[SignatureCard] = ()
    ) -> None:
        method = self.rng.choices(("paper", "eid", "oral_documented"), (7, 2, 1))[0]
        witness = self.town.actors["helena"].name if method == "oral_documented" else ""
        answers = [Answer(one.id, decision, today(), method if decision == "given" else "", witness) for one in asked]
        answers += [Answer(one.id, "waived", reason=phrases()["unreachable"]) for one in waived]
        register_answers(self.actor, self.case_id, consent_id, answers)

    def _never_begun(self) -> Iterator[datetime]:
        yield self.diary.after(1, 4)
        self._end("consent_declined", started=False)

    def _withdraw(self) -> None:
        page = read_consent(self.actor, self.case_id)
        assert page.holding is not None
        agency = self.outline.withdrawn_for
        who = next((one.name for one in self.family.related if one.is_custodian), self.family.person.name)
        withdraw_consent(
            self.actor,
            self.case_id,
            page.holding.id,
            received_from=who,
            received_how="per telefon",
            agency_id=self.town.agencies[agency] if agency else None,
        )
        self.is_shared = bool(agency)
        if not agency:
            self._note(self.actor, "assessment", "Samtycket återkallat", phrases()["withdrawn"])

    def _renew(self) -> Iterator[datetime]:
        page = read_consent(self.actor, self.case_id)
        consent_id = self._ask(None, page.holding.id if page.holding else "")
        yield self.diary.after(1, 3)
        self._answer(consent_id, self._signatures(consent_id))

    # -- mapping and plan ---------------------------------------------------------------------------------------------

    def _map(self) -> Iterator[datetime]:
        yield self.diary.after(3, 10)
        instrument = self.rng.choice(("", "ester_screening", "bbic", "none"))
        save_measure(
            self.actor,
            self.case_id,
            self._seen(
                "before",
                self._needs(),
                self.story.picture,
                self.rng.choice(self.story.youth_view),
                self.rng.choice(self.story.guardian_view),
                instrument=instrument,
            ),
        )
        for note in self._some_notes(1):
            yield self.diary.after(1, 4)
            self._note_of(note)

    def _needs(self) -> dict[str, str]:
        needs = dict(self.story.needs)
        moved = self.rng.choice(list(needs))
        needs[moved] = min(3, max(0, needs[moved] + self.rng.choice((-1, 1))))
        self.needs = {domain: str(level) for domain, level in needs.items()}
        return self.needs

    def _seen(self, phase: str, needs: dict[str, str], text: str, youth: str = "", guardian: str = "", instrument: str = "") -> Seen:
        person = self.family.person
        born = person.number.birth_date if person.number else person.born
        years = age(born, today()) if born else 14
        return Seen(
            phase=phase,
            measured_on=today(),
            needs=needs,
            risk=self.story.risk if phase == "before" else self._lower(self.story.risk) if phase != "during" else self.story.risk,
            protective=self.story.protective,
            responsivity=self.story.responsivity,
            instrument=instrument,
            instrument_on=today() if instrument not in ("", "none") else None,
            instrument_level=self.story.risk if instrument not in ("", "none", "bbic") else "",
            attendance=self.story.attendance,
            occupation=self.story.occupation or ("compulsory" if years < 16 else "upper_secondary"),
            youth_view=self._told(youth),
            guardian_view=self._told(guardian),
            text=self._told(text),
        )

    def _lower(self, risk: str) -> str:
        levels = ("low", "medium", "high", "very_high")
        return levels[max(0, levels.index(risk) - self.rng.choice((0, 1, 1)))]

    def _plan(self) -> Iterator[datetime]:
        yield self.diary.after(4, 10)
        actor = self.actor
        plans.write_head(
            actor,
            self.case_id,
            text=self._told(self.story.aim),
            review_on=working_day(today() + timedelta(days=self.rng.randint(28, 45))),
            agreed_youth=today(),
            agreed_guardians=today() if self.family.person.protected == "none" else None,
        )
        for goal in self.story.goals[:2]:
            yield self.diary.soon()
            written: dict[str, Any] = {name: self._told(text) for name, text in goal.items() if name != "domain"}
            self.goals.append(plans.write_goal(actor, self.case_id, domain=goal["domain"], **written))
        possible = [one for one in self.story.commitments if self._can_promise(one["by"])]
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

    def _can_promise(self, by: str) -> bool:
        if by in _FAMILY_MAKERS:
            return True
        return by == "social" or (by in self.workers and by not in self.outline.left_out and ((by, "plan") not in self.outline.without))

    def _takes_part(self, agency: str) -> bool:
        return self._worker(agency) is not self.actor

    def _worker(self, agency: str) -> Actor:
        """Who acts for an agency here: whoever takes part from there; the coordinator for the family and where nobody does."""
        if agency in _FAMILY_MAKERS or (self.is_protected and agency != "social"):
            return self.actor
        login = "helena" if agency == "social" else self.workers.get(agency, "")
        return self.town.actors.get(login, self.actor)

    def _promise(self, one: Any) -> None:
        by = one["by"]
        due = working_day(today() + timedelta(weeks=one["weeks"]))
        family = by in _FAMILY_MAKERS
        agency = "social" if family else by
        responsible = self._worker(agency)
        promise_id = plans.add_commitment(
            self.actor,
            self.case_id,
            agency_id=self.town.agencies[agency],
            text=self._told(one["text"]),
            due_on=due,
            responsible_id=None if family else responsible.user_id,
            goal_id=self.goals[one["goal"]] if one["goal"] < len(self.goals) else None,
            made_by=by if family else None,
        )
        self.promises.append(Promise(promise_id, by, due))

    def _begin_support(self, one: Any) -> None:
        actor = self._worker(one["by"])
        support = interventions.Support(
            type=one["type"],
            focus=one["focus"],
            legal_form=one["legal"],
            intensity=one["intensity"],
            started_on=today(),
            text=self._told(one["text"]),
        )
        agency_id = self.town.agencies[one["by"]]
        if agency_id == actor.agency_id:
            self.support.append((interventions.add_intervention(actor, self.case_id, support, agency_id=agency_id), actor, support))

    # -- the work -----------------------------------------------------------------------------------------------------

    def _work(self) -> Iterator[datetime]:
        """Notes, reports and what else happens, in the order of its days."""
        began = today()
        ends = began + timedelta(days=self.outline.lasts) if self.outline.lasts is not None else date.max
        steps: list[tuple[date, int, Any]] = []

        def plan(day: date, *do: Any) -> None:
            if day < ends:
                steps.append((day, len(steps), do))

        for number, note in enumerate(self._some_notes(3)):
            plan(began + timedelta(days=12 + 19 * number + self.rng.randint(0, 12)), self._note_of, note)
        for promise in self.promises:
            plan(self._report_day(promise), self._report, promise)
        plan(began + timedelta(days=self.rng.randint(85, 110)), self._during)
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

    def _report_day(self, promise: Promise) -> date:
        """When the agency reports: about the day it was due; the forgetful report the first one only, and nothing of the rest."""
        if self.outline.is_forgetful and promise is not self.promises[0]:
            return date.max
        return promise.due_on - timedelta(days=self.rng.randint(-1, 9))

    def _report(self, promise: Promise) -> None:
        actor = self._worker(promise.agency)
        shared = self.is_shared or actor.agency_id == self.actor.agency_id
        if promise.is_settled or (actor is self.actor and not shared):
            return
        status = self.rng.choices(("done", "ongoing", "not_done", "cancelled"), (74, 16, 7, 3))[0]
        if self.rng.random() < 0.12:
            cases.read_case(actor, self.case_id)
        plans.report_status(actor, self.case_id, promise.id, status, text=self.rng.choice(phrases()["reports"][status]))
        promise.is_settled = status != "ongoing"

    def _during(self) -> None:
        save_measure(self.actor, self.case_id, self._seen("during", self._better(0.35), phrases()["during"]))

    def _better(self, chance: float) -> dict[str, str]:
        """The needs as they have become: often less, seldom more."""
        found = {}
        for domain, level in self.needs.items():
            turn = self.rng.random()
            step = -1 if turn < chance else 1 if turn > 0.95 else 0
            found[domain] = str(min(3, max(0, int(level) + step * (2 if step < 0 and self.rng.random() < 0.3 else 1))))
        return found

    def _pause(self) -> None:
        self._note(self.actor, "assessment", "Paus", phrases()["paused"])
        cases.change_facts(self.actor, self.case_id, status="paused", referral_source=self.source, concerns=self.story.concerns)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _close(self) -> Iterator[datetime]:
        assert self.outline.lasts is not None
        yield self.diary.after(2, 8)
        for promise in self.promises:
            actor = self._worker(promise.agency)
            if not promise.is_settled and (self.is_shared or actor is not self.actor or promise.agency in ("social", *_FAMILY_MAKERS)):
                plans.report_status(actor, self.case_id, promise.id, self.rng.choice(("done", "done", "cancelled")))
                promise.is_settled = True
        for support_id, actor, support in self.support:
            yield self.diary.soon()
            ended = interventions.Support(
                **{**vars(support), "ended_on": today(), "as_planned": self.rng.choice(("yes", "yes", "yes", "no"))}
            )
            interventions.change_intervention(actor, self.case_id, support_id, ended)
        yield self.diary.soon()
        if self.outline.closure not in ("moved", "consent_withdrawn") or self.rng.random() < 0.3:
            self._after("after")
            yield self.diary.soon()
        self._end(self.outline.closure)
        if self.rng.random() < 0.6:
            yield self.diary.after(180, 195)
            self._after("post")

    def _after(self, phase: str) -> None:
        went_well = self.outline.closure in ("goals_met", "ordinary_support", "no_longer_needed")
        needs = self._better(0.7 if went_well else 0.3)
        changes = {
            domain: self._change(int(self.needs[domain]) - int(level)) for domain, level in needs.items() if self.needs[domain] != "0"
        }
        attained = ("exceeded", "met", "met", "partly") if went_well else ("partly", "not_met", "not_assessable")
        led = Led(
            changes=changes,
            youth=self._experience(YOUTH, went_well),
            guardian=self._experience(GUARDIAN, went_well) if self.rng.random() < 0.8 else {},
            youth_words=self.rng.choice(self.story.youth_words) if went_well else "",
            guardian_words=self.rng.choice(self.story.guardian_words) if went_well and self.rng.random() < 0.7 else "",
            goals={goal: self.rng.choice(attained) for goal in self.goals} if phase == "after" else {},
        )
        save_measure(self.actor, self.case_id, self._seen(phase, needs, self.story.after if went_well else ""), led=led)

    def _change(self, steps: int) -> str:
        return "much_better" if steps > 1 else "better" if steps == 1 else "unchanged" if steps == 0 else "worse"

    def _experience(self, who: str, went_well: bool) -> dict[str, str]:
        shares = (1, 2, 8, 14, 14, 3) if went_well else (3, 6, 10, 8, 3, 4)
        return {item: self.rng.choices(("1", "2", "3", "4", "5", "0"), shares)[0] for item in statements(who)}

    def _end(self, reason: str, *, started: bool = True) -> None:
        summary = phrases()["closing"][reason]
        if reason == "goals_met":
            summary = f"{summary} {self._told(self.story.after)}"
        cases.close_case(self.actor, self.case_id, reason=reason, closed_on=today(), summary=summary, started=started)
        self.is_closed = True

    # -- small things -------------------------------------------------------------------------------------------------

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
