"""Counting by hand: who is counted where, and once."""

from __future__ import annotations

import pytest

from caseapp.disclosure import Policy, cell
from caseapp.statistics.counting import Intervention, Record, count, person_flows
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design, fineness


def record(person: str = "a", opened: str = "2026Q1", closed: str | None = None, **other: object) -> Record:
    fields: dict = {"work_form": "sspf", "sex": "f", "age_opened": "a12_14", "age_now": "a15_17"} | other
    return Record(person=person, opened=opened, closed=closed, **fields)


@pytest.mark.parametrize(
    ("cases", "flows"),
    [
        ([record()], ["opened", "stock"]),
        ([record(closed="2026Q1")], ["closed", "opened"]),
        ([record(opened="2025Q4")], ["stock"]),
        ([record(opened="2025Q4", closed="2026Q1")], ["closed"]),
        ([record(opened="2026Q2")], []),
        ([record(opened="2025Q3", closed="2025Q4")], []),
        # closed and opened again in the same quarter, same work form: the person never left
        ([record(opened="2025Q4", closed="2026Q1"), record()], ["stock"]),
        # two cases at once are one person
        ([record(), record(work_form="sig_child")], ["opened", "stock"]),
        # from SSPF to SIG: out of one, into the other
        ([record(opened="2025Q4", closed="2026Q1"), record(work_form="sig_child")], ["closed", "opened", "stock"]),
    ],
)
def test_a_person_is_counted_once_in_each_flow(cases: list[Record], flows: list[str]) -> None:
    assert sorted(flow for flow, _ in person_flows(cases, "2026Q1")) == flows


def test_inflow_takes_the_age_at_opening_and_stock_the_age_at_the_quarters_end() -> None:
    counts = count([record()], [], "2026Q1", table_plan()).counts["persons"]
    assert {(dict(c)["flow"], dict(c)["age"]) for c in counts} == {("opened", "a12_14"), ("stock", "a15_17")}


def test_protected_identity_is_counted_where_every_answer_is_unknown() -> None:
    one = record(protected=True, needs={"school": "3"}, actors=frozenset({"police"}))
    counts = count([one], [], "2026Q1", table_plan()).counts
    assert {(dict(c)["workform"], dict(c)["sex"], dict(c)["age"]) for c in counts["persons"]} == {("unknown", "u", "unknown")}
    assert {dict(c)["need.school"] for c in counts["persons:need.school"]} == {"9"}


def test_interventions_know_how_many_persons_are_behind_them() -> None:
    three = [Intervention("a", "coaching", "school", "2026Q1", None)] * 3
    census = count([], three, "2026Q1", table_plan())
    started = cell({"quarter": "2026Q1", "flow": "started", "type": "contact", "focus": "school"})
    assert census.counts["interventions"] == {started: 3}
    assert census.contributors[started] == 1


@pytest.mark.parametrize(
    ("persons", "is_split", "is_coarse"), [(30, True, False), (29, True, True), (10, True, True), (9, False, True), (0, False, True)]
)
def test_few_persons_make_a_coarser_table_and_very_few_only_a_total(persons: int, is_split: bool, is_coarse: bool) -> None:
    """The 30/10 rule of the release design."""
    assert fineness(persons, Policy())[:2] == (is_split, is_coarse)


def test_the_look_of_a_table_is_declared_as_a_fact_so_that_the_attacker_uses_it() -> None:
    people = [record(person=f"p{n}") for n in range(12)]
    census = count(people, [], "2026Q1", table_plan())
    _, spec = design(census, table_plan(), Policy(), ("sspf",), {})
    opened = cell({"quarter": "2026Q1", "flow": "opened"})
    assert (10, 29) in {(f.lo, f.hi) for f in spec.facts if f.terms == ((1, opened),)}
