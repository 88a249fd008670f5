"""Disclosure without consent: a decision opens exactly what it says from one agency to one other, and closes in the moment it is revoked.

The grounds are the list's; what they ask for here (two deciders, 30 days, under 21) is written out by hand from the paragraphs.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from caseapp.access import Actor, NotFound, Permission, Refused, action, allow, session
from caseapp.access.models import Gate
from caseapp.cases import actions as cases
from caseapp.cases.disclosing import (
    DisclosureProblem,
    Wanted,
    agree_to_disclosure,
    decide_disclosure,
    note_informed,
    read_disclosing,
    revoke_disclosure,
)
from caseapp.cases.notes import add_note, read_notes
from caseapp.cases.participation import read_epoch
from caseapp.cases.starting import NewPerson, start_case
from caseapp.consent import Present, open_case
from caseapp.db import Withheld
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment
from tests.municipality import Municipality

ACT = Callable[[str], Actor]
EVERYBODY = ("karin", "samir", "lena", "pontus", "fia")
WEIGHED = "Två möten i rad har han nämnt samma namn."


class Story:
    """Karin's case about Elis, 16; everybody takes part and nobody has consented; each agency has a note of two types."""

    def __init__(self, actor: ACT, municipality: Municipality, born: date) -> None:
        self.actor, self.agencies = actor, municipality.agencies
        self.case_id = start_case(
            actor("karin"),
            municipality.teams["norr"],
            person=NewPerson("Elis Berg", "m", born=born),
            participant_ids=[municipality[login].id for login in EVERYBODY[1:]],
        )
        self.texts = {
            add_note(actor(login), self.case_id, information_type=kind, text=f"{login} om {kind}"): (login, kind)
            for login in ("karin", "lena", "pontus", "fia")
            for kind in ("offences", "family")
        }

    def wanted(self, **changed: object) -> Wanted:
        """Social services to the police, on the ground for those under 21."""
        usual = Wanted(
            ground="prevent_crime_under_21",
            to_agency_id=self.agencies["police"],
            types=("offences", "identity"),
            valid_to=clock.today() + timedelta(days=29),
            weighing=WEIGHED,
            why_not_informed="Det skulle varna den som rekryterar.",
        )
        return replace(usual, **changed)  # type: ignore[arg-type]

    def decide(self, login: str = "karin", **changed: object) -> str:
        return decide_disclosure(self.actor(login), self.case_id, self.wanted(**changed))

    def agreed(self) -> str:
        decision = self.decide()
        agree_to_disclosure(self.actor("samir"), self.case_id, decision)
        return decision

    def seen(self, login: str) -> set[tuple[str, str]]:
        """(whose, of which type) of the notes this person reads."""
        return {self.texts[note.id] for note in read_notes(self.actor(login), self.case_id).notes if isinstance(note.text, str)}

    def state(self, decision: str) -> str:
        found = read_disclosing(self.actor("karin"), self.case_id).decisions
        return next(one.state for one in found if one.id == decision)


def own(login: str) -> set[tuple[str, str]]:
    return {(login, "offences"), (login, "family")}


@pytest.fixture
def story(actor: ACT, municipality: Municipality) -> Story:
    return Story(actor, municipality, born=clock.today() - timedelta(days=16 * 366))


# -- what it opens -----------------------------------------------------------------------------------------------------


def test_a_decision_in_force_opens_its_types_of_the_giver_to_the_receiver_and_nothing_else(story: Story) -> None:
    story.agreed()
    assert story.seen("pontus") == own("pontus") | {("karin", "offences")}
    assert story.seen("karin") == own("karin")
    assert story.seen("lena") == own("lena")
    assert story.seen("fia") == own("fia")
    assert cases.read_case(story.actor("pontus"), story.case_id).bar.name == "Elis Berg"
    assert cases.read_case(story.actor("lena"), story.case_id).bar.withheld == "no_consent"


def test_what_is_shut_says_the_same_as_without_the_decision(story: Story) -> None:
    story.agreed()
    shut = {note.text for login in ("pontus", "lena") for note in read_notes(story.actor(login), story.case_id).notes}
    assert {text for text in shut if not isinstance(text, str)} == {Withheld("no_consent")}


def test_a_partner_agency_decides_about_its_own_items_for_the_coordinators_agency(story: Story) -> None:
    story.decide("lena", ground="report_child", to_agency_id=story.agencies["social_services"], types=("family",), weighing="")
    assert story.seen("karin") == own("karin") | {("lena", "family")}
    assert story.seen("samir") == own("karin") | {("lena", "family")}
    assert story.seen("pontus") == own("pontus")


def test_at_a_meeting_what_one_in_the_room_may_not_see_stays_shut(story: Story) -> None:
    story.agreed()

    @action
    def shown(actor: Actor, *present: str) -> tuple[bool, bool]:
        room = [Present(story.agencies[agency]) for agency in present]
        opening = open_case(actor, allow(actor, Permission.READ_CASE, on=story.case_id), present=room)
        home = story.agencies["social_services"]
        return opening.decide(home, "offences").allowed, opening.decide(home, "family").allowed

    assert shown(story.actor("karin")) == (True, True)
    assert shown(story.actor("karin"), "police") == (True, False)
    assert shown(story.actor("karin"), "police", "school") == (False, False)


def test_the_receiver_may_read_and_not_write_what_was_disclosed(story: Story) -> None:
    story.decide("lena", ground="report_child", to_agency_id=story.agencies["social_services"], types=("plan", "identity"), weighing="")
    with pytest.raises(Refused) as refused:
        add_commitment(story.actor("karin"), story.case_id, agency_id=story.agencies["school"], text="Mentor", due_on=None)
    assert refused.value.reason == "ground_for_reading"


def test_the_room_with_a_receiver_in_it_does_not_keep_the_giver_from_writing(story: Story) -> None:
    story.decide(types=("plan", "identity"), ground="necessary")

    @action
    def may_write(actor: Actor) -> bool:
        gate = allow(actor, Permission.READ_CASE, on=story.case_id)
        opening = open_case(actor, gate, present=[Present(story.agencies["police"])])
        return opening.may_write(story.agencies["social_services"], "plan")

    assert may_write(story.actor("karin")) is True
    assert may_write(story.actor("samir")) is True


def test_a_decision_to_somebody_outside_opens_nothing_to_anybody(story: Story) -> None:
    before = {login: story.seen(login) for login in EVERYBODY}
    story.decide(ground="necessary", to_agency_id=None, recipient="Åklagaren i Falun")
    assert {login: story.seen(login) for login in EVERYBODY} == before


# -- two decide --------------------------------------------------------------------------------------------------------


def test_a_ground_for_two_opens_nothing_before_the_second_has_agreed(story: Story) -> None:
    decision = story.decide()
    assert story.state(decision) == "awaiting"
    assert story.seen("pontus") == own("pontus")
    agree_to_disclosure(story.actor("samir"), story.case_id, decision)
    assert story.state(decision) == "active"
    assert ("karin", "offences") in story.seen("pontus")


def test_the_second_decider_is_another_than_the_first_and_of_the_same_agency(story: Story) -> None:
    decision = story.decide()
    with pytest.raises(DisclosureProblem, match="same_person"):
        agree_to_disclosure(story.actor("karin"), story.case_id, decision)
    for login in ("pontus", "lena"):
        with pytest.raises(NotFound):
            agree_to_disclosure(story.actor(login), story.case_id, decision)
    assert story.state(decision) == "awaiting"
    agree_to_disclosure(story.actor("samir"), story.case_id, decision)
    with pytest.raises(DisclosureProblem, match="not_awaiting"):
        agree_to_disclosure(story.actor("samir"), story.case_id, decision)


# -- the end -----------------------------------------------------------------------------------------------------------


def test_revoking_closes_in_the_same_moment_and_tells_every_open_page(story: Story) -> None:
    decision = story.agreed()
    pontus = story.actor("pontus")
    before = read_epoch(pontus, story.case_id)
    revoke_disclosure(story.actor("karin"), story.case_id, decision)
    assert story.seen("pontus") == own("pontus")
    assert story.state(decision) == "revoked"
    assert read_epoch(pontus, story.case_id) > before
    with pytest.raises(DisclosureProblem, match="nothing_to_revoke"):
        revoke_disclosure(story.actor("karin"), story.case_id, decision)


def test_deciding_and_agreeing_tell_every_open_page_too(story: Story) -> None:
    epochs = [read_epoch(story.actor("pontus"), story.case_id)]
    decision = story.decide()
    epochs.append(read_epoch(story.actor("pontus"), story.case_id))
    agree_to_disclosure(story.actor("samir"), story.case_id, decision)
    epochs.append(read_epoch(story.actor("pontus"), story.case_id))
    assert epochs == sorted(set(epochs))


def test_only_the_deciding_agency_revokes(story: Story) -> None:
    decision = story.agreed()
    for login in ("pontus", "lena"):
        with pytest.raises(NotFound):
            revoke_disclosure(story.actor(login), story.case_id, decision)
    revoke_disclosure(story.actor("samir"), story.case_id, decision)
    assert story.seen("pontus") == own("pontus")


def test_a_decision_holds_on_its_last_day_and_not_on_the_day_after(story: Story) -> None:
    decision = story.agreed()
    with clock.at(clock.today() + timedelta(days=29)):
        assert ("karin", "offences") in story.seen("pontus")
    with clock.at(clock.today() + timedelta(days=30)):
        assert story.seen("pontus") == own("pontus")
        assert story.state(decision) == "expired"


def test_one_that_waited_too_long_for_its_second_decider_has_expired(story: Story) -> None:
    decision = story.decide()
    with clock.at(clock.today() + timedelta(days=30)), pytest.raises(DisclosureProblem, match="not_awaiting"):
        agree_to_disclosure(story.actor("samir"), story.case_id, decision)


# -- who decides -------------------------------------------------------------------------------------------------------


def test_of_the_coordinators_agency_only_the_coordinator_decides(story: Story) -> None:
    with pytest.raises(DisclosureProblem, match="only_coordinator"):
        story.decide("samir")


def test_nobody_outside_the_case_decides_or_learns_that_it_is_there(story: Story) -> None:
    for login in ("petra", "rasmus", "ulla", "greta", "admin"):
        with pytest.raises(NotFound):
            story.decide(login)
        with pytest.raises(NotFound):
            read_disclosing(story.actor(login), story.case_id)


def test_the_weighing_is_read_by_the_deciding_agency_alone_even_under_a_consent_to_everything(story: Story) -> None:
    story.agreed()

    def weighing(login: str) -> object:
        return read_disclosing(story.actor(login), story.case_id).decisions[0].weighing

    assert weighing("karin") == weighing("samir") == WEIGHED
    assert isinstance(weighing("pontus"), Withheld)


def test_that_somebody_was_told_later_is_noted_beside_why_it_waited(story: Story) -> None:
    decision = story.agreed()
    with pytest.raises(DisclosureProblem, match="informed_in_future"):
        note_informed(story.actor("samir"), story.case_id, decision, clock.today() + timedelta(days=1))
    with pytest.raises(NotFound):
        note_informed(story.actor("pontus"), story.case_id, decision, clock.today())
    note_informed(story.actor("samir"), story.case_id, decision, clock.today())
    (card,) = read_disclosing(story.actor("karin"), story.case_id).decisions
    assert (card.informed_on, card.why_not_informed) == (clock.today(), "Det skulle varna den som rekryterar.")


def test_a_decision_is_known_to_giver_receiver_and_coordinator_only(story: Story) -> None:
    story.agreed()
    story.decide("lena", ground="general_clause", to_agency_id=story.agencies["police"], types=("family",))
    known = {login: len(read_disclosing(story.actor(login), story.case_id).decisions) for login in EVERYBODY}
    assert known == {"karin": 2, "samir": 1, "lena": 1, "pontus": 2, "fia": 0}


def test_a_closed_case_takes_no_decisions(story: Story) -> None:
    @action
    def shut(actor: Actor) -> None:
        allow(actor, Permission.CLOSE_CASE, on=story.case_id)
        session().get_one(Gate, story.case_id).is_open = False

    shut(story.actor("karin"))
    with pytest.raises(Refused, match="case_closed"):
        story.decide()


# -- what cannot be decided --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"ground": "no_such_ground"}, "unknown_ground"),
        ({"ground": "general_clause"}, "ground_not_from"),  # not for social services' secrecy
        ({"to": "school"}, "ground_not_to"),
        ({"to": "social_services"}, "to_itself"),
        ({"to_agency_id": "somewhere else"}, "agency_not_in_team"),
        ({"to_agency_id": None, "recipient": "Någon"}, "not_to_outside"),
        ({"to_agency_id": None, "ground": "necessary", "recipient": "  "}, "recipient_needed"),
        ({"types": ()}, "nothing_to_disclose"),
        ({"types": ("sharing", "nothing")}, "nothing_to_disclose"),
        ({"weighing": " \n"}, "weighing_needed"),
        ({"why_not_informed": ""}, "reason_needed"),
        ({"days": 30}, "too_long"),  # 30 days, the first counted
        ({"days": -1}, "ends_before_start"),
        ({"informed": 1}, "informed_in_future"),
    ],
)
def test_a_decision_that_breaks_a_rule_is_refused_by_that_rule_and_leaves_nothing(story: Story, changed: dict, rule: str) -> None:
    if "to" in changed:
        changed = {"to_agency_id": story.agencies[changed["to"]]}
    if "days" in changed:
        changed = {"valid_to": clock.today() + timedelta(days=changed["days"])}
    if "informed" in changed:
        changed = {"informed_on": clock.today() + timedelta(days=changed["informed"])}
    with pytest.raises(DisclosureProblem) as refused:
        story.decide(**changed)
    assert refused.value.code == rule
    assert read_disclosing(story.actor("karin"), story.case_id).decisions == ()


def test_the_ground_for_those_under_21_stops_on_the_eve_of_the_birthday(actor: ACT, municipality: Municipality) -> None:
    today = clock.today()
    twenty = Story(actor, municipality, born=date(today.year - 21, today.month, today.day) + timedelta(days=3))
    with pytest.raises(DisclosureProblem, match="past_the_age"):
        twenty.decide(valid_to=today + timedelta(days=3))
    twenty.decide(valid_to=today + timedelta(days=2))
    older = Story(actor, municipality, born=date(today.year - 21, today.month, today.day))
    with pytest.raises(DisclosureProblem, match="too_old"):
        older.decide(valid_to=today)
