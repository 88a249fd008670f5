"""The design of a quarter: which cells are printed, and what the public knows about them.

This module answers, from true counts and the year's plan: how fine may a table be when few people are behind it, and which
relations between the numbers are public? Fewer than 30 persons: levels and age bands are merged before anything is hidden; fewer
than 10: the total only; fewer than 5: the total is protected too ("färre än 5"). A table can also do without a dimension until enough
people are behind it. The fineness of a table tells the reader how many people are behind it, so it is declared as a fact, and the
attacker uses it.

It promises that each fact it declares is true, and that it declares the arithmetic of quarters as finely as it is true: stock =
stock before + opened − closed, and nobody gets younger. It hides nothing: that is for `disclosure`.

A work form that the town does not have is a code of the plan all the same, so that one can be added between two releases; that it is
empty in a quarter is known to everybody in the town, and is therefore declared as impossible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product

from caseapp.disclosure.system import only_true_facts
from caseapp.disclosure.tables import TOTAL, Cell, Fact, Policy, Spec, Table, World, base_unit, cell, world_of
from caseapp.formats import Quarter
from caseapp.statistics.counting import Census
from caseapp.statistics.plan import UNKNOWN, PlannedTable, TablePlan


def design(
    census: Census, plan: TablePlan, policy: Policy, work_forms: Sequence[str], earlier: World, outside: Sequence[Fact] = ()
) -> tuple[list[Table], Spec]:
    """The true tables of a quarter, and the specification that says what they mean.

    `earlier`: true counts of released quarters; `outside`: what else readers were told of this quarter. A false number is left out:
    whoever believes it knows nothing by it.
    """
    tables: list[Table] = []
    bands: dict[Fact, None] = {}
    for planned in plan.tables:
        for table_id, unit, by in planned.members():
            table, facts = _table(planned, table_id, unit, by, census, plan, policy, work_forms)
            tables.append(table)
            bands.update(dict.fromkeys(facts))
    whole = merge_worlds([earlier, census.counts])
    spec = _spec(plan, tables, census.quarter, work_forms)
    before = previous_quarter(census.quarter, earlier)
    facts = [*bands, *quarter_facts(spec, plan, (*work_forms, UNKNOWN), census.quarter, before)]
    meant = only_true_facts(replace(spec, facts=tuple(facts)), whole)
    return tables, replace(meant, facts=(*meant.facts, *_true_among(outside, spec, whole)))


def _true_among(outside: Sequence[Fact], spec: Spec, whole: World) -> tuple[Fact, ...]:
    """The outside numbers that are true, population by population."""
    found: dict[Fact, None] = {}
    for population in dict.fromkeys(base_unit(fact.unit) for fact in outside):
        mine = tuple(fact for fact in outside if base_unit(fact.unit) == population)
        counts = world_of(whole, population)
        found.update(dict.fromkeys(only_true_facts(replace(spec, facts=mine, audit=()), counts).facts))
    return tuple(found)


def counted_in(happened: Quarter, noted_at: datetime, counted: Mapping[str, datetime]) -> str:
    """The quarter something counts in: its own, or the first after it that had not been counted yet when it was noted.

    So nobody falls between two releases. `counted`: released quarter → the moment its records were read.
    """
    while str(happened) in counted and counted[str(happened)] < noted_at:
        happened = happened.next
    return str(happened)


def merge_worlds(worlds: Iterable[World]) -> World:
    """The counts of several quarters together; they share no cell."""
    merged: World = {}
    for world in worlds:
        for unit, counts in world.items():
            merged.setdefault(unit, {}).update(counts)
    return merged


def previous_quarter(quarter: str, earlier: World) -> str | None:
    """The quarter just before, if it was counted."""
    before = str(Quarter.parse(quarter).previous)
    return before if any(dict(codes)["quarter"] == before for codes in earlier.get("persons", {})) else None


def fineness(persons: int, policy: Policy) -> tuple[bool, bool, tuple[int | None, int | None]]:
    """(is split at all, is coarse, the range of persons that this look gives away)."""
    if persons >= policy.merge_below:
        return True, False, (policy.merge_below, None)
    if persons >= policy.total_below:
        return True, True, (policy.total_below, policy.merge_below - 1)
    return False, True, (0, policy.total_below - 1)


def _table(
    planned: PlannedTable,
    table_id: str,
    unit: str,
    by: tuple[str, ...],
    census: Census,
    plan: TablePlan,
    policy: Policy,
    work_forms: Sequence[str],
) -> tuple[Table, list[Fact]]:
    counts: dict[Cell, int] = {}
    contributors: dict[Cell, int] = {}
    facts: list[Fact] = []
    parts = {code: group for name in by for code, group in plan.dimension(name).merged.items()}
    of_persons = planned.unit == "persons"
    for flow in planned.flows:
        setting = {"quarter": census.quarter, "flow": flow}
        everybody = total(census.counts.get(unit, {}), cell(setting), {})
        persons = everybody if of_persons else census.persons_behind(unit, cell(setting), {})
        is_split, is_coarse, used, bands = look(planned, by, persons, policy)
        if of_persons:  # elsewhere the look tells of persons, and the cell counts something else
            facts += [Fact("persons", ((1, cell(setting)),), lo, hi) for lo, hi in bands]
        choices = [(TOTAL, *_codes(plan, name, is_coarse, work_forms)) if is_split and name in used else (TOTAL,) for name in by]
        for combination in product(*choices):
            codes = cell(dict(zip(by, combination, strict=True)) | setting)
            counts[codes] = total(census.counts.get(unit, {}), codes, parts)
            if not of_persons:
                # a quarter that is corrected keeps its counts, but who is behind them is read anew: somebody, where there is anything
                contributors[codes] = max(census.persons_behind(unit, codes, parts), 1) if counts[codes] else 0
    return Table(table_id, unit, ("quarter", "flow", *by), counts, contributors), facts


Band = tuple[int | None, int | None]


def look(planned: PlannedTable, by: Sequence[str], persons: int, policy: Policy) -> tuple[bool, bool, set[str], list[Band]]:
    """(is split at all, is coarse, the dimensions it is split by, every range of persons that this look gives away)."""
    is_split, is_coarse, band = fineness(persons, policy)
    bands, used = [band], set(by)
    for name, lowest in planned.split_from.items() if is_split else ():
        if persons < lowest:
            used.discard(name)
        bands.append((lowest, None) if persons >= lowest else (None, lowest - 1))
    return is_split, is_coarse, used, bands


def _codes(plan: TablePlan, name: str, coarse: bool, work_forms: Sequence[str]) -> tuple[str, ...]:
    codes = plan.dimension(name).printed(coarse)
    return tuple(code for code in codes if name != "workform" or code in work_forms or code == UNKNOWN)


def total(counts: Mapping[Cell, int], codes: Cell, merged: Mapping[str, tuple[str, ...]]) -> int:
    """The number of people in a cell: the sum over the joint cells inside it."""
    wanted = {dimension: set(merged.get(code, (code,))) for dimension, code in codes}
    return sum(n for joint, n in counts.items() if all(dict(joint).get(d) in parts for d, parts in wanted.items()))


def _spec(plan: TablePlan, tables: Sequence[Table], quarter: str, work_forms: Sequence[str]) -> Spec:
    names = {name for table in tables for name in table.dimensions} | {name for _, by in plan.audit for name in by}
    hierarchies: dict[str, dict[str, tuple[str, ...]]] = {"quarter": {}, "flow": {}}
    zeros: dict[Cell, None] = {}
    for name in sorted(names - {"quarter", "flow"}):
        dimension = plan.dimension(name)
        hierarchies[name] = dimension.hierarchy()
        if name == "workform":  # that a town does not have a work form is known to everybody
            absent = [code for code in dimension.leaves if code not in (*work_forms, UNKNOWN)]
            zeros.update({cell({name: code, "quarter": quarter}): None for code in absent})
        for other in dimension.only_with_unknown:
            crossed = plan.dimension(other)
            # the coarser codes too, said outright, for whoever only adds
            coarser = [code for code, parts in crossed.merged.items() if crossed.untold not in parts]
            known = [code for code in (*crossed.leaves, *coarser) if code != crossed.untold]
            zeros.update({cell({name: UNKNOWN, other: code}): None for code in known})
    audit = tuple((unit, ("quarter", "flow", *by)) for unit, by in plan.audit)
    return Spec(hierarchies, tuple(zeros), (), audit)


def quarter_facts(spec: Spec, plan: TablePlan, work_forms: Sequence[str], quarter: str, before: str | None) -> list[Fact]:
    """The arithmetic between a quarter and the one before, for each work form and sex, and by age as far as ages only rise."""
    facts = []
    ages = [code for code in plan.dimension("age").leaves if code != "unknown"]
    splits = [
        {},
        *({"workform": w, "sex": s} for w, s in product(work_forms, spec.leaves("sex"))),
    ]

    def at(flow: str, split: Mapping[str, str], when: str = quarter) -> Cell:
        return cell({"quarter": when, "flow": flow} | dict(split))

    for split in splits:
        flows = ((-1, at("stock", split)), (1, at("opened", split)), (-1, at("closed", split)))
        if before is None:
            facts.append(Fact("persons", flows, None, 0))  # who came is still there or has left
        else:
            facts.append(Fact("persons", ((1, at("stock", split, before)), *flows), 0, 0))
        for number in range(1, len(ages)):
            older = [split | {"age": age} for age in ages[number:]]
            younger = [split | {"age": age} for age in ages[:number]]
            there_or_left = _sum(("opened", 1), ("stock", -1), ("closed", -1), splits=older, quarter=quarter)
            facts.append(Fact("persons", there_or_left, None, 0))
            if before is not None:
                known = _sum(("stock", -1), ("opened", 1), ("closed", -1), splits=younger, quarter=quarter)
                came = _sum(("stock", 1), splits=[*younger, split | {"age": "unknown"}], quarter=before)
                late = _sum(("opened", 1), splits=[split | {"age": "unknown"}], quarter=quarter)
                facts.append(Fact("persons", known + came + late, 0, None))
    return facts


def _sum(*flows: tuple[str, int], splits: Sequence[Mapping[str, str]], quarter: str) -> tuple[tuple[int, Cell], ...]:
    return tuple((factor, cell({"quarter": quarter, "flow": flow} | dict(split))) for flow, factor in flows for split in splits)
