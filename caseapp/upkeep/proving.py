"""Is what is stored what was sealed here? Every row's seal, every case's key, and one value of each kind of compartment.

Values are opened and forgotten at once: nothing is shown, and the answer names tables, ids and kinds only. Promised: every model
is looked at, because they are found and not listed. Not promised: that every single value opens; a row's seal covers its ciphertext,
so a row that carries its seal holds the bytes that were written.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from caseapp.access import Gate
from caseapp.db import Base, CaseRow, DamagedRow, Database, Row, Unreadable, opened, transaction
from caseapp.db.rows import sealed_attributes


def row_models() -> list[Any]:
    """Every model of a row that carries a seal, by the name of its table."""
    models = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Row)}
    return sorted(models, key=lambda model: model.__tablename__)


def broken_seals(database: Database, progress: Callable[[str], None] = lambda _step: None) -> list[str]:
    """One sentence for each table with rows that do not carry their seal."""
    database.bind()
    found = []
    for model in row_models():
        progress(f"checking the rows of {model.__tablename__}")
        with transaction(reading=True) as session:
            work = opened.get()
            try:
                for _row in session.scalars(select(model).execution_options(yield_per=model.AT_A_TIME)):
                    pass
            except DamagedRow as error:
                found.append(f"{error}.")
            if work is not None and work.damaged:
                table, row_id = min(work.damaged)
                found.append(f"{len(work.damaged)} rows of {table} do not carry the seal they were written with, {row_id} is the first.")
    return found


def keys_against_rows(database: Database) -> list[str]:
    """One sentence for each case whose rows and key do not fit together."""
    keys = database.keyholder.standing_of_keys()
    database.bind()
    with transaction(reading=True) as session:
        cases: set[str] = set(session.scalars(select(cast(Gate.id, String))))
        for model in row_models():
            if issubclass(model, CaseRow):
                cases.update(session.scalars(select(model.case_id).distinct()))
    found = [f"Case {case_id} has rows and no key in the key store." for case_id in sorted(cases - keys.keys())]
    back = sorted(case_id for case_id in cases if keys.get(case_id) is False)
    return found + [f"Case {case_id} was erased (its key is destroyed) and has rows." for case_id in back]


def unopened_values(database: Database) -> tuple[int, list[str]]:
    """How many kinds of values were tried (table, attribute, information type), and a sentence for each that did not open."""
    database.bind()
    tried, found = 0, []
    with transaction(reading=True) as session:
        for model in row_models():
            try:
                for row in _one_of_each_kind(session, model):
                    for name in sealed_attributes(model):
                        tried += 1
                        if isinstance(_open(database, row, name), Unreadable):
                            found.append(f"A value of {model.__tablename__}.{name} does not open.")
            except DamagedRow as error:
                found.append(f"{error}.")
    return tried, found


def _one_of_each_kind(session: Session, model: Any) -> Iterator[Any]:
    if not issubclass(model, CaseRow):
        yield from session.scalars(select(model).limit(1))
        return
    for kind in session.scalars(select(model.information_type).distinct()).all():
        yield from session.scalars(select(model).where(model.information_type == kind).limit(1))


def _open(database: Database, row: Any, name: str) -> Any:
    work = opened.get()
    if isinstance(row, CaseRow) and work is not None:
        kind = vars(_declaring(type(row), name))[name].information_type or row.information_type
        work.open(database.keyholder.hand_out({row.case_id: [(row.owner_agency_id, kind)]}))
    return getattr(row, name)


def _declaring(model: type, name: str) -> type:
    return next(kind for kind in model.__mro__ if name in vars(kind))
