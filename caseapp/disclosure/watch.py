"""The time that a search may take: how much is left, and who is told how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

Progress = Callable[[str, int, int], None]
"""Told the phase (a word), the bound and the cost of the best pattern so far. It may raise to give up altogether."""


class OutOfTime(Exception):
    """The search ends here, with what it has."""


class Watch:
    """How long a search may go on, by its clock (seconds), and who is told."""

    def __init__(
        self,
        seconds: float,
        progress: Progress | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._end = clock, clock() + seconds
        self._progress = progress

    @property
    def left(self) -> float:
        """Seconds."""
        return self._end - self._clock()

    def is_over(self) -> bool:
        """True if time has ended."""
        return self.left <= 0

    def look(self) -> None:
        """Raises OutOfTime if it is over."""
        if self.is_over():
            raise OutOfTime

    def tell(self, phase: str, bound: int, cost: int) -> None:
        """Tells whoever wants to know."""
        if self._progress is not None:
            self._progress(phase, bound, cost)

    def share(self, among: int) -> Watch:
        """A watch for one of so many pieces of work that are still to be done."""
        return Watch(self.left / max(1, among), self._progress, self._clock)
