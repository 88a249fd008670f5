"""So many at a time: every item once, in its order, and no list longer than asked for."""

from hypothesis import given
from hypothesis import strategies as st

from caseapp.db import batches


@given(st.lists(st.integers()), st.integers(1, 7))
def test_every_item_comes_once_in_its_order(items: list[int], size: int) -> None:
    found = list(batches(items, size))
    assert [item for some in found for item in some] == items
    assert all(0 < len(some) <= size for some in found)
    assert all(len(some) == size for some in found[:-1])
