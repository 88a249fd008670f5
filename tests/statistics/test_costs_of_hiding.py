"""What is hidden rather, by the town's settings: it moves what is lost between the tables, and never what is protected."""

from __future__ import annotations

from dataclasses import replace

from caseapp.disclosure.protect import protect
from caseapp.statistics.counting import count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.releases import town, weights_of
from caseapp.statistics.rules import design
from tests.statistics.drawn_by_lot import QUARTERS, draw

PLAN, FORMS = table_plan(), ("sspf", "sig_child")


def test_a_table_that_is_to_be_kept_whole_loses_less_and_nobody_is_found_either_way() -> None:
    census = count(*draw(21, 60, 2), QUARTERS[0], PLAN)
    lost = []
    for spared in ([], ["A2"]):
        where = town("1283", "Provköping", {"spared_tables": spared, "hiding_cost": "value", "search_seconds": None}, FORMS)
        assert where.policy.cost == "value"
        policy = replace(where.policy, weights=weights_of(PLAN, where.spared))
        tables, spec = design(census, PLAN, policy, FORMS, {}, ())
        protected = protect(tables, census.counts, spec, policy)
        assert protected.report.narrow == 0
        lost.append({table.id: sum(n is None for n in table.counts.values()) for table in protected.tables}["A2"])
    assert lost[1] < lost[0], lost


def test_every_table_of_a_family_weighs_as_its_plan_does() -> None:
    assert weights_of(PLAN, []) == {}
    assert set(weights_of(PLAN, ["A1"])) == {"A1"}
    assert len(weights_of(PLAN, ["A4"])) > 1
    assert {name.partition("-")[0] for name in weights_of(PLAN, ["A4"])} == {"A4"}
