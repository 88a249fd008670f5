"""A small municipality drawn by lot, for attacking its quarters."""

from __future__ import annotations

import random
from collections.abc import Iterator

from caseapp.codelists import codelist
from caseapp.disclosure import Policy, Release
from caseapp.disclosure.protect import Protected, protect
from caseapp.statistics.counting import Intervention, Record, count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design, merge_worlds

BANDS = ("a00_11", "a12_14", "a15_17", "a18_20", "a21_plus")
POLICY = Policy()
QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4")


def draw(seed: int, cases: int = 60, quarters: int = 5) -> tuple[list[Record], list[Intervention]]:
    """Records that look like a municipality's; ages rise for some of them, and one has protected identity."""
    lot = random.Random(seed)
    domains, actors, changes = list(codelist("NeedDomain")), list(codelist("Actor")), list(codelist("Change"))
    types = list(codelist("InterventionType"))
    records, interventions = [], []
    for number in range(cases):
        start = 0 if number < cases // 3 else lot.randrange(quarters)
        end = start + lot.randrange(1, 5)
        age = lot.choices(range(4), (10, 40, 45, 5))[0]
        records.append(
            Record(
                person=f"p{number}",
                work_form=lot.choices(("sspf", "sig_child"), (80, 20))[0],
                sex=lot.choices("fm", (35, 65))[0],
                opened=QUARTERS[start],
                closed=QUARTERS[end] if end < quarters else None,
                age_opened=BANDS[age],
                age_now=BANDS[age],
                protected=number == 7,
                needs={domain: str(lot.choices((0, 1, 2, 3, 9), (30, 25, 25, 15, 5))[0]) for domain in domains},
                actors=frozenset(a for a in actors if lot.random() < 0.4),
                changes={domain: lot.choice(changes) for domain in domains},
            )
        )
        for _ in range(lot.randrange(4)):
            first = lot.randrange(start, min(end, quarters - 1) + 1)
            last = first + lot.randrange(3)
            done = QUARTERS[last] if last < quarters else None
            interventions.append(Intervention(f"p{number}", lot.choice(types), lot.choice(domains), QUARTERS[first], done))
    return records, interventions


def releases(seed: int, cases: int = 60, quarters: int = 4, policy: Policy = POLICY) -> Iterator[tuple[Protected, dict]]:
    """Quarter after quarter, each protected against all before it; with the true counts so far."""
    records, interventions = draw(seed, cases, quarters + 1)
    plan, world, earlier = table_plan(), {}, []
    for quarter in QUARTERS[:quarters]:
        census = count(records, interventions, quarter, plan)
        tables, spec = design(census, plan, policy, ("sspf", "sig_child"), world)
        world = merge_worlds([world, census.counts])
        protected = protect(tables, world, spec, policy, earlier)
        earlier.append(Release(quarter, protected.tables, protected.spec))
        yield protected, world
