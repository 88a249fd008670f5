"""`protect` with a search for the optimum: fewer numbers hidden, never less protection."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from caseapp.disclosure import Policy, Release, Table, cell, protect
from caseapp.disclosure.costs import costs

from .brute_force import KINDS, BruteForce

HEURISTIC, SEARCHED = Policy(), Policy(search_seconds=60.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["two_way", "linked", "three_margins", "next_quarter"])
def test_what_is_published_is_one_of_the_safe_sets_and_nearly_the_cheapest(kind: str, seed: int) -> None:
    """The certificate may ask for a little more than the targets do; the gap says so, because its bound is that of the targets."""
    plan = KINDS[kind](random.Random(seed))
    made = protect(plan.new_tables(), plan.world(), plan.spec(), SEARCHED, plan.earlier)
    as_before = protect(plan.new_tables(), plan.world(), plan.spec(), HEURISTIC, plan.earlier)
    force = BruteForce(plan)
    shown = {codes: n for table in made.tables for codes, n in table.counts.items()}
    hidden = sum(1 << at for at, codes in enumerate(force.cells) if shown[codes] is None)
    assert force.safe()[hidden]
    assert made.report.hidden <= as_before.report.hidden
    assert made.report.narrow == 0
    proof = made.report.proofs["persons"]
    least = force.costs()[force.safe()].min()
    assert proof.bound <= max(least, proof.cost)
    assert proof.is_optimal == (proof.gap == 0)


def test_without_a_search_nothing_is_said_about_the_optimum() -> None:
    plan = KINDS["two_way"](random.Random(3))
    assert protect(plan.new_tables(), plan.world(), plan.spec(), HEURISTIC).report.proofs == {}


def test_a_search_without_time_publishes_the_heuristic_pattern_with_an_honest_gap() -> None:
    plan = KINDS["two_way"](random.Random(1))
    as_before = protect(plan.new_tables(), plan.world(), plan.spec(), HEURISTIC)
    made = protect(plan.new_tables(), plan.world(), plan.spec(), replace(SEARCHED, search_seconds=1e-9))
    assert [dict(t.counts) for t in made.tables] == [dict(t.counts) for t in as_before.tables]
    assert made.report.proofs["persons"].gap == 1.0


def test_three_releases_each_searched_stay_safe_together() -> None:
    plan, earlier = KINDS["two_way"](random.Random(11)), []
    for tables in ([("sex",)], [("level",)], [("sex", "level")]):
        plan.tables = tables
        made = protect(plan.new_tables(), plan.world(), plan.spec(), SEARCHED, earlier)
        earlier.append(Release(str(tables), made.tables, made.spec))
        plan.known |= {codes: n for table in made.tables for codes, n in table.counts.items()}
        plan.before += tables
    whole = replace(plan, known={}, before=[])
    force = BruteForce(whole)
    hidden = sum(1 << at for at, codes in enumerate(force.cells) if plan.known[codes] is None)
    assert force.safe()[hidden]


def test_costs_by_count_by_value_and_by_table() -> None:
    at = [cell({"sex": "f"}), cell({"sex": "m"}), cell({})]
    tables = [Table("A", "persons", ("sex",), dict(zip(at, (0, 7, 7), strict=True))), Table("B", "persons", (), {at[2]: 7})]

    def of(policy: Policy) -> list[int]:
        found = costs(tables, policy)
        return [found["persons", codes] for codes in at]

    assert of(Policy()) == [1, 1, 1]
    assert of(Policy(cost="value")) == [1, 7, 7]
    assert of(Policy(weights={"B": 3})) == [1, 1, 3]
    assert of(Policy(cost="value", weights={"B": 3})) == [1, 7, 21]


def test_a_table_with_a_weight_loses_less() -> None:
    """Two by three, one small count: with all costs alike three others go, in either row or column; the total row can be kept dear."""
    plan = KINDS["linked"](random.Random(4))
    tables = plan.new_tables()
    for kept in ("T0", "T1"):
        made = protect(tables, plan.world(), plan.spec(), Policy(search_seconds=60.0, weights={kept: 10}))
        plain = protect(tables, plan.world(), plan.spec(), SEARCHED)
        lost = [sum(n is None for t in one.tables if t.id == kept for n in t.counts.values()) for one in (made, plain)]
        assert lost[0] <= lost[1]
