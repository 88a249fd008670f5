"""What every row is: an id made at birth, a version, and a seal over all its columns.

The row seal is a keyed digest (BLAKE2b) under a key of its own. It is set when a row is flushed and checked when it is loaded, so that a
column edited in the database, a value set to NULL or an older copy of the ciphertext put back is noticed. A damaged row that
decides access raises; any other damaged row can be looked at, shows "kan inte läsas" for what it holds, and cannot be saved.
Deleted rows and rows rolled back as a whole are found by the log, which holds the seal of every committed write.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from marshal import dumps
from operator import itemgetter
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Integer, LargeBinary, MetaData, String, event, inspect
from sqlalchemy.orm import DeclarativeBase, InstanceState, Mapped, Mapper, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from caseapp.crypto import quick_digest
from caseapp.formats import clock
from caseapp.keyholder import CompartmentKey

from .opened import Opened, Unreadable, Withheld, opened
from .sealed import SealedAttribute


class DamagedRow(Exception):
    """A row that decides access does not carry the seal it was written with, or is gone. `where`: its table and id, where known."""

    def __init__(self, message: str, where: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.where, self.is_logged = where, False


class ReadOnlyRow(DamagedRow):
    """A damaged row was to be saved: what happened to it must stay to be seen."""


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Refuses times without a zone, and gives UTC back from databases that forget it."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        return in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if not isinstance(value, datetime):  # empty, or something else that was put there past the application
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A random UUID (version 4) as text."""
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    """The declarative base: named constraints, ids as text, moments in UTC."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, str: String(64), bytes: LargeBinary}


class Row(Base):
    """A row with an id, a version that grows with every save, and a seal over all columns."""

    __abstract__ = True
    #: A damaged row of this kind stops the work: it would decide who may read.
    DECIDES_ACCESS: ClassVar[bool] = False
    #: Every write and removal of a row of this kind stands in the log: one that does not was made past the application.
    IS_KEPT: ClassVar[bool] = True

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    row_seal: Mapped[bytes] = mapped_column(LargeBinary)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False}

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or new_id()
        self.version = 1
        names = sealed_attributes(type(self))
        for name in [name for name in values if name not in names]:
            setattr(self, name, values.pop(name))
        self.before_sealing()
        for name in names:
            setattr(self, name, values.get(name))

    @property
    def is_damaged(self) -> bool:
        """Whether it was found not to carry its seal when it was loaded."""
        return "row_damaged" in self.__dict__

    def before_sealing(self) -> None:
        """Set what must be known before the first value is sealed."""

    def compartment(self, work: Opened, information_type: str | None) -> CompartmentKey | None:
        """The key for this row's values in this transaction, or None if it is not held."""
        raise NotImplementedError

    def shut(self, information_type: str | None) -> Withheld | Unreadable:
        """What is shown when no key is held."""
        raise NotImplementedError


class OfficeRow(Row):
    """A row of the office's own register (staff, agencies, teams …): sealed with the office key, which the running system holds."""

    __abstract__ = True

    def compartment(self, work: Opened, information_type: str | None) -> CompartmentKey | None:  # noqa: ARG002
        return work.office

    def shut(self, information_type: str | None) -> Withheld:  # noqa: ARG002
        return Withheld("not_opened")


class PassingRow(Row):
    """A row that is to be gone in some hours, sealed under a key of its own that is then destroyed: no back-up opens it later."""

    __abstract__ = True

    def compartment(self, work: Opened, information_type: str | None) -> CompartmentKey | None:  # noqa: ARG002
        return work.keys.get(("", "", self.__dict__["id"]))

    def shut(self, information_type: str | None) -> Withheld:  # noqa: ARG002
        return Withheld("not_opened")


class CaseRow(Row):
    """A row about a young person: it belongs to a case, an owner agency and an information type, and is sealed accordingly."""

    __abstract__ = True
    #: The information type of rows that do not choose one each.
    INFORMATION_TYPE: ClassVar[str] = ""

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    owner_agency_id: Mapped[str] = mapped_column(String(36))
    source_agency_id: Mapped[str] = mapped_column(String(36))
    information_type: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    created_by_id: Mapped[str] = mapped_column(String(36))

    def before_sealing(self) -> None:
        if not self.__dict__.get("information_type"):
            self.information_type = self.INFORMATION_TYPE
        if not self.__dict__.get("source_agency_id"):
            self.source_agency_id = self.owner_agency_id
        if not self.__dict__.get("created_at"):
            self.created_at = clock.now()

    def compartment(self, work: Opened, information_type: str | None) -> CompartmentKey | None:
        state = self.__dict__
        return work.keys.get((state["case_id"], state["owner_agency_id"], information_type or state["information_type"]))

    def shut(self, information_type: str | None) -> Withheld | Unreadable:
        work = opened.get()
        if work is None:
            return Withheld("not_opened")
        return work.why_not((self.case_id, self.owner_agency_id, information_type or self.information_type))


@cache
def sealed_attributes(model: type) -> tuple[str, ...]:
    """The names of the sealed attributes of a model, in the order they were declared."""
    return tuple(name for kind in reversed(model.__mro__) for name, value in vars(kind).items() if isinstance(value, SealedAttribute))


# -- the row seal -----------------------------------------------------------------------------------------------------


_Getter = Callable[[dict[str, Any]], tuple[Any, ...]]
#: How a seal is made. Another way gets another number, and rows of both can then be told apart; an unknown number fits nothing.
_FORMAT = b"\x01"
_MARSHAL = 2  # the last version of the format that writes equal values as equal bytes, whatever is interned or shared


@cache
def _columns(model: Any) -> tuple[str, _Getter, _Getter, _Getter]:
    """The table's name, and getters of its moments, its days, and every other column, from a row's state (in alphabetical order)."""
    mapper: Mapper[Any] = inspect(model)
    kinds = {a.key: a.columns[0].type.python_type for a in mapper.column_attrs if a.key != "row_seal"}
    moments = [name for name in sorted(kinds) if kinds[name] is datetime]
    days = [name for name in sorted(kinds) if kinds[name] is date]
    others = [name for name in sorted(kinds) if name not in moments and name not in days]
    return model.__tablename__, _always_tuple(moments), _always_tuple(days), _always_tuple(others)


def _always_tuple(names: list[str]) -> _Getter:
    if not names:
        return lambda _state: ()
    get = itemgetter(*names)
    return (lambda state: (get(state),)) if len(names) == 1 else get


def _seal(state: dict[str, Any], model: type, key: bytes) -> bytes:
    """The seal that fits these columns. Raises ValueError or AttributeError where a column holds what it never should."""
    table, moments, days, others = _columns(model)
    times = [None if moment is None else moment.timestamp() for moment in moments(state)]
    times += [None if day is None else day.toordinal() for day in days(state)]
    # marshal tells types and lengths apart, is the same for every database and Python version, and is quick: every row loaded is checked
    return _FORMAT + quick_digest(key, _FORMAT + dumps((table, times, others(state)), _MARSHAL))


def row_seal(row: Row, key: bytes) -> bytes:
    """The seal's format (1 byte) and the keyed digest (32) of it, the table's name and every column of the row but the seal itself."""
    return _seal(row.__dict__, type(row), key)


def _complete(row: Row) -> None:
    for attribute in inspect(type(row)).column_attrs:
        if attribute.key not in row.__dict__:
            default = attribute.columns[0].default
            setattr(row, attribute.key, default.arg if default is not None and default.is_scalar else None)


@cache
def _kinds(model: Any) -> tuple[tuple[str, type], ...]:
    plain = (str, int, bool, date, datetime)
    columns = [(attribute.key, attribute.columns[0].type.python_type) for attribute in inspect(model).column_attrs]
    return tuple((name, kind) for name, kind in columns if kind in plain)


def _make_plain(row: Row) -> None:
    """Give each open column the value it will have when it is loaded (a plain text for an enum's member, UTC for another zone).

    The seal is made from what is assigned and checked against what is read back: they must be the same to the letter.
    """
    for name, kind in _kinds(type(row)):
        value = row.__dict__[name]
        if value is None or (type(value) is kind and kind is not datetime):
            continue
        if kind is str:
            setattr(row, name, str.__str__(value))
        elif kind is datetime and value.tzinfo is not UTC:
            setattr(row, name, in_utc(value))
        elif kind is not datetime:
            setattr(row, name, kind(value))


@event.listens_for(Session, "before_flush")
def _seal_rows(session: Session, *_: Any) -> None:
    key = session.info.get("row_key")
    for row in session.new:
        if isinstance(row, Row) and key:
            _complete(row)
            _make_plain(row)
            row.row_seal = row_seal(row, key)
            session.info["writes"].append(row)
    for row in session.dirty:
        if isinstance(row, Row) and key and session.is_modified(row):
            if "row_damaged" in row.__dict__:
                raise ReadOnlyRow(f"{row.__tablename__} {row.id} is damaged and cannot be saved", (row.__tablename__, row.id))
            _make_plain(row)
            row.version += 1
            row.row_seal = row_seal(row, key)
            session.info["writes"].append(row)
    for row in session.deleted:
        if isinstance(row, Row):
            session.info["removals"].append((row.__tablename__, row.id))


def carries_its_seal(state: dict[str, Any], model: type, key: bytes) -> bool:
    """Whether these columns (by name) are those the seal among them was made of."""
    try:
        return _seal(state, model, key) == state["row_seal"]
    except (ValueError, AttributeError):  # something lies in a column that the application would never have put there
        return False


def _check(state: InstanceState[Row], context: Any, *_: Any) -> None:
    key = context.session.info.get("row_key")
    if key and not carries_its_seal(state.dict, state.class_, key):
        note_damage(state.dict, state.class_)


def note_damage(state: dict[str, Any], model: type[Row]) -> None:
    """Mark a row that does not carry its seal as damaged. Raises DamagedRow if rows of this model decide access."""
    table, row_id = model.__tablename__, state["id"]
    if model.DECIDES_ACCESS:
        raise DamagedRow(f"{table} {row_id} does not carry the seal it was written with", (table, row_id))
    state["row_damaged"] = True
    _make_harmless(state, model)
    work = opened.get()
    if work is not None:
        work.damaged.add((table, row_id))


#: What a page shows where a damaged row holds no day or moment at all: it can be sorted and printed, and nobody takes it for true.
_NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_HARMLESS: dict[type, Any] = {datetime: _NO_MOMENT, date: _NO_MOMENT.date(), str: "", int: 0, bool: False}


def _make_harmless(state: dict[str, Any], model: type[Row]) -> None:
    """SQLite lets any column hold anything: give each open column of a damaged row a value of its own kind."""
    for name, kind in _kinds(model):
        value = state.get(name)
        if value is not None and not isinstance(value, kind):
            state[name] = _HARMLESS[kind]


# raw: the listener gets SQLAlchemy's state and not the row, which saves a call for every row that is loaded
event.listen(Row, "load", _check, raw=True, propagate=True)
event.listen(Row, "refresh", _check, raw=True, propagate=True)
