"""Change, by table. Expected values worked out by hand from the definitions in the domain, not from the code."""

from datetime import date

import pytest

from caseapp.access import Withheld
from caseapp.followup.rules import Pair, choose_pair, paired_change


@pytest.mark.parametrize(
    ("before", "after", "steps", "direction"),
    [
        ("3", "1", -2, "less"),
        ("1", "2", 1, "more"),
        ("2", "2", 0, "same"),
        ("0", "0", 0, "same"),
        ("9", "1", None, "unknown"),  # unknown is not "no need"
        ("3", "9", None, "unknown"),
        (None, "1", None, "unknown"),  # nor is what was never asked
        ("3", None, None, "unknown"),
        ("3", Withheld("type_not_covered"), None, "unknown"),
    ],
)
def test_two_answers_are_compared_only_when_both_are_known(before: object, after: object, steps: int | None, direction: str) -> None:
    pair = Pair("school", before, after)
    assert (pair.steps, pair.direction) == (steps, direction)


def test_pairs_hold_each_domain_answered_at_either_time_in_the_order_of_the_list() -> None:
    pairs = paired_change({"school": "3", "family": "1"}, {"peers": "2", "school": "1"}, ("peers", "family", "school", "work"))
    assert [(pair.domain, pair.before, pair.after) for pair in pairs] == [
        ("peers", None, "2"),
        ("family", "1", None),
        ("school", "3", "1"),
    ]


JAN, MAY, SEP, DEC = date(2026, 1, 10), date(2026, 5, 1), date(2026, 9, 1), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("measures", "pair"),
    [
        ([], (None, None)),
        ([("before", JAN)], (0, None)),
        ([("before", JAN), ("during", MAY)], (0, 1)),
        ([("before", JAN), ("during", MAY), ("during", SEP)], (0, 2)),
        ([("before", JAN), ("after", MAY), ("during", SEP)], (0, 1)),  # what was measured as "after" is the after
        ([("before", JAN), ("after", MAY), ("post", DEC)], (0, 2)),
        ([("after", MAY)], (None, 0)),
    ],
)
def test_the_last_before_is_compared_with_the_last_after_it(measures: list[tuple[str, date]], pair: tuple[int | None, int | None]) -> None:
    assert choose_pair(measures) == pair
