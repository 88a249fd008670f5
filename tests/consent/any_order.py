"""Whatever happens to a case, in whatever order: what is read is what the second opinion says, and the log names the same keys.

A machine grants, withdraws, joins, leaves, blocks, protects, names, opens in an emergency, ends that and lets minutes and days go by, on
a real database. After each step those it concerns read: the texts they get, the compartments in the log's sealed entry and the second
opinion must agree.
It goes through actions; `PagesInAnyOrder` asks for the page, too, and compares the bytes a browser gets.
"""

import re
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from caseapp import audit
from caseapp.access import Gate, NamedReader, NotFound, Permission, Refused, action, allow, now, session
from caseapp.cases.blocking import block
from caseapp.cases.models import Note
from caseapp.cases.participation import add_participant, name_reader, remove_participant
from caseapp.cases.starting import NewPerson, start_case
from caseapp.consent import Present, open_case
from caseapp.consent.models import Consent, ConsentScope
from caseapp.db import transaction
from caseapp.emergency.actions import begin_emergency, end_emergency
from caseapp.formats import clock
from tests.accounts.joining import join
from tests.ground import NOON, Ground, _databases, _settled, give_consent, read, write
from tests.installations import Installation, Workshop
from tests.municipality import Municipality, actor_of

from .oracle import compartment_answer, gate_answer

OWN = {"social": "support_ongoing", "school": "attendance", "police": "offences"}
WHO = st.sampled_from(["teacher", "officer", "outsider"])
STEPS_TAKEN = {"steps": 0}


@action
def withdraw(actor, case_id, consent_id, agency_id, kind):
    """All of it, or for one agency, or for one type."""
    allow(actor, Permission.MANAGE_CONSENT, on=case_id)
    if agency_id is None and kind is None:
        session().get_one(Consent, consent_id).withdrawn_at = now()
        return
    for scope in session().query(ConsentScope).where(ConsentScope.consent_id == consent_id):
        if agency_id in (None, scope.agency_id) and kind in (None, scope.covered_type):
            scope.withdrawn_at = now()


@action
def protect(actor, case_id):
    """From now on the identity is protected; whoever decides so is on the list."""
    allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id)
    session().get_one(Gate, case_id).is_protected = True
    session().add(NamedReader(case_id=case_id, user_id=actor.user_id))


@action
def read_in_company(actor, case_id, *agencies):
    """What is shown at a meeting, on a screen that people of these agencies see, too, or nobody yet."""
    open_case(actor, allow(actor, Permission.READ_CASE, on=case_id), present=[Present(agency) for agency in agencies])
    return {note.text for note in session().query(Note).where(Note.case_id == case_id) if isinstance(note.text, str)}


class AnyOrder(RuleBasedStateMachine):
    """The model beside the application: plain words, moved by the same steps."""

    kind = "sqlite"

    @initialize()
    def begin(self):
        self.stack = ExitStack()
        directory = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.ground = self.settle(directory)
        with clock.at(self.moment):
            for person, owner in (("coordinator", "social"), ("teacher", "school"), ("officer", "police")):
                write(self.person(person), self.ground.case, f"märkt-{owner}", kind=OWN[owner])
        self.agency = {name: getattr(self.ground, name) for name in OWN}
        self.facts = {
            who: {"signed_in", "in_team"} | ({"takes_part"} if who != "outsider" else set())
            for who in ("coordinator", "teacher", "officer", "outsider")
        }
        self.is_protected = False
        self.consents: list[dict] = []
        self.emergencies: dict[str, tuple[datetime, str]] = {}

    def settle(self, directory) -> Ground:
        """The installation, the people and a case; sets the moment at which it begins."""
        self.moment = NOON
        settling = _settled(*_databases(self.kind, directory), directory)
        self.stack.callback(lambda: next(settling, None))
        with clock.at(NOON):
            return next(settling)

    def teardown(self):
        if hasattr(self, "stack"):
            self.stack.close()

    def person(self, who):
        return getattr(self.ground, who)

    def do(self, what, *arguments, **more):
        STEPS_TAKEN["steps"] += 1
        with clock.at(self.moment):
            return what(self.ground.coordinator, self.ground.case, *arguments, **more)

    @rule(
        agencies=st.sets(st.sampled_from(sorted(OWN)), min_size=1),
        kinds=st.sets(st.sampled_from(sorted(OWN.values())), min_size=1),
        begins=st.integers(-2, 2),
        lasts=st.integers(0, 5),
        signed=st.sampled_from(["given", "given given", "given waived", "given awaited", "given declined", ""]),
    )
    def ask(self, agencies, kinds, begins, lasts, signed):
        first = self.today() + timedelta(begins)
        last = first + timedelta(lasts)
        scope = {self.agency[name]: tuple(sorted(kinds)) for name in sorted(agencies)}
        made = self.do(give_consent, scope, valid_from=first, valid_to=last, decisions=tuple(signed.split()))
        state = {"given awaited": "pending", "": "pending", "given declined": "declined"}.get(signed, "active")
        self.consents.append(
            {"id": made, "state": state, "first": first, "last": last, "to": set(agencies), "types": set(kinds), "kind": "consent"}
        )
        self.everybody_looks()

    @precondition(lambda self: self.consents)
    @rule(pick=st.integers(0, 99), part=st.sampled_from(["whole", *OWN, *OWN.values()]))
    def take_back(self, pick, part):
        consent = self.consents[pick % len(self.consents)]
        self.do(withdraw, consent["id"], self.agency.get(part), part if part in OWN.values() else None)
        if part == "whole":
            consent["state"] = "withdrawn"
        consent["to"].discard(part)
        consent["types"].discard(part)
        if not consent["types"]:
            consent["to"].clear()
        self.everybody_looks()

    @rule(minutes=st.sampled_from([1, 30, 59, 60, 11 * 60, 12 * 60, 24 * 60, 72 * 60]))
    def time_goes_by(self, minutes):
        STEPS_TAKEN["steps"] += 1
        self.moment += timedelta(minutes=minutes)
        self.everybody_looks()

    @rule(who=WHO)
    def open_in_an_emergency(self, who):
        STEPS_TAKEN["steps"] += 1
        answer, running = self.gate("case.break_glass", who), self.in_emergency(who)
        opened = self.attempt(answer, begin_emergency, who, reason="Någon är i fara och det kan inte vänta.")
        if answer == "yes" and running:  # it goes on, and becomes no longer
            assert opened == self.emergencies[who][1]
        elif answer == "yes":
            self.emergencies[who] = (self.moment, opened)
        self.everybody_looks()

    @rule(who=WHO)
    def end_the_emergency(self, who):
        STEPS_TAKEN["steps"] += 1
        answer = self.gate("case.end_emergency", who)
        self.attempt(answer, end_emergency, who)
        if answer == "yes":
            self.emergencies.pop(who, None)
        self.everybody_looks()

    @rule(who=WHO)
    def somebody_writes(self, who):
        STEPS_TAKEN["steps"] += 1
        owner = self.agency_of(who)
        self.attempt(self.gate("case.note", who), write, who, f"märkt-{owner}", kind=OWN[owner])
        self.look(who)

    @rule(who=WHO, others=st.sets(st.sampled_from(sorted(OWN)), max_size=2))
    def somebody_reads_at_a_meeting(self, who, others):
        STEPS_TAKEN["steps"] += 1
        texts = self.attempt(self.gate("case.read", who), read_in_company, who, *(self.agency[other] for other in sorted(others)))
        if texts is not None:
            readers = {self.agency_of(who), *others}
            assert texts == {f"märkt-{owner}" for owner in OWN if all(self.opens(reader, owner, OWN[owner]) for reader in readers)}

    @rule(who=WHO, joins=st.booleans())
    def join_or_leave(self, who, joins):
        self.do(add_participant if joins else remove_participant, self.person(who).user_id)
        self.mark(who, "takes_part", joins)

    @rule(who=WHO, blocked=st.booleans())
    def block_or_lift(self, who, blocked):
        self.do(block, self.person(who).user_id, blocked=blocked)
        if blocked:
            self.emergencies.pop(who, None)
        self.mark(who, "blocked", blocked)

    @rule(who=WHO, named=st.booleans())
    def name_or_strike(self, who, named):
        self.do(name_reader, self.person(who).user_id, named=named)
        if not named and self.is_protected:
            self.emergencies.pop(who, None)
        self.mark(who, "named", named)

    @precondition(lambda self: not self.is_protected)
    @rule()
    def protect_the_identity(self):
        self.do(protect)
        self.is_protected = True
        self.facts["coordinator"].add("named")
        self.everybody_looks()

    @rule(who=st.sampled_from(["coordinator", "teacher", "officer", "outsider"]))
    def somebody_reads(self, who):
        STEPS_TAKEN["steps"] += 1
        self.look(who)

    def mark(self, who, fact, holds):
        (self.facts[who].add if holds else self.facts[who].discard)(fact)
        self.look(who)

    def everybody_looks(self):
        for who in self.facts:
            self.look(who)

    def today(self) -> date:
        with clock.at(self.moment):
            return clock.today()

    def agency_of(self, who) -> str:
        return {"teacher": "school", "officer": "police"}.get(who, "social")

    def in_emergency(self, who) -> bool:
        begun = self.emergencies.get(who)
        return begun is not None and self.moment - begun[0] < timedelta(minutes=60)

    def gate(self, permission, who) -> str:
        role = "coordinator" if self.agency_of(who) == "social" else "participant"
        more = ({"protected"} if self.is_protected else set()) | ({"broke_glass"} if self.in_emergency(who) else set())
        return gate_answer(permission, role, self.facts[who] | more)

    def attempt(self, answer, what, who, *arguments, **more):
        """What this person gets for doing this; None where the second opinion says no, and then for the reason it says."""
        actor = replace(self.person(who), proved_at=self.moment.timestamp())
        with clock.at(self.moment):
            if answer == "yes":
                return what(actor, self.ground.case, *arguments, **more)
            with pytest.raises(Refused) as refusal:
                what(actor, self.ground.case, *arguments, **more)
        assert refusal.value.reason == answer
        return None

    def look(self, who):
        """Read as this person, and compare text, log and second opinion."""
        reader, gate = self.agency_of(who), self.gate("case.read", who)
        with clock.at(self.moment):
            if gate != "yes":
                with pytest.raises(NotFound) as refusal:
                    read(self.person(who), self.ground.case)
                assert refusal.value.reason == gate
                self.look_at_the_page(who, None)
                return
            texts = {text for text in read(self.person(who), self.ground.case).values() if isinstance(text, str)}
        expected = {(owner, kind) for owner, kind in product(OWN, OWN.values()) if self.opens(reader, owner, kind, who)}
        assert texts == {f"märkt-{owner}" for owner, kind in expected if OWN[owner] == kind}
        assert self.logged() == expected
        self.look_at_the_page(who, expected)

    def look_at_the_page(self, who, expected):
        """Nothing here; the machine with pages compares what a browser gets. `expected`: the open compartments, None for no page at all."""

    def opens(self, reader, owner, kind, who="") -> bool:
        """`who` is the person where one reads alone."""
        day = self.today()

        def period(one) -> str:
            return "not begun" if day < one["first"] else "over" if day > one["last"] else "inside"

        grounds = [{**one, "from": one["to"] | {"social"}, "period": period(one)} for one in self.consents]
        everything = {"state": "active", "period": "inside", "from": set(OWN), "types": set(OWN.values())}
        for name, (_begun, opening) in self.emergencies.items():
            if self.in_emergency(name):
                grounds.append({"id": opening, "kind": "break_glass", "to": {self.agency_of(name)}, "person": name, **everything})
        return compartment_answer(reader, owner, kind, grounds, who)[0] in ("own", "opened")

    def logged(self) -> set[tuple[str, str]]:
        """The compartments the newest entry of the log says were opened."""
        with transaction(reading=True) as current:
            (newest,) = audit.entries_of_case(current, self.ground.database.keyholder, self.ground.case, limit=1)
        names = {agency: name for name, agency in self.agency.items()}
        opened = newest.detail["opened"][self.ground.case]
        return {(names[owner], kind) for owner, kind, _reason, _ground in opened if kind in OWN.values() and owner in names}


class PagesInAnyOrder(AnyOrder):
    """The same steps on an installed municipality; after each look the case's notes are fetched as a browser fetches them."""

    workshop: Workshop
    template: Installation
    municipality: Municipality

    def settle(self, directory) -> Ground:
        here = self.municipality
        installation = self.stack.enter_context(self.workshop.copy(self.template, directory / "home"))
        self.app = self.stack.enter_context(installation.application())
        self.logins = {"coordinator": "karin", "teacher": "lena", "officer": "pontus", "outsider": "samir"}
        join(lambda login: actor_of(self.app, here[login]), here, "samir", "coordinator")
        people = {who: actor_of(self.app, here[login]) for who, login in self.logins.items()}
        self.moment = datetime.combine(clock.today() + timedelta(days=1), time(11), UTC)
        with clock.at(self.moment):
            case = start_case(
                people["coordinator"],
                here.teams["norr"],
                person=NewPerson(name="Alva Lind", sex="f", born=clock.today() - timedelta(days=15 * 366)),
                participant_ids=[here["lena"].id, here["pontus"].id],
            )
        social, school, police = (here.agencies[kind] for kind in ("social_services", "school", "police"))
        database = self.app.extensions["caseapp.database"]
        return Ground(database, "", "", directory, social, school, police, here.teams["norr"], *people.values(), case)

    def look_at_the_page(self, who, expected):
        client = self.app.test_client()
        with clock.at(self.moment):
            with client.session_transaction(base_url="https://localhost") as signed_in:
                signed_in.begin_anew()
                signed_in["_user_id"] = self.person(who).user_id
            answer = client.get(f"/cases/{self.ground.case}/notes", base_url="https://localhost")
        marks = set(re.findall("märkt-([a-z]+)", answer.get_data(as_text=True)))
        if expected is None:
            assert (answer.status_code, marks) == (404, set())
            return
        assert answer.status_code == 200
        assert marks == {owner for owner, kind in expected if OWN[owner] == kind}
        assert self.logged() == expected
