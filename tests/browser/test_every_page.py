"""Every page of every room, seen by the person it is for: a page that is added is looked at without anybody adding it here.

The pages are those of the address map; what stands in an address is taken from one case that has everything on it, and from the
register. A page that needs something else in its address stops the test, until it is given here. On SQLite only: what is looked at
is the page, which is the same on every database.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from werkzeug.routing import Rule

from caseapp.access import Actor, Permission, may_ever, permission_of
from caseapp.accounts import actions as accounts
from caseapp.cases import consenting
from caseapp.cases.actions import add_related
from caseapp.cases.blocking import declare_bias
from caseapp.cases.disclosing import Wanted, decide_disclosure, register_sharing
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer
from caseapp.consent.sharing import Shared
from caseapp.documents.actions import add_document, remove_document
from caseapp.documents.content import CleanDocument
from caseapp.emergency.actions import begin_emergency, end_emergency
from caseapp.followup.actions import Led, Seen, save_measure
from caseapp.formats import clock
from caseapp.importing import checking
from caseapp.meetings import actions as meetings
from caseapp.meetings import leading
from caseapp.plans import actions as plans
from caseapp.plans import interventions, versions
from caseapp.rights import actions as rights
from caseapp.rights.remarks import write_remark
from tests.browser.visitor import Visitor
from tests.importing.conftest import ALVA, BO, Imports, person
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

#: Addresses that are no pages, or that stand between two others, each with its reason.
NO_PAGES = {
    "static": "the program's own files",
    "bootstrap.static": "the program's own files",
    "program.healthz": "an answer for machines",
    "cases.epoch": "a number that open pages ask for",
    "meetings.epoch": "a number that open pages ask for",
    "meetings.feed": "a file for calendar programs; tests/meetings has another program read it",
    "accounts.still_here": "what an open page asks when somebody wants to stay",
    "accounts.sign_in_code": "shown between the password and the code only; the journey of signing in looks at it",
    "statistics.bundle": "a file; the journey of the quarter fetches and opens it",
    "documents.opened": "a file; the journey of documents opens it",
    "importing.template": "a file; the journey of the import fetches it",
    **dict.fromkeys(("review.item", "review.ask", "review.close", "review.question"), "the journey of the review looks at them"),
    "statistics.outside_table": "none was recorded in a town with one case; the journey of the quarter records one",
    "statistics.preparation": "no work goes on in a town with one case; the journey of the quarter looks at it",
    "statistics.preparation_step": "what the page of that work asks for",
    "statistics.release": "there is none in a town with one case; the journey of the quarter looks at it before and after",
}
#: Who a page is for: the first of these who may ever see it.
PEOPLE = ("karin", "ulla", "stellan", "greta", "admin")


@dataclass(frozen=True)
class Town:
    """What can stand in an address: by the argument's name, or by endpoint and argument where that needs another one."""

    values: dict[str, tuple[str, ...]]

    def addresses(self, app: Flask, rule: Rule) -> list[str]:
        """The paths of this rule."""
        names = sorted(rule.arguments)
        missing = [name for name in names if name not in self.values]
        assert not missing, f"{rule.endpoint}: give this test something for {missing}"
        chosen = [self.values.get(f"{rule.endpoint} {name}", self.values[name]) for name in names]
        with app.test_request_context():
            made = [rule.build(dict(zip(names, values, strict=True)) | (rule.defaults or {})) for values in product(*chosen)]
        return [built[1] for built in made if built]


@pytest.fixture
def town(app: Flask, actor: Callable[[str], Actor], municipality: Municipality, case_id: str) -> Town:  # noqa: F811
    """One case with everything on it, three meetings, everybody in the register."""
    karin, lena, day = actor("karin"), actor("lena"), clock.today()
    social, school = municipality.agencies["social_services"], municipality.agencies["school"]
    custodian = consenting.read_consent(karin, case_id).people.custodians[0].id
    relative = add_related(karin, case_id, NewRelated("Bo Lind", role="relative"))
    note = add_note(karin, case_id, information_type="assessment", heading="Hembesök", text="Alva vill börja om i skolan.")
    add_note(lena, case_id, information_type="attendance", heading="Frånvaro", text="Borta tre dagar.")
    letter = add_document(
        karin, case_id, CleanDocument("pdf", b"%PDF"), kind="letter", information_type="family", title="Brev", most_in_case=10**6
    )
    taken = add_document(
        karin, case_id, CleanDocument("pdf", b"%PDF"), kind="letter", information_type="family", title="Brev", most_in_case=10**6
    )
    remove_document(karin, case_id, taken, reason="Hör till ett annat ärende.")
    mapped = save_measure(karin, case_id, Seen("before", day - timedelta(60), {"school": "3", "peers": "2"}, risk="high"))
    plans.write_head(karin, case_id, text="Att komma till skolan utan att magen knyter sig.", review_on=day)
    goal = plans.write_goal(
        karin, case_id, domain="school", text="Närvaro minst 80 %", indicator="Närvaro", baseline="64 %", target="80 %"
    )
    late = plans.add_commitment(
        karin, case_id, agency_id=school, text="Mentorssamtal", due_on=day - timedelta(3), goal_id=goal
    )
    support = interventions.add_intervention(
        karin, case_id, interventions.Support("school_attendance", "school", intensity="high", started_on=day), agency_id=social
    )
    version = versions.fix_version(karin, case_id, [versions.Answered(case_id, "declined", day, "meeting", "Jag vill inte ha mentor.")])
    plans.write_goal(karin, case_id, goal_id=goal, domain="school", text="Närvaro minst 90 %", baseline="64 %", target="90 %")
    followed = save_measure(
        karin, case_id, Seen("during", day, {"school": "2", "peers": "2"}, risk="medium"), led=Led(changes={"school": "better"})
    )
    asked = consenting.ask_for_consent(
        karin,
        case_id,
        agency_ids=[school],
        types=("assessment", "plan"),
        valid_from=day,
        valid_to=day + timedelta(days=120),
        purpose="sspf_cooperation",
        informed_on=day,
        informed_by="Karin Hellberg",
    )
    planned, running, ended = [
        meetings.plan_meeting(
            karin,
            municipality.teams["norr"],
            meeting_type="team",
            starts_at=clock.now() + timedelta(hours=hours),
            place="Rådhuset",
            asked=[f"member:{municipality['lena'].id}"],
        )
        for hours in (30, 1, 0)
    ]
    for meeting in (running, ended):
        leading.start_meeting(karin, meeting, [f"member:{municipality[login].id}" for login in ("karin", "lena")])
    leading.save_case(karin, ended, case_id, leading.Said(decision="Vi fortsätter.", next_on=day + timedelta(40)), done=True)
    leading.end_meeting(karin, ended)
    consent = consenting.read_consent(karin, case_id)
    one = next(found for found in consent.consents if found.id == asked)
    consenting.register_answers(karin, case_id, asked, [Answer(one.signatures[0].id, "given", day, "paper")])
    write_remark(karin, case_id, note, kind="objection", voice="youth", text="Så var det inte.")
    listed = [item.id for item in rights.prepare_extract(karin, case_id).items]
    extract = rights.make_extract(karin, case_id, asker=None, identified_by="e_id", withheld={}, seen=listed)
    broken = begin_emergency(actor("pontus"), case_id, reason="Flickan har hört av sig och orkar inte leva.")
    end_emergency(actor("pontus"), case_id)
    police = municipality.agencies["police"]
    wanted = Wanted("serious_crime", police, ("offences",), day, "Två möten i rad samma uppgift.", why_not_informed="Efter helgen.")
    decision = decide_disclosure(karin, case_id, wanted)
    register_sharing(karin, case_id, Shared(social, school, ("plan", "health"), "consent", asked, day, "oral", note="Vid mötet."))
    invited = accounts.invite(actor("admin"), name="Nora Ny", login="nora", agency_id=school)
    lone = start_case(karin, municipality.teams["norr"], person=NewPerson("Bo Ek", "m"))
    declare_bias(karin, lone, reason="Granne.")
    lists = Imports(app, municipality)
    saved = lists.made(ALVA)
    waiting = lists.begin((*BO[:4], "Grannen", *BO[5:]), ("20110415-2383", "Cilla", "Dahl"), person(7))
    checking.choose_rows(karin, waiting, [4])
    return Town(
        {
            "case_id": (case_id,),
            "lone_id": (lone,),
            "note_id": (note,),
            "document_id": (letter,),
            "item_id": (note, mapped),
            "extract_id": (extract,),
            "paper": ("consent", "extract", "minutes"),
            "person_id": (custodian, relative),
            "consent_id": (asked,),
            "decision_id": (decision,),
            "goal_id": (goal,),
            "commitment_id": (late,),
            "support_id": (support,),
            "version_id": (version,),
            "measure_id": (mapped, followed),
            "phase": ("during", "after", "post"),
            "meeting_id": (planned, running, ended),
            "meetings.change meeting_id": (planned,),
            "held_id": (ended,),
            "user_id": (municipality["karin"].id, municipality["admin"].id),
            "members.leave user_id": (municipality["karin"].id, municipality["ulla"].id),
            "members.absence user_id": (municipality["karin"].id, municipality["lena"].id),
            "cases.block_person user_id": (municipality["karin"].id, municipality["lena"].id),
            "agency_id": (social, municipality.agencies["police"]),
            "plans.excerpt agency_id": (school, municipality.agencies["police"]),
            "team_id": (municipality.teams["norr"],),
            "set_id": (municipality.rule_set,),
            "token": (invited,),
            "opening_id": (broken,),
            "import_id": (waiting,),
            "importing.result import_id": (saved,),
        }
    )


def test_every_page_is_seen_by_somebody_it_is_for(
    visitors: Callable[[Flask], Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    town: Town,
) -> None:
    pages: dict[str, list[tuple[str, str]]] = {}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES:
            who = _who_it_is_for(permission_of(app.view_functions[rule.endpoint]), actor)
            pages.setdefault(who, []).extend((rule.endpoint, address) for address in town.addresses(app, rule))
    seen: Counter[str] = Counter()
    for who, addresses in pages.items():
        visitor = visitors(app)
        if who:
            visitor.sign_in(municipality[who], codes)
        for endpoint, address in addresses:
            answer = visitor.page.goto(visitor.origin + address)
            assert answer is not None
            assert (answer.status, answer.url) == (200, visitor.origin + address), f"{endpoint} for {who or 'anybody'}"
            visitor.look(f"{who or 'anybody'} {endpoint}")
            seen[who] += 1
    print("pages seen by:", dict(seen))
    assert {"", "karin", "admin", "greta"} <= set(seen), "nobody of some role had a page"


def _who_it_is_for(needed: Permission | None, actor: Callable[[str], Actor]) -> str:
    return "" if needed is None else next(login for login in PEOPLE if may_ever(actor(login), needed))
