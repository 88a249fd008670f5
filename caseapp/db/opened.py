"""What is open for the piece of work at hand, and what is shown where something is not.

`Opened` holds the compartment keys handed out inside one transaction. It lives in a context variable, so a row cannot carry
a key out of the work it was handed out for.
"""

from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from caseapp.crypto import Sealer
from caseapp.keyholder import CompartmentKey

Place = tuple[str, str, str]
"""(case id, owner agency id, information type)"""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Shown instead of a value that is not for this person now. `reason` is a code the page turns into words."""

    reason: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Shown instead of a value whose seal is broken ("kan inte läsas")."""

    def __bool__(self) -> bool:
        return False


def coded(answers: object) -> dict[str, Any]:
    """The coded answers of a row; none where they are withheld or unreadable."""
    return answers if isinstance(answers, dict) else {}


class Opened:
    """The compartments that are open in this transaction, and why the others are not."""

    __slots__ = ("damaged", "hidden", "keyless", "keys", "office", "reasons")

    def __init__(self, office: Sealer) -> None:
        self.office = CompartmentKey(office, office)
        self.keys: dict[Place, CompartmentKey] = {}
        #: case id → why a compartment (owner agency, information type) of that case is shut, as a reason code
        self.reasons: dict[str, Callable[[str, str], str]] = {}
        #: (table, row id) of every value or row whose seal was found broken; the log gets them.
        self.damaged: set[tuple[str, str]] = set()
        #: Ids of rows whose names are not for this reader, although their compartment is (see `sealed(named_only=True)`).
        self.hidden: set[str] = set()
        #: Cases whose key in the key store was spoiled: nothing of them can be read.
        self.keyless: set[str] = set()

    def open(self, keys: Mapping[Place, CompartmentKey]) -> None:
        """Put handed-out keys in reach of this transaction."""
        self.keys.update(keys)

    def shut_cases(self, why: Mapping[str, Callable[[str, str], str]]) -> None:
        """Take back every key of these cases, and note for each how to tell why a compartment is shut."""
        self.forget(why)
        self.reasons.update(why)

    def forget(self, case_ids: Collection[str]) -> None:
        """Take back every key of these cases, and be as if nobody had asked for them."""
        for place in [place for place in self.keys if place[0] in case_ids]:
            del self.keys[place]
        for case_id in case_ids:
            self.reasons.pop(case_id, None)

    def miss_key(self, case_id: str) -> None:
        """Note that the key of this case is not what it was: its values are unreadable, and the log hears of it."""
        self.keyless.add(case_id)
        self.damaged.add(("case_key", case_id))

    def why_not(self, place: Place) -> Withheld | Unreadable:
        """The reason this compartment is shut; "not_opened" when nobody asked for it, unreadable where the case's key is spoiled."""
        if place[0] in self.keyless:
            return Unreadable()
        why = self.reasons.get(place[0])
        return Withheld(why(place[1], place[2]) if why else "not_opened")


opened: ContextVar[Opened | None] = ContextVar("opened", default=None)


def at_work() -> Opened:
    """What is open in the transaction at hand. Raises RuntimeError outside of one: nothing is opened for nobody."""
    work = opened.get()
    if work is None:
        raise RuntimeError("open inside an action")
    return work
