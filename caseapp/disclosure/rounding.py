"""Controlled rounding: every count of one table to a multiple of the base, so that rows and columns still add up.

This module answers: which multiples, for all cells and margins of a table at once? Each count becomes one of the two multiples around it, a
multiple stays what it is (zero-restricted), the whole is additive, and the sum of all changes is as small as it can be. Where no such table
exists, which can happen from three dimensions on, cells may go one multiple further; they are named in `beyond`.

Promised: to a reader of the rounded table alone, who knows the rule, each count has at least `base` possible values: adding up to
`base` − 1 to one inner cell and to each margin around it gives a table that rounds to the same multiples. With `beyond` there are more.
Not promised: anything to a reader who also has exact or otherwise rounded numbers of the same people, such as the protected tables of a
quarter, another rounded table with the same margins, or a table rounded again after a correction; nor to one who makes use of how the
nearest of several roundings was chosen: a small count is then more likely to be 0 to 2 than 3 or 4.

Pure. Source: Causey, Cox and Ernst, "Applications of transportation theory to statistical problems", Journal of the American Statistical
Association 80 (1985), for two dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import highspy
import numpy as np

from caseapp.disclosure.solver import lay, solver
from caseapp.disclosure.tables import TOTAL, Cell, Inconsistent, cell

_STEP_TOO_FAR = 1000.0  # of the price of a whole base: no cell goes further than its neighbours if that can be helped


@dataclass(frozen=True)
class Rounded:
    """Every cell and margin as a multiple of the base. `beyond`: those that are not next to their true count."""

    base: int
    counts: Mapping[Cell, int]
    beyond: frozenset[Cell] = frozenset()


def with_margins(counts: Mapping[Cell, int], dimensions: Sequence[str]) -> dict[Cell, int]:
    """All cells of a table with its margins, from its inner cells; a combination that is not named counts nobody.

    Raises Inconsistent if a cell does not name exactly these dimensions, or counts fewer than nobody.
    """
    codes: dict[str, dict[str, None]] = {name: {} for name in dimensions}
    for where, number in counts.items():
        if {name for name, _ in where} != set(dimensions) or number < 0:
            raise Inconsistent(f"{dict(where)} = {number} is no inner cell of a table by {', '.join(dimensions)}")
        for name, code in where:
            codes[name][code] = None
    found: dict[Cell, int] = {}
    for combination in product(*((TOTAL, *codes[name]) for name in dimensions)):
        wanted = cell(zip(dimensions, combination, strict=True))
        found[wanted] = sum(number for where, number in counts.items() if set(wanted) <= set(where))
    return found


def round_table(counts: Mapping[Cell, int], dimensions: Sequence[str], base: int = 5, seconds: float = 60.0) -> Rounded:
    """The table rounded with all its margins. Raises ValueError for a base below 3, Inconsistent as `with_margins` does."""
    if base < 3:
        raise ValueError("rounding protects from a base of 3 on")
    table = with_margins(counts, dimensions)
    for steps_beyond in (0, 1, 2):
        found = _solve(table, dimensions, base, steps_beyond, seconds)
        if found is not None:
            beyond = frozenset(where for where, number in table.items() if abs(found[where] - number) >= base)
            return Rounded(base, found, beyond)
    raise Inconsistent("no rounding of this table adds up, not even two multiples further")


def _solve(table: Mapping[Cell, int], dimensions: Sequence[str], base: int, beyond: int, seconds: float) -> dict[Cell, int] | None:
    """One whole number of bases for each cell, within `beyond` of its neighbours; None if nothing adds up."""
    place = {where: at for at, where in enumerate(table)}
    true = np.array(list(table.values()), dtype=np.float64)
    down, up = np.floor(true / base), np.ceil(true / base)
    model = highspy.HighsLp()
    rows = _sums(place, dimensions)
    size = len(place)
    # two columns more for each cell: the steps below and above its neighbours, which nothing but necessity pays for
    price = np.array([_price(number, base) for number in table.values()])
    model.num_col_, model.num_row_ = 3 * size, len(rows)
    model.col_cost_ = np.concatenate([price, np.full(2 * size, _STEP_TOO_FAR * base)])
    model.col_lower_ = np.concatenate([down, np.zeros(2 * size)])
    model.col_upper_ = np.concatenate([up, np.minimum(down, beyond), np.full(size, float(beyond))])
    model.row_lower_ = model.row_upper_ = np.zeros(len(rows))
    terms = [
        term
        for number, row in enumerate(rows)
        for at, factor in row
        for term in ((number, at, factor), (number, size + at, -factor), (number, 2 * size + at, factor))
    ]
    lay(model, *(np.array(one) for one in zip(*terms, strict=True)))
    model.integrality_ = [highspy.HighsVarType.kInteger] * (3 * size)
    solving = solver(time_limit=seconds, mip_rel_gap=0.0)
    solving.passModel(model)
    solving.run()
    if solving.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = np.rint(solving.getSolution().col_value).astype(np.int64)
    found = {where: int(base * (values[at] - values[size + at] + values[2 * size + at])) for where, at in place.items()}
    return found if _adds_up(found, dimensions) else None


def _price(number: int, base: int) -> float:
    """What it costs to take the multiple above rather than the one below, in people."""
    above = number % base
    return float((base - above) - above) if above else 0.0


def _sums(place: Mapping[Cell, int], dimensions: Sequence[str]) -> list[list[tuple[int, float]]]:
    """A row for each margin and each dimension it sums over: parts − margin = 0."""
    codes = {name: sorted({dict(where)[name] for where in place if name in dict(where)}) for name in dimensions}
    rows = []
    for where, at in place.items():
        for name in dimensions:
            if name not in dict(where):
                parts = [(place[cell([*where, (name, code)])], 1.0) for code in codes[name]]
                rows.append([*parts, (at, -1.0)])
    return rows


def _adds_up(found: Mapping[Cell, int], dimensions: Sequence[str]) -> bool:
    place = {where: at for at, where in enumerate(found)}
    numbers = list(found.values())
    return all(sum(factor * numbers[at] for at, factor in row) == 0 for row in _sums(place, dimensions)) and min(numbers, default=0) >= 0
