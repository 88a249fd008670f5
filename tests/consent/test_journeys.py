"""Consent through its actions and pages: asked, partly signed, active, declined, renewed, withdrawn whole and in part."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from caseapp.access import Actor, AlreadyDone, NotFound, Refused, StaleForm, Withheld
from caseapp.cases import actions, consenting
from caseapp.cases.notes import add_note, read_notes
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer, ConsentProblem, withdraw_consent
from caseapp.consent.reading import ConsentCard
from caseapp.formats import clock
from tests.municipality import Municipality
from tests.pages import PageClient

ACT = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
#: Next year, because the people of the municipality have their roles from today on.
YEAR = clock.today().year + 1
DAY = date(YEAR, 3, 2)
ALL = ("attendance", "family", "assessment", "plan")


class Story:
    """Karin's case about Alva Lind, who turns 15 on 15 April, told in few words."""

    def __init__(self, actor: ACT, municipality: Municipality) -> None:
        self.actor, self.municipality = actor, municipality
        self.karin = actor("karin")
        self.case_id = start_case(
            self.karin,
            municipality.teams["norr"],
            person=NewPerson("Alva Lind", "f", born=date(YEAR - 15, 4, 15)),
            related=[NewRelated("Mona Lind"), NewRelated("Per Lind")],
            participant_ids=[municipality[login].id for login in ("lena", "pontus", "fia")],
        )
        self.note_id = add_note(self.karin, self.case_id, information_type="family", text="Mamma har bytt jobb.")

    def ask(self, agencies: tuple[str, ...] = ("school", "police"), **changed: object) -> str:
        given: dict[str, object] = {
            "agency_ids": [self.municipality.agencies[kind] for kind in agencies],
            "types": ALL,
            "valid_from": clock.today(),
            "valid_to": date(YEAR, 12, 31),
            "purpose": "sspf_cooperation",
            "informed_on": clock.today(),
            "informed_by": "Karin Hellberg",
        }
        return consenting.ask_for_consent(self.karin, self.case_id, **(given | changed))  # type: ignore[arg-type]

    def consent(self, consent_id: str) -> ConsentCard:
        page = consenting.read_consent(self.karin, self.case_id)
        return next(one for one in page.consents if one.id == consent_id)

    def answer(self, consent_id: str, *decisions: str, **kwargs: object) -> str:
        cards = self.consent(consent_id).signatures
        answers = [
            Answer(card.id, decision, clock.today(), "paper", reason="Bor utomlands, svarar inte." if decision == "waived" else "")
            for card, decision in zip(cards, decisions, strict=True)
        ]
        return consenting.register_answers(self.karin, self.case_id, consent_id, answers, **kwargs)  # type: ignore[arg-type]

    def active(self, **changed: object) -> str:
        consent_id = self.ask(**changed)  # type: ignore[arg-type]
        assert self.answer(consent_id, *("given" for _one in self.consent(consent_id).signatures)) == "active"
        return consent_id

    def text_for(self, login: str) -> object:
        return read_notes(self.actor(login), self.case_id).notes[0].text

    def bar(self, login: str = "karin") -> object:
        return actions.read_case(self.actor(login), self.case_id).bar


@pytest.fixture
def story(actor: ACT, municipality: Municipality) -> Iterator[Story]:
    with clock.at(DAY):
        yield Story(actor, municipality)


def test_before_any_consent_each_agency_reads_only_its_own(story: Story) -> None:
    assert story.text_for("karin") == "Mamma har bytt jobb."
    assert story.text_for("lena") == Withheld("no_consent")


def test_both_custodians_are_asked_and_one_signature_opens_nothing(story: Story) -> None:
    consent_id = story.ask()
    assert story.answer(consent_id, "given", "awaited") == "pending"
    standing = story.bar().consent
    assert (standing.state, standing.signed, standing.needed) == ("pending", 1, 2)
    assert story.text_for("lena") == Withheld("consent_pending")


def test_the_last_signature_opens_at_once_for_those_who_are_covered(story: Story) -> None:
    story.active()
    assert story.text_for("lena") == story.text_for("pontus") == "Mamma har bytt jobb."
    assert story.text_for("fia") == Withheld("agency_not_covered")
    assert story.bar("lena").name == "Alva Lind"


def test_an_exception_keeps_one_type_from_one_agency(story: Story) -> None:
    story.active(without=[(story.municipality.agencies["police"], "family")])
    assert story.text_for("lena") == "Mamma har bytt jobb."
    assert story.text_for("pontus") == Withheld("type_not_covered")


def test_one_no_from_a_custodian_with_joint_custody_opens_nothing(story: Story) -> None:
    consent_id = story.ask()
    assert story.answer(consent_id, "given", "declined") == "declined"
    assert story.text_for("lena") == Withheld("consent_declined")


def test_a_custodian_who_cannot_be_reached_may_be_passed_over_with_a_reason(story: Story) -> None:
    consent_id = story.ask()
    assert story.answer(consent_id, "given", "waived") == "active"
    assert story.consent(consent_id).signatures[1].reason == "Bor utomlands, svarar inte."


@pytest.mark.parametrize("whole", [True, False])
def test_withdrawal_closes_with_the_very_next_reading(story: Story, whole: bool) -> None:
    consent_id = story.active()
    epoch = story.bar().epoch
    agency = None if whole else story.municipality.agencies["school"]
    left = withdraw_consent(story.karin, story.case_id, consent_id, agency_id=agency, received_from="Mona Lind", received_how="phone")
    assert left == ("withdrawn" if whole else "narrowed")
    assert story.text_for("lena") == Withheld("consent_withdrawn" if whole else "agency_not_covered")
    assert (story.text_for("pontus") == "Mamma har bytt jobb.") is not whole
    assert story.text_for("karin") == "Mamma har bytt jobb.", "the record stays with the agency that wrote it"
    assert story.bar().epoch > epoch


def test_withdrawal_of_one_type_closes_that_type_for_everybody(story: Story) -> None:
    consent_id = story.active()
    withdraw_consent(story.karin, story.case_id, consent_id, covered_type="family", received_from="Alva", received_how="meeting")
    assert story.text_for("lena") == story.text_for("pontus") == Withheld("type_not_covered")
    assert story.bar("lena").name == "Alva Lind"


def test_withdrawal_for_the_last_agency_is_a_withdrawal_of_the_whole(story: Story) -> None:
    consent_id = story.active(agencies=("school",))
    school = story.municipality.agencies["school"]
    assert (
        withdraw_consent(story.karin, story.case_id, consent_id, agency_id=school, received_from="x", received_how="phone") == "withdrawn"
    )
    assert story.bar().consent.state == "withdrawn"


def test_what_others_own_is_withheld_from_the_coordinator_after_withdrawal(story: Story) -> None:
    consent_id = story.active()
    add_note(story.actor("lena"), story.case_id, information_type="attendance", text="Närvaron är 60 procent.")
    assert "Närvaron är 60 procent." in [note.text for note in read_notes(story.karin, story.case_id).notes]
    withdraw_consent(story.karin, story.case_id, consent_id, received_from="Per Lind", received_how="written")
    assert [note.text for note in read_notes(story.karin, story.case_id).notes if note.agency_name == "Ekskolan"] == [
        Withheld("consent_withdrawn")
    ]


def test_nothing_can_be_withdrawn_twice(story: Story) -> None:
    consent_id = story.active()
    withdraw_consent(story.karin, story.case_id, consent_id, received_from="Mona", received_how="phone")
    with pytest.raises(ConsentProblem, match="nothing_to_withdraw"):
        withdraw_consent(story.karin, story.case_id, consent_id, received_from="Mona", received_how="phone")


def test_a_consent_ends_the_day_after_its_last_day_by_itself(story: Story) -> None:
    story.active(valid_to=date(YEAR, 3, 31))
    with clock.at(date(YEAR, 3, 31)):
        assert story.text_for("lena") == "Mamma har bytt jobb."
    with clock.at(date(YEAR, 4, 1)):
        assert story.text_for("lena") == Withheld("consent_expired")


def test_a_15th_birthday_during_the_consent_is_told_beforehand_and_afterwards(story: Story) -> None:
    story.active()
    page = consenting.read_consent(story.karin, story.case_id)
    assert page.birthdays == (date(YEAR, 4, 15),)
    assert page.renewals(page.holding.id) == ()
    with clock.at(date(YEAR, 4, 15)):
        page = consenting.read_consent(story.karin, story.case_id)
        assert [one.reason for one in page.renewals(page.holding.id)] == ["youth_signs"]
        assert [one.role for one in page.must_sign] == ["custodian", "custodian", "youth"]


def test_a_renewal_takes_the_place_of_the_old_one_only_when_it_is_signed(story: Story) -> None:
    first = story.active()
    second = story.ask(renews_id=first)
    assert story.consent(first).state == "active"
    story.answer(second, "given", "given")
    assert (story.consent(first).state, story.consent(second).state) == ("superseded", "active")


def test_a_renewal_for_later_leaves_neither_gap_nor_overlap(story: Story) -> None:
    first = story.active(valid_to=date(YEAR, 4, 30))
    second = story.ask(renews_id=first, valid_from=date(YEAR, 4, 1))
    story.answer(second, "given", "given")
    assert story.consent(first).valid_to == date(YEAR, 3, 31)
    for day in (date(YEAR, 3, 31), date(YEAR, 4, 1), date(YEAR, 5, 1)):
        with clock.at(day):
            assert story.text_for("lena") == "Mamma har bytt jobb."


def test_the_status_of_the_case_follows_the_consent(story: Story) -> None:
    consent_id = story.ask()
    assert story.bar().status == "consent_pending"
    story.answer(consent_id, "given", "given")
    assert story.bar().status == "mapping"


def test_answers_from_an_older_page_are_refused_as_stale(story: Story) -> None:
    consent_id = story.ask()
    edition = story.consent(consent_id).edition
    story.answer(consent_id, "given", "awaited", edition=edition)
    with pytest.raises(StaleForm):
        story.answer(consent_id, "awaited", "given", edition=edition)


def test_asking_twice_with_the_same_form_asks_once(story: Story) -> None:
    story.ask(once="form 1")
    with pytest.raises(AlreadyDone):
        story.ask(once="form 1")
    assert len(consenting.read_consent(story.karin, story.case_id).consents) == 1


def test_only_the_coordinator_manages_consent(story: Story) -> None:
    consent_id = story.active()
    for login in ("lena", "pontus", "rasmus", "admin"):
        with pytest.raises(NotFound):
            withdraw_consent(story.actor(login), story.case_id, consent_id, received_from="x", received_how="phone")
    assert consenting.read_consent(story.actor("lena"), story.case_id).may_manage is False


def test_a_consent_of_another_case_cannot_be_touched_through_this_one(story: Story) -> None:
    foreign = story.active()
    other = start_case(story.karin, story.municipality.teams["norr"], person=NewPerson("Bo Ek", "m", born=date(2010, 1, 1)))
    with pytest.raises(Refused):
        withdraw_consent(story.karin, other, foreign, received_from="x", received_how="phone")


def test_an_agency_outside_the_team_cannot_be_covered(story: Story) -> None:
    with pytest.raises(ConsentProblem, match="outside_team"):
        story.ask(agency_ids=["00000000-0000-4000-8000-000000000000"])


# -- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def today_story(actor: ACT, municipality: Municipality) -> Story:
    """The same story in the real present: signing in needs real time."""
    return Story(actor, municipality)


def test_consent_is_asked_answered_and_withdrawn_on_the_pages(today_story: Story, signed_in: SIGN) -> None:
    karin, lena, here = signed_in("karin"), signed_in("lena"), f"/cases/{today_story.case_id}"
    agencies = [today_story.municipality.agencies[kind] for kind in ("school", "police")]
    asked = karin.submit(
        {"agencies": agencies, "types": ["family"], "valid_to": "om 3 månader"}, on=f"{here}/consent/new", action=f"{here}/consent/new"
    )
    assert "väntar på underskrift" in asked.text
    assert "Mona Lind" in asked.text
    count = len(today_story.consent(consenting.read_consent(today_story.karin, today_story.case_id).consents[0].id).signatures)
    answers = {f"{name}_{place}": text for place in range(count) for name, text in (("decision", "given"), ("method", "paper"))}
    assert "Samtycket gäller nu." in karin.submit(answers).text
    assert "Mamma har bytt jobb." in lena.get(f"{here}/notes").text
    before = lena.get(f"{here}/epoch").text
    address = next(link for link in karin.page.links if link.endswith("/withdraw"))
    withdrawn = karin.submit({"what": "whole", "received_from": "Mona Lind", "received_how": "phone"}, on=address, action=address)
    assert "Inget delas längre" in withdrawn.text
    assert lena.get(f"{here}/epoch").text != before
    after = lena.get(f"{here}/notes").text
    assert "Mamma har bytt jobb." not in after
    assert "Samtycket är återkallat" in after


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"valid_to": "igår"}, "Slutet ligger före början"),
        ({"valid_to": "om 5 år"}, "Enligt kommunens regel får ett samtycke gälla högst 12 månader"),
        ({"agencies": []}, "Välj minst en verksamhet"),
        ({"types": []}, "Välj minst en sorts uppgifter"),
        ({"types": ["everything"]}, "Välj ett av alternativen"),
        ({"without": ["x|y"]}, "Välj ett av alternativen"),
        ({"informed_on": "imorgon"}, "Datumet ligger i framtiden"),
    ],
)
def test_a_mistake_in_the_terms_is_answered_and_the_text_kept(
    changed: dict[str, object], sentence: str, today_story: Story, signed_in: SIGN
) -> None:
    karin, address = signed_in("karin"), f"/cases/{today_story.case_id}/consent/new"
    fields = {
        "agencies": [today_story.municipality.agencies["school"]],
        "types": ["family"],
        "valid_to": "om 3 månader",
        "paper_reference": "Pärm 4, flik 12",
    }
    answer = karin.submit(fields | changed, on=address, action=address)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Pärm 4, flik 12" in answer.text
    assert consenting.read_consent(today_story.karin, today_story.case_id).consents == ()


def test_a_missing_answer_is_asked_for_beside_the_person_it_concerns(today_story: Story, signed_in: SIGN) -> None:
    consent_id = today_story.ask(valid_to=clock.today())
    address = f"/cases/{today_story.case_id}/consent/{consent_id}/answers"
    karin = signed_in("karin")
    answer = karin.submit({"decision_0": "waived", "decision_1": "given", "method_1": "eid"}, on=address, action=address)
    assert answer.status_code == 422
    assert "Skriv varför personen inte kan nås" in answer.text
    assert karin.page is not None
    assert any(link == "#reason_0" for link in karin.page.links)


def test_answers_sent_from_an_older_page_are_shown_beside_what_is_stored(today_story: Story, signed_in: SIGN) -> None:
    consent_id = today_story.ask(valid_to=clock.today())
    address = f"/cases/{today_story.case_id}/consent/{consent_id}/answers"
    karin = signed_in("karin")
    karin.get(address)
    page = karin.page
    count = len(today_story.consent(consent_id).signatures)
    today_story.answer(consent_id, "declined", *["awaited"] * (count - 1))
    karin.page = page
    answer = karin.submit({"decision_0": "given", "method_0": "paper", "witness_0": "Vera Vittne"}, action=address)
    assert answer.status_code == 409
    assert "Någon annan har sparat under tiden" in answer.text
    assert "Vera Vittne" in answer.text
    assert karin.submit({}, action=address).status_code == 200
    assert today_story.consent(consent_id).signatures[0].decision == "given"
