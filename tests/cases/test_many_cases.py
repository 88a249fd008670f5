"""More cases than are open at a time: the answers are those of one case after another, and the log holds every one of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from caseapp.access import Actor, Block, DamagedRow, Gate, Participation, Permission, action, allow, session
from caseapp.audit import AuditEntry
from caseapp.audit.chain import detail_place
from caseapp.cases import Case, RelatedPerson, YoungPerson
from caseapp.cases.finding import search
from caseapp.cases.gates import gates_for, gates_in_turn
from caseapp.consent import AT_A_TIME, open_cases, opened_in
from caseapp.consent.models import Consent, ConsentScope, ConsentSignature
from caseapp.day.actions import my_day
from caseapp.db import bound_database, new_id, opened, transaction
from caseapp.formats import clock
from tests.ground import Ground, ground  # noqa: F401 - a fixture

COUNT = AT_A_TIME + 20
#: Newest first: the last and the first of what is open at a time, and the ends.
EDGES = (0, AT_A_TIME - 1, AT_A_TIME, COUNT - 1)
LAST_DAY = date(2026, 12, 1)  # eleven days after the day the ground stands on


@dataclass(frozen=True)
class Many:
    """`ids` are the cases, newest first; `consents` the ids of the consents of those at the edges."""

    ground: Ground
    ids: list[str]
    consents: Mapping[str, str]


@pytest.fixture
def many(ground: Ground) -> Many:  # noqa: F811 - the fixture
    """Many cases of the coordinator's and the teacher's; those at the edges have a consent that lets the school know whom it is about."""
    ids = [new_id() for _ in range(COUNT)]
    for case_id in ids:
        bound_database().keyholder.new_case(case_id, clock.now())
    return Many(ground, ids, _fill(ground.coordinator, ground, ids))


@action
def _fill(actor: Actor, place: Ground, ids: list[str]) -> dict[str, str]:
    allow(actor, Permission.CREATE_CASE, team=place.team)
    gates = [Gate(id=case_id, team_id=place.team, home_agency_id=place.social, work_form="sspf") for case_id in ids]
    current, consents = session(), {}
    open_cases(actor, gates, types=("identity", "assessment", "outcome", "contact", "family"))
    for number, gate in enumerate(gates):
        ours: dict[str, Any] = {"case_id": gate.id, "owner_agency_id": place.social, "created_by_id": actor.user_id}
        day = date(2026, 11, 1) - timedelta(days=number)
        current.add(gate)
        for person in (place.coordinator, place.teacher):
            current.add(Participation(case_id=gate.id, user_id=person.user_id, from_day=date(2026, 1, 1), added_by_id=actor.user_id))
        current.add(Case(**ours, id=gate.id, case_number=f"2026-{number:04d}", team_id=place.team, opened_on=day, progress={}, answers={}))
        name = "Stina Kant" if number in EDGES else f"Nils Mitt{number}"
        current.add(YoungPerson(**ours, name=name, number="", answers={"sex": "f", "born": "2011-05-17"}))
        if number in EDGES:
            consents[gate.id] = _consent(ours, place)
    mother = {"case_id": ids[AT_A_TIME], "owner_agency_id": place.social, "created_by_id": actor.user_id}
    current.add(RelatedPerson(**mother, information_type="identity", name="Rut Vårdnad", answers={"custodian": True}))
    current.add(RelatedPerson(**mother, information_type="family", name="Rut Moster", answers={}))
    return consents


def _consent(ours: Mapping[str, Any], place: Ground) -> str:
    consent = Consent(**ours, valid_from=date(2026, 10, 1), valid_to=LAST_DAY)
    session().add(consent)
    session().add(ConsentSignature(**ours, consent_id=consent.id, is_required=True, decision="given", details={}))
    for agency in (place.social, place.school):
        session().add(ConsentScope(**ours, consent_id=consent.id, agency_id=agency, covered_type="identity"))
    return consent.id


def newest_detail() -> dict[str, Any]:
    """What the newest entry of the log holds under its seal."""
    with transaction(reading=True) as current:
        entry = current.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        sealer = bound_database().keyholder.purpose_sealer("audit")
        return dict(json.loads(sealer.open(entry.detail_sealed, detail_place(entry.sequence))))


def found(actor: Actor, words: str) -> list[str]:
    return [bar.case_id for bar in search(actor, words).bars]


def test_a_name_is_found_on_both_sides_of_every_edge_newest_first(many: Many) -> None:
    assert found(many.ground.coordinator, "kant") == [many.ids[number] for number in EDGES]
    assert found(many.ground.coordinator, f"mitt{AT_A_TIME + 1}") == [many.ids[AT_A_TIME + 1]]
    assert found(many.ground.coordinator, "rut vård") == [many.ids[AT_A_TIME]]
    assert found(many.ground.coordinator, "rut mos") == []  # the family is not searched


def test_what_consent_does_not_open_is_not_found_on_either_side(many: Many) -> None:
    assert found(many.ground.teacher, "kant") == [many.ids[number] for number in EDGES]
    assert found(many.ground.teacher, "nils") == []
    assert found(many.ground.officer, "kant") == []


def test_the_log_holds_every_case_that_was_gone_through_and_every_hit(many: Many) -> None:
    hits = found(many.ground.coordinator, "kant")
    detail = newest_detail()
    own = [(many.ground.social, "identity", "own_agency", "")]
    assert opened_in(detail) == dict.fromkeys(many.ids, own)
    assert detail["cases"] == hits
    assert set(detail["opened"]) == set(hits)


def test_the_log_holds_the_ground_of_each_case_that_consent_opened(many: Many) -> None:
    found(many.ground.teacher, "nils")
    assert opened_in(newest_detail()) == {
        case_id: [(many.ground.social, "identity", "consent", consent)] for case_id, consent in many.consents.items()
    }


def test_the_entry_of_a_search_is_forty_letters_a_case(many: Many) -> None:
    found(many.ground.coordinator, "nobody at all")
    assert len(json.dumps(newest_detail())) < 45 * COUNT


def test_after_a_search_only_the_hits_are_open(many: Many) -> None:
    @action
    def look(actor: Actor) -> set[str]:
        allow(actor, Permission.SEARCH_CASES)
        search(actor, "kant")
        work = opened.get()
        assert work is not None
        return {case_id for case_id, _owner, _kind in work.keys} | set(work.reasons)

    assert look(many.ground.coordinator) == {many.ids[number] for number in EDGES}


def test_cases_in_turn_are_the_same_in_the_same_order(many: Many) -> None:
    @action
    def both(actor: Actor) -> tuple[list[str], list[list[str]]]:
        allow(actor, Permission.LIST_CASES)
        return [gate.id for gate in gates_for(actor)], [[gate.id for gate in gates] for gates in gates_in_turn(actor, at_a_time=100)]

    together, in_turn = both(many.ground.coordinator)
    assert together == many.ids == [case_id for some in in_turn for case_id in some]
    assert max(map(len, in_turn)) == 100


def test_a_block_an_ended_participation_and_a_protected_identity_count_for_the_last_as_for_the_first(many: Many) -> None:
    first, in_the_middle, last = many.ids[0], many.ids[AT_A_TIME], many.ids[-1]

    @action
    def change(actor: Actor) -> None:
        allow(actor, Permission.MANAGE_PARTICIPANTS, on=first)
        session().add(Block(case_id=last, user_id=many.ground.teacher.user_id))
        session().get(Gate, first).is_protected = True
        here = select(Participation).where(Participation.case_id == in_the_middle, Participation.user_id == many.ground.teacher.user_id)
        session().scalars(here).one().until_day = date(2026, 11, 19)

    change(many.ground.coordinator)
    expected = [many.ids[number] for number in EDGES]
    assert found(many.ground.teacher, "kant") == [case_id for case_id in expected if case_id not in (first, in_the_middle, last)]


@pytest.mark.parametrize("table", ["gate", "participation", "consent", "consent_scope", "consent_signature"])
def test_a_damaged_row_that_decides_access_stops_the_search_wherever_it_stands(many: Many, table: str) -> None:
    column = "id" if table == "gate" else "case_id"
    many.ground.attack(f"UPDATE {table} SET version = version + 1 WHERE {column} = :last", last=many.ids[-1])
    with pytest.raises(DamagedRow, match=table):
        search(many.ground.teacher, "kant")


def test_a_damaged_name_is_not_found_and_is_told_to_the_log(many: Many) -> None:
    many.ground.attack("UPDATE young_person SET version = version + 1 WHERE case_id = :last", last=many.ids[-1])
    assert found(many.ground.coordinator, "kant") == [many.ids[number] for number in EDGES[:-1]]
    assert [table for table, _row in newest_detail()["damaged"]] == ["young_person"]


def test_my_day_tells_what_waits_in_every_case_and_the_log_what_was_opened_for_it(many: Many) -> None:
    day = my_day(many.ground.coordinator)
    waits = {(task.case_id, task.matter.kind): task for task in day.tasks}
    edges = {many.ids[number] for number in EDGES}
    assert set(waits) == {(case_id, "consent_ends" if case_id in edges else "consent_none") for case_id in many.ids}
    assert {task.initials for (case_id, _kind), task in waits.items() if case_id in edges} == {"S.K."}
    assert day.case_count == COUNT
    own = [(many.ground.social, "identity", "own_agency", "")]
    assert opened_in(newest_detail()) == dict.fromkeys(many.ids, own)
    assert day.tasks[0].matter.kind == "consent_ends"  # eleven days are more pressing than a consent nobody has asked for


def test_my_day_shows_initials_only_where_they_may_be_known(many: Many) -> None:
    day = my_day(many.ground.teacher)
    assert day.tasks == ()
    assert day.case_count == COUNT
    assert set(opened_in(newest_detail())) == set(many.consents)
