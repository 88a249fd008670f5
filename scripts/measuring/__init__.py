"""What does it cost? Every figure is a ratio of two things done in turn in the same run, or a time a person waits.

A ratio is the median over the rounds of (ours / theirs), so that a machine whose speed drifts does not decide the answer. Limits
are printed beside the figures and never asserted in a test: a busy machine is not a broken program.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the report: `value` in `unit`, the wanted `limit` (None: only told), whether more is better."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the limit is kept; None without one."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.more_is_better else self.value <= self.limit


def in_turn(
    rounds: int, *, timer: Callable[[], float] = time.process_time, **works: Callable[[], object]
) -> Mapping[str, list[float]]:
    """Processor seconds of each work, done in turn for so many rounds after one that does not count; or seconds by another `timer`."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            began = timer()
            work()
            if turn:
                taken[name].append(timer() - began)
    return taken


@contextmanager
def as_in_a_worker() -> Iterator[None]:
    """What is there now is kept out of garbage collection, as wsgi.py does it: otherwise both sides carry the same ballast."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def milliseconds(taken: list[float]) -> float:
    """The median in milliseconds."""
    return statistics.median(taken) * 1000
