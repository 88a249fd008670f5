"""Everything that the demonstration promises to show is there, found as its people would find it."""

from caseapp import audit
from caseapp.accounts.actions import read_municipality
from caseapp.cases.actions import read_case, reveal_number
from caseapp.cases.finding import list_cases, search
from caseapp.codelists import codelist
from caseapp.db import Withheld, bound_database, transaction
from caseapp.formats import age, clock, local_day, parse_personal_number, quarter
from caseapp.meetings.actions import list_meetings
from caseapp.statistics.actions import list_releases
from tests.demonstration.visitor import Ekhamra


def test_there_are_sixty_cases_over_five_quarters_up_to_this_one(ekhamra: Ekhamra) -> None:
    opened = {quarter(bar.opened_on) for bar in ekhamra.bars.values()}
    this = quarter(clock.today())
    assert len(ekhamra.bars) == 60
    assert opened == {
        this,
        this.previous,
        this.previous.previous,
        this.previous.previous.previous,
        this.previous.previous.previous.previous,
    }


def test_there_are_cases_in_every_status(ekhamra: Ekhamra) -> None:
    assert {bar.status for bar in ekhamra.bars.values()} == set(codelist("CaseStatus"))


def test_one_of_two_custodians_has_signed(ekhamra: Ekhamra) -> None:
    waiting = [page for page in ekhamra.consents.values() if page.bar.consent.state == "pending" and len(page.people.custodians) == 2]
    assert any((page.consents[0].signed, page.consents[0].needed) == (1, 2) for page in waiting)


def test_a_fifteenth_birthday_comes_while_a_consent_holds(ekhamra: Ekhamra) -> None:
    coming = [(page.people.young.born, day) for page in ekhamra.consents.values() for day in page.birthdays if page.holding]
    assert any(born is not None and age(born, day) == 15 and (day - clock.today()).days < 30 for born, day in coming)


def test_a_fifteenth_birthday_has_come_and_somebody_else_must_sign(ekhamra: Ekhamra) -> None:
    pages = [page for page in ekhamra.consents.values() if page.holding and page.people.young.age == 15]
    assert any(one.reason == "youth_signs" for page in pages for one in page.renewals(page.holding.id))


def test_a_consent_is_withdrawn_while_the_case_goes_on(ekhamra: Ekhamra) -> None:
    assert any(page.bar.is_open and page.bar.consent.state == "withdrawn" for page in ekhamra.consents.values())


def test_a_consent_is_withdrawn_for_the_police_alone(ekhamra: Ekhamra) -> None:
    police = ekhamra.agency("police")
    narrowed = [one for page in ekhamra.consents.values() if page.holding for one in page.holding.withdrawals]
    assert any(one.agency_id == police for one in narrowed)


def test_a_police_officer_takes_part_where_the_consent_does_not_let_the_police_read(ekhamra: Ekhamra) -> None:
    lars, police = ekhamra.actors["lars"], ekhamra.agency("police")
    outside = [
        bar
        for bar in list_cases(lars).bars
        if bar.withheld == "agency_not_covered"
        and not any(agency == police for agency, _kind in ekhamra.consents[bar.case_id].consents[0].asked_scope)
    ]
    assert outside
    assert isinstance(read_case(lars, outside[0].case_id).people.young.name, Withheld)


def test_protected_identity_is_a_case_number_to_its_readers_and_nothing_to_others(ekhamra: Ekhamra) -> None:
    protected = [bar for bar in ekhamra.bars.values() if bar.is_protected]
    assert {ekhamra.consents[bar.case_id].people.young.protected for bar in protected} >= {"sekretessmarkering", "none"}
    for bar in protected:
        assert (bar.name, bar.initials) == ("", "")
        assert search(ekhamra.actors["helena"], bar.case_number).bars
        assert not search(ekhamra.actors["lars"], bar.case_number).bars


def test_some_are_born_on_days_whose_records_are_kept(ekhamra: Ekhamra) -> None:
    born = [page.people.young.born for page in ekhamra.consents.values()]
    assert {5, 15, 25} <= {day.day for day in born if day}
    closed = [page for page in ekhamra.consents.values() if not page.bar.is_open and page.people.young.born]
    assert any(page.people.young.born and page.people.young.born.day in (5, 15, 25) for page in closed)


def test_some_commitments_are_overdue_and_most_are_not(ekhamra: Ekhamra) -> None:
    commitments = [one for page in ekhamra.plans.values() if page.bar.is_open for one in page.plan.commitments]
    late = [one for one in commitments if one.status == "late" and one.days_late > 0]
    assert 4 <= len(late) < len(commitments) / 3


def test_four_quarters_are_released_by_two_people(ekhamra: Ekhamra) -> None:
    releases = list_releases(ekhamra.actors["birgitta"]).releases
    last = quarter(clock.today()).previous
    assert [str(card.quarter) for card in releases] == [
        str(one) for one in (last, last.previous, last.previous.previous, last.previous.previous.previous)
    ]
    assert {(card.state, card.prepared_by, card.decided_by) for card in releases} == {("approved", "Stefan Öberg", "Birgitta Sand")}


def test_there_have_been_meetings_and_the_next_is_within_a_week(ekhamra: Ekhamra) -> None:
    for name in ("karin", "amir"):
        coming, past = list_meetings(ekhamra.actors[name])
        teams = [card for card in coming if card.meeting_type == "team"]
        assert (local_day(teams[0].starts_at) - clock.today()).days <= 7
        assert teams[0].case_count
        assert any(card.meeting_type == "team" and card.case_count for card in past)
    assert {card.meeting_type for card in list_meetings(ekhamra.actors["karin"])[0]} == {"team", "network"}


def test_every_identity_number_is_from_the_test_ranges(ekhamra: Ekhamra) -> None:
    numbers = [str(reveal_number(ekhamra.coordinator(case_id), case_id)) for case_id in ekhamra.bars]
    kinds = {page.people.young.id_type for page in ekhamra.consents.values()}
    written = [number for number in numbers if len(number) == 13]
    assert kinds == {"personnummer", "samordningsnummer", "reservnummer", "none"}
    assert len(written) >= 55
    for number in written:
        parse_personal_number(number, today=clock.today())  # refuses a wrong check digit and an impossible date
        assert int(number[9:12]) in {*range(980, 1000), 238, 239}


def test_no_telephone_number_can_ring_at_anybodys(ekhamra: Ekhamra) -> None:
    """Post- och telestyrelsen keeps 070-174 06 05 – 070-174 06 99 for fiction."""
    people = [one for page in ekhamra.consents.values() for one in (page.people.young, *page.people.related)]
    phones = {str(one.phone) for one in people if one.phone}
    assert phones
    assert all(phone.startswith("070-174 06 ") and 5 <= int(phone[-2:]) <= 99 for phone in phones)


def test_the_log_verifies_and_tells_of_a_refusal(ekhamra: Ekhamra) -> None:
    with transaction(reading=True) as current:
        count, findings = audit.verify(current, bound_database().keyholder, lambda _count: None)
        refused = current.connection().exec_driver_sql("SELECT count(*) FROM audit_entry WHERE decision = 'refused'").scalar()
    assert count > 1500
    assert findings == []
    assert refused


def test_the_municipality_says_that_it_is_a_demonstration(ekhamra: Ekhamra) -> None:
    card = read_municipality(ekhamra.actors["marie"])
    assert card.name == "Ekhamra kommun"
    assert card.settings["is_demonstration"]
