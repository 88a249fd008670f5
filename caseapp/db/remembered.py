"""What a piece of work has read already and need not read again.

The question answered here is "may what was read a moment ago be used once more?". Promised: what is remembered belongs to one
transaction, and nothing of it is left once anything was written there. Not remembered are opened values: rows are, and what they
show follows the keys at hand each time. Many rows are better read again than kept: this is for the few of one case or one person.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from .engine import session

Read = TypeVar("Read")
_REMEMBERED = "remembered"


def remembered(key: Hashable, read: Callable[[], Read]) -> Read:
    """What `read` gave in this transaction for this key, or gives now. Nobody may change it."""
    current = session()
    if current.new or current.dirty or current.deleted or current.info["removals"]:
        return read()
    known: dict[Hashable, Any] = current.info.setdefault(_REMEMBERED, {})
    if key not in known:
        found = read()
        known = current.info.setdefault(_REMEMBERED, {})  # reading may write what was waiting, and forget
        known[key] = found
    return known[key]


def once_for(what: str, case_ids: Sequence[str], read: Callable[[], Read]) -> Read:
    """The same for rows of some cases: those of a single case are read once, those of many each time."""
    return remembered((what, case_ids[0]), read) if len(case_ids) == 1 else read()


@event.listens_for(Session, "after_flush")
def _forget(current: Session, *_: Any) -> None:
    current.info.pop(_REMEMBERED, None)
