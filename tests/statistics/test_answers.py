"""One case written down as people do it, and what it answers to the tables: every expected code is read off the days and choices below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest

from caseapp.access import Actor, Permission, action, allow
from caseapp.cases.actions import close_case
from caseapp.cases.consenting import ask_for_consent, read_consent, register_answers
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer
from caseapp.followup.actions import Led, Seen, save_measure
from caseapp.formats import SWEDEN, Quarter, clock
from caseapp.meetings import actions as meetings
from caseapp.meetings.leading import Said, end_meeting, save_case, start_meeting
from caseapp.plans import actions as plans
from caseapp.plans.interventions import Support, add_intervention
from caseapp.statistics.counting import Event, Record
from caseapp.statistics.reading import Reading, read_quarter
from tests.municipality import Municipality
from tests.small_town import ALL_TYPES

Acting = Callable[[str], Actor]


@dataclass(frozen=True)
class Told:
    """What the statistics read of the one case, and everything they read."""

    one: Record
    events: list[Event]


@pytest.fixture
def told(actor: Acting, stellan: Actor, municipality: Municipality) -> Told:
    """The third quarter, read on 5 October: of the case that was noticed on 6 July by the police."""
    karin = actor("karin")
    before = {record.person for record in _read(stellan).records}
    with clock.at(datetime(2026, 7, 6, 9, tzinfo=SWEDEN)):
        case = start_case(
            karin,
            municipality.teams["norr"],
            person=NewPerson("Alva Lind", "f", born=date(2011, 1, 1), temporary_number="T-1"),
            related=[NewRelated("Mona Lind"), NewRelated("Kim Lind", role="step_parent")],
            referral_source="police",
            concerns=["peers_crime", "recruitment"],
        )
    _consented(karin, case, municipality)
    _worked(karin, case)
    meeting_id = _met(karin, case, municipality)
    _ended(karin, case)
    with clock.at(datetime(2026, 10, 5, 9, tzinfo=SWEDEN)):
        reading = _read(stellan)
    (one,) = [record for record in reading.records if record.person not in before]
    assert meeting_id
    return Told(one, [event for event in reading.events if one.person in event.persons])


@action
def _read(actor: Actor) -> Reading:
    allow(actor, Permission.PREPARE_STATISTICS)
    return read_quarter(Quarter(2026, 3), {}, lambda _step: None)


def _consented(karin: Actor, case: str, municipality: Municipality) -> None:
    """Asked for on 10 July, given by the custodian on 13 July and by the young person on 21 July: fifteen days after the notice."""
    with clock.at(datetime(2026, 7, 10, 9, tzinfo=SWEDEN)):
        consent = ask_for_consent(
            karin,
            case,
            agency_ids=list(municipality.agencies.values()),
            types=ALL_TYPES,
            valid_from=date(2026, 7, 10),
            valid_to=date(2026, 12, 31),
            purpose="sspf_cooperation",
            informed_on=date(2026, 7, 10),
        )
    for day in (13, 21):
        with clock.at(datetime(2026, 7, day, 9, tzinfo=SWEDEN)):
            waiting = [one for one in read_consent(karin, case).consents[0].signatures if one.decision == "awaited"]
            register_answers(karin, case, consent, [Answer(waiting[0].id, "given", date(2026, 7, day), "paper", "")])


def _worked(karin: Actor, case: str) -> None:
    with clock.at(datetime(2026, 8, 3, 9, tzinfo=SWEDEN)):  # 28 days after the notice
        needs = {"school": "3", "peers": "2", "leisure": "1", "family": "9"}
        save_measure(karin, case, Seen("before", date(2026, 8, 3), needs, risk="high", protective=["motivation"]))
        goal = plans.write_goal(karin, case, domain="school", text="Gå i skolan")
        own = karin.agency_id
        done = plans.add_commitment(karin, case, agency_id=own, text="Ringa", due_on=date(2026, 8, 20))
        plans.add_commitment(karin, case, agency_id=own, text="Väcka", due_on=date(2026, 8, 25), made_by="guardian")
        plans.add_commitment(karin, case, agency_id=own, text="Boka", due_on=date(2026, 11, 2))
        support = Support("coaching", "school", intensity="high", started_on=date(2026, 8, 3), ended_on=date(2026, 9, 10))
        add_intervention(karin, case, support, agency_id=own)
        plans.report_status(karin, case, done, "done")
    with clock.at(datetime(2026, 9, 10, 9, tzinfo=SWEDEN)):
        led = Led({"leisure": "worse"}, youth={"listened": "5", "helped": "2"}, guardian={"respect": "0"}, goals={goal: "partly"})
        save_measure(karin, case, Seen("after", date(2026, 9, 10), {"school": "1", "peers": "2"}), led=led)


def _met(karin: Actor, case: str, municipality: Municipality) -> str:
    """A network meeting on 12 August: the young person and the custodian came, the step-parent did not."""
    begins = datetime(2026, 8, 12, 13, tzinfo=SWEDEN)
    with clock.at(datetime(2026, 8, 5, 9, tzinfo=SWEDEN)):
        asked = [one.token for one in meetings.who_could_be_asked(karin, case).people if one.kind in ("young_person", "related")]
        team = municipality.teams["norr"]
        meeting_id = meetings.plan_meeting(karin, team, meeting_type="network", starts_at=begins, asked=asked, case_id=case)
    with clock.at(begins):
        page: Any = meetings.open_meeting(karin, meeting_id)
        came = [one.token for one in page.people if one.is_asked and one.name != "Kim Lind"]
        start_meeting(karin, meeting_id, came)
        save_case(karin, meeting_id, case, Said(decision="Vi ses igen"), done=True)
        end_meeting(karin, meeting_id)
    return meeting_id


def _ended(karin: Actor, case: str) -> None:
    with clock.at(datetime(2026, 9, 11, 9, tzinfo=SWEDEN)):
        close_case(karin, case, reason="moved", closed_on=date(2026, 9, 11))


def test_a_case_answers_every_question_with_the_code_that_was_chosen(told: Told) -> None:
    said = told.one.answers
    chosen = {name: said.get(name) for name in EXPECTED}
    assert chosen == EXPECTED
    yes = {name for name, code in said.items() if code == "yes"}
    assert yes == {"concern.peers_crime", "concern.recruitment", "protective.motivation", "actor.social_services", "actor.guardian"}
    assert (told.one.sex, told.one.opened, told.one.closed) == ("f", "2026Q3", "2026Q3")


EXPECTED = {
    "source": "police",
    "risk": "high",
    "need.school": "3",
    "need.family": "9",
    "need.housing_economy": None,
    "consent": "d30",  # 6 to 21 July: 15 days
    "to_plan": "d30",  # 6 July to 3 August: 28 days
    "reason": "moved",
    "length": "m3",  # 6 July to 11 September: 67 days
    "met.school": "met",
    "met.peers": "unmet",
    "met.leisure": "no_need",
    "met.family": None,  # its level is unknown
    "match": "high_intensive",
    "change.school": "much_better",  # from 3 to 1
    "change.peers": "unchanged",
    "change.leisure": "worse",  # not measured after: as people assessed it
    "youth.listened": "5",
    "youth.helped": "2",
    "youth.respect": None,
    "guardian.respect": "0",
}


def test_what_was_done_is_counted_where_it_was_due_held_or_assessed(told: Told) -> None:
    found = {event.population: [] for event in told.events}
    for event in told.events:
        assert event.persons == (told.one.person,)
        found[event.population].append((dict(event.flows), dict(event.codes)))
    assert found["interventions"] == [({"started": "2026Q3", "completed": "2026Q3"}, {"type": "coaching", "focus": "school"})]
    assert found["meetings"] == [({"held": "2026Q3"}, {"meeting": "network", "present": "both"})]
    assert found["goals"] == [({"assessed": "2026Q3"}, {"sex": "f", "attainment": "partly"})]
    assert sorted(found["commitments"], key=str) == sorted(
        [
            ({"due": "2026Q3"}, {"maker": "social_services", "kept": "done"}),
            ({"due": "2026Q3"}, {"maker": "guardian", "kept": "late"}),
            ({"due": "2026Q4"}, {"maker": "social_services", "kept": "late"}),  # not yet: it counts in a quarter to come
        ],
        key=str,
    )
