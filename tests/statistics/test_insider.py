"""What an insider could find out, against every world there is: small tables whose worlds can all be written down."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest

from caseapp.disclosure.system import System
from caseapp.disclosure.tables import Cell, Key, Policy, Printed, Spec, cell, key
from caseapp.disclosure.targets import printed
from caseapp.statistics.insider import Exposure, exposures

POLICY = Policy()
ROWS, COLUMNS = ("a", "b", "c"), ("x", "y", "z")
SPEC = Spec({"quarter": {}, "row": {"Total": ROWS}, "column": {"Total": COLUMNS}})


def cells() -> list[Cell]:
    """Every cell of the table: inner cells and margins."""
    return [cell({"quarter": "q", "row": r, "column": c}) for r in ("Total", *ROWS) for c in ("Total", *COLUMNS)]


def value(world: tuple[int, ...], codes: Cell) -> int:
    """The count of a cell in a world, added up by hand."""
    here, places = dict(codes), list(itertools.product(ROWS, COLUMNS))
    return sum(n for n, (r, c) in zip(world, places, strict=True) if here.get("row", r) == r and here.get("column", c) == c)


def every_world(known: dict[Cell, int | None], most: int) -> Iterator[tuple[int, ...]]:
    """All the worlds that agree with the printed numbers, no inner cell above `most`; row by row, so that it ends."""
    in_rows = []
    for r in ROWS:
        fixed = {cell({"quarter": "q", "row": r, "column": c}): at for at, c in enumerate(COLUMNS)}
        total = known[cell({"quarter": "q", "row": r})]
        in_rows.append([
            row for row in itertools.product(range(most + 1), repeat=len(COLUMNS))
            if all(known[codes] is None or row[at] == known[codes] for codes, at in fixed.items()) and (total is None or sum(row) == total)
        ])  # fmt: skip
    for rows in itertools.product(*in_rows):
        world = tuple(n for row in rows for n in row)
        if all(number is None or value(world, codes) == number for codes, number in known.items()):
            yield world


def by_brute_force(known: dict[Cell, int | None], truth: tuple[int, ...], small: list[Cell], most: int, n: int) -> int:
    """How many small counts have no two worlds `width` apart among those that hold the insider's persons."""
    worlds, exposed = list(every_world(known, most)), 0
    assert truth in worlds
    for codes in small:
        possible = [v for v in (value(world, codes) for world in worlds) if v >= min(n, value(truth, codes))]
        exposed += max(possible) - min(possible) < POLICY.width
    return exposed


def asked(known: dict[Cell, int | None], truth: tuple[int, ...], small: list[Cell]) -> tuple[Exposure, ...]:
    """The same of the module."""
    table = Printed("T", "persons", ("quarter", "row", "column"), known)
    system = System([table], SPEC)
    vector = system.world({"persons": {
        cell({"quarter": "q", "row": r, "column": c}): n for n, (r, c) in zip(truth, itertools.product(ROWS, COLUMNS), strict=True)
    }})  # fmt: skip
    keys: dict[Key, int | None] = {key("persons", codes): number for codes, number in known.items()}
    return exposures(system, keys, printed(system, dict.fromkeys(key("persons", codes) for codes in small)), vector, POLICY)


@pytest.mark.parametrize("seed", range(12))
def test_it_says_what_writing_down_every_world_says(seed: int) -> None:
    lot = random.Random(seed)
    truth = tuple(lot.choice((0, 1, 2, 2, 3, 4, 6)) for _ in range(9))
    known: dict[Cell, int | None] = {codes: value(truth, codes) for codes in cells()}
    small = [codes for codes in cells() if 1 <= value(truth, codes) <= 4]
    for codes in [*small, *lot.sample(cells(), 4)]:
        known[codes] = None
    for margin in (cell({"quarter": "q", "row": r}) for r in ROWS):  # row totals are printed, so that the worlds can be counted
        known[margin] = value(truth, margin)
    small = [codes for codes in small if known[codes] is None]
    most = max(value(truth, cell({"quarter": "q", "row": r})) for r in ROWS)
    expected = [by_brute_force(known, truth, small, most, n) for n in (1, 2, 3)]
    assert [one.exposed for one in asked(known, truth, small)] == expected


def test_a_count_of_two_among_three_hidden_ones_by_hand() -> None:
    """a: 2 + 1 hidden of 3 with z printed 0: the count x of row a is 0…3 to everybody, 1…3 to who knows one, 2…3 to who knows two."""
    truth = (2, 1, 0, 1, 2, 0, 20, 20, 0)
    known: dict[Cell, int | None] = {codes: value(truth, codes) for codes in cells()}
    hidden = [cell({"quarter": "q", "row": r, "column": c}) for r in ("a", "b") for c in ("x", "y")]
    known |= dict.fromkeys(hidden)
    assert asked(known, truth, hidden[:1]) == (Exposure(1, 1, 1), Exposure(2, 1, 1), Exposure(3, 1, 1))


def test_where_the_total_is_hidden_too_knowing_some_tells_nothing() -> None:
    truth = (2, 1, 0, 1, 2, 0, 20, 20, 0)
    known: dict[Cell, int | None] = dict.fromkeys(cells())
    small = [codes for codes in cells() if 1 <= value(truth, codes) <= 4]
    assert [one.exposed for one in asked(known, truth, small)] == [0, 0, 0]


def test_nothing_small_nothing_exposed() -> None:
    assert asked(dict.fromkeys(cells()), (0,) * 9, []) == (Exposure(1, 0, 0), Exposure(2, 0, 0), Exposure(3, 0, 0))
