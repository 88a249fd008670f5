"""The table plan: what it gives, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from caseapp import codelists
from caseapp.disclosure import Policy, Release, Spec, Table, cell, protect
from caseapp.disclosure.system import System
from caseapp.disclosure.tables import MixedPopulations
from caseapp.statistics.bundle import Imprint, bundle, plan_of, write_folder
from caseapp.statistics.counting import count
from caseapp.statistics.plan import NEWEST, PlanRefused, TablePlan, read_plan, table_plan
from caseapp.statistics.rules import design, look, merge_worlds
from tests.statistics.drawn_by_lot import draw
from tests.statistics.test_certificate import verify

FILES = sorted(Path(codelists.__file__).parent.glob("tables_*.yaml"))
WRITTEN = {(content := yaml.safe_load(path.read_text("utf-8")))["version"]: content for path in FILES}


def test_the_newest_plan_has_every_table_that_the_follow_up_asks_for() -> None:
    """A1–A14 of the domain notes, section 5."""
    assert {table.id.rstrip("b") for table in table_plan().tables} == {f"A{number}" for number in range(1, 15)}


def test_a_code_that_two_versions_have_means_the_same_in_both() -> None:
    """Else the releases of the earlier version could not bind the later ones."""
    first, newest = table_plan("2026.1"), table_plan(NEWEST)
    shared = set(first.dimensions) & set(newest.dimensions)
    assert shared == set(first.dimensions)
    for name in shared:
        assert first.dimensions[name].hierarchy() == newest.dimensions[name].hierarchy()
        assert first.dimensions[name].counted_as == newest.dimensions[name].counted_as


def test_every_recorded_code_is_counted_somewhere() -> None:
    lists = {"source": "ReferralSource", "reason": "ClosureReason", "type": "InterventionType", "meeting": "MeetingType", "maker": "Actor"}
    for name, of in lists.items():
        dimension = table_plan().dimension(name)
        assert {dimension.leaf(code) for code in codelists.codelist(of)} <= set(dimension.leaves) - {"unknown"}
    assert table_plan().dimension("maker").leaf("youth") == "family"


def meetings_that_are_opened(plan: dict[str, Any]) -> None:
    plan["tables"]["A9"]["flows"] = ["held", "opened"]


def one_flow_of_two(plan: dict[str, Any]) -> None:
    plan["populations"]["meetings"] = ["held", "closed"]


def an_unknown_population(plan: dict[str, Any]) -> None:
    plan["tables"]["A9"]["unit"] = "schools"


def a_dimension_that_is_not_there(plan: dict[str, Any]) -> None:
    plan["tables"]["A2"]["by"] = ["sex", "street"]


def a_reason_left_out(plan: dict[str, Any]) -> None:
    plan["dimensions"]["reason"]["groups"]["elsewhere"]["parts"].remove("moved")


def a_code_merged_twice(plan: dict[str, Any]) -> None:
    plan["dimensions"]["length"]["merged"]["longer"]["parts"].append("m3")


def a_share_of_nothing(plan: dict[str, Any]) -> None:
    plan["derived"][0]["flow"] = "opened"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (meetings_that_are_opened, "counts meetings, but its flow 'opened' is of another population: one system counts one population"),
        (one_flow_of_two, "the flow 'closed' is counted in two populations: one system counts one population"),
        (an_unknown_population, "counts 'schools', which is no population of the plan"),
        (a_dimension_that_is_not_there, "no dimension 'street' for table A2"),
        (a_reason_left_out, "no group of 'reason' for moved"),
        (a_code_merged_twice, "merges the codes of 'length' twice"),
        (a_share_of_nothing, "is derived from table A9, flow 'opened'"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_with_the_reason(spoil: Callable[[dict[str, Any]], None], why: str) -> None:
    plan = deepcopy(WRITTEN[NEWEST])
    read_plan(plan)
    spoil(plan)
    with pytest.raises(PlanRefused, match=why):
        read_plan(plan)


def test_a_version_that_is_not_there_is_refused() -> None:
    with pytest.raises(PlanRefused, match=r"no table plan '1999\.1'"):
        table_plan("1999.1")


def test_one_system_never_counts_two_populations() -> None:
    spec = Spec({"quarter": {}, "sex": {"Total": ("f", "m")}})
    both = [Table(unit, unit, ("quarter",), {cell({"quarter": "q1"}): 7}) for unit in ("persons", "meetings")]
    with pytest.raises(MixedPopulations, match="one system counts one population, these tables count meetings and persons"):
        System(both, spec)
    truth = {unit: {cell({"quarter": "q1"}): 7} for unit in ("persons", "meetings")}
    assert [dict(table.counts) for table in protect(both, truth, spec, Policy()).tables] == [both[0].counts, both[1].counts]


@pytest.mark.parametrize(
    ("persons", "used", "bands"),
    [
        (9, {"sex"}, [(0, 9)]),
        (12, set(), [(10, 29), (None, 59)]),
        (59, set(), [(30, None), (None, 59)]),
        (60, {"sex"}, [(30, None), (60, None)]),
    ],
)
def test_a_dimension_waits_for_enough_people_and_that_is_told(
    persons: int, used: set[str], bands: list[tuple[int | None, int | None]]
) -> None:
    """A3 is split by sex from 60 persons; whether it is tells how many there are, so it is declared."""
    planned = table_plan().table("A3")
    assert planned is not None
    is_split, _coarse, by, told = look(planned, planned.by, persons, Policy())
    assert (by if is_split else {"sex"}, told) == (used, bands)


def released(plan: TablePlan, quarter: str, told: list[Release], world: dict) -> tuple[Release, dict, dict[str, bytes]]:
    census = count(*draw(4, 60, 4), quarter, plan)
    tables, spec = design(census, plan, Policy(), ("sspf", "sig_child"), world)
    so_far = merge_worlds([world, census.counts])
    protected = protect(tables, so_far, spec, Policy(), told)
    files = bundle(protected, Imprint("1283", "Provköping", quarter, 1, "test", "test"), Policy(), plan)
    return Release(quarter, protected.tables, protected.spec), so_far, files


def test_a_release_by_the_first_plan_stays_what_it_is_and_binds_one_by_the_newest(tmp_path: Path) -> None:
    first, world, old_files = released(table_plan("2026.1"), "2025Q3", [], {})
    second, _world, new_files = released(table_plan(), "2025Q4", [first], world)
    assert (plan_of(old_files).version, plan_of(new_files).version) == ("2026.1", NEWEST)
    assert {table.id.partition("-")[0] for table in first.tables} == {"A1", "A2", "A4", "A7", "A8", "A11"}
    assert any({"2025Q3", "2025Q4"} == {dict(codes)["quarter"] for _, codes in fact.terms} for fact in second.spec.facts)
    for name, files in (("first", old_files), ("second", new_files)):
        write_folder(files, tmp_path / name)
    code, said = verify(tmp_path / "first", tmp_path / "second")
    assert code == 0, said
