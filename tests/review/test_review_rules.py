"""Which readings are reviewed and who may do what with one: by table, by hand calculation, and for the sample by property."""

from collections import Counter
from datetime import UTC, date, datetime, time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp import codelists
from caseapp.review.numbers import days_to_answer
from caseapp.review.rules import (
    ANSWERED,
    ASKED,
    ASSESSMENTS,
    CLOSED,
    NEXT_STATES,
    RULES,
    SELECTED,
    Draw,
    Month,
    Reading,
    ReviewSettings,
    UnusualDay,
    is_outside,
    month_called,
    only_reviewer,
    settings_of,
    stands_out,
    surnames,
    unusual_days,
    why_not_become,
    why_not_close,
    why_not_handle,
    why_not_select,
)

NOON = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)


def reading(user: str = "lena", case: str = "c1", day: int = 5, **told: object) -> Reading:
    return Reading(user, "school", case, date(2026, 10, day), NOON, NOON, 1, **told)  # type: ignore[arg-type]


# -- months -----------------------------------------------------------------------------------------------------------


def test_a_month_begins_and_ends_at_midnight_in_sweden() -> None:
    """October 2026: summer time ends on the 25th, so it begins at 22.00 UTC and ends at 23.00."""
    begins, ends = Month(2026, 10).bounds
    assert begins.astimezone(UTC) == datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
    assert ends.astimezone(UTC) == datetime(2026, 10, 31, 23, 0, tzinfo=UTC)


def test_after_december_comes_january() -> None:
    assert Month(2026, 12).following == Month(2027, 1)
    assert month_called("2026-12") == Month(2026, 12)
    assert Month(2027, 1).written == "2027-01"


@pytest.mark.parametrize("written", ["", "2026", "2026-13", "2026-00", "2026-1", "26-10", "2026/10", "2026-10-01", "２０２６-10"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a month written as 2026-10"):
        month_called(written)


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2026, 9, 30), "month_not_ended"),
        (date(2026, 10, 1), "month_not_ended"),
        (date(2026, 10, 31), "month_not_ended"),
        (date(2026, 11, 1), None),
        (date(2030, 1, 1), None),
    ],
)
def test_a_list_is_made_when_the_month_has_ended(on: date, why: str | None) -> None:
    assert why_not_select(Month(2026, 10), on) == why


# -- what stands out --------------------------------------------------------------------------------------------------

#: 5 October 2026 is a Monday. Swedish summer time until the 25th: two hours before UTC, then one.
HOURS = [
    (datetime(2026, 10, 5, 3, 59, tzinfo=UTC), True),  # Monday 05.59
    (datetime(2026, 10, 5, 4, 0, tzinfo=UTC), False),  # 06.00
    (datetime(2026, 10, 5, 16, 59, tzinfo=UTC), False),  # 18.59
    (datetime(2026, 10, 5, 17, 0, tzinfo=UTC), True),  # 19.00
    (datetime(2026, 10, 26, 17, 30, tzinfo=UTC), False),  # Monday 18.30 in winter time
    (datetime(2026, 10, 3, 10, 0, tzinfo=UTC), True),  # a Saturday
    (datetime(2026, 10, 4, 10, 0, tzinfo=UTC), True),  # a Sunday
    (datetime(2026, 10, 4, 22, 30, tzinfo=UTC), True),  # 00.30 on Monday
]


@pytest.mark.parametrize(("moment", "outside"), HOURS)
def test_out_of_hours_is_told_by_the_swedish_clock(moment: datetime, outside: bool) -> None:
    assert is_outside(moment, ReviewSettings(begins=time(6), ends=time(19))) is outside


@pytest.mark.parametrize(
    ("told", "facts", "rules"),
    [
        ({}, {}, ()),
        ({"grounds": ("consent", "own_agency")}, {}, ()),
        ({"grounds": ("break_glass", "own_agency")}, {}, ("break_glass",)),
        ({}, {"protected": True}, ("protected",)),
        ({}, {"same_name": True}, ("own_name",)),
        ({"outside": 2}, {}, ("out_of_hours",)),
        ({"is_whole": False}, {}, ("unreadable",)),
        (
            {"grounds": ("break_glass",), "outside": 1},
            {"protected": True, "same_name": True},
            ("break_glass", "protected", "own_name", "out_of_hours"),
        ),
    ],
)
def test_every_reading_that_stands_out_is_chosen_with_each_of_its_reasons(
    told: dict[str, object], facts: dict[str, bool], rules: tuple[str, ...]
) -> None:
    assert stands_out(reading(**told), **{"protected": False, "same_name": False, **facts}) == rules


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Lena Brodin", {"brodin"}),
        ("lena  BRODIN ", {"brodin"}),
        ("Anna Maria Ek-Lind", {"ek", "lind"}),
        ("José Núñez", {"nunez"}),
        ("Åsa Öberg", {"öberg"}),
        ("Alva", set()),
        ("", set()),
    ],
)
def test_a_name_is_compared_by_its_last_word(name: str, found: set[str]) -> None:
    assert surnames(name) == found


# -- unusual volume ---------------------------------------------------------------------------------------------------


def days(user: str, *cases: int) -> dict[tuple[str, date], int]:
    return {(user, date(2026, 10, day)): count for day, count in enumerate(cases, 1)}


def test_more_cases_than_the_limit_is_unusual_and_the_limit_itself_is_not() -> None:
    settings = ReviewSettings(cases_a_day=30, times_median=3)
    assert unusual_days(days("lena", 30, 31), settings) == (UnusualDay("lena", date(2026, 10, 2), 31, 30, is_own=False),)


def test_more_than_three_times_the_own_median_is_unusual() -> None:
    """2, 2, 3, 4, 10: the median is 3, three times that is 9; 10 is more. Of 9 it would not be."""
    settings = ReviewSettings(cases_a_day=30, times_median=3)
    assert unusual_days(days("lena", 2, 2, 3, 4, 10), settings) == (UnusualDay("lena", date(2026, 10, 5), 10, 9, is_own=True),)
    assert unusual_days(days("lena", 2, 2, 3, 4, 9), settings) == ()


def test_an_even_number_of_days_has_its_median_between_two() -> None:
    """1, 2, 3, 3, 3, 9: the median is 3, so 9 is not more than three times; 1, 2, 2, 3, 3, 8: 2.5, and 8 is more than 7.5."""
    settings = ReviewSettings(times_median=3)
    assert unusual_days(days("lena", 1, 2, 3, 3, 3, 9), settings) == ()
    assert [one.cases for one in unusual_days(days("lena", 1, 2, 2, 3, 3, 8), settings)] == [8]


def test_five_cases_a_day_are_never_unusual_and_four_days_make_no_habit() -> None:
    settings = ReviewSettings(times_median=2)
    assert unusual_days(days("lena", 1, 1, 1, 1, 5), settings) == ()
    assert [one.cases for one in unusual_days(days("lena", 1, 1, 1, 1, 6), settings)] == [6]
    assert unusual_days(days("lena", 1, 1, 1, 29), settings) == ()


def test_somebody_elses_days_do_not_count() -> None:
    settings = ReviewSettings(times_median=3, cases_a_day=30)
    together = days("karin", 20, 20, 20, 20, 20) | days("lena", 2, 2, 3, 4, 10)
    assert [one.user_id for one in unusual_days(together, settings)] == ["lena"]


# -- the random sample ------------------------------------------------------------------------------------------------


def draw(seed: bytes, size: int, offered: list[Reading]) -> set[str]:
    drawing = Draw(seed, size)
    for one in offered:
        drawing.offer(one)
    return {one.key for one in drawing.drawn()}


MANY = [reading(user, f"c{case}", day) for user in ("lena", "samir") for case in range(10) for day in range(1, 6)]
SEEDS = st.binary(min_size=32, max_size=32)


@given(seed=SEEDS, size=st.integers(0, 120), order=st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_sample_in_whatever_order_the_readings_come(seed: bytes, size: int, order: Random) -> None:
    shuffled = list(MANY)
    order.shuffle(shuffled)
    found = draw(seed, size, shuffled)
    assert found == draw(seed, size, MANY)
    assert len(found) == min(size, len(MANY))


@given(seed=SEEDS, size=st.integers(0, 99))
def test_a_larger_sample_holds_the_smaller_one(seed: bytes, size: int) -> None:
    assert draw(seed, size, MANY) < draw(seed, size + 1, MANY)


@given(seed=SEEDS, left_out=st.integers(0, len(MANY) - 1))
def test_whether_a_reading_is_drawn_does_not_depend_on_who_else_read_but_for_the_last_place(seed: bytes, left_out: int) -> None:
    """Without one of the readings the sample loses that one, if it was in it, and takes in the next; nothing else changes."""
    fewer = [one for place, one in enumerate(MANY) if place != left_out]
    before, after = draw(seed, 10, MANY), draw(seed, 10, fewer)
    assert before - after <= {MANY[left_out].key}
    assert len(after - before) == len(before - after)


def test_every_reading_stands_the_same_chance() -> None:
    """3 000 seeds, 10 of 100: each is expected 300 times. Chi-square with 99 degrees of freedom lies under 149 in 99.9 of 100 cases.

    Each draw is without replacement, which only makes the spread smaller (by 0.9).
    """
    random = Random(20261125)
    times = Counter(key for _turn in range(3000) for key in draw(random.randbytes(32), 10, MANY))
    spread = sum((times[one.key] - 300) ** 2 / 300 for one in MANY)
    assert spread < 149
    assert spread > 40  # a sample that is too even is none


def test_another_program_draws_the_same_sample() -> None:
    """`printf 'lena c0 2026-10-01' | openssl mac -macopt hexkey:00…00 -macopt size:16 -in - BLAKE2BMAC` for c0 to c9; the lowest three:

    1BCC2943… for c7, 292D65CF… for c3, 398C05DE… for c1.
    """
    ten = [reading("lena", f"c{case}", 1) for case in range(10)]
    assert draw(bytes(32), 3, ten) == {"lena c7 2026-10-01", "lena c3 2026-10-01", "lena c1 2026-10-01"}


# -- the queue --------------------------------------------------------------------------------------------------------

BECOMES = {
    #           asked              answered           closed
    SELECTED: (None, "nothing_asked", None),
    ASKED: ("question_waits", None, None),
    ANSWERED: (None, "answered_already", None),
    CLOSED: ("review_closed", "review_closed", "review_closed"),
}


@pytest.mark.parametrize("state", BECOMES)
def test_where_an_item_may_go(state: str) -> None:
    assert tuple(why_not_become(state, wanted) for wanted in (ASKED, ANSWERED, CLOSED)) == BECOMES[state]


def test_nobody_reviews_themselves() -> None:
    assert why_not_handle("greta", "greta") == "own_reading"
    assert why_not_handle("greta", "lena") is None
    assert only_reviewer("greta", ["greta"])
    assert not only_reviewer("greta", ["greta", "olle"])


@pytest.mark.parametrize(
    ("state", "assessment", "words", "answered", "why"),
    [
        (SELECTED, "no_remark", "", False, None),
        (SELECTED, "question_answered", "", False, "nothing_answered"),
        (SELECTED, "remark", "", False, "words_needed"),
        (SELECTED, "remark", "Läste utan anledning.", False, None),
        (SELECTED, "incident", " \n", False, "words_needed"),
        (SELECTED, "", "", False, "no_assessment"),
        (SELECTED, "fine", "", False, "no_assessment"),
        (ASKED, "no_remark", "", False, "words_needed"),
        (ASKED, "no_remark", "Har slutat.", False, None),
        (ANSWERED, "question_answered", "", True, None),
        (ANSWERED, "no_remark", "", True, None),
        (CLOSED, "no_remark", "", True, "review_closed"),
    ],
)
def test_when_an_item_may_be_closed(state: str, assessment: str, words: str, answered: bool, why: str | None) -> None:
    assert why_not_close(state, assessment, words, is_answered=answered) == why


def test_the_code_lists_have_the_words_of_the_rules() -> None:
    assert set(codelists.codelist("ReviewRule")) == set(RULES)
    assert tuple(codelists.codelist("ReviewState")) == tuple(NEXT_STATES)
    assert tuple(codelists.codelist("ReviewAssessment")) == ASSESSMENTS


def test_the_days_to_an_answer_are_the_median_of_those_answered() -> None:
    """1, 2 and 6 days: the median is 2; one that waits does not count. Of 1 and 2 it is one and a half."""
    asked = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
    after = {days: asked.replace(day=5 + days) for days in (1, 2, 6)}
    assert days_to_answer([(asked, after[6]), (asked, None), (asked, after[1]), (asked, after[2])]) == 2
    assert days_to_answer([(asked, after[1]), (asked, after[2])]) == 1.5
    assert days_to_answer([(asked, None)]) is None


@given(
    st.builds(
        ReviewSettings,
        sample=st.integers(1, 500),
        begins=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        ends=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        weekdays=st.frozensets(st.integers(0, 6)),
        cases_a_day=st.integers(1, 1000),
        times_median=st.integers(2, 50),
    )
)
def test_settings_come_back_as_they_were_kept(settings: ReviewSettings) -> None:
    assert settings_of({"review": settings.written()}) == settings


def test_a_municipality_that_has_set_nothing_has_the_defaults() -> None:
    assert settings_of({}) == ReviewSettings()
