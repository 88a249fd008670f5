"""Quarters of municipalities drawn by lot, attacked from the files alone."""

from __future__ import annotations

import itertools
import random

import pytest

from caseapp.disclosure import Policy
from caseapp.statistics.bundle import Imprint, bundle
from caseapp.statistics.plan import table_plan
from tests.disclosure.reader import Reader
from tests.statistics.drawn_by_lot import QUARTERS, releases

POLICY = Policy()


def bundles(seed: int, cases: int, quarters: int) -> tuple[list[dict[str, bytes]], dict]:
    """The files of each quarter in turn, and the truth behind them."""
    made, world = [], {}
    for quarter, (protected, so_far) in zip(QUARTERS, releases(seed, cases, quarters), strict=False):
        made.append(bundle(protected, Imprint("1283", "Exempelby", quarter, 1, "test", "test"), POLICY, table_plan()))
        world = so_far
    return made, world


@pytest.mark.parametrize(("seed", "cases"), [(11, 60), (13, 90)])
def test_a_reader_of_all_bundles_bounds_no_small_count_tighter_than_three(seed: int, cases: int) -> None:
    """Exact integer bounds from the CSV files and spec.json of three quarters, on a drawn sample of the small cells."""
    made, world = bundles(seed, cases, 3)
    reader = Reader(made)
    truth = reader.truth(world)
    for row, lo, hi in reader.rows:
        assert lo <= sum(f * truth[at] for at, f in row.items()) <= hi, "what was published is not true"
    solver = reader.solver()

    suppressed = [(unit, codes) for (unit, codes), number in reader.printed.items() if number is None]
    forms = {where: reader.form(where[0], dict(where[1])) for where in suppressed}
    small = [where for where in suppressed if 1 <= sum(truth[at] for at in forms[where]) <= 4]
    assert len(small) > 50
    lot = random.Random(seed)
    for where in lot.sample(sorted(small, key=lambda w: (w[0], sorted(w[1]))), 25):
        lo, hi = reader.bounds(solver, forms[where])
        assert hi - lo >= 3 - 1e-6, (where, lo, hi)

    joint = [at for at, (unit, _) in enumerate(reader.unknowns) if unit == "persons" and 1 <= truth[at] <= 4]
    for at in lot.sample(joint, min(15, len(joint))):
        lo, hi = reader.bounds(solver, {at: 1})
        assert hi - lo >= 3 - 1e-6, (reader.unknowns[at], lo, hi)
        assert lo < 0.5 or hi > 4.5, (reader.unknowns[at], lo, hi)


def test_no_small_count_is_printed_and_every_printed_count_is_true() -> None:
    made, world = bundles(21, 60, 4)
    reader = Reader(made)
    truth = reader.truth(world)
    numbers = [number for (unit, _), number in reader.printed.items() if number is not None and unit != "interventions"]
    assert not [n for n in numbers if 1 <= n <= 4]
    for (unit, codes), number in reader.printed.items():
        if number is not None:
            assert sum(truth[at] for at in reader.form(unit, dict(codes))) == number


def test_stock_follows_from_the_quarter_before_for_each_work_form_and_sex() -> None:
    """stock = stock before + opened − closed, computed by hand from the true counts."""
    _, world = bundles(22, 60, 4)
    totals: dict[tuple, int] = {}
    for codes, number in world["persons"].items():
        here = dict(codes)
        place = (here["workform"], here["sex"], here["quarter"], here["flow"])
        totals[place] = totals.get(place, 0) + number
    places = {(w, s) for w, s, _, _ in totals}
    for w, s in places:
        for before, quarter in itertools.pairwise(QUARTERS[:4]):
            at = lambda q, flow, w=w, s=s: totals.get((w, s, q, flow), 0)  # noqa: E731 - one formula, one line
            assert at(quarter, "stock") == at(before, "stock") + at(quarter, "opened") - at(quarter, "closed")


def test_nobody_with_protected_identity_is_in_a_category() -> None:
    _, world = bundles(23, 60, 2)
    unknown = [(dict(c), n) for c, n in world["persons"].items() if dict(c)["workform"] == "unknown"]
    assert sum(n for codes, n in unknown if codes["flow"] == "stock") >= 1
    assert {(codes["sex"], codes["age"]) for codes, _ in unknown} == {("u", "unknown")}
