"""The promise on tables small enough to see through: every possible world is written out and looked at."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from caseapp.disclosure import (
    Fact,
    Inconsistent,
    Policy,
    Printed,
    Release,
    SafeTable,
    Spec,
    Table,
    UnknownTable,
    Unprotectable,
    cell,
    protect,
)

POLICY = Policy()
AB = {"Total": ("f", "m")}
XYZ = {"Total": ("x", "y", "z")}


def spec(quarter_facts: tuple[Fact, ...] = (), audit: tuple = ()) -> Spec:
    return Spec({"quarter": {}, "sex": AB, "level": XYZ}, (), quarter_facts, audit)


def two_way(counts: dict[tuple[str, str], int], quarter: str = "q1") -> tuple[Table, dict]:
    """A table sex × level with its totals, and its joint counts."""
    joint = {cell({"quarter": quarter, "sex": s, "level": v}): n for (s, v), n in counts.items()}
    printed = {}
    for s, v in itertools.product(("Total", "f", "m"), ("Total", "x", "y", "z")):
        inside = [n for (a, b), n in counts.items() if s in ("Total", a) and v in ("Total", b)]
        printed[cell({"quarter": quarter, "sex": s, "level": v})] = sum(inside)
    return Table("T", "persons", ("quarter", "sex", "level"), printed), {"persons": joint}


def every_world(table: Printed, most: int) -> list[dict[tuple[str, str], int]]:
    """Each assignment of people to the six joint cells that agrees with what is printed, by trying them all."""
    places = list(itertools.product("fm", "xyz"))
    known = []
    for codes, number in table.counts.items():
        if number is not None:
            here = dict(codes)
            known.append(([p for p in places if here.get("sex", p[0]) == p[0] and here.get("level", p[1]) == p[1]], number))
    tried = np.indices((most + 1,) * len(places)).reshape(len(places), -1)
    for inside, number in known:
        tried = tried[:, tried[[places.index(place) for place in inside]].sum(axis=0) == number]
    return [dict(zip(places, numbers, strict=True)) for numbers in tried.T.tolist()]


@pytest.mark.parametrize("seed", range(12))
def test_in_all_worlds_of_a_small_table_a_small_count_spans_three(seed: int) -> None:
    """Brute force over up to 7^6 worlds; the truth is drawn with many zeros, ones and twos."""
    lot = random.Random(seed)
    counts = {place: lot.choice((0, 0, 1, 2, 3, 5, 6)) for place in itertools.product("fm", "xyz")}
    table, world = two_way(counts)
    safe = protect([table], world, spec(), POLICY).tables[0]
    worlds = every_world(safe, 8)
    for place, count in counts.items():
        if 1 <= count <= 4:
            values = [w[place] for w in worlds]
            assert max(values) - min(values) >= 3, (place, counts, dict(safe.counts))


@pytest.mark.parametrize("seed", range(12))
def test_no_row_or_column_can_be_shown_to_have_given_one_answer(seed: int) -> None:
    """Group disclosure: one row is made one-sided, then every world is looked at for a second occupied category."""
    lot = random.Random(100 + seed)
    counts = {place: lot.choice((0, 2, 5, 6)) for place in itertools.product("fm", "xyz")}
    counts |= {("f", "x"): 0, ("f", "y"): 0, ("f", "z"): 7}
    table, world = two_way(counts)
    worlds = every_world(protect([table], world, spec(), POLICY).tables[0], 8)
    assert any(sum(w["f", v] > 0 for v in "xyz") >= 2 for w in worlds)


def test_all_seven_rated_high_is_hidden_although_no_count_is_small() -> None:
    table, world = two_way({("f", "x"): 0, ("f", "y"): 0, ("f", "z"): 7, ("m", "x"): 9, ("m", "y"): 8, ("m", "z"): 6})
    safe = protect([table], world, spec(), POLICY).tables[0]
    assert any(number is None for number in safe.counts.values())


def test_a_table_without_small_counts_and_groups_is_printed_in_full() -> None:
    table, world = two_way(dict.fromkeys(itertools.product("fm", "xyz"), 6))
    safe = protect([table], world, spec(), POLICY).tables[0]
    assert None not in safe.counts.values()


def test_a_threshold_alone_would_have_been_breached() -> None:
    """Why this room exists: with only the small cell hidden, the row total gives it back."""
    table, world = two_way({("f", "x"): 2, ("f", "y"): 6, ("f", "z"): 7, ("m", "x"): 9, ("m", "y"): 8, ("m", "z"): 6})
    threshold_only = Printed("T", "persons", table.dimensions, {c: None if 1 <= n <= 4 else n for c, n in table.counts.items()})
    assert {w["f", "x"] for w in every_world(threshold_only, 9)} == {2}
    safe = protect([table], world, spec(), POLICY).tables[0]
    assert len({w["f", "x"] for w in every_world(safe, 12)}) >= 4  # up to 12 in a cell, so that two can move by three each


def test_joint_cells_of_a_cross_that_is_never_printed_stay_open() -> None:
    """Two one-way tables: printed in full they would pin the only girl with level x when all others have y."""
    joint = {("f", "x"): 0, ("f", "y"): 8, ("f", "z"): 0, ("m", "x"): 1, ("m", "y"): 7, ("m", "z"): 5}
    whole, world = two_way(joint)
    one_way = [
        Table("S", "persons", ("quarter", "sex"), {c: n for c, n in whole.counts.items() if "level" not in dict(c)}),
        Table("L", "persons", ("quarter", "level"), {c: n for c, n in whole.counts.items() if "sex" not in dict(c)}),
    ]
    made = protect(one_way, world, spec(audit=(("persons", ("quarter", "sex", "level")),)), POLICY)
    everything = Printed("both", "persons", whole.dimensions, made.tables[0].counts | made.tables[1].counts)
    values = {w["m", "x"] for w in every_world(everything, 8)}
    assert max(values) - min(values) >= 3
    assert 0 in values or max(values) >= 5


def stock_release(numbers: dict[str, int], earlier: list[Release], world: dict, before: str | None, quarter: str) -> Release:
    """One quarter of flows without any split, protected against the releases before it."""
    counts = {cell({"quarter": quarter, "flow": flow}): n for flow, n in numbers.items()}
    world["persons"].update(counts)
    facts = ()
    if before:
        at = lambda q, flow: cell({"quarter": q, "flow": flow})  # noqa: E731 - one formula, one line
        terms = ((1, at(before, "stock")), (1, at(quarter, "opened")), (-1, at(quarter, "closed")), (-1, at(quarter, "stock")))
        facts = (Fact("persons", terms, 0, 0),)
    rules = Spec({"quarter": {}, "flow": {}}, (), facts)
    made = protect([Table("A1", "persons", ("quarter", "flow"), counts)], world, rules, POLICY, earlier)
    return Release(quarter, made.tables, rules)


def test_two_quarters_do_not_give_away_the_few_who_came() -> None:
    """30 in stock, 6 leave, 26 remain: with all three printed, 26 − 30 + 6 = 2 came."""
    world: dict = {"persons": {}}
    first = stock_release({"opened": 30, "closed": 0, "stock": 30}, [], world, None, "q1")
    second = stock_release({"opened": 2, "closed": 6, "stock": 26}, [first], world, "q1", "q2")
    shown = {dict(c)["flow"]: n for c, n in second.tables[0].counts.items()}
    assert first.tables[0].counts[cell({"quarter": "q1", "flow": "stock"})] == 30
    assert shown["opened"] is None
    assert shown["closed"] is None or shown["stock"] is None


def test_what_was_published_stays_and_a_contradiction_is_refused() -> None:
    world: dict = {"persons": {}}
    first = stock_release({"opened": 30, "closed": 0, "stock": 30}, [], world, None, "q1")
    with pytest.raises(Inconsistent):
        stock_release({"opened": 31, "closed": 0, "stock": 31}, [first], world, None, "q1")


def test_a_cell_once_hidden_is_hidden_in_a_later_release() -> None:
    table, world = two_way({("f", "x"): 2, ("f", "y"): 6, ("f", "z"): 7, ("m", "x"): 9, ("m", "y"): 8, ("m", "z"): 6})
    first = protect([table], world, spec(), POLICY)
    again = protect([table], world, spec(), POLICY, [Release("q1", first.tables, first.spec)])
    assert dict(again.tables[0].counts) == dict(first.tables[0].counts)


def test_history_that_already_gave_somebody_away_stops_the_release() -> None:
    table, world = two_way({("f", "x"): 2, ("f", "y"): 6, ("f", "z"): 7, ("m", "x"): 9, ("m", "y"): 8, ("m", "z"): 6})
    careless = Printed("T", "persons", table.dimensions, {c: None if 1 <= n <= 4 else n for c, n in table.counts.items()})
    with pytest.raises(Unprotectable):
        protect([table], world, spec(), POLICY, [Release("careless", (careless,), spec())])


@pytest.mark.parametrize(
    ("unit", "dimensions"),
    [
        ("households", ("quarter", "sex")),
        ("persons:need.school", ("quarter", "sex")),
        ("persons", ("quarter", "sex", "level", "age")),
    ],
)
def test_an_unknown_kind_of_table_is_refused_not_passed(unit: str, dimensions: tuple[str, ...]) -> None:
    rules = Spec({"quarter": {}, "sex": AB, "level": XYZ, "age": {"Total": ("o", "p")}})
    table = Table("T", unit, dimensions, {cell({"quarter": "q1"}): 7})
    with pytest.raises(UnknownTable):
        protect([table], {"persons": {}}, rules, POLICY)


def test_counts_that_do_not_add_up_are_refused() -> None:
    table, world = two_way(dict.fromkeys(itertools.product("fm", "xyz"), 6))
    wrong = Table(table.id, table.unit, table.dimensions, table.counts | {cell({"quarter": "q1"}): 37})
    with pytest.raises(Inconsistent):
        protect([wrong], world, spec(), POLICY)


def test_nobody_but_protect_can_call_a_table_safe() -> None:
    with pytest.raises(TypeError):
        SafeTable("T", "persons", ("sex",), {cell({"sex": "f"}): 2})


def test_many_interventions_of_few_persons_are_hidden() -> None:
    """Twelve interventions by two persons are two persons' lives, not a count of twelve."""
    table, world = two_way(dict.fromkeys(itertools.product("fm", "xyz"), 12))
    few = {cell({"quarter": "q1", "sex": "f", "level": "x"}): 2}
    counts = Table("A8", "interventions", table.dimensions, table.counts, few)
    made = protect([counts], {"interventions": world["persons"]}, spec(), POLICY)
    assert made.tables[0].counts[cell({"quarter": "q1", "sex": "f", "level": "x"})] is None


@pytest.mark.parametrize("wrong", [{"threshold": 2}, {"width": 5}, {"seconds": 0.0}, {"total_below": 40},
        {"search_seconds": 0.0}, {"search_seconds": -1.0}, {"search_seconds": float("nan")}, {"cost": "whim"}, {"weights": {"T": 0}}])
def test_a_policy_that_protects_nothing_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError):
        Policy(**wrong)
