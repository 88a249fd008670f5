"""The sealed attribute: plaintext on the outside, ciphertext in the row.

    class Note(CaseRow):
        text = sealed()

Assigning seals at once; reading opens if the compartment is open in this transaction, and gives `Withheld` otherwise. A
column type could not do this: it sees the value but never its row, so the ciphertext could not be bound to its place. The
column that is stored is called `text_sealed`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import mapped_column

from caseapp.crypto import Damaged, Sealer, piece_place, place

from .opened import Unreadable, Withheld, opened


class KeyNotHeld(Exception):
    """Something was to be sealed in a compartment this transaction holds no key for. `reason`: the code a page turns into words."""

    reason = "no_key"
    #: (table, row id) of a damaged row; None where the key is what is missing.
    where: tuple[str, str] | None = None


class ReadOnly(KeyNotHeld):
    """Something was to be sealed in a row that is damaged: what happened to it must stay to be seen."""

    reason = "unreadable"

    def __init__(self, where: tuple[str, str]) -> None:
        super().__init__(f"{' '.join(where)} is damaged and cannot be written")
        self.where = where


class NotNamed(KeyNotHeld):
    """A value was to be written over by somebody to whom it is not shown."""

    reason = "protected_person"


@dataclass(frozen=True)
class _Codec:
    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]
    empty: Any
    #: The smallest length class in bytes.
    smallest: int = 32


def _write_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_TEXT = _Codec(str.encode, bytes.decode, "")
# The answers of one record take between 3 and some 380 bytes, and a longer one is another answer: all are of one length class.
_JSON = _Codec(_write_json, json.loads, {}, smallest=512)
_BYTES = _Codec(bytes, bytes, b"")
# A file shows its length to 4 KiB as it is; short ones, which are letters and forms, are all of one length.
_PIECE = _Codec(bytes, bytes, b"", smallest=64 * 1024)


class _Incomparable:
    """What a query gets when it names a sealed attribute: every use raises, because it would silently match nothing."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(f"{self._name} is sealed: it cannot be compared, sorted or selected in a query")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __contains__ = _refuse
    __bool__ = __invert__ = __clause_element__ = _refuse
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__clause_element__":
            raise AttributeError(name)
        return self._refuse()


class SealedAttribute:
    """The descriptor behind `sealed()`, `sealed_codes()` and `sealed_bytes()`."""

    def __init__(self, codec: _Codec, information_type: str | None) -> None:
        self._codec, self._type = codec, information_type
        self.information_type = information_type
        self._read, self._holds_codes = codec.read, codec is _JSON
        self.name = self.column = ""
        self._places: dict[type, bytes] = {}

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.column = name, f"{name}_sealed"
        setattr(owner, self.column, mapped_column(LargeBinary, nullable=False))

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        # The hot path of the whole program: a list opens thousands of values. No call here that can be avoided.
        if row is None:
            return _Incomparable(f"{owner.__name__ if owner else ''}.{self.name}")
        work = opened.get()
        key = None if work is None else row.compartment(work, self._type)
        sealer = None if key is None else key.codes if self._holds_codes else key.text
        state = row.__dict__
        if "row_damaged" in state:
            return Unreadable()
        if work is None or sealer is None:
            return row.shut(self._type)
        try:
            at = self._places.get(type(row)) or self._place(type(row))
            return self._read(sealer.open(state[self.column], at + state["id"].encode()))
        except (Damaged, ValueError):
            work.damaged.add((row.__tablename__, row.id))
            return Unreadable()

    def __set__(self, row: Any, value: Any) -> None:
        if "row_damaged" in row.__dict__:
            raise ReadOnly((row.__tablename__, row.id))
        sealer = self._sealer(row)
        if sealer is None:
            raise KeyNotHeld(f"no key is held for {row.__tablename__}.{self.name}")
        plaintext = self._codec.write(self._codec.empty if value is None else value)
        setattr(row, self.column, sealer.seal(plaintext, self._at(row), smallest=self._codec.smallest))

    def renewed(self, row: Any) -> bytes | None:
        """The stored value under the newest key of its compartment; None if it is so already. Raises Damaged if no key opens it."""
        sealer = self._sealer(row)
        if sealer is None:
            raise Damaged
        return sealer.renewed(row.__dict__[self.column], self._at(row))

    def _sealer(self, row: Any) -> Sealer | None:
        work = opened.get()
        key = None if work is None else row.compartment(work, self._type)
        return None if key is None else key.codes if self._holds_codes else key.text

    def _at(self, row: Any) -> bytes:
        return self._place(type(row)) + row.id.encode()

    def _place(self, model: Any) -> bytes:
        """Where values of this attribute belong in this model's table: an attribute of an abstract row has several."""
        at = self._places[model] = place(model.__tablename__, self.name)
        return at


class _NamedOnly(SealedAttribute):
    """A sealed text that is shut, too, while its row's id is among `Opened.hidden`."""

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        work = opened.get() if row is not None else None
        if work is not None and row.__dict__["id"] in work.hidden:
            return Withheld(NotNamed.reason)
        return super().__get__(row, owner)

    def __set__(self, row: Any, value: Any) -> None:
        work = opened.get()
        if work is not None and row.__dict__["id"] in work.hidden:
            raise NotNamed(f"{row.__tablename__}.{self.name} is not shown to this person")
        super().__set__(row, value)


class _Piece(SealedAttribute):
    """A piece of a file, bound besides to what these columns of its row say: of which file, which one, of how many."""

    def __init__(self, of: str, number: str, total: str) -> None:
        super().__init__(_PIECE, None)
        self._bound_to = (of, number, total)

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        work = opened.get() if row is not None else None
        if row is None or work is None or row.is_damaged or (sealer := self._sealer(row)) is None:
            return super().__get__(row, owner)
        try:
            return sealer.open(row.__dict__[self.column], self._at(row))
        except Damaged:
            work.damaged.add((row.__tablename__, row.id))
            return Unreadable()

    def _at(self, row: Any) -> bytes:
        return super()._at(row) + piece_place(*(row.__dict__[name] for name in self._bound_to))


def sealed(information_type: str | None = None, *, named_only: bool = False) -> Any:
    """A sealed text. In a case's row the information type is the row's own, unless one is named here.

    `named_only`: what tells who somebody is, which can be for some of those alone who may open the compartment.
    """
    return (_NamedOnly if named_only else SealedAttribute)(_TEXT, information_type)


def sealed_codes(information_type: str | None = None) -> Any:
    """Coded answers, sealed together as one value (a dict of codes, numbers and ISO dates; never names or free text)."""
    return SealedAttribute(_JSON, information_type)


def sealed_bytes() -> Any:
    """A sealed file: bytes that come back as they were."""
    return SealedAttribute(_BYTES, None)


def sealed_piece(*, of: str, number: str, total: str) -> Any:
    """A sealed piece of a file. The columns named here hold the file's id, the piece's number and how many there are, and are set first."""
    return _Piece(of, number, total)
