"""Tables that left the house another way: what is taken, what is refused, and that protection holds against whoever has them."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from caseapp.disclosure import Policy
from caseapp.disclosure.protect import Protected, SafeTable, protect
from caseapp.disclosure.tables import Fact, cell
from caseapp.statistics.bundle import Imprint, bundle
from caseapp.statistics.counting import Census, count
from caseapp.statistics.outside import NotATable, OutsideTable, read_outside
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design
from tests.disclosure.reader import Reader
from tests.statistics.drawn_by_lot import QUARTERS, draw

POLICY, PLAN, FORMS = Policy(), table_plan(), ("sspf", "sig_child")
QUARTER = QUARTERS[0]


def read(text: str, flow: str = "stock") -> OutsideTable:
    """The table of this text."""
    return read_outside(text, QUARTER, flow, PLAN, POLICY)


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_table_is_read_in_codes_with_any_of_the_three_marks() -> None:
    told = {(("sex", "f"),): 12, (("sex", "m"),): None, (): 30}
    expected = {cell([*codes, ("quarter", QUARTER), ("flow", "stock")]): number for codes, number in told.items()}
    for mark in ",;\t":
        text = "sex|count\nf|12\nm|X\nTotal|30\n".replace("|", mark)
        table = read(text)
        assert (table.unit, table.counts) == ("persons", expected)
        assert OutsideTable.from_json(json.loads(json.dumps(table.as_json()))) == table
    assert len(read("\ufeffsex,antal\r\nf,12\r\n\r\nm,X\r\n").counts) == 2


def test_a_column_of_answers_is_of_its_family() -> None:
    table = read("sex,need.school,count\nf,Total,12\nf,3,X\n", "opened")
    assert table.unit == "persons:need.school"
    assert read("type,count\nTotal,40\n", "started").unit == "interventions"


@pytest.mark.parametrize(
    "rows", ["f,12\nm,10\nu,X\nTotal,22", "f,12\nm,10\nu,X\nTotal,X", "f,X\nm,10\nu,X\nTotal,22", "f,12\nm,X\nu,0\nTotal,22"]
)
def test_what_is_nobody_wide_enough_or_not_small_may_follow(rows: str) -> None:
    assert len(read(f"sex,count\n{rows}\n").counts) == 4


@pytest.mark.parametrize(
    ("text", "flow", "code", "line"),
    [
        ("", "stock", "no_rows", 0),
        ("sex,count\n", "stock", "no_rows", 0),
        ("sex,count\n" + "f,12\n" * 2001, "stock", "too_many_rows", 0),
        ("sex,age\nf,12\n", "stock", "no_count_column", 0),
        ("sex,count,count\nf,12,12\n", "stock", "no_count_column", 0),
        ("shoe,count\n41,12\n", "stock", "unknown_column", 1),
        ("type,count\nTotal,12\n", "stock", "unknown_column", 1),  # of interventions
        ("sex,count\nf,12\n", "nonsense", "unknown_column", 1),
        ("need.school,risk,count\n3,high,12\n", "opened", "columns_together", 1),
        ("age,need.school,count\nTotal,3,12\n", "opened", "columns_together", 1),
        ("sex,sex,count\nf,f,12\n", "stock", "columns_together", 1),
        ("sex,count\nf,12\nq,9\n", "stock", "unknown_code", 3),
        ("sex,count\nf,twelve\n", "stock", "no_number", 2),
        ("sex,count\nf,12.5\n", "stock", "no_number", 2),
        ("sex,count\nf,-1\n", "stock", "no_number", 2),
        ("sex,count\nf,²\n", "stock", "no_number", 2),
        ("sex,count\nf,99999999\n", "stock", "no_number", 2),
        ("sex,count\nf\n", "stock", "no_number", 2),
        ("sex,count\nf,3\n", "stock", "small", 2),
        ("sex,count\nf,12\nf,12\n", "stock", "twice", 3),
        ("sex,count\nf,12\nm,10\nu,0\nTotal,30\n", "stock", "contradicts_itself", 0),
        ("sex,count\nf,12\nTotal,10\n", "stock", "contradicts_itself", 0),
        ("sex,count\nf,12\nm,10\nu,X\nTotal,24\n", "stock", "small_follows", 0),  # u is 2
        ("sex,count\nf,12\nm,10\nTotal,24\n", "stock", "small_follows", 0),  # so it is where it is left out
        ("sex,count\nf,12\nTotal,13\n", "stock", "small_follows", 0),  # m or u is 1
    ],
)
def test_what_is_no_table_is_refused_and_it_says_where(text: str, flow: str, code: str, line: int) -> None:
    with pytest.raises(NotATable) as refused:
        read(text, flow)
    assert next((one.code, one.line) for one in refused.value.problems) == (code, line)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(NotATable) as refused:
        read("sex,count\nq,3\nf,x\n")
    assert [(one.code, one.line) for one in refused.value.problems] == [("unknown_code", 2), ("small", 2), ("no_number", 3)]


# -- protecting against it --------------------------------------------------------------------------------------------


def made(census: Census, outside: tuple[Fact, ...] = ()) -> tuple[Protected, dict[str, bytes]]:
    """The quarter protected, and its files."""
    tables, spec = design(census, PLAN, POLICY, FORMS, {}, outside)
    protected = protect(tables, census.counts, spec, POLICY)
    return protected, bundle(protected, Imprint("1283", "Exempelby", QUARTER, 1, "test", "test"), POLICY, PLAN)


def with_facts(files: dict[str, bytes], facts: tuple[Fact, ...]) -> dict[str, bytes]:
    """The same files for a reader who knows these facts besides."""
    spec = json.loads(files["spec.json"])
    spec["facts"] += [{"unit": f.unit, "terms": [[k, dict(c)] for k, c in f.terms], "lo": f.lo, "hi": f.hi} for f in facts]
    return files | {"spec.json": json.dumps(spec).encode()}


def widths(files: dict[str, bytes], census: Census) -> dict[tuple, float]:
    """How far apart a reader of the files alone must leave each small hidden count of persons."""
    reader = Reader([files])
    truth, solver = reader.truth(census.counts), reader.solver()
    found = {}
    for (unit, codes), number in reader.printed.items():
        form = reader.form(unit, dict(codes))
        if unit == "persons" and number is None and 1 <= sum(truth[at] for at in form) <= 4:
            lo, hi = reader.bounds(solver, form)
            found[tuple(sorted(codes))] = hi - lo
    return found


def test_two_numbers_that_would_give_a_small_one_away_are_reckoned_with() -> None:
    """35 young people in all and 5 in SIG, hidden to protect others, are told outside: then somebody is found in the release made without
    knowing that (the width is 0), and nobody in the one that is made knowing it, which hides other numbers."""
    census = count(*draw(21, 60, 2), QUARTER, PLAN)
    protected, files = made(census)
    assert min(widths(files, census).values()) >= 3 - 1e-6
    everybody = {"quarter": QUARTER, "flow": "stock"}
    cells = (cell(everybody), cell(everybody | {"workform": "sig_child"}))
    numbers = [sum(n for joint, n in census.counts["persons"].items() if _inside(joint, codes)) for codes in cells]
    assert numbers == [35, 5]
    printed = {codes: number for table in protected.tables for codes, number in table.counts.items() if table.unit == "persons"}
    assert [printed[codes] for codes in cells] == [None, None]
    told = tuple(Fact("persons", ((1, codes),), number, number) for codes, number in zip(cells, numbers, strict=True))
    assert min(widths(with_facts(files, told), census).values()) == 0
    again, knowing = made(census, told)
    assert set(told) <= set(again.spec.facts)
    assert min(widths(knowing, census).values()) >= 3 - 1e-6
    assert _hidden(again.tables) != _hidden(protected.tables)


def _hidden(tables: Iterable[SafeTable]) -> set[tuple]:
    return {(table.unit, codes) for table in tables for codes, number in table.counts.items() if number is None}


def _inside(joint: tuple, codes: tuple) -> bool:
    here = dict(joint)
    return all(here[d] in PLAN.dimension(d).merged.get(c, (c,)) if d not in ("quarter", "flow") else here[d] == c for d, c in codes)


def test_a_false_number_is_left_out_and_a_true_one_beside_it_counts() -> None:
    census = count(*draw(11, 60, 2), QUARTER, PLAN)
    everybody = cell({"quarter": QUARTER, "flow": "stock"})
    true = sum(n for joint, n in census.counts["persons"].items() if _inside(joint, everybody))
    told = tuple(Fact("persons", ((1, everybody),), n, n) for n in (true, true + 1))
    _, spec = design(census, PLAN, POLICY, FORMS, {}, told)
    assert told[0] in spec.facts
    assert told[1] not in spec.facts
