"""The whole access policy, written down a second time by hand: who may do what, in which situation, and the reason when not.

From the roles of issue and domain: the coordinator keeps the case, participants read, note and report, the administrator keeps
users and settings and reads no case, the statistician prepares what a unit manager releases, the log has a reviewer of its own.
"""

from datetime import UTC, datetime, timedelta

import pytest

from caseapp.access import Actor, Permission, may_ever
from caseapp.access.rules import ANSWERED_AS_MISSING, Question, is_running, why_refused

PEOPLE = {
    "nobody": Actor("", "", ""),
    "no role": Actor("user", "", "agency"),
    "coordinator": Actor("user", "", "agency", teams={"norr": frozenset({"coordinator"})}),
    "participant": Actor("user", "", "agency", teams={"norr": frozenset({"participant"})}),
    "unit manager": Actor("user", "", "agency", teams={"norr": frozenset({"unit_manager"})}),
    "statistician": Actor("user", "", "agency", frozenset({"statistician"})),
    "log reviewer": Actor("user", "", "agency", frozenset({"log_reviewer"})),
    "administrator": Actor("user", "", "agency", frozenset({"administrator"})),
    "operator": Actor("", "", "", frozenset({"operator"})),
}
NOT_SIGNED_IN = {"nobody", "operator"}
REASONS = {"yes": None, "no": "not_permitted", "sign": "not_signed_in", "block": "blocked", "prot": "protected_identity"} | {
    "only": "only_reading"
}

OFFICE = """
                      nobody  no-role  coordinator  participant  unit-manager  statistician  log-reviewer  administrator  operator
account.sign_in       yes     yes      yes          yes          yes           yes           yes           yes        yes
account.own           sign    yes      yes          yes          yes           yes           yes           yes        sign
users.manage          sign    no       no           no           no            no            no            yes        sign
settings.manage       sign    no       no           no           no            no            no            yes        sign
log.read              sign    no       no           no           no            no            yes           no         sign
members.read          sign    no       yes          yes          yes           no            no            no         sign
members.own           sign    no       yes          yes          yes           no            no            no         sign
members.decide        sign    no       no           no           yes           no            no            no         sign
cases.list            sign    no       yes          yes          no            no            no            no         sign
cases.search          sign    no       yes          yes          no            no            no            no         sign
cases.create          sign    no       yes          no           no            no            no            no         sign
cases.import          sign    no       yes          no           no            no            no            no         sign
cases.sweep_imports   sign    no       no           no           no            no            no            no             yes
meetings.list         sign    no       yes          yes          no            no            no            no         sign
meetings.plan         sign    no       yes          no           no            no            no            no         sign
meeting.lead          sign    no       yes          no           no            no            no            no         sign
meetings.calendar     sign    yes      yes          yes          yes           yes           yes           yes        sign
retention.read        sign    no       yes          no           yes           no            no            no             sign
retention.run         sign    no       no           no           no            no            no            no             yes
emergencies.list      sign    no       no           no           yes           no            no            no             sign
review.read           sign    no       no           no           no            no            yes           no            sign
review.select         sign    no       no           no           no            no            yes           no            yes
review.compare_names  sign    no       no           no           no            no            yes           no            yes
review.handle         sign    no       no           no           no            no            yes           no            sign
review.answer         sign    yes      yes          yes          yes           yes           yes           yes           sign
review.numbers        sign    no       no           no           yes           no            yes           no            sign
statistics.read       sign    no       no           no           yes           yes           no            no         sign
statistics.prepare    sign    no       no           no           no            yes           no            no         sign
reminders.send        sign    no       no           no           no            no            no            no            yes
statistics.round      sign    no       no           no           no            no            no            no            yes
statistics.approve    sign    no       no           no           yes           no            no            no         sign
"""

CASE = """
                      nobody  no-role  coordinator  participant  unit-manager  statistician  log-reviewer  administrator  operator
case.read             sign    no       yes          yes          no            no            no            no         sign
case.write            sign    no       yes          no           no            no            no            no         sign
case.note             sign    no       yes          yes          no            no            no            no         sign
case.document         sign    no       yes          yes          no            no            no            no         sign
case.read_document    sign    no       yes          yes          no            no            no            no         sign
case.reveal_number    sign    no       yes          yes          no            no            no            no         sign
case.close            sign    no       yes          no           no            no            no            no         sign
case.participants     sign    no       yes          no           no            no            no            no         sign
case.bias             sign    no       yes          yes          no            no            no            no         sign
case.draft            sign    no       yes          yes          no            no            no            no         sign
case.history          sign    no       yes          no           no            no            no            no         sign
case.minutes          sign    no       yes          yes          no            no            no            no         sign
case.extract          sign    no       yes          no           no            no            no            no         sign
consent.read          sign    no       yes          yes          no            no            no            no         sign
consent.manage        sign    no       yes          no           no            no            no            no         sign
consent.disclose      sign    no       yes          yes          no            no            no            no         sign
consent.share         sign    no       yes          yes          no            no            no            no         sign
plan.read             sign    no       yes          yes          no            no            no            no         sign
plan.write            sign    no       yes          no           no            no            no            no         sign
plan.report           sign    no       yes          yes          no            no            no            no         sign
plan.hand_out         sign    no       yes          no           no            no            no            no         sign
followup.read         sign    no       yes          yes          no            no            no            no         sign
followup.write        sign    no       yes          no           no            no            no            no         sign
"""

#: What concerns whether one case is kept: the team's coordinator and unit manager need not take part in it.
KEPT = """
                      nobody  no-role  coordinator  participant  unit-manager  statistician  log-reviewer  administrator  operator
erasure.propose       sign    no       yes          no           yes           no            no            no             sign
erasure.approve       sign    no       no           no           yes           no            no            no             sign
erasure.hold          sign    no       no           no           yes           no            no            no             sign
emergency.review      sign    no       no           no           yes           no            no            no             sign
"""

#: What a person who does not take part in the case may do to get to read it at once.
BROKEN = """
                      nobody  no-role  coordinator  participant  unit-manager  statistician  log-reviewer  administrator  operator
case.break_glass      sign    no       yes          yes          no            no            no            no             sign
case.end_emergency    sign    no       yes          yes          no            no            no            no             sign
"""

#: The same table as above for somebody who has opened the case in an emergency, whether they take part in it or not.
IN_EMERGENCY = """
                      nobody  no-role  coordinator  participant  unit-manager  statistician  log-reviewer  administrator  operator
case.read             sign    no       yes          yes          no            no            no            no             sign
case.write            sign    no       only         only         no            no            no            no             sign
case.note             sign    no       only         only         no            no            no            no             sign
case.document         sign    no       only         only         no            no            no            no             sign
case.read_document    sign    no       yes          yes          no            no            no            no             sign
case.reveal_number    sign    no       yes          yes          no            no            no            no             sign
case.close            sign    no       only         only         no            no            no            no             sign
case.participants     sign    no       only         only         no            no            no            no             sign
case.history          sign    no       only         only         no            no            no            no             sign
case.minutes          sign    no       yes          yes          no            no            no            no             sign
consent.read          sign    no       yes          yes          no            no            no            no             sign
consent.manage        sign    no       only         only         no            no            no            no             sign
plan.read             sign    no       yes          yes          no            no            no            no             sign
plan.write            sign    no       only         only         no            no            no            no             sign
plan.report           sign    no       only         only         no            no            no            no             sign
followup.read         sign    no       yes          yes          no            no            no            no             sign
followup.write        sign    no       only         only         no            no            no            no             sign
case.break_glass      sign    no       yes          yes          no            no            no            no             sign
case.end_emergency    sign    no       yes          yes          no            no            no            no             sign
"""

#: The facts of a case, and what they make of every answer of the table above: kept, or one answer for everybody who is signed in.
SITUATIONS = {
    "takes part": ({"takes_part": True}, None),
    "takes part, protected identity, on the list": ({"takes_part": True, "protected": True, "named_reader": True}, None),
    "takes part, on a list that is not needed": ({"takes_part": True, "named_reader": True}, None),
    "takes part, protected identity, not on the list": ({"takes_part": True, "protected": True}, "prot"),
    "takes part, but is blocked": ({"takes_part": True, "blocked": True}, "block"),
    "takes part and is on the list, but is blocked": (
        {"takes_part": True, "protected": True, "named_reader": True, "blocked": True},
        "block",
    ),
    "does not take part": ({}, "no"),
    "does not take part, on the list": ({"protected": True, "named_reader": True}, "no"),
    "takes part, in another team's case": ({"takes_part": True, "team_id": "söder"}, "no"),
    "takes part, in a case of no team": ({"takes_part": True, "team_id": None}, "no"),
}


def table(written: str) -> list[tuple[str, str, str]]:
    """(permission, person, answer) of each cell."""
    head, *lines = (line.split() for line in written.strip().splitlines())
    people = [name.replace("-", " ") for name in head]
    return [(permission, person, answer) for permission, *answers in lines for person, answer in zip(people, answers, strict=True)]


def test_every_permission_and_every_person_stands_in_the_tables():
    cells = table(OFFICE) + table(CASE) + table(KEPT) + table(BROKEN)
    assert {(permission, person) for permission, person, _ in cells} == {(p.value, person) for p in Permission for person in PEOPLE}
    assert len(cells) == len(Permission) * len(PEOPLE)


@pytest.mark.parametrize(("permission", "person", "answer"), table(OFFICE))
def test_office(permission, person, answer):
    assert why_refused(Permission(permission), Question(PEOPLE[person], team_id="norr")) == REASONS[answer]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_case(situation):
    facts, everybody = SITUATIONS[situation]
    for permission, person, answer in table(CASE):
        expected = answer if everybody is None or person in NOT_SIGNED_IN else everybody
        question = Question(PEOPLE[person], **{"team_id": "norr", **facts})
        assert why_refused(Permission(permission), question) == REASONS[expected], (permission, person)


@pytest.mark.parametrize(("permission", "person", "answer"), table(KEPT))
def test_what_is_kept_is_decided_by_the_team_whoever_takes_part_unless_blocked(permission, person, answer):
    for facts in ({}, {"takes_part": True}, {"protected": True, "named_reader": True}):
        assert why_refused(Permission(permission), Question(PEOPLE[person], team_id="norr", **facts)) == REASONS[answer]
    protected = why_refused(Permission(permission), Question(PEOPLE[person], team_id="norr", protected=True))
    assert protected == REASONS["prot" if answer == "no" else answer]  # only the number is shown, which protection allows
    elsewhere = REASONS["sign" if person in NOT_SIGNED_IN else "no"]
    assert why_refused(Permission(permission), Question(PEOPLE[person], team_id="söder")) == elsewhere
    blocked = REASONS["sign" if person in NOT_SIGNED_IN else "block"]
    assert why_refused(Permission(permission), Question(PEOPLE[person], team_id="norr", blocked=True)) == blocked


@pytest.mark.parametrize(
    ("permission", "person", "answer", "broke_glass"),
    [(*cell, False) for cell in table(BROKEN)] + [(*cell, True) for cell in table(IN_EMERGENCY)],
)
def test_in_an_emergency_members_of_the_team_read_and_do_nothing_else(permission, person, answer, broke_glass):
    def reason(**facts):
        return why_refused(Permission(permission), Question(PEOPLE[person], **{"team_id": "norr", "broke_glass": broke_glass, **facts}))

    for facts in ({}, {"takes_part": True}, {"protected": True, "named_reader": True}):
        assert reason(**facts) == REASONS[answer]
    for facts, everybody in (({"blocked": True}, "block"), ({"protected": True}, "prot"), ({"team_id": "söder"}, "no")):
        assert reason(**facts) == REASONS["sign" if person in NOT_SIGNED_IN else everybody]


@pytest.mark.parametrize("permission", ["erasure.propose", "erasure.approve", "erasure.hold"])
def test_who_opened_a_case_in_an_emergency_does_not_decide_meanwhile_that_it_is_erased(permission):
    both = Actor("user", "", "agency", teams={"norr": frozenset({"coordinator", "unit_manager"})})
    assert why_refused(Permission(permission), Question(both, team_id="norr")) is None
    assert why_refused(Permission(permission), Question(both, team_id="norr", broke_glass=True)) == "only_reading"


def test_the_hour_ends_on_the_minute_and_by_hand_at_once():
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for seconds, running in ((-1, False), (0, True), (1, True), (3599, True), (3600, False), (3601, False), (86400, False)):
        assert is_running(noon, None, noon + timedelta(seconds=seconds)) is running, seconds
    assert is_running(noon, None, noon + timedelta(seconds=3600) - timedelta(microseconds=1))
    assert not is_running(noon, noon + timedelta(minutes=5), noon + timedelta(minutes=6))


def test_an_operator_who_signs_in_is_none():
    assert why_refused(Permission.RUN_RETENTION, Question(Actor("user", "", "agency", frozenset({"operator"})))) == "not_permitted"


@pytest.mark.parametrize("permission", ["cases.create", "meetings.plan", "meeting.lead"])
def test_a_coordinator_does_nothing_for_another_team(permission):
    question = Question(PEOPLE["coordinator"], team_id="söder")
    assert why_refused(Permission(permission), question) == "not_permitted"


def test_every_role_at_once_still_needs_to_take_part():
    everything = frozenset({"administrator", "statistician", "log_reviewer", "unit_manager", "coordinator", "participant"})
    question = Question(Actor("user", "", "agency", everything), team_id="norr", takes_part=True)
    assert why_refused(Permission.READ_CASE, question) == "not_permitted"  # team roles count in their team only
    question = Question(Actor("user", "", "agency", everything, {"norr": everything}), team_id="norr")
    assert why_refused(Permission.READ_CASE, question) == "not_permitted"


def test_a_menu_offers_what_some_case_could_allow():
    everywhere = table(OFFICE) + table(CASE) + table(KEPT) + table(BROKEN)
    offered = {person: {p.value for p in Permission if may_ever(actor, p)} for person, actor in PEOPLE.items()}
    for person, found in offered.items():
        assert found == {permission for permission, who, answer in everywhere if (who, answer) == (person, "yes")}


def test_a_menu_offers_what_one_of_several_teams_allows():
    in_two = Actor("user", "", "agency", teams={"norr": frozenset({"participant"}), "soder": frozenset({"unit_manager"})})
    assert may_ever(in_two, Permission.READ_CASE)
    assert may_ever(in_two, Permission.DECIDE_MEMBERS)
    assert not may_ever(in_two, Permission.WRITE_PLAN)


def test_what_concerns_one_case_or_a_teams_members_is_answered_as_if_it_did_not_exist():
    everywhere = table(CASE) + table(KEPT) + table(BROKEN)
    about_members = {"members.own", "members.decide"}
    assert {p.value for p in ANSWERED_AS_MISSING} == {permission for permission, _person, _answer in everywhere} | about_members
