"""An attacker who has every bundle on the desk and all the time in the world; it imports nothing from the application.

Written from the description of the bundle: one unknown for each finest cell, one equation for each number, fact and family. For each
target it asks the solver how far it can move, in fractions of people first and then in whole ones. What one answer shows of others is
used for them too, so that thousands of targets need tens of questions; only a target that stayed narrow is asked for alone, and then
the answer is the last word: the exact bounds.

A *breach* is what the promise forbids: a cell whose every possible value lies in less than `width`, one of them small; a never printed
cell that is certainly somebody and few; a row or column in which every possible world has one answer only.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

Codes = frozenset[tuple[str, str]]
Where = tuple[str, Codes]
Files = dict[str, bytes]

Promises = dict[str, tuple[int, int]]
"""Quarter → (threshold, width)."""

#: A sum that can reach this much is as good as unbounded.
MUCH = 200


@dataclass(frozen=True)
class Breach:
    """What this reader found out."""

    kind: str
    unit: str
    codes: Codes
    lo: int
    hi: int


@dataclass
class Desk:
    """All that was read: numbers, meanings, facts, and the tables' own rows for finding groups."""

    printed: dict[Where, int | None] = field(default_factory=dict)
    parts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    facts: list[tuple[list[tuple[int, Where]], int | None, int | None]] = field(default_factory=list)
    zeros: list[Codes] = field(default_factory=list)
    crosses: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    tables: list[tuple[str, list[str], list[Codes]]] = field(default_factory=list)
    families: set[str] = field(default_factory=set)

    def read(self, files: Files) -> None:
        """One more bundle."""
        spec = json.loads(files["spec.json"])
        for dimension, codes in spec["hierarchies"].items():
            self.parts.setdefault(dimension, {}).update(codes)
        self.zeros += [_cell(zero) for zero in spec["structural_zeros"]]
        for fact in spec["facts"]:
            self.facts.append(([(k, _where(fact["unit"], _cell(c))) for k, c in fact["terms"]], fact["lo"], fact["hi"]))
        self.crosses += [(unit, frozenset(names)) for unit, names in zip(spec["audit_units"], spec["audit"], strict=True)]
        for path in sorted(path for path in files if path.startswith("tables/")):
            rows = list(csv.DictReader(io.StringIO(files[path].decode(), newline="")))
            dimensions = [name for name in rows[0] if name not in ("unit", "count")]
            unit = rows[0]["unit"]
            self.families |= {unit} if ":" in unit else set()
            cells = [_cell({d: row[d] for d in dimensions}) for row in rows]
            self.tables.append((unit, dimensions, cells))
            for codes, row in zip(cells, rows, strict=True):
                count = None if row["count"] == "X" else int(row["count"])
                assert self.printed.setdefault(_where(unit, codes), count) == count, "one cell, two statuses"

    def leaves(self, dimension: str, code: str = "Total") -> list[str]:
        parts = self.parts.get(dimension, {}).get(code)
        return [code] if parts is None else [leaf for part in parts for leaf in self.leaves(dimension, part)]

    def is_split(self, dimension: str) -> bool:
        """Whether its codes are parts of a whole (quarters and flows are not)."""
        return "Total" in self.parts.get(dimension, {})


def _cell(codes: dict[str, str]) -> Codes:
    return frozenset((dimension, code) for dimension, code in codes.items() if code != "Total")


def _where(unit: str, codes: Codes) -> Where:
    base, _, answer = unit.partition(":")
    return (base if answer and answer not in dict(codes) else unit, codes)


class Attacker:
    """One population (persons and its families, meetings, …) as a system of equations, with `known` counts of the attacker's own."""

    def __init__(self, desk: Desk, population: str, known: Iterable[tuple[Where, int]] = ()) -> None:
        self.desk = desk
        dimensions: dict[str, set[str]] = {}
        settings: dict[str, set[Codes]] = {}

        def mention(where: Where) -> None:
            unit, codes = where
            if unit.partition(":")[0] == population:
                dimensions.setdefault(unit, set()).update(d for d, _ in codes if desk.is_split(d))
                settings.setdefault(unit, set()).add(frozenset(one for one in codes if not desk.is_split(one[0])))

        mine = [(unit, dims, cells) for unit, dims, cells in desk.tables if unit.partition(":")[0] == population]
        for unit, _dims, cells in mine:
            base, _, answer = unit.partition(":")
            for codes in cells:
                mention((unit, codes))
                mention((base, frozenset(one for one in codes if one[0] != answer)))
        for terms, _lo, _hi in desk.facts:
            for _, where in terms:
                mention(where)
        self.crosses = [(unit, names) for unit, names in desk.crosses if unit.partition(":")[0] == population]
        for unit, names in self.crosses:
            dimensions[unit].update(d for d in names if desk.is_split(d))
        zeros = [{d: set(desk.leaves(d, c)) for d, c in zero} for zero in desk.zeros]
        self.names = {unit: sorted(found) for unit, found in dimensions.items()}
        self.settings = settings
        self.column: dict[Where, int] = {}
        for unit, names in self.names.items():
            for setting, leaves in itertools.product(sorted(settings[unit], key=sorted), itertools.product(*map(desk.leaves, names))):
                codes = dict(zip(names, leaves, strict=True)) | dict(setting)
                if not any(all(codes.get(d) in parts for d, parts in zero.items()) for zero in zeros):
                    self.column[unit, frozenset(codes.items())] = len(self.column)
        self.size = len(self.column)
        self.rows: list[tuple[dict[int, int], float, float]] = []
        for where, count in [*desk.printed.items(), *known]:
            if count is not None and where[0] in self.names:
                self._equation([(1, where)], count, count)
        for terms, lo, hi in desk.facts:
            if terms[0][1][0] in self.names:
                self._equation(terms, lo, hi)
        for unit in self.names:
            base, _, answer = unit.partition(":")
            if answer:
                shared = [d for d in self.names[unit] if d != answer]
                for setting, leaves in itertools.product(settings[unit], itertools.product(*map(desk.leaves, shared))):
                    place = setting | frozenset(zip(shared, leaves, strict=True))
                    self._equation([(1, (unit, place)), (-1, (base, place))], 0, 0)
        self._solver = self._model()
        self.worlds: list[np.ndarray] = []

    def form(self, where: Where) -> list[int]:
        """The unknowns a cell is the sum of."""
        unit, codes = where
        here = dict(codes)
        names = [*self.names[unit], *(d for d in here if not self.desk.is_split(d))]
        found = itertools.product(*(self.desk.leaves(d, here.get(d, "Total")) for d in names))
        places = (self.column.get((unit, frozenset(zip(names, leaves, strict=True)))) for leaves in found)
        return [at for at in places if at is not None]

    def _equation(self, terms: Sequence[tuple[int, Where]], lo: int | None, hi: int | None) -> None:
        total: dict[int, int] = {}
        for factor, where in terms:
            for at in self.form(where):
                total[at] = total.get(at, 0) + factor
        self.rows.append((total, -highspy.kHighsInf if lo is None else lo, highspy.kHighsInf if hi is None else hi))

    def _model(self) -> highspy.Highs:
        """Every row; whoever is in a sum that is zero has no unknown left to be in."""
        upper = np.full(self.size, float(MUCH))
        for row, _lo, hi in self.rows:
            if hi == 0 and all(factor > 0 for factor in row.values()):
                upper[list(row)] = 0
        self._upper = upper
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, len(self.rows)
        model.col_cost_, model.col_lower_, model.col_upper_ = np.zeros(self.size), np.zeros(self.size), upper
        model.row_lower_ = np.array([lo for _, lo, _ in self.rows], dtype=float)
        model.row_upper_ = np.array([hi for _, _, hi in self.rows], dtype=float)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0] + [len(row) for row, _, _ in self.rows]).astype(np.int32)
        model.a_matrix_.index_ = np.array([at for row, _, _ in self.rows for at in row], dtype=np.int32)
        model.a_matrix_.value_ = np.array([v for row, _, _ in self.rows for v in row.values()], dtype=float)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.passModel(model)
        return solver

    def ask(self, cost: np.ndarray, *, whole: bool) -> tuple[float, np.ndarray | None]:
        """(the greatest value of a sum, a world that has it); without a world if nothing agrees with what was read."""
        solver, every = self._solver, np.arange(self.size, dtype=np.int32)
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        solver.changeColsIntegrality(self.size, every, np.full(self.size, kind))
        solver.changeColsCost(self.size, every, -cost)
        solver.run()
        status = solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return -1.0, None
        assert status == highspy.HighsModelStatus.kOptimal, status
        return -solver.getInfo().objective_function_value, np.array(solver.getSolution().col_value)

    def world(self, cost: np.ndarray) -> bool:
        """Finds one more world of whole people that makes a sum great; False if there is none at all."""
        for whole in (False, True):
            _value, found = self.ask(cost, whole=whole)
            if found is None:
                return False
            nearest = np.rint(found)
            if np.abs(found - nearest).max() < 1e-6:
                self.worlds.append(nearest.astype(np.int64))
                return True
        raise AssertionError("the solver's whole numbers are none")

    def sum_of(self, columns: Sequence[int], sign: float = 1.0) -> np.ndarray:
        cost = np.zeros(self.size)
        cost[list(columns)] = sign
        return cost

    def bounds(self, columns: Sequence[int], *, whole: bool = True) -> tuple[float, float]:
        """(least, greatest) value of a sum of unknowns."""
        if not columns:
            return 0.0, 0.0
        greatest, _ = self.ask(self.sum_of(columns), whole=whole)
        least, _ = self.ask(self.sum_of(columns, -1.0), whole=whole)
        return -least, greatest

    # -- everything at once ------------------------------------------------------------------------------------------

    def targets(self) -> list[tuple[str, Where]]:
        """Every X, and every cell of the crosses that are never printed."""
        found: dict[tuple[str, Where], None] = {}
        for where, count in self.desk.printed.items():
            if count is None and where[0] in self.names:
                found["printed", where] = None
        for unit, named in self.crosses:
            splits = [d for d in named if self.desk.is_split(d)]
            for setting, leaves in itertools.product(self.settings[unit], itertools.product(*map(self.desk.leaves, splits))):
                found["derived", (unit, setting | frozenset(zip(splits, leaves, strict=True)))] = None
        return list(found)

    def attack(self, threshold: int, width: int, promises: Promises | None = None, seed: int = 1) -> tuple[int, list[Breach]]:
        """(how many targets were looked at, what could be found out). `promises`: quarters for which other numbers hold."""
        self._promised = (threshold, width), promises or {}
        lot = np.random.default_rng(seed)
        assert self.world(np.zeros(self.size)), "nothing agrees with what was printed"
        targets = [(kind, where, columns) for kind, where in self.targets() if (columns := self._possible(self.form(where)))]
        closed, rounds = self._narrow(targets), 0
        while closed and rounds < 12:  # many at once, in directions drawn by lot
            cost = np.zeros(self.size)
            for number in closed:
                cost[targets[number][2]] += lot.choice((-1.0, 1.0, 1.0))
            self.world(cost)
            left = self._narrow(targets)
            rounds += 1
            closed = left
        breaches = []
        for number in closed:
            if number not in self._narrow(targets):
                continue
            kind, (unit, codes), columns = targets[number]
            for sign in (1.0, -1.0):
                self.world(self.sum_of(columns, sign))
            values = [int(world[columns].sum()) for world in self.worlds]
            if self._is_breach(kind, codes, min(values), max(values)):
                lo, hi = self.bounds(columns)
                if self._is_breach(kind, codes, round(lo), round(hi)):
                    breaches.append(Breach(kind, unit, codes, round(lo), round(hi)))
        looked_at, one_sided = self._groups()
        return len(targets) + looked_at, breaches + one_sided

    def _possible(self, columns: Sequence[int]) -> list[int]:
        return [at for at in columns if self._upper[at] > 0]

    def _narrow(self, targets: Sequence[tuple[str, Where, list[int]]]) -> list[int]:
        """The targets that the worlds at hand do not leave open. Empty in all of them is not open: somebody may be found there."""
        worlds, found = np.array(self.worlds), []
        for number, (kind, (_unit, codes), columns) in enumerate(targets):
            values = worlds[:, columns].sum(axis=1)
            lo, hi = int(values.min()), int(values.max())
            if hi == 0 or self._is_breach(kind, codes, lo, hi):
                found.append(number)
        return found

    def _is_breach(self, kind: str, codes: Codes, lo: int, hi: int) -> bool:
        """Small in some world, and either too narrow or, for what is never printed, certainly somebody and few."""
        usual, promises = self._promised
        threshold, width = promises.get(dict(codes).get("quarter", ""), usual)
        is_somebody = hi > 0 and lo < threshold
        return is_somebody and (hi - lo < width or (kind == "derived" and lo > 0 and hi < threshold))

    def _groups(self) -> tuple[int, list[Breach]]:
        """Rows and columns: is there a world with two answers, wherever somebody can be and two answers are possible?"""
        looked_at, found = 0, []
        for unit, dimensions, cells in self.desk.tables:
            if unit not in self.names and unit.partition(":")[0] not in self.names:
                continue
            for dimension in (d for d in dimensions if self.desk.is_split(d)):
                answers: dict[Codes, list[list[int]]] = {codes: [] for codes in cells if dimension not in dict(codes)}
                for codes in (codes for codes in cells if dimension in dict(codes)):
                    rest = frozenset(one for one in codes if one[0] != dimension)
                    if rest in answers and (columns := self.form(_where(unit, codes))):
                        answers[rest].append(columns)
                for rest, given in answers.items():
                    if len(given) > 1:
                        looked_at += 1
                        if self._is_one_sided(given):
                            found.append(Breach("group", unit, rest | {(dimension, "?")}, 1, 1))
        return looked_at, found

    def _is_one_sided(self, given: Sequence[Sequence[int]]) -> bool:
        worlds = np.array(self.worlds)
        occupied = sum((worlds[:, list(columns)].sum(axis=1) > 0).astype(int) for columns in given)
        if occupied.max() > 1:
            return False
        possible = [self._possible(columns) for columns in given]
        possible = [columns for columns in possible if columns and self.bounds(columns)[1] > 0]
        for one, other in itertools.combinations(possible, 2):
            before = self._solver.getNumRow()
            for columns in (one, other):
                self._solver.addRow(1.0, highspy.kHighsInf, len(columns), np.array(columns, dtype=np.int32), np.ones(len(columns)))
            is_possible = self.world(self.sum_of(one))
            self._solver.deleteRows(2, np.arange(before, before + 2, dtype=np.int32))
            if is_possible:
                return False
        return bool(possible)  # nobody there: nothing to be found


def populations(desk: Desk) -> list[str]:
    """The populations that were counted."""
    return sorted({unit.partition(":")[0] for unit, _, _ in desk.tables})


def attack(
    bundles: Sequence[Files], threshold: int = 5, width: int = 3, promises: Promises | None = None
) -> tuple[int, list[Breach]]:
    """(targets looked at, breaches) over every population of all the bundles together."""
    desk = Desk()
    for files in bundles:
        desk.read(files)
    found = [Attacker(desk, population).attack(threshold, width, promises) for population in populations(desk)]
    return sum(number for number, _ in found), [breach for _, breaches in found for breach in breaches]
