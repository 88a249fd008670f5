"""Rows for reading alone: as `session().scalars(select(…))` gives them, without the bookkeeping a session does for each.

The question answered here is "how are very many rows read, in little memory and little time?". Promised: what is given is an object of
the model, its sealed attributes open and shut as always, and its row seal was checked, with the same consequences, before anybody saw
it. Such a row belongs to no session: nothing keeps it once it is no longer used, it does not follow later changes, and assigning to one
of its attributes raises. Whoever wants to change a row loads it in the session.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, inspect

from .engine import session
from .rows import Row, carries_its_seal, note_damage

AnyRow = TypeVar("AnyRow", bound=Row)
_AT_A_TIME = 1000


def glance(model: type[AnyRow], query: Select[AnyRow]) -> Iterator[AnyRow]:
    """The rows of `query`, which is `select(model)` with whatever conditions and order, as objects nobody can save.

    What the session holds unsaved is written first, so that it is found. Raises DamagedRow for a damaged row that decides access.
    """
    current = session()
    current.flush()
    key, result = current.info.get("row_key"), current.connection().execute(query)
    attributes = _attributes(model)
    names = [attributes[column] for column in result.keys()]  # noqa: SIM118 - the result's own list of column names
    for some in result.partitions(_AT_A_TIME):
        for values in some:
            row: AnyRow = object.__new__(model)
            state = row.__dict__
            state.update(zip(names, values, strict=True))
            if key and not carries_its_seal(state, model, key):
                note_damage(state, model)
            yield row


@cache
def _attributes(model: Any) -> Mapping[str, str]:
    """Column name → the attribute it is kept under."""
    return {attribute.columns[0].name: attribute.key for attribute in inspect(model).column_attrs}
