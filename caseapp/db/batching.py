"""How are very many ids asked for? So many at a time: a statement takes only so many parameters, and memory only so many rows.

Not done here: asking. Promised: each item comes once, in the order given.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int = 500) -> Iterator[list[Item]]:
    """The items in lists of `size`, the last one shorter; nothing for no items."""
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some
