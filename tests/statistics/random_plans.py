"""Small municipalities with a plan of their own: which tables there are, how they nest, what is known of quarters is all drawn by lot.

Made for attacking many. People come, stay and leave over one to three quarters; tables of one and two dimensions, a code that is the
sum of two others, a family asked besides, a cross that is never printed, and the arithmetic of quarters each occur in some of them.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from caseapp.disclosure import Fact, Policy, Release, Spec, Table, Unprotectable, World, cell, protect
from caseapp.statistics.bundle import table_csv

QUARTERS = ("2026Q1", "2026Q2", "2026Q3")
POLICIES = (Policy(), Policy(), Policy(), Policy(3, 2), Policy(7, 4))
Files = dict[str, bytes]


@dataclass(frozen=True)
class Person:
    """One row of a list nobody outside sees. `left`: the quarter, or one after the last."""

    came: int
    left: int
    codes: dict[str, str]


@dataclass(frozen=True)
class Plan:
    """What is printed each quarter and what everybody knows of it."""

    parts: dict[str, dict[str, tuple[str, ...]]]
    tables: tuple[tuple[str, tuple[str, ...]], ...]
    family: str
    audit: tuple[tuple[str, tuple[str, ...]], ...]
    has_arithmetic: bool
    quarters: int
    policy: Policy


def drawn(seed: int) -> tuple[Plan, list[Person]]:
    """A plan and the people it counts."""
    lot = random.Random(seed)
    leaves = {"sex": "fm"[: lot.choice((2, 2, 2))], "level": "wxyz"[: lot.randint(2, 4)], "age": "opq"[: lot.randint(2, 3)]}
    parts: dict[str, dict[str, tuple[str, ...]]] = {d: {"Total": tuple(codes)} for d, codes in leaves.items()}
    if len(leaves["level"]) > 2 and lot.random() < 0.5:
        parts["level"]["low"] = tuple(leaves["level"][:2])
    pairs = list(itertools.combinations(leaves, 2))
    chosen = lot.sample(pairs, lot.randint(1, 3))
    single = tuple((name,) for name in leaves if lot.random() < 0.3)
    family = lot.choice(("", "asked"))
    if family:
        parts["asked"] = {"Total": ("yes", "no", "na")}
    audit = (("persons", ("quarter", "flow", "sex", "age")),) if lot.random() < 0.5 else ()
    quarters = lot.choices((1, 2, 3), (40, 40, 20))[0]
    plan = Plan(
        {"quarter": {}, "flow": {}} | parts,
        tuple((f"T{at}", names) for at, names in enumerate((*chosen, *single))),
        family,
        audit,
        lot.random() < 0.7,
        quarters,
        lot.choice(POLICIES),
    )
    weights = {d: [lot.random() ** 2 + 0.05 for _ in plan.parts[d]["Total"]] for d in parts}
    people = []
    for _ in range(lot.randint(8, 70)):
        came = lot.randrange(quarters)
        left = lot.choice((came, came + 1, quarters, quarters))
        people.append(Person(came, left, {d: lot.choices(parts[d]["Total"], weights[d])[0] for d in parts}))
    return plan, people


def _joint(plan: Plan, people: list[Person], quarter: int, names: list[str]) -> Counter:
    """Flow and finest codes → people."""
    found: Counter = Counter()
    for one in people:
        codes = {d: one.codes[d] for d in names}
        for flow, is_in in (("opened", one.came == quarter), ("closed", one.left == quarter), ("stock", one.came <= quarter < one.left)):
            found[cell(codes | {"flow": flow, "quarter": QUARTERS[quarter]})] += is_in
    return found


def _counts(plan: Plan, joint: Counter, names: tuple[str, ...], quarter: int) -> dict:
    found = {}
    choices = [[*codes] for codes in (plan.parts[d] for d in names)]
    choices = [["Total", *plan.parts[d]["Total"], *(c for c in codes if c != "Total")] for d, codes in zip(names, choices, strict=True)]
    for flow, combination in itertools.product(("opened", "closed", "stock"), itertools.product(*choices)):
        wanted = {d: set(plan.parts[d].get(c, (c,))) for d, c in zip(names, combination, strict=True)}
        here = cell(dict(zip(names, combination, strict=True)) | {"flow": flow, "quarter": QUARTERS[quarter]})
        found[here] = sum(
            n for codes, n in joint.items() if dict(codes)["flow"] == flow and all(dict(codes)[d] in parts for d, parts in wanted.items())
        )
    return found


def _arithmetic(quarter: int) -> tuple[Fact, ...]:
    at = [cell({"flow": flow, "quarter": QUARTERS[quarter]}) for flow in ("opened", "closed", "stock")]
    flows = ((1, at[0]), (-1, at[1]), (-1, at[2]))
    if quarter == 0:
        return (Fact("persons", flows, 0, 0),)
    return (Fact("persons", ((1, cell({"flow": "stock", "quarter": QUARTERS[quarter - 1]})), *flows), 0, 0),)


def released(seed: int, policies: tuple[Policy, ...] = ()) -> Iterator[tuple[Plan, Files, World]]:
    """Quarter after quarter: the plan, the files as anybody reads them, the truth so far. Ends where nothing safe could be printed.

    `policies`: one for each quarter in place of the plan's own.
    """
    plan, people = drawn(seed)
    plan = replace(plan, quarters=len(policies)) if policies else plan
    base = [d for d in plan.parts if d not in ("quarter", "flow", "asked")]
    world: World = {"persons": {}}
    earlier: list[Release] = []
    for quarter in range(plan.quarters):
        joint = _joint(plan, people, quarter, base)
        world["persons"].update(joint)
        dimensions = ("quarter", "flow")
        tables = [Table(name, "persons", (*dimensions, *names), _counts(plan, joint, names, quarter)) for name, names in plan.tables]
        if plan.family:
            asked = _joint(plan, people, quarter, [*base, "asked"])
            world.setdefault("persons:asked", {}).update(asked)
            tables.append(Table("F", "persons:asked", (*dimensions, "sex", "asked"), _counts(plan, asked, ("sex", "asked"), quarter)))
        spec = Spec(plan.parts, (), _arithmetic(quarter) if plan.has_arithmetic else (), plan.audit)
        try:
            made = protect(tables, world, spec, policies[quarter] if policies else plan.policy, earlier)
        except Unprotectable:
            return
        earlier.append(Release(QUARTERS[quarter], made.tables, spec))
        files = {f"tables/{table.id}.csv": table_csv(table) for table in made.tables}
        yield plan, files | {"spec.json": json.dumps(spec.as_json()).encode()}, world
