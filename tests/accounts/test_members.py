"""Who comes into a team and who decides it; what leaving a team and moving to another agency end; being biased.

The rules are the client's: an administrator proposes, the team's unit manager approves, nobody does both, and nothing is orphaned.
"""

import pytest

from caseapp.access import NotFound, Refused
from caseapp.accounts import actions as accounts
from caseapp.accounts import office
from caseapp.cases.blocking import block, declare_bias
from caseapp.cases.history import read_history
from caseapp.cases.participation import LastCoordinator, name_reader, read_participation
from caseapp.db import transaction
from caseapp.members import actions as members
from tests.accounts.joining import ACT, can_open, epoch, join, near, protect, refused
from tests.municipality import Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture


def held(municipality: Municipality, login: str) -> dict[str, frozenset[str]]:
    """Team id → roles of this person, as the register says now."""
    with transaction(reading=True):
        return dict(office().users[municipality[login].id].teams)


# -- joining ----------------------------------------------------------------------------------------------------------


def test_a_proposed_membership_opens_nothing_until_the_unit_manager_approves(actor: ACT, municipality: Municipality) -> None:
    norr, greta = municipality.teams["norr"], municipality["greta"].id
    proposal = members.propose(actor("admin"), greta, norr, "participant")
    assert actor("greta").teams == {}
    assert refused(lambda: members.read_teams(actor("greta"))) == "not_permitted"
    members.approve_proposal(actor("ulla"), proposal)
    assert actor("greta").teams == {norr: {"participant"}}


@pytest.mark.parametrize("login", ["karin", "lena", "admin", "rasmus", "greta"])
def test_nobody_but_the_teams_unit_manager_approves(actor: ACT, municipality: Municipality, login: str) -> None:
    proposal = members.propose(actor("admin"), municipality["greta"].id, municipality.teams["norr"], "participant")
    for decide in (members.approve_proposal, members.refuse_proposal):
        assert refused(lambda decide=decide: decide(actor(login), proposal)) == "not_permitted"
    assert held(municipality, "greta") == {}


def test_only_an_administrator_proposes_and_never_themselves(actor: ACT, municipality: Municipality) -> None:
    norr = municipality.teams["norr"]
    for login in ("ulla", "karin"):
        assert refused(lambda login=login: members.propose(actor(login), municipality["greta"].id, norr, "participant")) == "not_permitted"
    for role in ("coordinator", "participant", "unit_manager"):
        assert refused(lambda role=role: members.propose(actor("admin"), municipality["admin"].id, norr, role)) == "own_membership"


def test_an_administrator_neither_manages_a_team_nor_approves(actor: ACT, municipality: Municipality) -> None:
    norr, greta, ulla = municipality.teams["norr"], municipality["greta"], municipality["ulla"]
    accounts.change_person(actor("admin"), greta.id, name=greta.name, roles=["administrator"])
    assert refused(lambda: members.propose(actor("admin"), greta.id, norr, "unit_manager")) == "administrator_manages"
    change = {"name": ulla.name, "roles": ["administrator"]}
    assert refused(lambda: accounts.change_person(actor("admin"), ulla.id, **change)) == "administrator_manages"  # type: ignore[arg-type]


def test_approving_twice_or_after_a_no_is_refused_and_changes_nothing(actor: ACT, municipality: Municipality) -> None:
    norr, greta = municipality.teams["norr"], municipality["greta"].id
    first = members.propose(actor("admin"), greta, norr, "participant")
    assert refused(lambda: members.propose(actor("admin"), greta, norr, "participant")) == "proposed_already"
    members.approve_proposal(actor("ulla"), first)
    assert refused(lambda: members.approve_proposal(actor("ulla"), first)) == "proposal_decided"
    assert refused(lambda: members.refuse_proposal(actor("ulla"), first)) == "proposal_decided"
    assert refused(lambda: members.propose(actor("admin"), greta, norr, "participant")) == "member_already"
    second = members.propose(actor("admin"), greta, norr, "coordinator")
    members.refuse_proposal(actor("ulla"), second)
    assert refused(lambda: members.approve_proposal(actor("ulla"), second)) == "proposal_decided"
    third = members.propose(actor("admin"), greta, norr, "coordinator")
    members.take_back_proposal(actor("admin"), third)
    assert refused(lambda: members.approve_proposal(actor("ulla"), third)) == "proposal_decided"
    assert held(municipality, "greta") == {norr: {"participant"}}


def test_a_closed_team_and_an_agency_outside_it_take_nobody_in(actor: ACT, municipality: Municipality) -> None:
    admin, soder = actor("admin"), municipality.teams["soder"]
    assert refused(lambda: members.propose(admin, municipality["lena"].id, soder, "participant")) == "agency_not_in_team"
    proposal = members.propose(admin, municipality["pontus"].id, soder, "participant")
    change = {"name": "SIG Söder", "agency_ids": (), "partner_accounts": True}
    accounts.change_team(admin, soder, **change)  # type: ignore[arg-type] # the police have left the team since
    assert refused(lambda: members.approve_proposal(actor("ulla"), proposal)) == "agency_not_in_team"
    accounts.change_team(admin, soder, **change, is_active=False)  # type: ignore[arg-type]
    assert refused(lambda: members.propose(admin, municipality["samir"].id, soder, "participant")) == "team_closed"
    assert refused(lambda: members.approve_proposal(actor("ulla"), proposal)) == "team_closed"


def test_a_team_gets_its_first_unit_manager_from_the_administrator_and_no_second(actor: ACT, municipality: Municipality) -> None:
    admin = actor("admin")
    new = accounts.create_team(admin, name="SSPF Väst", work_form="sspf", home_agency_id=municipality.agencies["social_services"])
    members.propose(admin, municipality["greta"].id, new, "unit_manager")
    assert actor("greta").teams == {new: {"unit_manager"}}
    members.propose(admin, municipality["stellan"].id, new, "unit_manager")
    assert actor("stellan").teams == {}
    accounts.disable_person(admin, municipality["greta"].id)  # closing her account must not open the way for another one
    members.propose(admin, municipality["samir"].id, new, "unit_manager")
    assert new not in actor("samir").teams


def test_nobody_changes_their_own_roles_or_agency(actor: ACT, municipality: Municipality) -> None:
    admin = actor("admin")
    for roles in ((), ("administrator", "statistician"), ("administrator", "log_reviewer")):
        assert refused(lambda roles=roles: accounts.change_person(admin, admin.user_id, name="Åsa", roles=roles)) == "own_role"
    assert refused(lambda: members.move_agency(admin, admin.user_id, municipality.agencies["school"])) == "own_agency"
    accounts.change_person(admin, admin.user_id, name="Åsa Ny", roles=["administrator"])


# -- leaving ----------------------------------------------------------------------------------------------------------


def test_leaving_a_team_closes_everything_at_once(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    norr, lena = municipality.teams["norr"], municipality["lena"].id
    protect(actor("karin"), case_id)
    name_reader(actor("karin"), case_id, lena)
    before = actor("lena")
    assert can_open(before, case_id)
    moved = epoch(case_id)
    members.leave_team(actor("ulla"), norr, lena)
    assert near(case_id, lena) == (0, 0)
    assert epoch(case_id) > moved
    assert actor("lena").teams == {}
    assert not can_open(actor("lena"), case_id)
    assert not can_open(before, case_id)  # even a request that had begun with the old roles
    join(actor, municipality, "lena", "participant")
    assert not can_open(actor("lena"), case_id)  # coming back to the team is not coming back to its cases
    told = [entry for entry in read_history(actor("karin"), case_id).entries if entry.permission == "members.decide"]
    assert [entry.person for entry in told] == ["Ulla Vestin"]


def test_a_member_leaves_by_themselves_and_nobody_else_ends_it(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    norr = municipality.teams["norr"]
    for login in ("karin", "admin", "rasmus"):
        assert refused(lambda login=login: members.leave_team(actor(login), norr, municipality["lena"].id)) == "not_permitted"
    members.leave_team(actor("lena"), norr, municipality["lena"].id)
    assert not can_open(actor("lena"), case_id)


def test_the_only_coordinator_hands_every_case_over_in_the_same_step(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    norr, karin, samir = municipality.teams["norr"], municipality["karin"].id, municipality["samir"].id
    with pytest.raises(members.NotHandedOver) as nobody:
        members.leave_team(actor("karin"), norr, karin)
    assert nobody.value.case_ids == {case_id}
    assert members.read_leaving(actor("ulla"), norr, karin).to_hand_over[0].successors == ()
    join(actor, municipality, "samir", "coordinator")
    block(actor("karin"), case_id, samir, reason="Kusin.")
    with pytest.raises(members.NotHandedOver):  # somebody who is biased cannot take over
        members.leave_team(actor("karin"), norr, karin, hand_over_to={case_id: samir})
    with pytest.raises(members.NotHandedOver):
        members.leave_team(actor("karin"), norr, karin, hand_over_to={case_id: municipality["lena"].id})
    assert can_open(actor("karin"), case_id)
    block(actor("karin"), case_id, samir, blocked=False, reason="Fel person.")
    protect(actor("karin"), case_id)
    assert members.read_leaving(actor("ulla"), norr, karin).to_hand_over[0].successors == ((samir, "Samir Aziz"),)
    members.leave_team(actor("karin"), norr, karin, hand_over_to={case_id: samir})
    assert can_open(actor("samir"), case_id)  # and is on the list, since the identity is protected
    assert not can_open(actor("karin"), case_id)


def test_the_last_unit_manager_stays(actor: ACT, municipality: Municipality) -> None:
    norr, ulla = municipality.teams["norr"], municipality["ulla"].id
    assert refused(lambda: members.leave_team(actor("ulla"), norr, ulla)) == "last_unit_manager"
    assert refused(lambda: members.move_agency(actor("admin"), ulla, municipality.agencies["school"])) == "last_unit_manager"
    join(actor, municipality, "greta", "unit_manager")
    accounts.disable_person(actor("admin"), municipality["greta"].id)
    assert refused(lambda: members.leave_team(actor("ulla"), norr, ulla)) == "last_unit_manager"  # a closed account decides nothing
    accounts.enable_person(actor("admin"), municipality["greta"].id)
    members.leave_team(actor("ulla"), norr, ulla)
    assert norr not in actor("ulla").teams


def test_one_of_two_roles_can_end(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    norr, samir = municipality.teams["norr"], municipality["samir"].id
    join(actor, municipality, "samir", "coordinator")
    members.leave_team(actor("ulla"), norr, samir, roles=["coordinator"])
    assert actor("samir").teams == {norr: {"participant"}}
    assert can_open(actor("samir"), case_id)


# -- another agency ---------------------------------------------------------------------------------------------------


def test_moving_to_another_agency_ends_everything_and_shows_it_first(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    norr, lena, social = municipality.teams["norr"], municipality["lena"].id, municipality.agencies["social_services"]
    protect(actor("karin"), case_id)
    name_reader(actor("karin"), case_id, lena)
    shown = members.read_moving(actor("admin"), lena)
    assert (shown.parts, shown.places, dict(shown.teams)) == (1, 1, {norr: {"participant"}})
    members.move_agency(actor("admin"), lena, social, propose={norr: ["participant"]}, version=shown.version)
    now = actor("lena")
    assert (now.agency_id, now.teams) == (social, {})
    assert near(case_id, lena) == (0, 0)
    waiting = members.proposals_about(actor("admin"), lena)
    members.approve_proposal(actor("ulla"), waiting[0].id)
    assert actor("lena").teams == {norr: {"participant"}}
    assert not can_open(actor("lena"), case_id)


def test_nobody_moves_while_a_case_would_lose_its_only_coordinator(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    karin, school = municipality["karin"].id, municipality.agencies["school"]
    assert dict(members.read_moving(actor("admin"), karin).alone) == {"SSPF Norr": 1}
    assert refused(lambda: members.move_agency(actor("admin"), karin, school)) == "hand_over_first"
    assert can_open(actor("karin"), case_id)
    assert actor("karin").agency_id == municipality.agencies["social_services"]


# -- bias -------------------------------------------------------------------------------------------------------------


def test_a_block_has_a_reason_that_the_coordinator_sees_and_the_blocked_person_sees_nothing(
    actor: ACT, municipality: Municipality, case_id: str  # noqa: F811
) -> None:
    block(actor("karin"), case_id, municipality["samir"].id, reason="Samir är Alvas kusin.")
    lines = {one.user_id: one for one in read_participation(actor("karin"), case_id).members}
    card = lines[municipality["samir"].id].block
    assert card is not None
    assert (card.reason, card.by, card.is_declared) == ("Samir är Alvas kusin.", "Karin Hellberg", False)
    assert all(one.block is None for one in read_participation(actor("lena"), case_id).members)
    with pytest.raises(NotFound):
        read_participation(actor("samir"), case_id)


def test_declaring_oneself_biased_holds_at_once_and_cannot_be_lifted_by_oneself(
    actor: ACT, municipality: Municipality, case_id: str  # noqa: F811
) -> None:
    declare_bias(actor("lena"), case_id, reason="Alva går i min dotters klass.")
    assert not can_open(actor("lena"), case_id)
    with pytest.raises(NotFound):
        block(actor("lena"), case_id, municipality["lena"].id, blocked=False, reason="Ångrar mig.")
    lines = {one.user_id: one for one in read_participation(actor("karin"), case_id).members}
    card = lines[municipality["lena"].id].block
    assert card is not None
    assert card.is_declared
    block(actor("karin"), case_id, municipality["lena"].id, blocked=False, reason="Klassen är delad.")
    assert can_open(actor("lena"), case_id)


def test_the_only_coordinator_who_is_biased_hands_over_or_leaves_it_to_the_unit_manager(
    actor: ACT, municipality: Municipality, case_id: str  # noqa: F811
) -> None:
    norr = municipality.teams["norr"]
    with pytest.raises(LastCoordinator):
        block(actor("karin"), case_id, municipality["karin"].id, reason="Granne.")
    declare_bias(actor("karin"), case_id, reason="Granne.")
    assert not can_open(actor("karin"), case_id)
    alone = next(team for team in members.read_teams(actor("ulla")) if team.team_id == norr).alone
    assert [(card.case_id, card.successors) for card in alone] == [(case_id, ())]
    join(actor, municipality, "samir", "coordinator")  # who takes part already, so the case has one again
    assert refused(lambda: members.appoint(actor("ulla"), norr, case_id, municipality["samir"].id)) == "has_coordinator"
    join(actor, municipality, "greta", "coordinator")
    assert refused(lambda: declare_bias(actor("samir"), case_id, reason="Släkt.")) == "hand_over_first"
    declare_bias(actor("samir"), case_id, reason="Släkt.", successor_id=municipality["greta"].id)
    assert can_open(actor("greta"), case_id)


def test_the_unit_manager_appoints_for_a_case_that_nobody_can_open(actor: ACT, municipality: Municipality, case_id: str) -> None:  # noqa: F811
    norr, greta = municipality.teams["norr"], municipality["greta"].id
    join(actor, municipality, "greta", "coordinator")
    accounts.disable_person(actor("admin"), municipality["karin"].id)
    alone = next(team for team in members.read_teams(actor("ulla")) if team.team_id == norr).alone
    assert [(card.case_id, card.successors) for card in alone] == [(case_id, ((greta, "Greta Åhs"),))]
    assert refused(lambda: members.appoint(actor("ulla"), norr, case_id, municipality["lena"].id)) == "not_a_coordinator"
    with pytest.raises(Refused):
        members.appoint(actor("greta"), norr, case_id, greta)
    members.appoint(actor("ulla"), norr, case_id, greta)
    assert can_open(actor("greta"), case_id)
    assert not can_open(actor("ulla"), case_id)
