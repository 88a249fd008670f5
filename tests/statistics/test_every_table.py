"""Every printed number of every table, counted a second time by another road.

The second count reads the plan's file and the list of people itself, without the program's plan, counting or design: for each cell of each
table it goes through the list and asks of everybody whether they are in it. One case per person, so that flows are plain to see.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from caseapp import codelists
from caseapp.codelists import codelist
from caseapp.disclosure import Policy
from caseapp.statistics.counting import Event, Record, count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design
from tests.statistics.drawn_by_lot import QUARTERS, draw

FOLDER = Path(codelists.__file__).parent
PLAN: dict[str, Any] = yaml.safe_load((FOLDER / "tables_2026_2.yaml").read_text("utf-8"))
DIMENSIONS = PLAN["dimensions"]


def recorded(name: str, code: str) -> set[str]:
    """Every recorded code that a printed code stands for, read from the plan's file."""
    dimension = DIMENSIONS[name.partition(".")[0]]
    leaves = dimension.get("merged", {}).get(code, {"parts": [code]})["parts"]
    groups = dimension.get("groups", {})
    return {part for leaf in leaves for part in groups.get(leaf, {"parts": [leaf]})["parts"]}


def untold(name: str) -> str:
    return str(DIMENSIONS[name.partition(".")[0]].get("untold", "unknown"))


def answer_of(one: Record, name: str, flow: str) -> str:
    """What one person is counted as in a dimension."""
    if one.protected:
        return untold(name)
    known = {"workform": one.work_form, "sex": one.sex, "age": one.age_opened if flow == "opened" else one.age_now}
    return known.get(name) or one.answers.get(name) or str(DIMENSIONS[name.partition(".")[0]].get("missing", "unknown"))


def is_in_flow(one: Record, flow: str, quarter: str) -> bool:
    if flow == "stock":
        return one.opened <= quarter and (one.closed is None or one.closed > quarter)
    return quarter == (one.opened if flow == "opened" else one.closed)


def persons_in(records: list[Record], codes: dict[str, str]) -> int:
    flow, quarter = codes["flow"], codes["quarter"]
    asked = {name: recorded(name, code) for name, code in codes.items() if name not in ("flow", "quarter")}
    there = [one for one in records if is_in_flow(one, flow, quarter)]
    return sum(all(answer_of(one, name, flow) in wanted for name, wanted in asked.items()) for one in there)


def things_in(events: list[Event], population: str, codes: dict[str, str]) -> list[Event]:
    flow, quarter = codes["flow"], codes["quarter"]
    asked = {name: recorded(name, code) for name, code in codes.items() if name not in ("flow", "quarter")}
    there = [one for one in events if one.population == population and one.flows.get(flow) == quarter]
    return [
        one for one in there if all((untold(name) if one.protected else one.codes[name]) in wanted for name, wanted in asked.items())
    ]


@pytest.mark.parametrize(("seed", "cases", "place"), [(1, 260, 2), (2, 90, 1), (3, 40, 2), (4, 12, 0)])
def test_every_number_of_every_table_is_what_a_second_count_says(seed: int, cases: int, place: int) -> None:
    records, events = draw(seed, cases, 4)
    made, _spec = design(count(records, events, QUARTERS[place], table_plan()), table_plan(), Policy(), ("sspf", "sig_child"), {})
    assert {table.id.partition("-")[0] for table in made} == set(PLAN["tables"])
    looked_at = 0
    for table in made:
        for codes, number in table.counts.items():
            here, population = dict(codes), table.unit.partition(":")[0]
            if population == "persons":
                assert number == persons_in(records, here), (table.id, here)
            else:
                inside = things_in(events, population, here)
                assert number == len(inside), (table.id, here)
                assert table.contributors[codes] == len({who for one in inside for who in one.persons}), (table.id, here)
            looked_at += 1
    assert looked_at > (1200 if cases > 200 else 200 if cases > 12 else 90)


@pytest.mark.parametrize(
    ("question", "said", "leaf"),
    [
        ("source", "youth", "family"),
        ("source", "civil_society", "others"),
        ("concern.recruitment", "yes", "yes"),
        ("concern.recruitment", None, "unknown"),
        ("need.school", None, "9"),
        ("risk", "very_high", "very_high"),
        ("risk", None, "not_assessed"),
        ("protective.motivation", "no", "no"),
        ("consent", None, "unanswered"),
        ("to_plan", "d60", "d60"),
        ("actor.police", None, "no"),
        ("reason", "consent_expired", "no_consent"),
        ("reason", "age", "elsewhere"),
        ("length", None, "unknown"),
        ("met.school", "unmet", "unmet"),
        ("match", "", "unknown"),
        ("youth.listened", "4", "4"),
        ("guardian.helped_us", None, "0"),
        ("change.school", "retired", "unknown"),  # a code that is no more in the list
    ],
)
def test_an_answer_is_counted_under_its_code_and_a_missing_one_where_the_plan_says(question: str, said: str | None, leaf: str) -> None:
    answers = {} if said is None else {question: said}
    one = Record("a", "sspf", "f", "2026Q1", "2026Q1", "a12_14", "a12_14", answers=answers)
    counted = count([one], [], "2026Q1", table_plan()).counts[f"persons:{question}"]
    assert [dict(codes)[question] for codes in counted] == [leaf]


def test_half_an_answer_about_a_thing_is_counted_in_the_total_only() -> None:
    """A type without a focus, an actor that the list does not have: all of it unknown, so that no row tells of one thing."""
    events = [
        Event("interventions", ("a",), {"started": "2026Q1"}, {"type": "coaching", "focus": ""}),
        Event("commitments", ("a",), {"due": "2026Q1"}, {"maker": "retired", "kept": "done"}),
        Event("goals", ("a",), {"assessed": "2026Q1"}, {"sex": "f", "attainment": ""}),
    ]
    counts = count([], events, "2026Q1", table_plan()).counts
    told = {unit: {n: c for codes in cells for n, c in codes if n not in ("quarter", "flow")} for unit, cells in counts.items()}
    assert told["interventions"] == {"type": "unknown", "focus": "unknown"}
    assert told["commitments"] == {"maker": "unknown", "kept": "unknown"}
    assert told["goals"] == {"sex": "u", "attainment": "unknown"}


def test_one_meeting_about_three_is_one_meeting_with_three_behind_it() -> None:
    one = Event("meetings", ("a", "b", "c"), {"held": "2026Q1"}, {"meeting": "team", "present": "neither"})
    census = count([], [one], "2026Q1", table_plan())
    ((joint, number),) = census.counts["meetings"].items()
    assert (number, census.persons_behind("meetings", joint, {})) == (1, 3)


def test_the_lists_of_the_families_are_the_lists_of_the_forms() -> None:
    members = {table.id: len(table.members()) for table in table_plan().tables}
    assert members["A3b"] == len(codelist("Concern")) == 15
    assert members["A5b"] == len(codelist("ProtectiveFactor")) == 7
    assert members["A7"] == len(codelist("Actor")) == 13
    assert members["A4"] == members["A11"] == members["A13"] == len(codelist("NeedDomain")) == 12
    assert (members["A14"], members["A14b"]) == (5, 6)  # as many as there are lines in codelists/experience.yaml
