"""What could somebody find out who knows cases of their own?

The promise of a release is about a reader who knows what was published and nothing more. A coordinator, a teacher or a neighbour knows a
few of the young people too. This module answers, for n = 1, 2, 3: how many small protected counts of persons could be bounded in an
interval shorter than the policy's width by somebody who knows up to n of the persons in that very count?

Definition. P: everything published and the declared facts. W(m): the worlds that agree with P in which the count is at least m. For a
count whose true value is c, an insider of n knows m = min(n, c) of its persons, the worst case; what they can say is the range of the count
over W(m). The count is *exposed* to n if that range is shorter than the width. It promises to call a count unexposed only with two worlds
in hand that show it; where time ends the count is exposed. It does not use what the insider knows of the same persons in other tables,
nor how likely a value is.

Pure; the truth chooses what is looked at and stays in the house: only how many counts are exposed is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from caseapp.disclosure.search import Wish
from caseapp.disclosure.system import Form, Ints, System
from caseapp.disclosure.tables import Key, Policy
from caseapp.disclosure.targets import Target
from caseapp.disclosure.uncertainty import Uncertainty
from caseapp.disclosure.widen import BATCH_GAP, REWARD, Terrain, Widener

MOST = 3


@dataclass(frozen=True)
class Exposure:
    """To somebody who knows `known` cases, `exposed` of `counts` small counts are exposed."""

    known: int
    exposed: int
    counts: int


def exposures(
    system: System, known: Mapping[Key, int | None], targets: Sequence[Target], truth: Ints, policy: Policy, most: int = MOST
) -> tuple[Exposure, ...]:
    """For 1 … `most` known cases, how many of these counts are exposed.

    `known`: every printed number of this and all earlier releases; `truth`: the true count of each unknown of the system.
    """
    rows = [target for target in targets if policy.is_small(target.form.value(truth), target.codes)]
    if not rows:
        return tuple(Exposure(n, 0, 0) for n in range(1, most + 1))
    seen = Uncertainty(rows, policy, truth)
    widener = Widener(Terrain(system, system.rows(known)), seen, policy)
    true, widths = seen.values_in(0).copy(), np.array([policy.promised(target.codes)[1] for target in rows])
    _look_upwards(widener, seen, true + widths)

    def exposed(n: int) -> int:
        asked = enumerate(zip(true.tolist(), widths.tolist(), strict=True))
        return sum(_is_exposed(widener, seen, at, min(n, count), width) for at, (count, width) in asked)

    return tuple(Exposure(n, exposed(n), len(rows)) for n in range(1, most + 1))


def _look_upwards(widener: Widener, seen: Uncertainty, levels: Ints) -> None:
    """Let each count be seen at its level, or as high as it can be: a world above the truth holds every person an insider may know."""

    def low() -> list[int]:
        return np.flatnonzero(seen.hi < levels).tolist()

    before = len(levels) + 1
    while 1 < len(low()) < before:  # many at once, as long as that helps
        before = len(low())
        widener.look([Wish(((seen.targets[at].form, int(levels[at])),)) for at in low()], 1.0, BATCH_GAP)
    for at in low():
        widener.look([Wish(((seen.targets[at].form, int(levels[at])),))], REWARD, 0.0)


def _is_exposed(widener: Widener, seen: Uncertainty, at: int, known: int, width: int) -> bool:
    """Whether no two worlds in which the count is at least `known` are `width` apart."""

    def widest() -> int:
        values = [int(seen.values_in(number)[at]) for number in range(len(seen.worlds))]
        possible = [value for value in values if value >= known]
        return max(possible) - min(possible)

    if widest() >= width:
        return False
    form, top = seen.targets[at].form, int(seen.hi[at])
    if top - width >= known:
        negative = Form(form.at, -form.factors)
        widener.look([Wish(((form, known), (negative, width - top)))], None, 0.0)
    return widest() < width
