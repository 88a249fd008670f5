"""Disclosure control: how near to the least that protects, how long that takes, and how much a peer hides of the same tables.

Times are processor seconds of this process, so that a busy machine does not decide the answer; the searches' limits are of the same kind.
Tables are drawn by lot with fixed seeds. The peer is `argus`; what it hides is looked at by our attacker, because its protection is a
share of the cell and says nothing of groups: a pattern that hides less and gives somebody away is not a better one. Both are held to the
same promise, once for cells alone, small and complementary, and once for groups, too: ours is the optimum under it, the peer's the pattern
at the least share, of a few, that keeps it. A table is left out where there is none.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from caseapp.disclosure import Policy, cell
from caseapp.disclosure.attack import attack
from caseapp.disclosure.certificate import certify
from caseapp.disclosure.optimum import Optimum
from caseapp.disclosure.tables import Key, key
from caseapp.disclosure.targets import Target
from caseapp.disclosure.watch import Watch
from caseapp.statistics.counting import count
from caseapp.statistics.plan import table_plan
from caseapp.statistics.rules import design

from . import Figure
from .drawn_tables import WORK_FORMS, Drawn, Posed, drawn_records, posed, quarter_names, single, town

_POLICY = Policy()
_TABLES = ("A1", "A2", "A4", "A11")
#: sizes of the cross, people, and the tables printed of it (none: itself with every margin); at most 400 cells
_SINGLE = (
    ((5, 6), 60), ((8, 9), 120), ((12, 12), 150), ((19, 19), 400), ((19, 19), 1500),
    ((4, 4, 4), 100), ((3, 5, 7), 120), ((5, 6, 6), 150), ((6, 6, 7), 300), ((3, 8, 8), 400), ((6, 6, 7), 1500),
)  # fmt: skip
_LINKED = (
    ((4, 3, 5), 80, ((0, 1), (0, 2))), ((5, 4, 6), 120, ((0, 1), (0, 2), (1, 2))), ((3, 4, 4, 5), 150, ((0, 1), (0, 2), (0, 3))),
)  # fmt: skip
_SEEDS = 3
_SHARES = (37, 50, 75, 100)  # per cent of the cell, the peer's protection


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures; with `quick` small sizes and short limits."""
    yield from _quarter(quick=quick)
    yield from _singles(quick=quick)
    yield from _four_way(quick=quick)
    yield from _against_the_peer(quick=quick)
    yield from _preparation(quick=quick)


def _solved(drawn: Drawn, seconds: float, policy: Policy = _POLICY) -> tuple[Posed, Optimum, float]:
    """(the question, the answer, processor seconds of the search)."""
    question = posed(drawn, policy)
    began = time.process_time()
    found = question.solve(policy, Watch(seconds, clock=time.process_time))
    return question, found, time.process_time() - began


def _quarter(*, quick: bool) -> Iterator[Figure]:
    cases, quarters, seeds = (60, 3, 1) if quick else (150, 9, 3)
    searches, audits, proofs, gaps, saved = [], [], [], [], []
    cells = 0
    for seed in range(1, seeds + 1):
        *_, last = town(seed, cases, _TABLES, quarters)
        question, found, taken = _solved(last, 10.0)
        cells = max(cells, len(question.new))
        searches.append(taken)
        gaps.append(found.gap)
        saved.append(1 - found.cost / max(1, len(question.start - found.anyway)))
        told = question.told(found.hidden)
        began = time.process_time()
        findings = attack(question.system, told, question.targets, _POLICY)
        audits.append(time.process_time() - began)
        assert all(finding.is_open for finding in findings), "the attacker got through"
        began = time.process_time()
        certify(question.system, question.tables, told, _POLICY)
        proofs.append(time.process_time() - began)
    note = f"{', '.join(_TABLES)}, up to {cells} cells, {cases} cases, {quarters - 1} releases before; {seeds} towns"
    yield Figure("a town's quarter: search, the slowest", max(searches), "s", 10, note=note)
    yield Figure("a town's quarter: gap, the widest", 100 * max(gaps), "%", 0, note="after 10 s")
    yield Figure("a town's quarter: fewer complementary than heuristic", 100 * statistics.mean(saved), "%", more_is_better=True)
    yield Figure("a town's quarter: audit, the slowest", max(audits), "s", 10, note="every target in whole people")
    yield Figure("a town's quarter: certificate, the slowest", max(proofs), "s", note="from nothing, everything hidden in any release")


def _singles(*, quick: bool) -> Iterator[Figure]:
    sizes, limit = (_SINGLE[:2] + _SINGLE[5:6], 5.0) if quick else (_SINGLE, 15.0)
    proved, slowest = [], 0.0
    for seed in range(1 if quick else _SEEDS):
        for shape, people in sizes:
            _question, found, taken = _solved(single(seed, shape, people), limit)
            proved.append(found.is_optimal)
            slowest = max(slowest, taken)
    note = f"{len(proved)} tables of two and three dimensions, up to 400 cells; the slowest took {slowest:.1f} s"
    share = 100 * statistics.mean(proved)
    yield Figure(f"single tables proved optimal within {limit:.0f} s", share, "%", 95, more_is_better=True, note=note)


def _four_way(*, quick: bool) -> Iterator[Figure]:
    limit = 10.0 if quick else 60.0
    for people, seeds in ((150, 1),) if quick else ((150, 3), (600, 1)):
        gaps, notes = [], []
        for seed in range(1, seeds + 1):
            question, found, _taken = _solved(single(seed, (4, 2, 4, 4), people), limit)
            gaps.append(found.gap)
            notes.append(f"{found.cost}, at least {found.bound}")
        note = f"{len(question.new)} cells; hides {'; '.join(notes)}"
        yield Figure(f"four dimensions, {people} people: gap after {limit:.0f} s, the widest", 100 * max(gaps), "%", 5, note=note)


def _against_the_peer(*, quick: bool) -> Iterator[Figure]:
    limit = 5.0 if quick else 15.0
    asked = [single(seed, shape, people) for seed in range(_SEEDS) for shape, people in _SINGLE[:3] + _SINGLE[5:8]]
    asked += [single(seed, shape, people, t) for seed in range(_SEEDS) for shape, people, t in _LINKED]
    asked = asked[:: 6 if quick else 1]
    posed_once = [posed(drawn, _POLICY) for drawn in asked]

    @cache
    def theirs(at: int, method: str, share: int) -> set[Key] | None:
        return _peer(asked[at], method, share)

    cells = {"printed", "derived"}
    for what, kinds in (("hidden cells are open", cells), ("neither cells nor groups are found", cells | {"group"})):
        answered = []
        for question in posed_once:
            question = replace(question, targets=[target for target in question.targets if target.kind in kinds])
            answered.append((question, question.solve(_POLICY, Watch(limit, clock=time.process_time))))
        for method in ("OPT", "MOD"):
            offered = ((theirs(at, method, share) for share in _SHARES) for at in range(len(asked)))
            compared = (_ratio(*one, patterns) for one, patterns in zip(answered, offered, strict=True))
            ratios = [ratio for ratio in compared if ratio is not None]
            if ratios:
                note = f"{len(ratios)} of {len(answered)} tables: where {what} in its pattern"
                fewer = 100 * (1 - statistics.mean(ratios))
                yield Figure(f"fewer complementary cells than τ-ARGUS {method}", fewer, "%", 20, more_is_better=True, note=note)
                never = 100 * statistics.mean(ratio <= 1 for ratio in ratios)
                yield Figure(f"tables with no more than τ-ARGUS {method}", never, "%", 100, more_is_better=True, note="of the same")


def _ratio(question: Posed, found: Optimum, patterns: Iterable[set[Key] | None]) -> float | None:
    """Our complementary cells to the peer's, in its first pattern that keeps our attacker out; None if there is none, or none needed."""
    for theirs in patterns:
        if theirs is None:
            continue
        hidden = question.forced | theirs
        own = [Target("printed", *where, question.system.form(*where)) for where in hidden - question.forced]
        if all(finding.is_open for finding in attack(question.system, question.told(hidden), [*question.targets, *own], _POLICY)):
            many = len(hidden - found.anyway)
            return found.cost / many if many else None
    return None


def _peer(drawn: Drawn, method: str, share: int) -> set[Key] | None:
    """What the peer hides besides small cells; None if it gives up."""
    people = [dict(codes) for codes, n in drawn.world["persons"].items() for _ in range(n)]
    tables = [list(table.dimensions) for table in drawn.tables]
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", f"{__package__}.argus"],
        input=json.dumps({"tables": tables, "people": people, "method": method, "share": share}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        print(f"τ-ARGUS {method} gave up: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    hidden: Sequence[Sequence[dict[str, str]]] = json.loads(done.stdout)["hidden"]
    return {key(table.unit, cell(codes)) for table, some in zip(drawn.tables, hidden, strict=True) for codes in some}


def _preparation(*, quick: bool) -> Iterator[Figure]:
    plan, names = table_plan(), quarter_names(8)
    taken = {}
    for cases in (1_000, 10_000) if quick else (1_000, 10_000, 100_000):
        records = drawn_records(1, cases, plan, names)
        began = time.process_time()
        census = count(records, [], names[4], plan)
        design(census, plan, _POLICY, WORK_FORMS, {})
        taken[cases] = time.process_time() - began
        note = "counting and design of the whole plan, before anything is hidden"
        yield Figure(f"quarter of {cases} cases prepared", taken[cases], "s", 15 if cases == 100_000 else None, note=note)
    most, fewer = max(taken), max(taken) // 10
    yield Figure("ten times the cases take", taken[most] / taken[fewer], "×", 12, note="10 would be linear")
