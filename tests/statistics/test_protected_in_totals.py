"""In no table but in totals: people with protected identity, over every table of the plan, counted a second time by hand.

A quarter is counted twice, with and without them. In each cell that names a category the two counts must be the same; in a cell that
names none they differ by exactly as many as a plain look at the list says (domain notes, section 4).
"""

from collections import Counter

from caseapp.codelists import codelist
from caseapp.disclosure import Policy
from caseapp.statistics.counting import Intervention, Record, count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design

QUARTER = "2026Q1"
#: What stands for "not known" in the dimensions of the tables.
NOT_KNOWN = {"unknown", "u", "9"}
DOMAINS, ACTORS = tuple(codelist("NeedDomain")), ("police", "school", "leisure")


def person(number: int, *, protected: bool) -> Record:
    """One of many, no two answers in step, so that every category is met."""
    return Record(
        person=f"{'protected' if protected else 'open'} {number}",
        work_form=("sspf", "sig_child")[number % 2],
        sex="fm"[number % 3 % 2],
        opened=("2025Q3", QUARTER)[number % 4 % 2],
        closed=QUARTER if number % 5 == 0 else None,
        age_opened="a12_14",
        age_now=("a12_14", "a15_17")[number % 2],
        protected=protected,
        needs={domain: str((number + place) % 4) for place, domain in enumerate(DOMAINS)},
        actors=frozenset(actor for place, actor in enumerate(ACTORS) if (number + place) % 2),
        changes=dict.fromkeys(DOMAINS, "improved") if number % 5 == 0 else {},
    )


def support(number: int, *, protected: bool) -> Intervention:
    ended = QUARTER if number % 2 else None
    return Intervention(f"{'protected' if protected else 'open'} {number}", "coaching", DOMAINS[number % 3], QUARTER, ended, protected)


OPEN, PROTECTED = [person(n, protected=False) for n in range(300)], [person(n, protected=True) for n in range(40)]
OPEN_SUPPORT, PROTECTED_SUPPORT = [support(n, protected=False) for n in range(120)], [support(n, protected=True) for n in range(20)]


def by_hand() -> Counter[str]:
    """Flow → how many protected people, or interventions of theirs, a plain look at the list finds."""
    found: Counter[str] = Counter()
    for one in PROTECTED:
        found["opened"] += one.opened == QUARTER
        found["closed"] += one.closed == QUARTER
        found["stock"] += one.closed is None
    for given in PROTECTED_SUPPORT:
        found["started"] += given.started == QUARTER
        found["completed"] += given.completed == QUARTER
    return found


def tables(records: list[Record], given: list[Intervention]) -> dict[str, dict]:
    """Table id → cell → true count, as a release begins with."""
    census = count(records, given, QUARTER, table_plan())
    made, _spec = design(census, table_plan(), Policy(), ("sspf", "sig_child"), {})
    return {table.id: dict(table.counts) for table in made}


def test_nobody_with_protected_identity_is_in_a_table_but_in_totals() -> None:
    without, with_them = tables(OPEN, OPEN_SUPPORT), tables(OPEN + PROTECTED, OPEN_SUPPORT + PROTECTED_SUPPORT)
    expected = by_hand()
    assert min(expected.values()) > 0
    assert set(without) == set(with_them)
    categories = totals = 0
    for table_id, cells in with_them.items():
        for codes, number in cells.items():
            here = dict(codes)
            flow = here.pop("flow", "")
            here.pop("quarter")
            named = {name: code for name, code in here.items() if code not in NOT_KNOWN}
            if named:
                categories += 1
                assert number == without[table_id].get(codes, 0), (table_id, here)
            elif flow:
                totals += 1
                assert number == without[table_id].get(codes, 0) + expected[flow], (table_id, here, flow)
    assert categories > 100
    assert totals >= len(with_them)


def test_the_tables_together_hold_every_protected_person_once() -> None:
    counted = count(PROTECTED, PROTECTED_SUPPORT, QUARTER, table_plan()).counts
    for unit, cells in counted.items():
        flows: Counter[str] = Counter()
        for codes, number in cells.items():
            here = dict(codes)
            flows[here["flow"]] += number
            assert {code for name, code in here.items() if name not in ("flow", "quarter")} - NOT_KNOWN <= {"unknown"}, (unit, here)
        assert all(number == by_hand()[flow] for flow, number in flows.items()), unit
