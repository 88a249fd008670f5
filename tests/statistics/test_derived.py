"""Shares and medians: from printed numbers, or not at all."""

from __future__ import annotations

import pytest

from caseapp.disclosure import Printed, cell
from caseapp.statistics.derived import figures, median, share, sum_of
from caseapp.statistics.plan import table_plan

NOW = {"quarter": "2026Q1", "flow": "closed"}


@pytest.mark.parametrize(
    ("part", "base", "per_cent"),
    [
        (5, 20, 25),
        (0, 20, 0),
        (20, 20, 100),
        (1, 200, 1),  # half a per cent is rounded up
        (13, 40, 33),  # 32.5
        (5, 19, None),  # too few to give a share of
        (None, 40, None),
        (5, None, None),
    ],
)
def test_a_share_needs_two_printed_numbers_and_a_base_of_twenty(part: int | None, base: int | None, per_cent: int | None) -> None:
    assert share(part, base) == per_cent


@pytest.mark.parametrize(
    ("counts", "band"),
    [
        ({"m3": 5, "m6": 5, "m12": 0}, "m3"),  # of ten the fifth
        ({"m3": 0, "m6": 5, "m12": 6}, "m12"),  # of eleven the sixth
        ({"m3": 5, "m6": 6, "m12": 0}, "m6"),
        ({"m3": 9, "m6": 0, "m12": 0}, None),  # nine people
        ({"m3": 50, "m6": None, "m12": 0}, None),  # a hidden band could move the middle, or tell that it does not
        ({}, None),
    ],
)
def test_a_median_needs_every_band_printed_and_ten_people(counts: dict[str, int | None], band: str | None) -> None:
    assert median(counts) == band


def table(counts: dict[str, int | None], total: int | None) -> Printed:
    printed = {cell(NOW): total} | {cell(NOW | {"consent": code}): number for code, number in counts.items()}
    return Printed("A6", "persons:consent", ("quarter", "flow", "consent"), printed)


@pytest.mark.parametrize(
    ("counts", "number"),
    [
        ({"d14": 7, "d30": 6, "d31_plus": 5}, 18),
        ({"d14": 7, "d30": None, "d31_plus": 5}, None),
        ({"given": 18, "not_given": 9}, 18),  # coarse: made of exactly the three
        ({"given": None, "not_given": 9}, None),
        ({}, None),
    ],
)
def test_codes_are_added_up_only_where_each_is_printed(counts: dict[str, int | None], number: int | None) -> None:
    assert sum_of(table(counts, 27), NOW, "consent", ("d14", "d30", "d31_plus"), table_plan()) == number


def test_a_figure_is_given_with_its_base_and_its_words() -> None:
    counts = {"d14": 12, "d30": 6, "d31_plus": 5, "withdrawn": 0, "declined": None, "unanswered": None}
    made = figures([table(counts, 40)], "2026Q1", table_plan())
    told = {one.kind: (one.base, one.value, one.text) for one in made}
    assert told == {"share": (40, 58, "58 %"), "median": (23, "d14", "Gavs inom 14 dagar")}  # 23 of 40 are 57.5; the twelfth of 23


def test_what_cannot_be_given_is_empty_and_never_an_estimate() -> None:
    made = figures([table({"d14": None, "d30": 6, "d31_plus": 5}, 40)], "2026Q1", table_plan())
    assert {(one.value, one.text) for one in made} == {(None, "")}
