"""An attacker of our own, written from the description of the bundle: it imports nothing from the application.

It reads the CSV files and spec.json of any number of bundles, writes down one unknown per joint cell and one equation per number,
and asks the solver for the least and the greatest value of a cell. Plain and slow on purpose: no neighbourhoods, no shortcuts.
"""

from __future__ import annotations

import csv
import io
import itertools
import json

import highspy
import numpy as np


class Reader:
    """Everything one reader has on the desk."""

    def __init__(self, bundles: list[dict[str, bytes]]) -> None:
        self.printed: dict[tuple[str, frozenset], int | None] = {}
        self.parts: dict[str, dict[str, list[str]]] = {}
        facts, zeros, audit = [], [], []
        dimensions: dict[str, set[str]] = {}
        settings: dict[str, set[frozenset]] = {}
        for files in bundles:
            spec = json.loads(files["spec.json"])
            for dimension, codes in spec["hierarchies"].items():
                self.parts.setdefault(dimension, {}).update(codes)
            facts += spec["facts"]
            zeros += spec["structural_zeros"]
            audit += spec["audit"]
            for path in sorted(files):
                if path.startswith("tables/"):
                    self._read(files[path].decode())
        self.open_dimensions = {d for d, codes in self.parts.items() if "Total" in codes}

        def mention(unit: str, codes: frozenset) -> None:
            dimensions.setdefault(unit, set()).update(d for d, _ in codes if d in self.open_dimensions)
            settings.setdefault(unit, set()).add(frozenset(p for p in codes if p[0] not in self.open_dimensions))

        for unit, codes in list(self.printed):
            mention(unit, codes)
            if ":" in unit:
                mention(unit.split(":")[0], frozenset(p for p in codes if p[0] != unit.split(":")[1]))
        for fact in facts:
            for _, codes in fact["terms"]:
                mention(fact["unit"], frozenset(codes.items()))
        for names in audit:
            dimensions["persons"].update(set(names) & self.open_dimensions)

        self.unknowns: list[tuple[str, dict[str, str]]] = []
        for unit in sorted(dimensions):
            names = sorted(dimensions[unit])
            for setting in sorted(settings[unit], key=sorted):
                for leaves in itertools.product(*(self.leaves(d, "Total") for d in names)):
                    codes = dict(zip(names, leaves, strict=True)) | dict(setting)
                    if not any(all(codes.get(d) in self.leaves(d, c) for d, c in zero.items()) for zero in zeros):
                        self.unknowns.append((unit, codes))
        self.rows: list[tuple[dict[int, int], float, float]] = []
        for (unit, codes), count in self.printed.items():
            if count is not None:
                self.rows.append((self.form(unit, dict(codes)), count, count))
        for fact in facts:
            total: dict[int, int] = {}
            for factor, codes in fact["terms"]:
                for at in self.form(fact["unit"], codes):
                    total[at] = total.get(at, 0) + factor
            lo = -highspy.kHighsInf if fact["lo"] is None else fact["lo"]
            self.rows.append((total, lo, highspy.kHighsInf if fact["hi"] is None else fact["hi"]))
        for unit in dimensions:
            if ":" in unit:
                base, answer = unit.split(":")
                shared = sorted(dimensions[unit] - {answer})
                for setting in settings[unit]:
                    for leaves in itertools.product(*(self.leaves(d, "Total") for d in shared)):
                        codes = dict(zip(shared, leaves, strict=True)) | dict(setting)
                        row = self.within(unit, codes)
                        for at in self.form(base, codes):
                            row[at] = row.get(at, 0) - 1
                        self.rows.append((row, 0, 0))

    def _read(self, text: str) -> None:
        for row in csv.DictReader(io.StringIO(text)):
            unit, count = row.pop("unit"), row.pop("count")
            codes = frozenset((d, c) for d, c in row.items() if c != "Total")
            if ":" in unit and unit.split(":")[1] not in dict(codes):
                unit = unit.split(":")[0]
            number = None if count == "X" else int(count)
            assert self.printed.setdefault((unit, codes), number) == number, "one cell, two statuses"

    def leaves(self, dimension: str, code: str) -> list[str]:
        parts = self.parts.get(dimension, {}).get(code)
        return [code] if parts is None else [leaf for part in parts for leaf in self.leaves(dimension, part)]

    def within(self, unit: str, codes: dict[str, str]) -> dict[int, int]:
        wanted = {d: set(self.leaves(d, c)) for d, c in codes.items()}
        return {
            at: 1
            for at, (where, leaf) in enumerate(self.unknowns)
            if where == unit and all(leaf.get(d) in parts for d, parts in wanted.items())
        }

    def form(self, unit: str, codes: dict[str, str]) -> dict[int, int]:
        if ":" in unit and unit.split(":")[1] not in codes:
            unit = unit.split(":")[0]
        return self.within(unit, codes)

    def truth(self, counts: dict[str, dict]) -> np.ndarray:
        """The true value of each unknown, for judging an attack; no part of it."""
        place = {(unit, frozenset(codes.items())): at for at, (unit, codes) in enumerate(self.unknowns)}
        known = {unit: {d for where, codes in self.unknowns if where == unit for d in codes} for unit in counts}
        world = np.zeros(len(self.unknowns), dtype=int)
        for unit, cells in counts.items():
            for codes, number in cells.items():
                at = place.get((unit, frozenset((d, c) for d, c in codes if d in known[unit])))
                if at is not None:
                    world[at] += number
        return world

    def solver(self, whole: bool = True) -> highspy.Highs:
        model = highspy.HighsLp()
        size = len(self.unknowns)
        model.num_col_, model.num_row_ = size, len(self.rows)
        model.col_cost_, model.col_lower_ = np.zeros(size), np.zeros(size)
        model.col_upper_ = np.full(size, highspy.kHighsInf)
        model.row_lower_ = np.array([lo for _, lo, _ in self.rows], dtype=float)
        model.row_upper_ = np.array([hi for _, _, hi in self.rows], dtype=float)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0] + [len(row) for row, _, _ in self.rows]).astype(np.int32)
        model.a_matrix_.index_ = np.array([at for row, _, _ in self.rows for at in row], dtype=np.int32)
        model.a_matrix_.value_ = np.array([v for row, _, _ in self.rows for v in row.values()], dtype=float)
        if whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * size
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(model)
        return solver

    def bounds(self, solver: highspy.Highs, form: dict[int, int]) -> tuple[float, float]:
        """(least, greatest) value of a sum; a value above 50 counts as 50, which is wide enough."""
        size, found = len(self.unknowns), []
        for sign in (1.0, -1.0):
            cost = np.zeros(size)
            for at, factor in form.items():
                cost[at] = sign * factor
            solver.changeColsCost(size, np.arange(size, dtype=np.int32), cost)
            solver.run()
            status = solver.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                found.append(sign * solver.getInfo().objective_function_value)
            else:
                assert status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible), status
                assert sign == -1.0, "nothing agrees with what was printed"
                found.append(50.0)
        return found[0], found[1]
