"""The solver as every question here is put to it: HiGHS (MIT licence), silent, one thread and a fixed seed, so that the same question has
the same answer."""

from __future__ import annotations

import highspy
import numpy as np

from caseapp.disclosure.system import Floats, Ints


def solver(**options: str | float | bool) -> highspy.Highs:
    """A new solver with these options of HiGHS besides."""
    made = highspy.Highs()
    for option, value in {"output_flag": False, "threads": 1, "random_seed": 1, **options}.items():
        made.setOptionValue(option, value)
    return made


def lay(model: highspy.HighsLp, rows: Ints, columns: Ints, factors: Floats | Ints) -> None:
    """Gives a model with its number of rows set these terms: factor × column in row. Terms of a row stay in the order given."""
    order = np.argsort(rows, kind="stable")
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=model.num_row_))]).astype(np.int32)
    model.a_matrix_.index_ = columns[order].astype(np.int32)
    model.a_matrix_.value_ = factors[order].astype(np.float64)
