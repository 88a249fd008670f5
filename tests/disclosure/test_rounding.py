"""Rounded tables against an independent brute force: they add up, stay beside the truth, and cannot be done better."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from caseapp.disclosure import Inconsistent, cell
from caseapp.disclosure.rounding import Rounded, round_table, with_margins

Shape = tuple[int, ...]
#: Two by three by three, base 3, found by trying tables at random: no zero-restricted rounding of it adds up (the test below tries all).
IMPOSSIBLE = {"001": 2, "012": 1, "021": 2, "022": 4, "102": 4, "111": 2, "112": 3, "120": 3, "122": 5}


def names(shape: Shape) -> str:
    return "abc"[: len(shape)]


def places(shape: Shape) -> list[tuple[int, ...]]:
    return list(itertools.product(*map(range, shape)))


def inner(numbers: Sequence[int], shape: Shape) -> dict:
    return {cell(zip(names(shape), map(str, at), strict=True)): n for at, n in zip(places(shape), numbers, strict=True)}


def margins_of(numbers: Sequence[int], shape: Shape) -> dict[tuple[int | None, ...], int]:
    """Every sum of a table, by plain addition; None is a total."""
    wanted = itertools.product(*([None, *range(size)] for size in shape))
    return {
        one: sum(n for at, n in zip(places(shape), numbers, strict=True) if all(o in (None, a) for o, a in zip(one, at, strict=True)))
        for one in wanted
    }


def every_rounding(numbers: Sequence[int], shape: Shape, base: int) -> Iterator[dict[tuple[int | None, ...], int]]:
    """Each zero-restricted rounding that adds up, by trying both neighbours of every inner cell."""
    true = margins_of(numbers, shape)
    for choice in itertools.product(*({n // base * base, -(-n // base) * base} for n in numbers)):
        rounded = margins_of(choice, shape)
        if all(abs(rounded[at] - n) < base for at, n in true.items()):
            yield rounded


def changes(rounded: dict, numbers: Sequence[int], shape: Shape) -> int:
    true = margins_of(numbers, shape)
    return sum(abs(rounded[at] - n) for at, n in true.items())


def by_place(made: Rounded, shape: Shape) -> dict[tuple[int | None, ...], int]:
    found = {}
    for at in margins_of([0] * len(places(shape)), shape):
        found[at] = made.counts[cell((name, str(code)) for name, code in zip(names(shape), at, strict=True) if code is not None)]
    return found


@pytest.mark.parametrize("base", [3, 5])
@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 3), (2, 4), (2, 2, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_a_rounded_table_adds_up_is_beside_the_truth_and_as_near_as_any(shape: Shape, base: int, seed: int) -> None:
    lot = random.Random(seed)
    numbers = [lot.choice((0, 0, 1, 2, 3, 4, 5, 6, 8, 13)) for _ in places(shape)]
    made = round_table(inner(numbers, shape), names(shape), base)
    found = by_place(made, shape)
    assert made.beyond == frozenset()
    assert found == margins_of([found[at] for at in places(shape)], shape)
    for at, number in margins_of(numbers, shape).items():
        assert found[at] in (number // base * base, -(-number // base) * base)
    best = min(changes(one, numbers, shape) for one in every_rounding(numbers, shape, base))
    assert changes(found, numbers, shape) == best


def test_where_three_dimensions_allow_no_neighbours_the_cells_that_go_further_are_named() -> None:
    shape, base = (2, 3, 3), 3
    numbers = [IMPOSSIBLE.get("".join(map(str, at)), 0) for at in places(shape)]
    assert list(every_rounding(numbers, shape, base)) == []
    made = round_table(inner(numbers, shape), names(shape), base)
    found, true = by_place(made, shape), with_margins(inner(numbers, shape), names(shape))
    assert found == margins_of([found[at] for at in places(shape)], shape)
    assert made.beyond == {where for where, number in true.items() if abs(made.counts[where] - number) >= base}
    assert 1 <= len(made.beyond) <= 2
    assert all(abs(made.counts[where] - number) < 2 * base for where, number in true.items())


@pytest.mark.parametrize(("shape", "base", "seed"), [*(((2, 2), 5, seed) for seed in range(6)), *(((2, 3), 3, seed) for seed in range(4))])
def test_a_reader_of_the_rounded_table_alone_leaves_every_count_as_many_values_as_the_base(shape: Shape, base: int, seed: int) -> None:
    """Every table that could have been rounded to these multiples is written out: each cell and margin takes at least `base` values."""
    lot = random.Random(seed)
    numbers = [lot.choice((0, 1, 2, 3, 4, 6, 7)) for _ in places(shape)]
    found = by_place(round_table(inner(numbers, shape), names(shape), base), shape)
    cells = places(shape)
    grid = np.meshgrid(*(np.arange(max(0, found[at] - base + 1), found[at] + base) for at in cells), indexing="ij")
    tried = np.stack([one.ravel() for one in grid])
    sums = {at: sum(tried[n] for n, c in enumerate(cells) if all(o in (None, a) for o, a in zip(at, c, strict=True))) for at in found}
    agrees = np.logical_and.reduce([np.abs(sums[at] - number) < base for at, number in found.items()])
    for at, number in margins_of(numbers, shape).items():
        values = set(sums[at][agrees].tolist())
        assert number in values
        assert len(values) >= base, at


def test_beside_exact_numbers_of_the_same_people_a_rounded_one_gives_them_away() -> None:
    """By hand. Of a year's four quarters three are printed, 8, 0 and 0, and one is X. Nine may become 5 or 10; where it became 5 the year
    lies in 1 to 9, and the hidden quarter in 0 to 1. So a rounded table is never released beside protected ones."""
    shape = (2, 2)
    roundings = list(every_rounding([9, 1, 1, 4], shape, 5))
    assert any(one[0, 0] == 5 for one in roundings)
    year = range(5 - 4, 5 + 5)
    hidden = {total - 8 for total in year if total >= 8}
    assert hidden == {0, 1}
    assert max(hidden) - min(hidden) < 3


@pytest.mark.parametrize("wrong", [{"a": "0"}, {"a": "0", "b": "0", "c": "0"}])
def test_what_is_no_inner_cell_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Inconsistent):
        round_table({cell(wrong): 3}, "ab")


def test_a_base_that_protects_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="base of 3"):
        round_table({cell({"a": "0"}): 3}, "a", 2)
