"""A small municipality drawn by lot, for attacking its quarters."""

from __future__ import annotations

import random
from collections.abc import Iterator

from caseapp.codelists import codelist
from caseapp.disclosure import Policy, Release
from caseapp.disclosure.protect import Protected, protect
from caseapp.statistics.counting import Event, Record, count
from caseapp.statistics.plan import TablePlan, table_plan
from caseapp.statistics.rules import design, merge_worlds

BANDS = ("a00_11", "a12_14", "a15_17", "a18_20", "a21_plus")
POLICY = Policy()
QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4")


#: What the counted things that are no persons are drawn from: population → dimension → the list of codes.
OTHERS = {
    "meetings": {"meeting": codelist("MeetingType"), "present": ("both", "youth", "guardian", "neither")},
    "commitments": {"maker": codelist("Actor"), "kept": ("done", "late", "not_done")},
    "goals": {"sex": "fm", "attainment": codelist("Attainment")},
}


def given(person: str, kind: str, focus: str, started: str, completed: str | None = None, *, protected: bool = False) -> Event:
    """An intervention."""
    flows = {"started": started, "completed": completed}
    return Event("interventions", (person,), flows, {"type": kind, "focus": focus}, protected)


def answers_by_lot(lot: random.Random, plan: TablePlan) -> dict[str, str]:
    """An answer to every question of every family, some of them missing."""
    asked = [by[-1] for table in plan.tables if table.family for _, _, by in table.members()]
    found = {}
    for name in asked:
        dimension = plan.dimension(name)
        codes = list(dimension.counted_as or dimension.leaves)
        if name.startswith("need."):
            found[name] = str(lot.choices((0, 1, 2, 3, 9), (30, 25, 25, 15, 5))[0])
        elif name.partition(".")[0] in ("actor", "concern", "protective"):
            found[name] = lot.choices(("yes", "no"), (40, 60))[0]
        elif lot.random() < 0.95:
            found[name] = lot.choice([code for code in codes if code != "unknown"])
    return found


def draw(seed: int, cases: int = 60, quarters: int = 5) -> tuple[list[Record], list[Event]]:
    """Records that look like a municipality's; ages rise for some of them, and one has protected identity."""
    lot, plan = random.Random(seed), table_plan()
    domains, types = list(codelist("NeedDomain")), list(codelist("InterventionType"))
    records, events = [], []
    for number in range(cases):
        start = 0 if number < cases // 3 else lot.randrange(quarters)
        end = start + lot.randrange(1, 5)
        age = lot.choices(range(4), (10, 40, 45, 5))[0]
        one = Record(
            person=f"p{number}",
            work_form=lot.choices(("sspf", "sig_child"), (80, 20))[0],
            sex=lot.choices("fm", (35, 65))[0],
            opened=QUARTERS[start],
            closed=QUARTERS[end] if end < quarters else None,
            age_opened=BANDS[age],
            age_now=BANDS[age],
            protected=number == 7,
            answers=answers_by_lot(lot, plan),
        )
        records.append(one)
        for _ in range(lot.randrange(4)):
            first = lot.randrange(start, min(end, quarters - 1) + 1)
            last = first + lot.randrange(3)
            done = QUARTERS[last] if last < quarters else None
            events.append(given(one.person, lot.choice(types), lot.choice(domains), QUARTERS[first], done, protected=one.protected))
        for population, dimensions in OTHERS.items():
            (flow,) = plan.populations[population]
            for _ in range(lot.randrange(5)):
                when = QUARTERS[lot.randrange(start, min(end, quarters - 1) + 1)]
                codes = {name: lot.choice(list(codes)) for name, codes in dimensions.items()}
                events.append(Event(population, (one.person,), {flow: when}, codes, one.protected))
    return records, events


def releases(seed: int, cases: int = 60, quarters: int = 4, policy: Policy = POLICY) -> Iterator[tuple[Protected, dict]]:
    """Quarter after quarter, each protected against all before it; with the true counts so far."""
    records, events = draw(seed, cases, quarters + 1)
    plan, world, earlier = table_plan(), {}, []
    for quarter in QUARTERS[:quarters]:
        census = count(records, events, quarter, plan)
        tables, spec = design(census, plan, policy, ("sspf", "sig_child"), world)
        world = merge_worlds([world, census.counts])
        protected = protect(tables, world, spec, policy, earlier)
        earlier.append(Release(quarter, protected.tables, protected.spec))
        yield protected, world
