"""All columns of all rows of some tables in one statement, to tell whether anything of them changed since they were read.

The question answered here is "is what was opened a moment ago still what lies there?". Promised: two answers are the same only if each
column of each row is the same, its seal included, so that what was edited past the application is never taken for what was opened.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, CompoundSelect, LargeBinary, cast, null, select, type_coerce, union_all
from sqlalchemy.types import Boolean, Date, DateTime, Integer, String, TypeDecorator, TypeEngine

from .rows import Row

_KINDS: tuple[type[TypeEngine[Any]], ...] = (String, LargeBinary, Integer, Boolean, DateTime, Date)


def every_column(models: Sequence[type[Row]]) -> CompoundSelect[Any]:
    """One statement for the rows of these tables. Columns of a kind stand under each other; where a table has fewer there is NULL."""
    tables = [_by_kind(model.__table__.columns) for model in models]
    width = {kind: max(len(table[kind]) for table in tables) for kind in _KINDS}
    return union_all(*(select(*_laid_out(table, width)) for table in tables))


def _by_kind(columns: Iterable[Any]) -> dict[type[TypeEngine[Any]], list[Column[Any]]]:
    found: dict[type[TypeEngine[Any]], list[Column[Any]]] = defaultdict(list)
    for column in columns:
        kept_as = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        found[next(kind for kind in _KINDS if isinstance(kept_as, kind))].append(column)
    return found


def _laid_out(table: dict[type[TypeEngine[Any]], list[Column[Any]]], width: dict[type[TypeEngine[Any]], int]) -> Iterable[Any]:
    number = 0
    for kind, places in width.items():
        for place in range(places):
            column = type_coerce(table[kind][place], kind()) if place < len(table[kind]) else cast(null(), kind())
            yield column.label(f"c{number}")
            number += 1
