"""In no table but in totals: people with protected identity, over every table of the plan, counted a second time by hand.

A quarter is counted twice, with and without them. In each cell that names a category the two counts must be the same; in a cell that
names none they differ by exactly as many as a plain look at the list says (domain notes, section 4).
"""

import random
from collections import Counter

from caseapp.codelists import codelist
from caseapp.disclosure import Policy
from caseapp.statistics.counting import Event, Record, count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design
from tests.statistics.drawn_by_lot import OTHERS, answers_by_lot, given

QUARTER = "2026Q1"
#: What stands for "not known" in the dimensions of the tables.
NOT_KNOWN = {"sex": "u", "need": "9", "youth": "0", "guardian": "0", "risk": "not_assessed"}
DOMAINS = tuple(codelist("NeedDomain"))


def is_not_known(name: str, code: str) -> bool:
    """Whether the code says nothing of anybody."""
    return code in (NOT_KNOWN.get(name.partition(".")[0], "unknown"), "no_answer")


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
        answers={name: code for name, code in answers_by_lot(random.Random(number), table_plan()).items() if not is_not_known(name, code)},
    )


def things(number: int, *, protected: bool) -> list[Event]:
    """An intervention of theirs, and one of everything else that is counted without being a person."""
    who, ended = f"{'protected' if protected else 'open'} {number}", QUARTER if number % 2 else None
    found = [given(who, "coaching", DOMAINS[number % 3], QUARTER, ended, protected=protected)]
    for population, dimensions in OTHERS.items():
        (flow,) = table_plan().populations[population]
        codes = {name: list(codes)[number % len(list(codes))] for name, codes in dimensions.items()}
        found.append(Event(population, (who,), {flow: QUARTER}, codes, protected))
    return found


OPEN, PROTECTED = [person(n, protected=False) for n in range(300)], [person(n, protected=True) for n in range(40)]
OPEN_THINGS = [one for n in range(120) for one in things(n, protected=False)]
PROTECTED_THINGS = [one for n in range(20) for one in things(n, protected=True)]


def by_hand() -> Counter[str]:
    """Flow → how many protected people, or things of theirs, a plain look at the list finds."""
    found: Counter[str] = Counter()
    for who in PROTECTED:
        found["opened"] += who.opened == QUARTER
        found["closed"] += who.closed == QUARTER
        found["stock"] += who.closed is None
    for one in PROTECTED_THINGS:
        found.update(flow for flow, when in one.flows.items() if when == QUARTER)
    return found


def tables(records: list[Record], happened: list[Event]) -> dict[str, dict]:
    """Table id → cell → true count, as a release begins with."""
    census = count(records, happened, QUARTER, table_plan())
    made, _spec = design(census, table_plan(), Policy(), ("sspf", "sig_child"), {})
    return {table.id: dict(table.counts) for table in made}


def test_nobody_with_protected_identity_is_in_a_table_but_in_totals() -> None:
    without, with_them = tables(OPEN, OPEN_THINGS), tables(OPEN + PROTECTED, OPEN_THINGS + PROTECTED_THINGS)
    expected = by_hand()
    assert min(expected.values()) > 0
    assert set(without) == set(with_them)
    categories = totals = 0
    for table_id, cells in with_them.items():
        for codes, number in cells.items():
            here = dict(codes)
            flow = here.pop("flow", "")
            here.pop("quarter")
            named = {name: code for name, code in here.items() if not is_not_known(name, code)}
            if named:
                categories += 1
                assert number == without[table_id].get(codes, 0), (table_id, here)
            elif flow:
                totals += 1
                assert number == without[table_id].get(codes, 0) + expected[flow], (table_id, here, flow)
    assert categories > 100
    assert totals >= len(with_them)


def test_the_tables_together_hold_every_protected_person_once() -> None:
    counted = count(PROTECTED, PROTECTED_THINGS, QUARTER, table_plan()).counts
    for unit, cells in counted.items():
        flows: Counter[str] = Counter()
        for codes, number in cells.items():
            here = dict(codes)
            flows[here["flow"]] += number
            assert all(is_not_known(name, code) for name, code in here.items() if name not in ("flow", "quarter")), (unit, here)
        assert all(number == by_hand()[flow] for flow, number in flows.items()), unit
