"""Cases in every state of consent, with a text of its own planted for each owner agency and information type.

The question answered here is "which of these texts may this person see?", and the answer is given twice: by the application, and by
`may_see`, which is written from the law and the domain notes alone and imports nothing of the application's rules. Words that are
planted occur nowhere else, so that one found in the bytes of an answer tells what was shown.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from flask import Flask

from caseapp.access import Actor
from caseapp.cases.actions import add_related
from caseapp.cases.consenting import ask_for_consent, read_consent, register_answers
from caseapp.cases.disclosing import Wanted, decide_disclosure, register_sharing
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer, withdraw_consent
from caseapp.consent.sharing import Shared
from caseapp.documents.actions import add_document
from caseapp.documents.content import CleanDocument
from caseapp.followup.actions import Seen, save_measure
from caseapp.formats import SWEDEN, clock
from caseapp.meetings.actions import plan_meeting
from caseapp.plans.actions import add_commitment, write_goal
from caseapp.plans.interventions import Support, add_intervention
from caseapp.plans.versions import Answered, fix_version
from caseapp.rights.actions import make_extract, prepare_extract
from caseapp.statistics.preparing import prepare
from tests.municipality import Municipality, actor_of, build

HOME, SCHOOL, POLICE, LEISURE = "social_services", "school", "police", "leisure"
#: Whose login works at which agency, among those who take part in a case of the northern team.
WORKERS = {"karin": HOME, "lena": SCHOOL, "pontus": POLICE, "fia": LEISURE}
#: The states of consent; "disclosed" has none and a decision to disclose; "elsewhere" is a case of the other team.
STATES = ("none", "partly_signed", "active", "withdrawn", "expired", "disclosed", "elsewhere")
#: What the consents cover: these types, for every agency but the police; leisure takes no part of the family's situation.
COVERED = ("identity", "attendance", "family", "plan", "support_ongoing", "assessment")
WITHOUT = {(LEISURE, "family")}
#: What the coordinator's agency has decided to disclose to the police, and nobody to anybody else.
DISCLOSED = ("identity", "offences", "plan")
#: What an agency writes down of its own reasons to share; no consent and no decision speaks of that.
REASONS = "sharing"
#: Types that people write notes of (names, contacts, plan and outcome have rows of their own).
NOTES = ("assessment", "attendance", "school_results", "family", "health", "substance", "offences", "leisure", "support_ongoing")
_PLANTED = re.compile(r"Järnsparv\d{4}q")


@dataclass(frozen=True)
class Planted:
    """Where a text lies: in the case with this state of consent, owned by this agency, of this information type, in this sort of row."""

    state: str
    owner: str
    kind: str
    row: str


@dataclass
class Plantation:
    """The cases by state, and what was planted by word."""

    municipality: Municipality
    cases: dict[str, str] = field(default_factory=dict)
    planted: dict[str, Planted] = field(default_factory=dict)
    release: str = ""

    def word(self, state: str, owner: str, kind: str, row: str) -> str:
        """A new word, noted as lying in this compartment."""
        made = f"Järnsparv{len(self.planted):04}q"
        self.planted[made] = Planted(state, owner, kind, row)
        return made

    def found_in(self, content: bytes) -> set[str]:
        """The planted words in these bytes."""
        return set(_PLANTED.findall(content.decode("utf-8", "replace")))


# -- the oracle -------------------------------------------------------------------------------------------------------


def may_see(login: str, where: Planted) -> bool:
    """Whether this person may read what lies there (domain notes, section 3), with the police outside every consent.

    Only who takes part in the case: the coordinator and the participants of its team. Of these everybody what their own agency
    holds; otherwise only under a consent that is active today, from an agency that it names to an agency that it names, of a type
    that it covers for the reader. A consent that is not signed by all, withdrawn or expired shares nothing. A decision to disclose goes
    from one agency to one other, and no further.
    """
    if where.state == "elsewhere":
        reader = {"rasmus": HOME, "petra": POLICE}.get(login)
    else:
        reader = WORKERS.get(login)
    if reader is None:
        return False
    if reader == where.owner:
        return True
    if where.state == "disclosed":
        return (reader, where.owner) == (POLICE, HOME) and where.kind in DISCLOSED
    if where.state != "active":
        return False
    named = {HOME, SCHOOL, LEISURE}
    return reader in named and where.owner in named and where.kind in COVERED and (reader, where.kind) not in WITHOUT


def the_day_after(*, hours: int = 0) -> datetime:
    """When to look, or so many hours later."""
    return datetime.now(UTC) + timedelta(days=1, hours=hours)


# -- planting ---------------------------------------------------------------------------------------------------------


def plant(app: Flask, invitation: str) -> Plantation:
    """The municipality, a case for each state, texts in all of them, a meeting of each team.

    What is to be expired still holds on the day of planting: look at it on the day after (`the_day_after`).
    """
    made = Plantation(build(app, invitation))
    today = clock.today()
    people = {login: actor_of(app, made.municipality[login]) for login in made.municipality.people}
    _all_work(people["karin"], made, people, today)
    with clock.at(clock.now() + timedelta(days=100)):  # when this quarter has ended
        made.release = prepare(people["stellan"], f"{today.year}Q{(today.month + 2) // 3}")
    return made


def _all_work(karin: Actor, made: Plantation, people: dict[str, Actor], today: date) -> None:
    norr, soder = made.municipality.teams["norr"], made.municipality.teams["soder"]
    for state in STATES[:-1]:
        others = [people[login].user_id for login in ("lena", "pontus", "fia")]
        _case(made, state, karin, norr, others)
        consent = _consent(made, state, karin, today) if state not in ("none", "disclosed") else ""
        for login, agency in WORKERS.items():
            _work(made, state, people[login], agency, today)
        if state == "withdrawn":
            withdraw_consent(karin, made.cases[state], consent, received_from="vårdnadshavaren", received_how="brev")
        if state == "disclosed":
            _disclose(made, people, today)
        _meet(made, karin, norr, today, others, case_id=made.cases[state])
    _case(made, "elsewhere", people["rasmus"], soder, [people["petra"].user_id])
    for login, agency in (("rasmus", HOME), ("petra", POLICE)):
        _work(made, "elsewhere", people[login], agency, today)
    _meet(made, people["rasmus"], soder, today, [people["petra"].user_id])
    for state, case_id in made.cases.items():
        _extract(people["rasmus" if state == "elsewhere" else "karin"], case_id)


def _extract(coordinator: Actor, case_id: str) -> None:
    """A register extract for the young person, so that there is one to open."""
    seen = [item.id for item in prepare_extract(coordinator, case_id).items]
    make_extract(coordinator, case_id, asker=None, identified_by="id_document", withheld={}, seen=seen)


def _case(made: Plantation, state: str, coordinator: Actor, team: str, others: list[str]) -> None:
    def word(kind: str) -> str:
        return made.word(state, HOME, kind, "person")

    born = clock.today() - timedelta(days=14 * 365)
    girl = NewPerson(name=f"{word('identity')} Lind", sex="f", born=born, phone=word("contact"), address=word("contact"))
    custodians = [NewRelated(name=f"{word('identity')} Lind"), NewRelated(name=f"{word('identity')} Lind")]
    made.cases[state] = start_case(coordinator, team, person=girl, related=custodians, participant_ids=others)
    add_related(coordinator, made.cases[state], NewRelated(name=f"{word('family')} Ek", role="relative"))


def _consent(made: Plantation, state: str, karin: Actor, today: date) -> str:
    case_id, agencies = made.cases[state], made.municipality.agencies
    begins = today - timedelta(days=60)
    consent_id = ask_for_consent(
        karin,
        case_id,
        agency_ids=[agencies[SCHOOL], agencies[LEISURE]],
        types=[kind for kind in COVERED if kind != "identity"],
        without=[(agencies[agency], kind) for agency, kind in WITHOUT],
        valid_from=begins,
        valid_to=today if state == "expired" else today + timedelta(days=60),
        purpose="sspf_cooperation",
        informed_on=begins,
        informed_by=made.word(state, HOME, "identity", "consent"),
        paper_reference=made.word(state, HOME, "identity", "consent"),
    )
    (card,) = read_consent(karin, case_id).consents
    signing = card.signatures[:1] if state == "partly_signed" else card.signatures
    assert len(card.signatures) == 2, "a girl of 13 with two custodians: both sign"
    witness = made.word(state, HOME, "identity", "consent")
    answers = [Answer(one.id, "given", decided_on=begins, method="paper", witness=witness) for one in signing]
    register_answers(karin, case_id, consent_id, answers)
    return consent_id


def _work(made: Plantation, state: str, actor: Actor, agency: str, today: date) -> None:
    case_id = made.cases[state]
    for kind in NOTES:
        heading, note = (made.word(state, agency, kind, "note") for _each in range(2))
        add_note(actor, case_id, information_type=kind, heading=heading, text=note)
    if agency != LEISURE:
        written, title = (made.word(state, agency, "family", "document") for _each in range(2))
        letter = CleanDocument("pdf", f"%PDF-1.4 {written}".encode())
        add_document(actor, case_id, letter, kind="letter", information_type="family", title=title, most_in_case=10_000_000)
    support = Support("family_treatment", "peers", started_on=today, text=made.word(state, agency, "support_ongoing", "support"))
    add_intervention(actor, case_id, support, agency_id=actor.agency_id)
    if agency == HOME:
        goal, indicator = (made.word(state, agency, "plan", "goal") for _each in range(2))
        write_goal(actor, case_id, domain="peers", text=goal, indicator=indicator)
        views = [made.word(state, agency, "assessment", "measure") for _view in range(3)]
        for phase in ("before", "during"):
            save_measure(actor, case_id, Seen(phase, today, youth_view=views[0], guardian_view=views[1], text=views[2]))
    due = today + timedelta(days=14)
    add_commitment(actor, case_id, agency_id=actor.agency_id, text=made.word(state, agency, "plan", "commitment"), due_on=due)
    if agency == HOME:
        said = Answered(case_id, "declined", today, "meeting", made.word(state, agency, "plan", "agreement"))
        fix_version(actor, case_id, [said])


def _disclose(made: Plantation, people: dict[str, Actor], today: date) -> None:
    """Karin decides for the police; karin and lena each write a line of the register."""
    case_id, agencies = made.cases["disclosed"], made.municipality.agencies

    def word(agency: str) -> str:
        return made.word("disclosed", agency, REASONS, "reasons")

    wanted = Wanted("necessary", agencies[POLICE], DISCLOSED, today + timedelta(days=20), word(HOME), why_not_informed=word(HOME))
    decide_disclosure(people["karin"], case_id, wanted)
    outside = replace(wanted, to_agency_id=None, recipient=word(HOME), weighing=word(HOME), why_not_informed=word(HOME))
    decide_disclosure(people["karin"], case_id, outside)
    for login, agency in (("karin", HOME), ("lena", SCHOOL)):
        said = Shared(agencies[agency], None, ("family",), "other", None, today, "oral", counterpart=word(agency), note=word(agency))
        register_sharing(people[login], case_id, said)


def _meet(made: Plantation, actor: Actor, team: str, today: date, others: list[str], *, case_id: str | None = None) -> None:
    at = clock.now().astimezone(SWEDEN) + timedelta(days=3)
    asked = [f"user:{one}" for one in others]
    plan_meeting(actor, team, meeting_type="network" if case_id else "team", starts_at=at, place="Rum 3", asked=asked, case_id=case_id)
