"""The register of sharing, teams whose partners have no accounts, and the plan excerpt they get on paper instead: by their actions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from caseapp.access import Actor, NotFound, Permission, Refused
from caseapp.accounts import actions as accounts
from caseapp.audit.entries import entries_of_case
from caseapp.cases import actions as cases
from caseapp.cases.disclosing import (
    DisclosureProblem,
    Wanted,
    agree_to_disclosure,
    decide_disclosure,
    read_register,
    register_sharing,
    revoke_disclosure,
)
from caseapp.cases.participation import PartnerWithoutAccount, add_participant, remove_participant
from caseapp.cases.starting import NewPerson, start_case
from caseapp.consent.sharing import ActCard, Shared
from caseapp.db import Withheld, bound_database, transaction
from caseapp.formats import clock
from caseapp.members import actions as members
from caseapp.plans.actions import write_goal
from caseapp.plans.excerpt import Excerpt, hand_out, read_excerpt
from caseapp.plans.interventions import Support, add_intervention
from tests.municipality import Municipality, set_partner_accounts
from tests.small_town import give_consent

ACT = Callable[[str], Actor]


def lines(actor: Actor, case_id: str) -> tuple[ActCard, ...]:
    return read_register(actor, case_id).acts


def an_act(municipality: Municipality, **changed: Any) -> Shared:
    agencies = municipality.agencies
    usual: dict[str, Any] = {
        "from_agency_id": agencies["social_services"],
        "to_agency_id": agencies["school"],
        "types": ("plan",),
        "ground_kind": "other",
        "ground_id": None,
        "shared_on": clock.today(),
        "how": "oral",
        "note": "Rektorn fick veta det vid mötet.",
    }
    return Shared(**(usual | changed))


# -- the register ------------------------------------------------------------------------------------------------------


def test_a_decision_that_opens_to_an_agency_with_accounts_is_a_line_when_it_takes_effect(
    actor: ACT, municipality: Municipality, case_id: str
) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    wanted = Wanted("prevent_crime_under_21", agencies["police"], ("offences",), clock.today(), "Vägt.", why_not_informed="Väntar.")
    decision = decide_disclosure(karin, case_id, wanted)
    assert lines(karin, case_id) == ()
    agree_to_disclosure(actor("samir"), case_id, decision)
    (line,) = lines(karin, case_id)
    assert (line.from_agency_id, line.to_agency_id, line.types) == (agencies["social_services"], agencies["police"], ("offences",))
    assert (line.ground_kind, line.ground_id, line.how, line.shared_on) == ("disclosure", decision, "system", clock.today())
    assert line.registered_by_id == municipality["samir"].id
    revoke_disclosure(karin, case_id, decision)
    assert lines(karin, case_id) == (line,)  # what was shared was shared


def test_a_line_is_written_by_giver_or_receiver_and_known_to_them_and_the_coordinator(
    actor: ACT, municipality: Municipality, case_id: str
) -> None:
    agencies = municipality.agencies
    act = an_act(municipality, from_agency_id=agencies["police"], to_agency_id=agencies["school"])
    register_sharing(actor("lena"), case_id, act)
    assert [len(lines(actor(login), case_id)) for login in ("karin", "samir", "lena", "pontus", "fia")] == [1, 0, 1, 1, 0]
    assert lines(actor("lena"), case_id)[0].note == "Rektorn fick veta det vid mötet."
    for login in ("karin", "pontus"):
        assert isinstance(lines(actor(login), case_id)[0].note, Withheld)
    with pytest.raises(DisclosureProblem, match="not_your_agency"):
        register_sharing(actor("fia"), case_id, act)
    for login in ("petra", "ulla", "greta", "admin"):
        with pytest.raises(NotFound):
            register_sharing(actor(login), case_id, act)
        with pytest.raises(NotFound):
            read_register(actor(login), case_id)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"to_agency_id": "somewhere"}, "agency_not_in_team"),
        ({"to_agency_id": None, "counterpart": " "}, "recipient_needed"),
        ({"types": ()}, "nothing_to_disclose"),
        ({"days": 1}, "day_in_future"),
        ({"note": ""}, "ground_in_words"),
        ({"ground_kind": "consent", "ground_id": "none such"}, "unknown_ground"),
        ({"how": "system"}, "how_needed"),
        ({"how": "excerpt"}, "how_needed"),
    ],
)
def test_a_line_that_says_too_little_or_what_cannot_be_is_refused(
    actor: ACT, municipality: Municipality, case_id: str, changed: dict[str, Any], rule: str
) -> None:
    if "days" in changed:
        changed = {"shared_on": clock.today() + timedelta(days=changed["days"])}
    with pytest.raises(DisclosureProblem) as refused:
        register_sharing(actor("karin"), case_id, an_act(municipality, **changed))
    assert refused.value.code == rule
    assert lines(actor("karin"), case_id) == ()


def test_sharing_that_the_ground_did_not_cover_is_written_down_and_seen(actor: ACT, municipality: Municipality, case_id: str) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    consent = read_register(karin, case_id).bar.consent.consent_id
    named = {"ground_kind": "consent", "ground_id": consent, "types": ("identity", "plan")}
    register_sharing(karin, case_id, an_act(municipality, **named))
    register_sharing(karin, case_id, an_act(municipality, **named, to_agency_id=agencies["police"]))
    found = {line.to_agency_id: line.outside_ground for line in lines(karin, case_id)}
    assert found == {agencies["school"]: (), agencies["police"]: ("plan",)}  # the police are covered for the name alone


def test_the_register_that_is_printed_stands_in_the_log_as_printed(actor: ACT, case_id: str) -> None:
    read_register(actor("karin"), case_id, to_print=True)
    with transaction(reading=True) as current:
        (entry,) = entries_of_case(current, bound_database().keyholder, case_id, 1)
    assert (entry.action, entry.permission) == ("print", Permission.READ_CONSENT)


# -- the excerpt -------------------------------------------------------------------------------------------------------


def told(excerpt: Excerpt) -> set[str]:
    found = {str(excerpt.plan.head.text), *(str(goal.text) for goal in excerpt.plan.goals)}
    found |= {str(one.text) for one in excerpt.plan.commitments} | {one.type for one in excerpt.plan.interventions}
    return found - {""}


EVERYTHING = {"Tillbaka till skolan", "Närvaro 80 procent", "Ringer hem varje fredag", "Mentorssamtal", "family_treatment"}


def test_an_excerpt_holds_what_the_consent_lets_that_agency_see(actor: ACT, municipality: Municipality, planned: str) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    for_school = read_excerpt(karin, planned, agencies["school"])
    assert (told(for_school), for_school.name) == (EVERYTHING, "Alva Lind")
    for_leisure = read_excerpt(karin, planned, agencies["leisure"])
    assert told(for_leisure) == EVERYTHING
    for_police = read_excerpt(karin, planned, agencies["police"])
    assert (told(for_police), for_police.is_empty, for_police.why_empty) == (set(), True, "type_not_covered")
    with pytest.raises(Refused, match="nothing_to_hand_out"):
        hand_out(karin, planned, agencies["police"])
    assert lines(karin, planned) == ()


def test_an_excerpt_under_a_narrower_consent_leaves_out_the_support_and_the_name(
    actor: ACT, municipality: Municipality
) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    made = start_case(karin, municipality.teams["norr"], person=NewPerson("Alva Lind", "f"), participant_ids=[municipality["lena"].id])
    write_goal(karin, made, domain="school", text="Närvaro 80 procent")
    add_intervention(karin, made, Support("family_treatment", "family", started_on=clock.today()), agency_id=karin.agency_id)
    give_consent(karin, made, {agencies["social_services"]: ("plan",), agencies["school"]: ("plan",)}, clock.today())
    excerpt = hand_out(karin, made, agencies["school"])
    assert (told(excerpt), excerpt.name) == ({"Närvaro 80 procent"}, "")
    assert lines(karin, made)[0].types == ("plan",)


def test_what_a_decision_discloses_is_in_the_excerpt_and_on_its_own_line(actor: ACT, municipality: Municipality, planned: str) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    wanted = Wanted("necessary", agencies["police"], ("plan",), clock.today(), "Vägt.", why_not_informed="Väntar.")
    decision = decide_disclosure(karin, planned, wanted)
    excerpt = hand_out(karin, planned, agencies["police"])
    # the school's commitment is the school's, and social services' support is another type
    assert told(excerpt) == {"Tillbaka till skolan", "Närvaro 80 procent", "Ringer hem varje fredag"}
    handed = {(line.ground_kind, line.types) for line in lines(karin, planned) if line.how == "excerpt"}
    assert handed == {("disclosure", ("plan",)), ("consent", ("identity",))}
    revoke_disclosure(karin, planned, decision)
    assert read_excerpt(karin, planned, agencies["police"]).is_empty


def test_handing_out_is_a_line_with_its_ground_each_time_and_looking_is_none(
    actor: ACT, municipality: Municipality, planned: str
) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    consent = read_register(karin, planned).bar.consent.consent_id
    read_excerpt(karin, planned, agencies["school"])
    assert lines(karin, planned) == ()
    hand_out(karin, planned, agencies["school"])
    hand_out(karin, planned, agencies["school"])
    found = lines(karin, planned)
    assert [(line.how, line.ground_id, line.types) for line in found] == [
        ("excerpt", consent, ("identity", "support_ongoing", "plan"))
    ] * 2
    assert found[0].contents == {"goals": 1, "commitments": 2, "interventions": 1}


def test_where_the_identity_is_protected_the_paper_carries_no_name(actor: ACT, municipality: Municipality) -> None:
    karin, agencies = actor("karin"), municipality.agencies
    person = NewPerson("Alva Lind", "f", protected="sekretessmarkering")
    made = start_case(karin, municipality.teams["norr"], person=person)
    write_goal(karin, made, domain="school", text="Närvaro 80 procent")
    scope = {agencies[kind]: ("identity", "plan") for kind in ("social_services", "school")}
    give_consent(karin, made, scope, clock.today())
    excerpt = read_excerpt(karin, made, agencies["school"])
    assert (told(excerpt), excerpt.name) == ({"Närvaro 80 procent"}, "")


def test_only_the_coordinator_hands_out_and_only_to_an_agency_of_the_team(actor: ACT, municipality: Municipality, planned: str) -> None:
    for login in ("samir", "lena", "pontus", "ulla", "rasmus", "admin"):
        with pytest.raises(NotFound):
            read_excerpt(actor(login), planned, municipality.agencies["leisure"])
    for agency in ("somewhere", municipality.agencies["social_services"]):
        with pytest.raises(NotFound):
            read_excerpt(actor("karin"), planned, agency)


# -- teams whose partners have no accounts -----------------------------------------------------------------------------


def test_with_accounts_off_partners_read_nothing_at_once_and_read_again_when_they_are_on(
    actor: ACT, municipality: Municipality, planned: str
) -> None:
    set_partner_accounts(actor("admin"), municipality, on=False)
    for login in ("lena", "pontus", "fia"):
        assert actor(login).teams == {}
        with pytest.raises(NotFound):
            cases.read_case(actor(login), planned)
    for login in ("karin", "samir"):
        assert cases.read_case(actor(login), planned).bar.name == "Alva Lind"
    assert cases.read_case(actor("rasmus"), _other_case(actor, municipality)).bar.name == "Kim Ek"
    assert set(actor("petra").teams) == {municipality.teams["soder"]}  # the other team has them on
    set_partner_accounts(actor("admin"), municipality, on=True)
    assert cases.read_case(actor("lena"), planned).bar.name == "Alva Lind"


def _other_case(actor: ACT, municipality: Municipality) -> str:
    return start_case(actor("rasmus"), municipality.teams["soder"], person=NewPerson("Kim Ek", "x"))


def test_with_accounts_off_no_partner_is_given_a_role_or_a_part(actor: ACT, municipality: Municipality, case_id: str) -> None:
    admin, school = actor("admin"), municipality.agencies["school"]
    remove_participant(actor("karin"), case_id, municipality["lena"].id)
    set_partner_accounts(actor("admin"), municipality, on=False)
    norr = municipality.teams["norr"]
    with pytest.raises(Refused, match="partner_without_account"):
        members.invite_member(admin, name="Ny Lärare", login="ny", agency_id=school, teams={norr: ["participant"]})
    assert "ny" not in {person.login for person in accounts.list_people(admin)}
    with pytest.raises(Refused, match="partner_without_account"):
        members.propose(admin, municipality["petra"].id, norr, "participant")
    with pytest.raises(PartnerWithoutAccount):
        add_participant(actor("karin"), case_id, municipality["lena"].id)
    home = municipality.agencies["social_services"]
    members.invite_member(admin, name="Ny Kollega", login="nyk", agency_id=home, teams={norr: ["participant"]})


def test_a_partner_proposed_before_accounts_were_turned_off_is_not_let_in_after(actor: ACT, municipality: Municipality) -> None:
    proposal = members.propose(actor("admin"), municipality["petra"].id, municipality.teams["norr"], "participant")
    set_partner_accounts(actor("admin"), municipality, on=False)
    with pytest.raises(Refused, match="partner_without_account"):
        members.approve_proposal(actor("ulla"), proposal)


def test_with_accounts_off_a_decision_is_no_line_before_it_is_handed_over(actor: ACT, municipality: Municipality, planned: str) -> None:
    set_partner_accounts(actor("admin"), municipality, on=False)
    karin, police = actor("karin"), municipality.agencies["police"]
    decide_disclosure(karin, planned, Wanted("necessary", police, ("plan",), clock.today(), "Vägt.", why_not_informed="Väntar."))
    assert lines(karin, planned) == ()
    hand_out(karin, planned, police)
    assert {line.how for line in lines(karin, planned)} == {"excerpt"}
