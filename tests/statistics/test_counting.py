"""Counting by hand: who is counted where, and once."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from caseapp.disclosure import Policy, Release, cell, protect
from caseapp.formats import Quarter
from caseapp.statistics.counting import Record, count, person_flows
from caseapp.statistics.plan import table_plan
from caseapp.statistics.releases import PROGRAM
from caseapp.statistics.rules import counted_in, design, fineness, merge_worlds
from tests.statistics.drawn_by_lot import given


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
    one = record(protected=True, answers={"need.school": "3", "actor.police": "yes"})
    counts = count([one], [], "2026Q1", table_plan()).counts
    assert {(dict(c)["workform"], dict(c)["sex"], dict(c)["age"]) for c in counts["persons"]} == {("unknown", "u", "unknown")}
    assert {dict(c)["need.school"] for c in counts["persons:need.school"]} == {"9"}


def test_interventions_know_how_many_persons_are_behind_them() -> None:
    three = [given("a", "coaching", "school", "2026Q1")] * 3
    census = count([], three, "2026Q1", table_plan())
    started = cell({"quarter": "2026Q1", "flow": "started", "type": "contact", "focus": "school"})
    assert census.counts["interventions"] == {started: 3}
    assert census.persons_behind("interventions", started, {}) == 1


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


@pytest.mark.parametrize(
    ("happened", "noted", "counts_in"),
    [
        ("2026Q2", date(2026, 6, 30), "2026Q2"),
        ("2026Q2", date(2026, 7, 4), "2026Q2"),  # before the quarter was read, on 5 July
        ("2026Q2", date(2026, 7, 6), "2026Q3"),
        ("2026Q1", date(2026, 7, 6), "2026Q3"),  # two quarters late
        ("2026Q1", date(2026, 5, 1), "2026Q2"),
        ("2026Q3", date(2026, 10, 9), "2026Q3"),
    ],
)
def test_what_is_noted_too_late_counts_in_the_first_quarter_that_was_still_open(happened: str, noted: date, counts_in: str) -> None:
    read = {"2026Q1": datetime(2026, 4, 5, tzinfo=UTC), "2026Q2": datetime(2026, 7, 5, tzinfo=UTC)}
    assert counted_in(Quarter.parse(happened), datetime.combine(noted, time(12), UTC), read) == counts_in


def test_a_work_form_may_be_added_between_two_releases_and_was_impossible_before() -> None:
    people = [record(person=f"p{n}", sex="fm"[n % 2]) for n in range(40)]
    later = [record(person=f"q{n}", opened="2026Q2", work_form="sig_child", sex="fm"[n % 2]) for n in range(24)]
    plan, policy, world, told = table_plan(), Policy(), {}, []
    for quarter, forms in (("2026Q1", ("sspf",)), ("2026Q2", ("sspf", "sig_child"))):
        census = count([*people, *later], [], quarter, plan)
        tables, spec = design(census, plan, policy, forms, world)
        world = merge_worlds([world, census.counts])
        protected = protect(tables, world, spec, policy, told)
        told.append(Release(quarter, protected.tables, protected.spec))
    assert cell({"quarter": "2026Q1", "workform": "sig_child"}) in told[0].spec.structural_zeros
    assert cell({"quarter": "2026Q2", "workform": "sig_child"}) not in told[1].spec.structural_zeros
    opened = cell({"quarter": "2026Q2", "flow": "opened", "workform": "sig_child"})
    assert next(table for table in told[1].tables if table.id == "A1").counts[opened] == 24


def test_a_release_names_the_version_of_the_program() -> None:
    written = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert written["project"]["version"] == PROGRAM
