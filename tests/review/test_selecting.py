"""Making a month's list from a real log: each rule finds what it is to find and nothing else; once, and the same after an interruption."""

from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from caseapp import audit
from caseapp.access import Actor, Permission, Refused, action, allow, log_as, log_detail
from caseapp.accounts.actions import set_municipality
from caseapp.audit import AuditEntry
from caseapp.cases.finding import list_cases, search
from caseapp.cases.starting import NewRelated
from caseapp.day.actions import my_day
from caseapp.db import bound_database, transaction
from caseapp.formats import SWEDEN, clock
from caseapp.review import actions, gathering, numbers, selecting
from caseapp.review.names import compare_surnames
from caseapp.review.rules import Draw, ReviewSettings
from tests.accounts.test_at_once import at_once
from tests.installations import every_row_but_traces
from tests.review.conftest import Past, give_role

LENA, SAMIR, PONTUS = "Lena Brodin", "Samir Aziz", "Pontus Ek"


def set_review(past: Past, **told: object) -> None:
    set_municipality(past.actor("admin"), review=ReviewSettings(**told).written())  # type: ignore[arg-type]


def number_of(past: Past, case_id: str) -> str:
    with transaction(reading=True):
        return selecting.numbers_of([case_id])[case_id]


@action
def open_in_an_emergency(actor: Actor, case_id: str, *, as_word: bool) -> None:
    """As the door writes it: by the reason of the rule of access, or by the word of the log."""
    allow(actor, Permission.READ_CASE, on=case_id)
    if as_word:
        log_as("break_glass")
    log_detail(opened={case_id: [("another agency", "school", "consent" if as_word else "break_glass", "ground")]})


# -- each rule --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_word", [False, True])
def test_every_emergency_opening_is_chosen(past: Past, as_word: bool) -> None:
    case_id, other = past.case(), past.case()
    past.read("lena", other)
    with clock.at(datetime.combine(past.day(2), time(10), SWEDEN)):
        open_in_an_emergency(past.actor("samir"), case_id, as_word=as_word)
    past.select()
    assert past.chosen_for("break_glass") == [(SAMIR, number_of(past, case_id))]


def test_every_opening_of_a_protected_case_is_chosen(past: Past) -> None:
    protected, other = past.case(protected="sekretessmarkering"), past.case()
    for day in (1, 2, 3):
        past.read("karin", protected, day=day)
        past.read("karin", other, day=day)
    past.select()
    assert past.chosen_for("protected") == [("Karin Hellberg", number_of(past, protected))] * 3


@pytest.mark.parametrize(
    ("young", "related"),
    [
        ("Alva Brodin", ()),
        ("Alva BRODIN", ()),
        ("Alva Ek-Brodin", ()),
        ("Alva Lind", (NewRelated("Mona Brodin"),)),
        ("Alva Lind", (NewRelated("Mona Lind"), NewRelated("Bo Brodin", role="relative"))),
    ],
)
def test_a_reader_with_the_surname_of_somebody_in_the_case_is_chosen(past: Past, young: str, related: tuple[NewRelated, ...]) -> None:
    case_id, other = past.case(young, related=related), past.case("Lena Öman", related=(NewRelated("Bo Lind"),))
    for login in ("lena", "samir"):
        past.read(login, case_id)
        past.read(login, other)
    past.select()
    assert past.chosen_for("own_name") == [(LENA, number_of(past, case_id))]


def test_names_are_compared_without_anybody_being_told_one(past: Past) -> None:
    """What the log keeps, sealed: in which cases, and where the answer was yes. Nobody but a reviewer and the timer may ask."""
    case_id, other = past.case("Alva Brodin"), past.case("Alva Strand")
    lena = past.municipality["lena"].id
    answer = compare_surnames(past.actor("greta"), {case_id: {lena}, other: {lena}})
    assert answer == {(lena, case_id)}
    with transaction(reading=True) as current:
        entry = current.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        sealer = bound_database().keyholder.purpose_sealer("audit")
        detail = sealer.open(entry.detail_sealed, audit.detail_place(entry.sequence)).decode()
    assert (entry.permission, entry.actor_id) == ("review.compare_names", past.municipality["greta"].id)
    assert case_id in detail
    assert other in detail
    assert "Brodin" not in detail
    assert "Strand" not in detail
    for login in ("karin", "lena", "ulla", "admin", "stellan"):
        with pytest.raises(Refused, match="not_permitted"):
            compare_surnames(past.actor(login), {case_id: {lena}})


def test_a_protected_name_is_not_even_compared(past: Past) -> None:
    case_id = past.case("Alva Hellberg", protected="fingerade")
    past.read("karin", case_id)
    assert compare_surnames(past.actor("greta"), {case_id: {past.municipality["karin"].id}}) == frozenset()
    past.select()
    assert past.chosen_for("own_name") == []
    assert len(past.chosen_for("protected")) == 1


def test_a_day_of_more_cases_than_the_limit_is_one_item_with_its_cases(past: Past) -> None:
    set_review(past, cases_a_day=3, sample=1)
    cases = [past.case() for _each in range(4)]
    for case_id in cases:
        past.read("samir", case_id, day=2)
        past.read("samir", case_id, day=2, at=time(14))
    for case_id in cases[:3]:
        past.read("lena", case_id, day=2)
    past.select()
    (item,) = [one for one in past.items() if "volume" in one.rules]
    assert (item.who, item.day, item.cases, item.limit, item.times) == (SAMIR, past.day(2), 4, 3, 8)
    assert sorted(item.numbers) == sorted(number_of(past, case_id) for case_id in cases)


def test_a_day_of_many_more_than_the_person_is_used_to_is_chosen(past: Past) -> None:
    """1, 1, 1, 1, 7: the median is 1, three times that is 3, and 7 is more than an ordinary 5."""
    cases = [past.case() for _each in range(7)]
    for day in (1, 2, 3, 4):
        past.read("samir", cases[0], day=day)
    for case_id in cases:
        past.read("samir", case_id, day=5)
    past.select()
    (item,) = [one for one in past.items() if "volume" in one.rules]
    assert (item.day, item.cases, item.is_own_limit) == (past.day(5), 7, True)


def test_reading_out_of_hours_is_chosen(past: Past) -> None:
    set_review(past, sample=1, begins=time(7), ends=time(17))
    case_id = past.case()
    past.read("lena", case_id, day=1, at=time(6, 59))
    past.read("lena", case_id, day=2, at=time(7))
    past.read("lena", case_id, day=3, at=time(17))
    past.read("pontus", case_id, day=past.sunday)
    past.select()
    chosen = sorted((item.who, item.day) for item in past.items() if "out_of_hours" in item.rules)
    assert chosen == sorted([(LENA, past.day(1)), (LENA, past.day(3)), (PONTUS, past.sunday)])


def test_an_entry_that_cannot_be_read_is_looked_at_by_a_person(past: Past, app: Flask) -> None:
    set_review(past, sample=1)
    case_id = past.case()
    for day in range(1, 9):
        past.read("lena", case_id, day=day)
    with pytest.raises(Refused):
        past.read("ulla", case_id, day=9)  # a refusal is no reading, spoiled or not
    newest = "SELECT max(sequence) FROM audit_entry WHERE permission = 'case.read' AND decision = 'allowed'"
    with app.extensions["caseapp.database"].engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_entry_no_update"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(f"UPDATE audit_entry SET detail_sealed = mac WHERE decision = 'refused' OR sequence = ({newest})"))
    past.select()
    assert past.chosen_for("unreadable") == [(LENA, number_of(past, case_id))]


# -- what is a reading ------------------------------------------------------------------------------------------------


def test_a_reading_is_a_person_a_case_and_a_day_however_often_it_was_opened(past: Past) -> None:
    case_id = past.case()
    for at in (time(9), time(9, 30), time(15)):
        past.read("lena", case_id, at=at)
    past.read("lena", case_id, day=2)
    past.read("samir", case_id)
    made = past.select()
    assert (made.items, made.counts["readings"]) == (3, 3)
    (lena,) = [item for item in past.items() if item.who == LENA and item.day == past.day(1)]
    assert lena.times == 3
    assert lena.first is not None
    assert lena.last is not None
    assert lena.last - lena.first == timedelta(hours=6)
    assert (lena.pages, lena.grounds, lena.agency) == (("case.read",), ("own_agency",), "Ekskolan")


def test_lists_searches_refusals_and_other_months_are_no_readings(past: Past) -> None:
    case_id = past.case()
    outside = [past.month.first - timedelta(days=1), past.month.following.first]
    for day in outside:
        past.read("lena", case_id, day=day)
    with clock.at(datetime.combine(past.day(1), time(10), SWEDEN)):
        list_cases(past.actor("lena"))
        search(past.actor("karin"), "Alva")
        my_day(past.actor("karin"))
        with pytest.raises(Refused):
            past.read("ulla", case_id)
    made = past.select()
    assert (made.items, made.counts["readings"]) == (0, 0)
    assert made.counts["entries"] == 4


def test_the_first_and_the_last_minute_of_the_month_belong_to_it(past: Past) -> None:
    case_id = past.case()
    last_day = past.month.following.first - timedelta(days=1)
    past.read("lena", case_id, day=past.month.first, at=time(0, 0))
    past.read("lena", case_id, day=last_day, at=time(23, 59))
    assert past.select().counts["readings"] == 2


# -- the list ---------------------------------------------------------------------------------------------------------


def test_a_list_is_made_once(past: Past, app: Flask) -> None:
    past.read("lena", past.case())
    first = past.select()
    before = every_row_but_traces(app)
    second = past.select()
    assert (first.is_new, second.is_new) == (True, False)
    assert (second.items, second.counts) == (first.items, first.counts)
    assert every_row_but_traces(app) == before


def test_an_interrupted_list_is_made_anew_with_the_same_seed_and_the_same_sample(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    set_review(past, sample=3)
    case_id = past.case()
    for day in range(1, 16):
        past.read("lena", case_id, day=day)
    seeds: list[bytes] = []

    class Told(Draw):
        def __init__(self, seed: bytes, size: int) -> None:
            super().__init__(seed, size)
            seeds.append(seed)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gathering, "Draw", Told)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(selecting, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            past.select()
    assert past.items() == ()
    set_review(past, sample=15)  # settings of a list that was begun do not change any longer
    assert past.select().is_new
    assert len(seeds) == 2
    assert seeds[0] == seeds[1]
    assert len(past.chosen_for("sample")) == 3


def test_two_months_have_two_seeds(past: Past) -> None:
    past.read("lena", past.case())
    past.select()
    before = past.month.first - timedelta(days=1)
    selecting.make_list(past.actor("greta"), selecting.Month(before.year, before.month))
    with transaction(reading=True) as current:
        seeds = {row.seed for row in current.scalars(select(selecting.ReviewMonth))}
    assert len(seeds) == 2
    assert all(len(bytes.fromhex(seed)) == 32 for seed in seeds)


def test_the_sample_is_as_large_as_the_municipality_wants_and_no_larger_than_there_are(past: Past) -> None:
    set_review(past, sample=4)
    case_id = past.case()
    for day in range(1, 11):
        past.read("lena", case_id, day=day)
    made = past.select()
    assert (made.items, made.counts["sample"], made.counts["readings"]) == (4, 4, 10)


def test_a_month_that_has_not_ended_has_no_list(past: Past, app: Flask) -> None:
    running = past.month.following
    before = every_row_but_traces(app)
    for month in (running, running.following, selecting.Month(2199, 1)):
        with pytest.raises(Refused, match="month_not_ended"):
            selecting.make_list(past.actor("greta"), month)
    assert every_row_but_traces(app) == before


@pytest.mark.parametrize("login", ["karin", "lena", "ulla", "stellan", "admin"])
def test_nobody_but_a_reviewer_makes_one(past: Past, login: str) -> None:
    with pytest.raises(Refused, match="not_permitted"):
        past.select(login)


def test_an_erased_case_is_named_as_such(past: Past, app: Flask) -> None:
    case_id = past.case()
    past.read("lena", case_id)
    with app.extensions["caseapp.database"].engine.begin() as connection:
        for table in ("young_person", "related_person", "participation", "case_file", "gate"):
            column = "id" if table == "gate" else "case_id"
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = :case"), {"case": case_id})
    past.select()
    (item,) = past.items()
    assert (item.case_number, item.is_erased) == ("", True)


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_the_numbers_of_a_month_are_those_counted_by_hand(past: Past) -> None:
    """Four readings, all drawn: two out of hours. Three asked, two answered after one and three days; two closed, one with a remark."""
    greta, case_id = past.actor("greta"), past.case()
    for day, at in ((1, 10), (2, 22), (3, 23), (4, 10)):
        past.read("lena", case_id, day=day, at=time(at))
    past.select()
    items, begins = past.items(), clock.now()
    with clock.at(begins):
        asked = [actions.ask(greta, item.id, question="Varför?") for item in items[:3]]
    for question, days in zip(asked, (1, 3), strict=False):
        with clock.at(begins + timedelta(days=days)):
            actions.answer(past.actor("lena"), question, answer="Mötet.")
    actions.close(greta, items[0].id, assessment="question_answered")
    actions.close(greta, items[3].id, assessment="remark", words="Saknar anledning.")
    (month,) = numbers.read_numbers(past.actor("ulla"))
    assert (month.month, month.readings, month.items) == (past.month.written, 4, 4)
    assert {rule: count for rule, count in month.by_rule.items() if count} == {"sample": 4, "out_of_hours": 2}
    assert (month.questions, month.answered, month.days, month.closed) == (3, 2, 2.0, 2)
    assert month.assessments == {"question_answered": 1, "remark": 1}


@pytest.mark.parametrize("login", ["karin", "lena", "stellan", "admin"])
def test_the_numbers_are_for_the_reviewer_and_the_manager(past: Past, login: str) -> None:
    with pytest.raises(Refused, match="not_permitted"):
        numbers.read_numbers(past.actor(login))


def test_somebody_who_is_reviewer_and_coordinator_finds_everybodys_readings_but_her_own(past: Past) -> None:
    karin = give_role(past, "karin", "log_reviewer")
    case_id = past.case()
    past.read("karin", case_id)
    past.read("lena", case_id)
    selecting.make_list(karin, past.month)
    assert [item.who for item in actions.read_queue(karin).items] == [LENA]


def test_two_who_make_the_list_in_the_same_moment_make_one(past: Past) -> None:
    case_id = past.case()
    for day in range(1, 6):
        past.read("lena", case_id, day=day)

    def select_now() -> selecting.MadeList | str:
        try:
            return past.select()
        except Refused as refusal:  # the other one had begun in that very moment
            return refusal.reason

    made = at_once(4, select_now)
    lists = [one for one in made if isinstance(one, selecting.MadeList)]
    assert [one.is_new for one in lists].count(True) == 1
    assert {one for one in made if isinstance(one, str)} <= {"review_under_way"}
    assert len(past.items()) == 5


def test_the_list_is_made_while_others_work(past: Past) -> None:
    """Whoever goes through the log holds no lock: somebody opens a case meanwhile, on SQLite too."""
    case_id = past.case()
    past.read("lena", case_id)
    shares: list[float] = []

    def work(share: float) -> None:
        shares.append(share)
        at_once(1, lambda: past.read("samir", case_id, day=2))

    made = selecting.make_list(past.actor("greta"), past.month, progress=work)
    assert made.is_new
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
