"""Whether anything of some tables changed: every single column of a row tells, whatever is written in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, update

from caseapp.accounts.models import Agency, Leave, Membership, Municipality, Team, TeamAgency, User
from caseapp.db import every_column, transaction
from tests.municipality import Municipality as Town

KEPT = (Municipality, Agency, Team, TeamAgency, User, Membership, Leave)


def _all(app: Flask) -> set[tuple[Any, ...]]:
    app.extensions["caseapp.database"].bind()
    with transaction(reading=True) as current:
        return {tuple(row) for row in current.execute(every_column(KEPT))}


def _another(column: Any, value: Any) -> Any:
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, LargeBinary):
        return (value or b"") + b"x"
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, Integer):
        return (value or 0) + 1
    if isinstance(kind, DateTime):
        return (value or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1)
    if isinstance(kind, Date):
        return (value or datetime(2026, 1, 1, tzinfo=UTC).date()) + timedelta(days=1)
    return "x" if value != "x" else "y"


@pytest.mark.parametrize("model", [model for model in KEPT if model is not Leave], ids=lambda model: model.__tablename__)
def test_each_column_of_each_table_tells_that_it_was_edited(model: Any, app: Flask, municipality: Town) -> None:
    before, columns = _all(app), [column for column in model.__table__.columns if not column.foreign_keys]
    assert len(columns) > 3
    for column in columns:
        with transaction() as current:
            table = model.__table__
            one = current.execute(table.select().order_by(table.c.id)).mappings().first()
            assert one is not None
            change = update(table).where(table.c.id == one["id"]).values({column.name: _another(column, one[column.name])})
            current.execute(change)
            changed = {tuple(row) for row in current.execute(every_column(KEPT))}
            current.rollback()
        assert changed != before, column.name
    assert _all(app) == before


def test_every_row_is_there(app: Flask, municipality: Town) -> None:
    with transaction(reading=True) as current:
        rows = sum(len(current.execute(model.__table__.select()).all()) for model in KEPT)
        assert len(_all(app)) == rows > 10
