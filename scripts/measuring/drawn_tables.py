"""Tables drawn by lot for measuring disclosure control: single ones of any dimension, and a town's quarters after one another."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from caseapp.disclosure import Policy, Release, Spec, Table, World, cell, protect
from caseapp.disclosure.hide import hide
from caseapp.disclosure.optimum import Optimum, optimum
from caseapp.disclosure.question import Question, pose
from caseapp.disclosure.tables import Key
from caseapp.disclosure.watch import Watch
from caseapp.formats import Quarter
from caseapp.statistics.counting import Record, count
from caseapp.statistics.plan import TablePlan, table_plan
from caseapp.statistics.rules import design, merge_worlds

WORK_FORMS = ("sspf", "sig_child")
_BANDS = ("a00_11", "a12_14", "a15_17", "a18_20", "a21_plus")


@dataclass(frozen=True)
class Drawn:
    """Tables with their meaning and the truth behind them, and what was told before."""

    tables: tuple[Table, ...]
    spec: Spec
    world: World
    earlier: tuple[Release, ...] = ()


def single(seed: int, sizes: Sequence[int], people: int, tables: Sequence[Sequence[int]] = ()) -> Drawn:
    """`people` over a cross of these sizes, unevenly; printed with every margin, or as these tables of some of its dimensions."""
    lot = np.random.default_rng(seed)
    names = [f"d{at}" for at in range(len(sizes))]
    codes = {name: [f"c{at}" for at in range(size)] for name, size in zip(names, sizes, strict=True)}
    shares = np.ones(1)
    for size in sizes:
        shares = np.multiply.outer(shares, lot.dirichlet(np.full(size, 1.5)))
    shares = shares.ravel() * lot.gamma(2.0, 1.0, shares.size)
    joint = lot.multinomial(people, shares / shares.sum()).reshape(sizes)
    made = []
    for number, dimensions in enumerate(tables or [range(len(sizes))]):
        counts = {}
        for choice in itertools.product(*([None, *range(sizes[d])] for d in dimensions)):
            place = dict(zip(dimensions, choice, strict=True))
            inside = tuple(slice(None) if place.get(d) is None else place[d] for d in range(len(sizes)))
            where = cell({names[d]: codes[names[d]][at] for d, at in place.items() if at is not None})
            counts[where] = int(joint[inside].sum())
        made.append(Table(f"T{number}", "persons", tuple(names[d] for d in dimensions), counts))
    places = itertools.product(*(range(size) for size in sizes))
    world = {cell({n: codes[n][i] for n, i in zip(names, at, strict=True)}): int(joint[at]) for at in places}
    return Drawn(tuple(made), Spec({n: {"Total": tuple(c)} for n, c in codes.items()}), {"persons": world})


def town(seed: int, cases: int, tables: Sequence[str], quarters: int) -> Iterator[Drawn]:
    """A town's quarters, each with all before it as released: these tables of the plan, on a slice of its populations."""
    whole = table_plan()
    plan = replace(whole, tables=tuple(table for table in whole.tables if table.id in tables))
    names = quarter_names(quarters)
    records, policy = drawn_records(seed, cases, plan, names), Policy()
    world: World = {}
    earlier: list[Release] = []
    shown = None
    for name in names:
        census = count(records, [], name, plan)
        drawn, spec = design(census, plan, policy, WORK_FORMS, world)
        world = merge_worlds([world, census.counts])
        yield Drawn(tuple(drawn), spec, world, tuple(earlier))
        if name != names[-1]:
            made = protect(drawn, world, spec, policy, earlier, shown)
            earlier.append(Release(name, made.tables, made.spec))
            shown = made.certificate


def quarter_names(number: int) -> list[str]:
    """So many quarters on end."""
    found, quarter = [], Quarter.parse("2024Q1")
    for _ in range(number):
        found.append(str(quarter))
        quarter = quarter.next
    return found


def drawn_records(seed: int, cases: int, plan: TablePlan, quarters: Sequence[str]) -> list[Record]:
    """Cases as coded records: a quarter of them there from the start, each open for two to six quarters, answers skewed."""
    lot = random.Random(seed)  # noqa: S311 - for measuring
    asked = {by[-1]: plan.dimension(by[-1]) for table in plan.tables if table.family for _, _, by in table.members()}
    codes = {name: [c for c in (d.counted_as or d.leaves) if c != "unknown"] for name, d in asked.items()}
    weights = {name: [2.0**-at for at in range(len(given))] for name, given in codes.items()}
    found = []
    for number in range(cases):
        start = 0 if number % 4 == 0 else lot.randrange(len(quarters))
        end = start + lot.randrange(2, 7)
        age = lot.choices(_BANDS, (10, 38, 42, 8, 2))[0]
        answers = {name: lot.choices(given, weights[name])[0] for name, given in codes.items() if lot.random() < 0.95}
        form, sex = lot.choices(WORK_FORMS, (75, 25))[0], lot.choices("fm", (30, 70))[0]
        closed = quarters[end] if end < len(quarters) else None
        found.append(Record(f"p{number}", form, sex, quarters[start], closed, age, age, answers=answers))
    return found


@dataclass(frozen=True)
class Posed(Question):
    """The question that `protect` asks for these tables, and the heuristic's answer."""

    start: frozenset[Key]

    def solve(self, policy: Policy, watch: Watch) -> Optimum:
        """The optimum, from the heuristic's pattern on."""
        return optimum(self, policy, self.start, watch)


def posed(drawn: Drawn, policy: Policy) -> Posed:
    """The question, with the heuristic's answer to begin with."""
    asked = pose(drawn.tables, drawn.world, drawn.spec, policy, drawn.earlier)
    return Posed(**vars(asked), start=frozenset(hide(asked, policy, asked.forced)))
