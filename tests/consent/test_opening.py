"""A case is opened compartment by compartment: exactly what the reader has a ground for, and a reason for the rest."""

from datetime import date

import pytest

from caseapp.access import Permission, action, allow, now, session
from caseapp.audit.entries import entries_of_case
from caseapp.cases.models import Note
from caseapp.consent import Opening, Present, open_case, open_cases, open_codes_for_statistics, open_own, opened_in
from caseapp.consent.models import Consent, ConsentScope
from caseapp.consent.rules import Decision, Ground
from caseapp.db import Withheld, bound_database, opened, transaction
from caseapp.formats import clock
from tests.ground import begin_case, give_consent, read, write

# -- what an opening answers, without a row ---------------------------------------------------------------------------

#: Of the plan and nothing else, between social services and the school and nobody else.
SHARED = Ground(
    id="c1",
    kind="consent",
    state="active",
    agencies=frozenset({"social", "school"}),
    scope=frozenset({("social", "plan"), ("school", "plan")}),
    valid_from=date.min,
    valid_to=date.max,
)
OWN, BY_CONSENT = Decision(True, "own_agency"), Decision(True, "consent", "c1")


def opening(*readers, grounds=(), decided=None, knows_grounds=True) -> Opening:
    return Opening("case", readers, grounds, decided or {}, knows_grounds)


def test_what_was_decided_when_the_case_was_opened_is_the_answer_until_it_is_opened_again():
    decided = {("school", "plan"): BY_CONSENT, ("school", "health"): Decision(False, "consent_expired"), ("social", "plan"): OWN}
    now_withdrawn = opening("social", decided=decided)
    assert {place: now_withdrawn.decide(*place) for place in decided} == decided
    assert now_withdrawn.decide("police", "plan") == Decision(False, "no_consent")


@pytest.mark.parametrize(
    ("readers", "owner", "kind", "expected"),
    [
        (("social",), "social", "health", OWN),
        (("social",), "social", "plan", OWN),  # needs no consent, although there is one
        (("social",), "school", "plan", BY_CONSENT),
        (("social",), "school", "health", Decision(False, "type_not_covered")),
        (("social",), "police", "plan", Decision(False, "owner_not_covered")),
        (("police",), "school", "plan", Decision(False, "agency_not_covered")),
        (("social", "school"), "social", "plan", BY_CONSENT),  # the log names what opened it for the other
        (("social", "school"), "school", "plan", BY_CONSENT),
        (("social", "school"), "social", "health", Decision(False, "not_all_present")),
        (("social", "school", "police"), "social", "plan", Decision(False, "not_all_present")),
    ],
)
def test_a_compartment_is_open_if_it_is_to_everybody_in_the_room_and_who_is_alone_is_told_why_not(readers, owner, kind, expected):
    assert opening(*readers, grounds=(SHARED,)).decide(owner, kind) == expected


@pytest.mark.parametrize(
    ("readers", "owner", "expected"),
    [
        (("school",), "school", OWN),
        (("school",), "social", Decision(False, "not_opened")),
        (("school", "social"), "school", Decision(False, "not_opened")),
    ],
)
def test_who_has_not_looked_at_the_consents_knows_of_ones_own_alone_that_it_may_be_read(readers, owner, expected):
    assert opening(*readers, knows_grounds=False).decide(owner, "plan") == expected


def test_a_shut_compartment_says_why_and_where_only_the_key_is_missing_that_it_was_not_opened():
    here = opening("school", grounds=(SHARED,))
    assert [here.why_not(owner, kind) for owner, kind in (("school", "plan"), ("social", "plan"), ("social", "health"))] == [
        "not_opened",
        "not_opened",
        "type_not_covered",
    ]


def test_the_log_tells_in_order_what_was_opened_and_on_which_ground_and_not_what_stayed_shut():
    decided = {("social", "plan"): BY_CONSENT, ("police", "plan"): Decision(False, "owner_not_covered"), ("school", "plan"): OWN}
    assert opening("school", decided=decided).for_the_log() == [
        ("school", "plan", "own_agency", ""),
        ("social", "plan", "consent", "c1"),
    ]


# -- in a case --------------------------------------------------------------------------------------------------------


@pytest.fixture
def noted(ground):
    """One note of each agency, in a case where nobody has consented to anything."""
    for person, kind in ((ground.coordinator, "support_ongoing"), (ground.teacher, "attendance"), (ground.officer, "offences")):
        write(person, ground.case, f"Om {kind}", kind=kind)
    return ground


def seen(actor, ground) -> dict[str, object]:
    """What this person sees of each agency's note: True, or the reason why not."""
    owners = dict(ground.look("SELECT id, owner_agency_id FROM note"))
    names = {ground.social: "social", ground.school: "school", ground.police: "police"}
    return {
        names[owners[note]]: text.reason if isinstance(text, Withheld) else True for note, text in read(actor, ground.case).items()
    }


@action
def withdraw(actor, case_id, consent_id, *, agency_id=None):
    open_case(actor, allow(actor, Permission.MANAGE_CONSENT, on=case_id))
    if agency_id is None:
        session().get(Consent, consent_id).withdrawn_at = now()
        return
    for scope in session().query(ConsentScope).where(ConsentScope.consent_id == consent_id, ConsentScope.agency_id == agency_id):
        scope.withdrawn_at = now()


def everything_for(*agencies):
    return dict.fromkeys(agencies, ("support_ongoing", "attendance", "offences"))


def test_without_consent_everybody_reads_their_own_and_nothing_else(noted):
    assert seen(noted.coordinator, noted) == {"social": True, "school": "no_consent", "police": "no_consent"}
    assert seen(noted.teacher, noted) == {"social": "no_consent", "school": True, "police": "no_consent"}
    assert seen(noted.officer, noted) == {"social": "no_consent", "school": "no_consent", "police": True}


def test_a_consent_opens_for_each_agency_the_types_it_names(noted):
    give_consent(noted.coordinator, noted.case, {noted.social: ("attendance",), noted.school: ("support_ongoing", "offences")})
    assert seen(noted.coordinator, noted) == {"social": True, "school": True, "police": "owner_not_covered"}
    assert seen(noted.teacher, noted) == {"social": True, "school": True, "police": "owner_not_covered"}
    assert seen(noted.officer, noted) == {"social": "agency_not_covered", "school": "agency_not_covered", "police": True}


def test_a_consent_opens_what_its_own_agency_recorded_although_that_agency_receives_nothing_by_it(noted):
    give_consent(noted.coordinator, noted.case, {noted.school: ("support_ongoing",)})
    assert seen(noted.teacher, noted) == {"social": True, "school": True, "police": "owner_not_covered"}
    assert seen(noted.coordinator, noted) == {"social": True, "school": "agency_not_covered", "police": "agency_not_covered"}


def test_police_cannot_read_school_notes_after_consent_is_withdrawn(noted):
    consent = give_consent(noted.coordinator, noted.case, everything_for(noted.social, noted.school, noted.police))
    assert seen(noted.officer, noted) == {"social": True, "school": True, "police": True}
    withdraw(noted.coordinator, noted.case, consent)
    assert seen(noted.officer, noted) == {"social": "consent_withdrawn", "school": "consent_withdrawn", "police": True}


def test_a_withdrawal_for_one_agency_closes_to_it_and_what_it_owns(noted):
    consent = give_consent(noted.coordinator, noted.case, everything_for(noted.social, noted.school, noted.police))
    withdraw(noted.coordinator, noted.case, consent, agency_id=noted.police)
    assert seen(noted.officer, noted) == {"social": "agency_not_covered", "school": "agency_not_covered", "police": True}
    assert seen(noted.teacher, noted) == {"social": True, "school": True, "police": "owner_not_covered"}


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [(("given", "awaited"), "consent_pending"), (("given", "declined"), "consent_declined"), ((), "consent_pending")],
)
def test_a_consent_that_not_everybody_has_signed_opens_nothing(noted, decisions, reason):
    give_consent(noted.coordinator, noted.case, everything_for(noted.social, noted.school), decisions=decisions)
    assert seen(noted.teacher, noted) == {"social": reason, "school": True, "police": reason}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 30), "consent_not_yet_valid"),
        (date(2026, 12, 1), True),
        (date(2027, 3, 3), True),
        (date(2027, 3, 4), "consent_expired"),
    ],
)
def test_a_consent_holds_from_its_first_day_to_its_last(noted, day, expected):
    scope = everything_for(noted.social, noted.school)
    give_consent(noted.coordinator, noted.case, scope, valid_from=date(2026, 12, 1), valid_to=date(2027, 3, 3))
    with clock.at(day):
        assert seen(noted.teacher, noted)["social"] == expected


# -- in a room with others --------------------------------------------------------------------------------------------


@action
def read_aloud(actor, case_id, *agencies):
    open_case(actor, allow(actor, Permission.READ_CASE, on=case_id), present=[Present(agency) for agency in agencies])
    return {note.owner_agency_id: note.text for note in session().query(Note).where(Note.case_id == case_id)}


def test_what_is_shown_at_a_meeting_is_what_everyone_present_may_see(noted):
    give_consent(noted.coordinator, noted.case, everything_for(noted.social, noted.school))
    alone = read_aloud(noted.coordinator, noted.case)
    with_school = read_aloud(noted.coordinator, noted.case, noted.school)
    with_police = read_aloud(noted.coordinator, noted.case, noted.school, noted.police)
    for shown in (alone, with_school):
        assert (shown[noted.social], shown[noted.school]) == ("Om support_ongoing", "Om attendance")
    assert set(with_police.values()) == {Withheld("not_all_present")}


def test_opening_again_for_more_people_takes_back_what_was_open(noted):
    @action
    def somebody_comes_in(actor):
        gate = allow(actor, Permission.READ_CASE, on=noted.case)
        open_case(actor, gate)
        note = session().query(Note).where(Note.owner_agency_id == noted.social).one()
        before = note.text
        open_case(actor, gate, present=[Present(noted.police)])
        return before, note.text

    assert somebody_comes_in(noted.coordinator) == ("Om support_ongoing", Withheld("not_all_present"))


# -- only what was asked for ------------------------------------------------------------------------------------------


@action
def read_of_types(actor, case_id, types):
    gate = allow(actor, Permission.READ_CASE, on=case_id)
    open_cases(actor, [gate], types=types)
    return [note.text for note in session().query(Note).where(Note.owner_agency_id == actor.agency_id)]


def test_what_a_list_did_not_ask_for_is_not_opened_and_never_says_it_is_allowed(noted):
    assert read_of_types(noted.coordinator, noted.case, ("identity",)) == [Withheld("not_opened")]
    assert read_of_types(noted.coordinator, noted.case, ("support_ongoing",)) == ["Om support_ongoing"]


def test_a_case_that_was_not_opened_stays_shut_beside_one_that_was(noted):
    other = begin_case(noted.coordinator, noted.team, [noted.coordinator])
    write(noted.coordinator, other, "I det andra ärendet", kind="support_ongoing")

    @action
    def both(actor):
        open_case(actor, allow(actor, Permission.READ_CASE, on=noted.case))
        return [note.text for note in session().query(Note).where(Note.case_id == other)]

    assert both(noted.coordinator) == [Withheld("not_opened")]


def test_to_write_one_compartment_of_ones_own_is_opened_and_nothing_else(noted):
    give_consent(noted.coordinator, noted.case, everything_for(noted.social, noted.school, noted.police))

    @action
    def begin(actor):
        open_own(actor, allow(actor, Permission.WRITE_NOTE, on=noted.case), "offences")
        return set(opened.get().keys), {note.text for note in session().query(Note)}

    places, texts = begin(noted.officer)
    assert places == {(noted.case, noted.police, "offences")}
    assert texts == {"Om offences", Withheld("not_opened")}
    with transaction(reading=True) as current:
        (entry,) = entries_of_case(current, noted.database.keyholder, noted.case, 1)
    assert opened_in(entry.detail) == {noted.case: [(noted.police, "offences", "own_agency", "")]}


def test_the_log_can_be_read_in_both_forms_at_once():
    detail = {
        "opened": {"a": [["s", "identity", "own_agency", ""]]},
        "passed_through": [
            {"opened": [["s", "identity", "consent", 0], ["s", "plan", "consent", 1]], "cases": [["a", "c1", "c2"], ["b", "c3", "c3"]]},
            {"opened": [["s", "identity", "own_agency", None]], "cases": [["d"]]},
        ],
    }
    assert opened_in(detail) == {
        "a": [("s", "identity", "consent", "c1"), ("s", "identity", "own_agency", ""), ("s", "plan", "consent", "c2")],
        "b": [("s", "identity", "consent", "c3"), ("s", "plan", "consent", "c3")],
        "d": [("s", "identity", "own_agency", "")],
    }
    assert opened_in({}) == {}


def test_a_case_whose_key_is_destroyed_is_shut_to_its_own_agency(noted):
    bound_database().keyholder.destroy_case(noted.case, now())
    assert seen(noted.coordinator, noted)["social"] == "not_opened"


def test_statistics_opens_coded_answers_and_no_text(noted):
    consent = give_consent(noted.coordinator, noted.case, {})

    @action
    def count(actor):
        allow(actor, Permission.OWN_ACCOUNT)
        open_codes_for_statistics({noted.case: [noted.social, noted.school, noted.police]})
        row = session().get(Consent, consent)
        return row.details, row.informed_by, {note.text for note in session().query(Note)}

    assert count(noted.coordinator) == ({"purpose": "sspf"}, Withheld("not_opened"), {Withheld("not_opened")})
