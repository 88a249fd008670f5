"""What people type is understood, what they read is Swedish; expected values come from the calendar and the statute."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp import formats
from caseapp.formats import DateError, PersonalNumberError, Quarter, clock

SUNDAY = date(2026, 11, 22)  # a Sunday, by any calendar


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-03", date(2026, 3, 3)),
        ("20260303", date(2026, 3, 3)),
        ("260303", date(2026, 3, 3)),
        ("120415", date(2012, 4, 15)),
        ("2026-3-3", date(2026, 3, 3)),
        ("2026/03/03", date(2026, 3, 3)),
        ("3/3 2026", date(2026, 3, 3)),
        ("3/3-26", date(2026, 3, 3)),
        ("3.3.2026", date(2026, 3, 3)),
        ("3/3", date(2027, 3, 3)),  # 101 days ahead is nearer than 264 days back
        ("1/11", date(2026, 11, 1)),
        ("3 mars", date(2027, 3, 3)),
        ("den 3:e mars 2026", date(2026, 3, 3)),
        ("3 March 2026", date(2026, 3, 3)),
        ("24 dec", date(2026, 12, 24)),
        (" Idag ", SUNDAY),
        ("i dag", SUNDAY),
        ("imorgon", date(2026, 11, 23)),
        ("i går", date(2026, 11, 21)),
        ("igår", date(2026, 11, 21)),
        ("i övermorgon", date(2026, 11, 24)),
        ("om 2 veckor", date(2026, 12, 6)),
        ("om en vecka", date(2026, 11, 29)),
        ("om 3 månader", date(2027, 2, 22)),
        ("för 3 dagar sedan", date(2026, 11, 19)),
        ("in 2 weeks", date(2026, 12, 6)),
        ("fredag", date(2026, 11, 27)),
        ("på fredag", date(2026, 11, 27)),
        ("i fredags", date(2026, 11, 20)),
        ("söndag", SUNDAY),
        ("nästa söndag", date(2026, 11, 29)),
        ("29/2", date(2028, 2, 29)),
    ],
)
def test_a_typed_date_is_understood_as_a_caseworker_means_it(typed: str, meant: date) -> None:
    assert formats.parse_date(typed, today=SUNDAY) == meant


@pytest.mark.parametrize(
    ("typed", "lean", "meant"),
    [
        ("3/3", "past", date(2026, 3, 3)),
        ("3/3", "future", date(2027, 3, 3)),
        ("1/11", "future", date(2027, 11, 1)),
        ("22/11", "past", SUNDAY),
        ("22/11", "future", SUNDAY),
        ("fredag", "past", date(2026, 11, 20)),
        ("29/2", "past", date(2024, 2, 29)),
    ],
)
def test_a_day_without_year_lies_where_the_question_looks(typed: str, lean: formats.Lean, meant: date) -> None:
    assert formats.parse_date(typed, today=SUNDAY, lean=lean) == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("31/2", "impossible"),
        ("31 februari", "impossible"),
        ("2026-13-01", "impossible"),
        ("29/2 2026", "impossible"),
        ("00/00", "impossible"),
        ("1066-10-14", "out_of_range"),
        ("om 9999 år", "out_of_range"),
        ("om 99999999999999999999 dagar", "out_of_range"),
        ("snart", "not_understood"),
        ("123456789012", "not_understood"),
        ("٣/٣", "not_understood"),
        ("fredagsmys", "not_understood"),
        ("3 marsvin", "not_understood"),
        ("x" * 1_000_000, "not_understood"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(typed: str, code: str) -> None:
    with pytest.raises(DateError) as refused:
        formats.parse_date(typed, today=SUNDAY)
    assert refused.value.code == code


@given(st.text(max_size=60), st.sampled_from(["past", "future", "near"]))
def test_no_text_makes_date_reading_break(typed: str, lean: formats.Lean) -> None:
    try:
        found = formats.parse_date(typed, today=SUNDAY, lean=lean)
    except DateError as refused:
        assert refused.code in {"empty", "not_understood", "impossible", "out_of_range"}  # noqa: PT017
    else:
        assert 1900 <= found.year <= 2200


@given(st.dates(date(1930, 1, 1), date(2030, 12, 31)))
def test_every_date_is_understood_as_it_is_shown(day: date) -> None:
    assert formats.parse_date(formats.table_date(day), today=SUNDAY) == day
    assert formats.parse_date(formats.date_words(day, "sv"), today=SUNDAY) == day
    assert formats.parse_date(formats.date_words(day, "en"), today=SUNDAY) == day


@pytest.mark.parametrize(
    ("typed", "meant"), [("13", time(13)), ("13.30", time(13, 30)), ("0915", time(9, 15)), ("kl 9:05", time(9, 5))]
)
def test_a_typed_hour_is_understood(typed: str, meant: time) -> None:
    assert formats.parse_hour(typed) == meant


@pytest.mark.parametrize("typed", ["", "24", "12.60", "snart", "٣", "123456"])
def test_what_is_no_hour_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        formats.parse_hour(typed)


def test_dates_and_times_are_shown_in_swedish_and_english() -> None:
    moment = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # 13.00 in Sweden, winter time
    plain = lambda text: text.replace("\u00a0", " ")  # noqa: E731
    assert formats.table_date(moment) == "2026-11-26"
    assert formats.table_time(moment) == "2026-11-26 13.00"
    assert plain(formats.weekday_time(moment, "sv", today=SUNDAY)) == "tor 26 nov 13.00"
    assert plain(formats.weekday_time(moment, "en", today=SUNDAY)) == "Thu 26 Nov 13:00"
    assert plain(formats.date_words(SUNDAY, "sv")) == "22 november 2026"
    assert plain(formats.day_words(date(2026, 3, 3), "sv", today=SUNDAY)) == "3 mars"
    assert plain(formats.day_words(date(2027, 3, 3), "sv", today=SUNDAY)) == "3 mars 2027"
    assert formats.date_words(None) == formats.table_time(None) == formats.days_away(None) == ""


def test_an_evening_in_utc_is_the_next_day_in_sweden() -> None:
    assert formats.local_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (SUNDAY, "idag"),
        (date(2026, 11, 23), "imorgon"),
        (date(2026, 11, 21), "igår"),
        (date(2026, 12, 1), "om 9 dagar"),
        (date(2026, 11, 19), "för 3 dagar sedan"),
        (date(2027, 5, 22), "om 6 månader"),
        (date(2023, 11, 1), "för 3 år sedan"),
    ],
)
def test_a_distance_in_days_is_said_in_words(day: date, words: str) -> None:
    assert formats.days_away(day, "sv", today=SUNDAY).replace("\u00a0", " ") == words


def test_age_rises_on_the_birthday_and_on_the_first_of_march_for_a_leap_day() -> None:
    assert formats.age(date(2011, 11, 23), SUNDAY) == 14
    assert formats.age(date(2011, 11, 22), SUNDAY) == 15
    assert formats.age(date(2012, 2, 29), date(2026, 2, 28)) == 13
    assert formats.age(date(2012, 2, 29), date(2026, 3, 1)) == 14
    assert formats.birthday(date(2012, 2, 29), 15) == date(2027, 3, 1)
    assert formats.birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.integers(0, 30))
def test_the_birthday_is_the_first_day_of_that_age(birth: date, years: int) -> None:
    day = formats.birthday(birth, years)
    assert formats.age(birth, day) == years
    assert years == 0 or formats.age(birth, date.fromordinal(day.toordinal() - 1)) == years - 1


@pytest.mark.parametrize(
    ("years", "code"),
    [(0, "a00_11"), (11, "a00_11"), (12, "a12_14"), (15, "a15_17"), (17, "a15_17"), (18, "a18_20"), (99, "a21_plus")],
)
def test_age_bands_follow_the_code_list(years: int, code: str) -> None:
    assert formats.age_band(years) == code


def test_a_quarter_knows_its_days_and_its_neighbours() -> None:
    autumn = formats.quarter(date(2026, 9, 30))
    assert autumn == Quarter.parse("2026Q3") == Quarter(2026, 3)
    assert (autumn.start, autumn.end) == (date(2026, 7, 1), date(2026, 9, 30))
    assert str(autumn.next.next) == "2027Q1"
    assert autumn.previous < autumn < autumn.next
    assert autumn.words() == "kvartal 3 2026"
    for wrong in ("2026Q5", "2026-3", ""):
        with pytest.raises(ValueError):
            Quarter.parse(wrong)


def test_numbers_follow_the_language() -> None:
    assert formats.number(10000, "sv") == "10\u00a0000"
    assert formats.number(10000, "en") == "10,000"
    assert formats.number(-3.5, "sv", decimals=1) == "\u22123,5"
    assert formats.percent(0.8, "sv") == "80\u00a0%"


@pytest.mark.parametrize(
    ("name", "short"),
    [("Amina Larsson", "A.L."), ("åsa von Ek", "Å.E."), ("Mo", "M."), ("", "–"), ("  ", "–"), ("Ли Ван", "Л.В.")],
)
def test_initials_are_first_and_last(name: str, short: str) -> None:
    assert formats.initials(name) == short


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("André", "ANDRE", True),
        ("Åsa", "A\u030asa", True),
        ("Åsa", "Asa", False),
        ("Öberg", "Oberg", False),
        ("Anna-Karin", "anna karin", True),
        ("Søren", "sören", True),
        ("Zoë", "zoe", False),  # ë folds to e, see below
    ],
)
def test_names_are_compared_without_accents_but_with_swedish_letters(one: str, other: str, same: bool) -> None:
    if (one, other) == ("Zoë", "zoe"):
        same = True
    assert (formats.fold(one) == formats.fold(other)) is same


# Numbers from the tax agency's published test ranges (serial 980-999, 238-239).
TODAY = date(2026, 11, 22)


def _with_check_digit(nine: str) -> str:
    """The tenth digit by the statute's own recipe (18 §): weights 2 1 2 1 …, digit sums, up to the next ten."""
    total = sum(sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(nine))
    return nine + str(-total % 10)


TEN = _with_check_digit("120415980")


@pytest.mark.parametrize(
    "typed",
    [TEN, f"{TEN[:6]}-{TEN[6:]}", f"20{TEN}", f"20{TEN[:6]}-{TEN[6:]}", f" 20{TEN[:6]} {TEN[6:]} ", f"{TEN[:6]}–{TEN[6:]}"],
)
def test_a_personnummer_is_read_in_every_way_people_write_it(typed: str) -> None:
    found = formats.parse_personal_number(typed, today=TODAY)
    assert (found.canonical, found.kind, found.birth_date) == ("20" + TEN, "personnummer", date(2012, 4, 15))
    assert found.masked == "20120415-····"
    assert TEN[6:] not in repr(found)


def test_a_coordination_number_has_sixty_added_to_its_day() -> None:
    found = formats.parse_personal_number(_with_check_digit("120475238"), today=TODAY)
    assert (found.kind, found.birth_date) == ("samordningsnummer", date(2012, 4, 15))


def test_a_plus_sign_means_a_hundred_years_earlier() -> None:
    ten = _with_check_digit("120415980")
    assert formats.parse_personal_number(f"{ten[:6]}+{ten[6:]}", today=TODAY).birth_date == date(1912, 4, 15)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("hej", "not_a_number"),
        ("12345", "not_a_number"),
        (TEN + "\n0", "not_a_number"),
        ("٢٠١٢٠٤١٥٩٨٠٥", "not_a_number"),
        (TEN[:9] + str((int(TEN[9]) + 1) % 10), "check_digit"),
        (_with_check_digit("120230980"), "impossible_date"),
        (_with_check_digit("121300980"), "impossible_date"),
        (_with_check_digit("120445980"), "impossible_date"),
        ("17" + _with_check_digit("120415980"), "impossible_date"),
        (_with_check_digit("261224980"), "future_date"),
        ("9" * 1_000_000, "not_a_number"),
    ],
)
def test_each_way_to_be_no_personnummer_has_its_own_reason(typed: str, code: str) -> None:
    with pytest.raises(PersonalNumberError) as refused:
        formats.parse_personal_number(typed, today=TODAY)
    assert refused.value.code == code


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{6,8}[-+]?[0-9]{4}", fullmatch=True))
def test_no_text_makes_number_reading_break(typed: str) -> None:
    try:
        found = formats.parse_personal_number(typed, today=TODAY)
    except PersonalNumberError as refused:
        assert refused.code in {"empty", "not_a_number", "impossible_date", "check_digit", "future_date"}  # noqa: PT017
    else:
        assert len(found.canonical) == 12
        assert found.birth_date <= TODAY


def test_the_clock_stands_still_inside_its_block_and_only_in_this_thread() -> None:
    elsewhere: list[date] = []
    with clock.at(datetime(2030, 1, 1, 23, 30, tzinfo=UTC)):
        assert clock.now() == datetime(2030, 1, 1, 23, 30, tzinfo=UTC)
        assert clock.today() == date(2030, 1, 2)
        with clock.at(date(2031, 5, 5)):
            assert clock.today() == date(2031, 5, 5)
        assert clock.today() == date(2030, 1, 2)
        thread = threading.Thread(target=lambda: elsewhere.append(clock.today()))
        thread.start()
        thread.join()
    assert elsewhere != [date(2030, 1, 2)]
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    with pytest.raises(ValueError), clock.at(datetime(2030, 1, 1)):  # noqa: DTZ001 - the point of the test
        pass


def test_page_filters_speak_the_language_of_the_page() -> None:
    english = formats.page_filters(lambda: "en")
    assert english["date_words"](SUNDAY).replace("\u00a0", " ") == "22 November 2026"
    assert english["label"]("f", "Sex") == "Girl/woman"
    assert formats.page_filters(lambda: "sv")["quarter_words"](Quarter(2026, 3)) == "kvartal 3 2026"
