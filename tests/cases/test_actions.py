"""What people do with a case, through the actions: what is promised of people, numbers, protection, notes and the log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from caseapp.access import Actor, AlreadyDone, NotFound, StaleForm, Withheld
from caseapp.audit import AuditEntry
from caseapp.cases import Case, actions
from caseapp.cases.finding import known_cases, list_cases, search
from caseapp.cases.notes import add_note, correct_note, read_notes
from caseapp.cases.participation import LastCoordinator, name_reader, read_epoch, remove_participant
from caseapp.cases.starting import DuplicateCase, NewPerson, NewRelated, start_case
from caseapp.codelists import UnknownCode
from caseapp.db import bound_database, transaction
from caseapp.formats import PersonalNumber, clock, parse_personal_number
from tests.municipality import Municipality

ACT = Callable[[str], Actor]
# Test numbers of the tax agency's range (serial 238).
ALVA, ELIN = "20110415-2382", "20120302-2387"


def number(text: str = ALVA) -> PersonalNumber:
    return parse_personal_number(text, today=clock.today())


@pytest.fixture
def start(actor: ACT, municipality: Municipality) -> Callable[..., str]:
    """Starts a case as Karin in SSPF Norr; everybody of the team takes part unless told otherwise."""

    def begin(name: str = "Alva Lind", text: str | None = ALVA, **changed: Any) -> str:
        who: dict[str, Any] = {"number": number(text)} if text else {"born": date(2011, 5, 1)}
        everybody = [municipality[login].id for login in ("samir", "lena", "pontus", "fia")]
        given: dict[str, Any] = {"participant_ids": everybody, "person": NewPerson(name, "f", **who)}
        return start_case(actor("karin"), municipality.teams["norr"], **(given | changed))

    return begin


# -- numbers --------------------------------------------------------------------------------------------------------------


def test_case_numbers_count_up_and_begin_anew_each_year(start: Callable[..., str], actor: ACT) -> None:
    year = clock.today().year
    first, second = (actions.read_case(actor("karin"), start(name, None)).bar.case_number for name in ("A A", "B B"))
    assert (first, second) == (f"{year}-0001", f"{year}-0002")
    karin, team = actor("karin"), actions.read_case(actor("karin"), start("C C", None)).bar.team_id
    with clock.at(date(year + 1, 1, 1)):
        case_id = start_case(karin, team, person=NewPerson("D D", "m", born=date(2011, 5, 1)))
    with transaction(reading=True) as current:
        assert current.scalars(select(Case.case_number).where(Case.id == case_id)).one() == f"{year + 1}-0001"


def test_one_person_has_one_open_case_in_a_team(start: Callable[..., str], actor: ACT) -> None:
    first = start()
    with pytest.raises(DuplicateCase) as refused:
        start("Alva L", ALVA)
    assert refused.value.case_id == first
    actions.close_case(actor("karin"), first, reason="moved", closed_on=clock.today())
    second = start()
    with pytest.raises(DuplicateCase):
        actions.reopen_case(actor("karin"), first)
    assert {bar.case_id for bar in known_cases(actor("karin"), number())} == {first, second}


def test_the_same_person_may_have_a_case_in_another_team_that_is_not_told(
    start: Callable[..., str], actor: ACT, municipality: Municipality
) -> None:
    start()
    other = start_case(actor("rasmus"), municipality.teams["soder"], person=NewPerson("Alva Lind", "f", number()))
    assert [bar.case_id for bar in known_cases(actor("rasmus"), number())] == [other]


def test_people_without_a_number_are_not_taken_for_each_other(start: Callable[..., str]) -> None:
    assert start("Okänd Ett", None) != start("Okänd Två", None)


def test_a_number_cannot_be_changed_into_that_of_another_open_case(start: Callable[..., str], actor: ACT) -> None:
    start()
    other = start("Elin Berg", ELIN)
    with pytest.raises(DuplicateCase):
        actions.change_young(actor("karin"), other, NewPerson("Elin Berg", "f", number()))


def test_a_form_sent_twice_starts_one_case(start: Callable[..., str], actor: ACT) -> None:
    case_id = start(once="page 1")
    with pytest.raises(AlreadyDone) as again:
        start(once="page 1")
    assert again.value.result == case_id
    assert list_cases(actor("karin")).count == 1


def test_the_whole_number_is_given_and_the_log_tells(start: Callable[..., str], actor: ACT) -> None:
    case_id = start()
    assert actions.reveal_number(actor("karin"), case_id) == "20110415-2382"
    assert entries(case_id)[-1] == ("case.reveal_number", "allowed", "")
    assert actions.reveal_number(actor("lena"), case_id) == Withheld("no_consent")


# -- lists and search -----------------------------------------------------------------------------------------------------


def entries(case_id: str | None) -> list[tuple[str, str, str]]:
    with transaction(reading=True) as current:
        query = select(AuditEntry).where(AuditEntry.case_id == case_id).order_by(AuditEntry.sequence)
        return [(entry.permission, entry.decision, entry.reason) for entry in current.scalars(query)]


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = bound_database().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_list_takes_the_same_number_of_queries_however_long_it_is(start: Callable[..., str], actor: ACT) -> None:
    karin = actor("karin")
    start("A A", None)
    with counted() as for_one:
        list_cases(karin)
    for place in range(7):
        start(f"Barn {place}", None)
    with counted() as for_eight:
        assert list_cases(karin).count == 8
    assert len(for_eight) == len(for_one)


def test_a_search_by_name_takes_the_same_number_of_queries_however_many_cases(start: Callable[..., str], actor: ACT) -> None:
    karin = actor("karin")
    start("A Lind", None)
    start("B Ek", None)  # two: what is read of a single case is read once, and counts one less
    with counted() as among_two:
        search(karin, "lind")
    for place in range(7):
        start(f"Barn {place}", None)
    with counted() as among_nine:
        assert len(search(karin, "lind").bars) == 1
    assert len(among_nine) == len(among_two)


@pytest.mark.parametrize(
    ("name", "words", "found"),
    [
        ("Åsa Öberg", "åsa", True),
        ("Åsa Öberg", "ÅSA ÖB", True),
        ("Åsa Öberg", "asa", False),  # å is a letter of its own in Swedish
        ("Åsa Öberg", "oberg", False),
        ("André Lindén", "andre linden", True),
        ("Anna-Karin Ek", "karin", True),
        ("Anna-Karin Ek", "ek anna", True),
        ("Søren Kjær", "sören kjär", True),
        ("Elin Berg", "erg", False),  # the beginning of a word, not its middle
        ("Elin Berg", "e", False),
        ("Elin Berg", "", False),
        ("Elin Berg", "%", False),
    ],
)
def test_names_are_compared_folded(name: str, words: str, found: bool, start: Callable[..., str], actor: ACT) -> None:
    start(name, None)
    assert bool(search(actor("karin"), words).bars) is found


def test_a_case_number_is_found_and_another_teams_is_not(start: Callable[..., str], actor: ACT) -> None:
    case_id = start()
    case_number = actions.read_case(actor("karin"), case_id).bar.case_number
    assert [bar.case_id for bar in search(actor("karin"), case_number).bars] == [case_id]
    assert search(actor("rasmus"), case_number).bars == ()


def test_a_search_is_logged_and_its_words_are_sealed(start: Callable[..., str], actor: ACT) -> None:
    start()
    search(actor("karin"), "kanariefågel")
    assert entries(None)[-1] == ("cases.search", "allowed", "")
    with transaction(reading=True) as current:
        newest = current.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert "kanariefågel" not in str(newest.told())
        assert "kanariefågel".encode() not in newest.detail_sealed


# -- people ---------------------------------------------------------------------------------------------------------------


def test_no_address_is_kept_for_protected_population_registration(start: Callable[..., str], actor: ACT) -> None:
    person = NewPerson("Signe Modig", "f", number(), protected="skyddad_folkbokforing", address="Storgatan 1")
    young = actions.read_case(actor("karin"), start(person=person)).people.young
    assert young.address == ""


@pytest.mark.parametrize(("role", "kept"), [("custodian", ""), ("relative", "Storgatan 1")])
def test_no_address_is_kept_beside_a_custodian_with_protected_population_registration(
    start: Callable[..., str], actor: ACT, role: str, kept: str
) -> None:
    person = NewPerson("Signe Modig", "f", number(), address="Storgatan 1")
    somebody = NewRelated("Mona Modig", role, protected="skyddad_folkbokforing")
    case_id = start(person=person, related=[somebody], participant_ids=[])
    assert actions.read_case(actor("karin"), case_id).people.young.address == kept


def test_a_role_that_is_not_in_the_code_list_is_refused(start: Callable[..., str], actor: ACT) -> None:
    case_id = start()
    with pytest.raises(UnknownCode):
        actions.add_related(actor("karin"), case_id, NewRelated("Mona Lind", "neighbour"))


def test_protection_set_later_shuts_everybody_out_but_the_one_who_set_it(start: Callable[..., str], actor: ACT) -> None:
    case_id, karin = start(), actor("karin")
    before = read_epoch(karin, case_id)
    actions.change_young(karin, case_id, NewPerson("Alva Lind", "f", number(), protected="sekretessmarkering"))
    assert read_epoch(karin, case_id) > before
    bar = actions.read_case(karin, case_id).bar
    assert (bar.name, bar.initials, bar.age) == ("", "", None)
    with pytest.raises(NotFound):
        actions.read_case(actor("samir"), case_id)
    assert search(actor("samir"), "alva").bars == ()


def test_protection_of_a_custodian_protects_the_case(start: Callable[..., str], actor: ACT) -> None:
    case_id = start(related=[NewRelated("Mona Lind", protected="fingerade")])
    assert actions.read_case(actor("karin"), case_id).bar.is_protected
    with pytest.raises(NotFound):
        actions.read_case(actor("samir"), case_id)


def test_the_last_coordinator_stays_on_the_list(start: Callable[..., str], actor: ACT, municipality: Municipality) -> None:
    case_id = start(person=NewPerson("Signe Modig", "f", number(), protected="sekretessmarkering"))
    for leave in (remove_participant, lambda *who: name_reader(*who, named=False)):
        with pytest.raises(LastCoordinator):
            leave(actor("karin"), case_id, municipality["karin"].id)


def test_a_custodian_who_loses_custody_moves_to_the_family_and_is_no_longer_asked(start: Callable[..., str], actor: ACT) -> None:
    karin, case_id = actor("karin"), start(related=[NewRelated("Mona Lind"), NewRelated("Per Lind")])
    per = next(one for one in actions.read_case(karin, case_id).people.related if one.name == "Per Lind")
    actions.change_related(karin, case_id, per.id, NewRelated("Per Lind", role="parent"), version=per.version)
    people = actions.read_case(karin, case_id).people
    assert [one.name for one in people.custodians] == ["Mona Lind"]
    assert [(one.name, one.information_type) for one in people.related] == [("Mona Lind", "identity"), ("Per Lind", "family")]


def test_somebody_who_is_no_longer_current_can_be_brought_back(start: Callable[..., str], actor: ACT) -> None:
    karin, case_id = actor("karin"), start(related=[NewRelated("Mona Lind")])
    mona = actions.read_case(karin, case_id).people.related[0]
    actions.end_related(karin, case_id, mona.id)
    assert actions.read_case(karin, case_id).people.related == ()
    actions.end_related(karin, case_id, mona.id, ended=False)
    assert actions.read_case(karin, case_id).people.related[0].name == "Mona Lind"


def test_a_person_of_another_case_cannot_be_changed_through_this_one(start: Callable[..., str], actor: ACT) -> None:
    karin = actor("karin")
    foreign = actions.read_case(karin, start(related=[NewRelated("Mona Lind")])).people.related[0]
    other = start("Elin Berg", ELIN)
    with pytest.raises(NotFound):
        actions.change_related(karin, other, foreign.id, NewRelated("Någon Annan"))


def test_a_form_from_an_older_version_is_stale(start: Callable[..., str], actor: ACT) -> None:
    karin, case_id = actor("karin"), start(related=[NewRelated("Mona Lind")])
    mona = actions.read_case(karin, case_id).people.related[0]
    actions.change_related(karin, case_id, mona.id, NewRelated("Mona Lind", phone="070-174 06 35"), version=mona.version)
    with pytest.raises(StaleForm) as stale:
        actions.change_related(karin, case_id, mona.id, NewRelated("Mona Lind", phone="070-174 06 36"), version=mona.version)
    assert stale.value.current.phone == "070-174 06 35"


# -- notes ----------------------------------------------------------------------------------------------------------------


def test_a_note_belongs_to_the_writers_agency_and_only_it_corrects_it(start: Callable[..., str], actor: ACT) -> None:
    case_id = start()
    note_id = add_note(actor("lena"), case_id, information_type="attendance", text="Borta i dag.")
    for login in ("karin", "pontus"):
        with pytest.raises(NotFound):
            correct_note(actor(login), case_id, note_id, text="Ändrad.")
    assert read_notes(actor("karin"), case_id).notes[0].text == Withheld("no_consent")
    assert read_notes(actor("lena"), case_id).notes[0].text == "Borta i dag."


def test_who_can_read_is_told_per_type_for_the_writers_own_agency(start: Callable[..., str], actor: ACT) -> None:
    readers = read_notes(actor("lena"), start()).readers
    assert set(readers.values()) == {("Ekskolan",)}
    assert "identity" not in readers


# -- status, end, epoch ---------------------------------------------------------------------------------------------------


def test_a_status_of_the_end_is_set_only_by_closing(start: Callable[..., str], actor: ACT) -> None:
    karin, case_id = actor("karin"), start()
    actions.change_facts(karin, case_id, status="active", referral_source="police", concerns=["no_leisure"])
    actions.change_facts(karin, case_id, status="closed", referral_source="police", concerns=["no_leisure"])
    case = actions.read_case(karin, case_id)
    assert (case.bar.status, case.referral_source, case.concerns) == ("active", "police", ("no_leisure",))


def test_a_case_that_never_started_says_so_and_reopens_as_it_was(start: Callable[..., str], actor: ACT) -> None:
    karin, case_id = actor("karin"), start()
    actions.change_facts(karin, case_id, status="triage", referral_source="school", concerns=())
    actions.close_case(karin, case_id, reason="consent_declined", closed_on=clock.today(), started=False)
    assert actions.read_case(karin, case_id).bar.status == "not_started"
    assert list_cases(karin).count == 0
    assert list_cases(karin, is_open=False).count == 1
    actions.reopen_case(karin, case_id)
    assert actions.read_case(karin, case_id).bar.status == "triage"


def test_a_case_cannot_end_before_it_began(start: Callable[..., str], actor: ACT) -> None:
    case_id = start()
    with pytest.raises(actions.ClosedBeforeOpened):
        actions.close_case(actor("karin"), case_id, reason="moved", closed_on=clock.today() - timedelta(days=1))


def test_asking_for_the_epoch_is_not_logged_but_a_refusal_is(start: Callable[..., str], actor: ACT, app: Flask) -> None:
    case_id = start()
    before = entries(case_id)
    read_epoch(actor("lena"), case_id)
    assert entries(case_id) == before
    with pytest.raises(NotFound):
        read_epoch(actor("rasmus"), case_id)
    assert entries(case_id)[len(before) :] == [("case.read", "refused", "not_permitted")]


def test_nothing_is_saved_of_an_action_that_is_refused(start: Callable[..., str], actor: ACT) -> None:
    case_id = start()
    with pytest.raises(NotFound):
        actions.close_case(actor("lena"), case_id, reason="moved", closed_on=clock.today())
    with transaction(reading=True) as current:
        assert current.scalar(select(func.count()).select_from(Case).where(Case.is_open.is_(False))) == 0
