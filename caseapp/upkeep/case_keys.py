"""New keys for all cases while the office goes on working: the order of the steps, and why it is this order.

1. Every case gets its new key; the earlier one stays beside it (the keyholder). From now on values are sealed with the new one.
2. Wait for everybody who was at work when the last key changed: they may hold earlier keys alone, and could neither read what
   step 3 writes nor write what step 5 leaves.
3. Seal the rows anew, batch after batch, each batch a transaction of its own with its entry in the log.
4. Wait once more: somebody may have read a row before step 3 and open it only now.
5. Count what is left, case by case; destroy the earlier keys of the cases where nothing is.

After a crash at any point the same call goes on where it stopped. A row that is damaged is left as it is, and the earlier keys of its
case stay; they are named in the result. A page that was open before step 3 is told, when it is sent in, that the row was changed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from caseapp import audit
from caseapp.db import CaseRow, Database, transaction
from caseapp.db.resealing import Resealed, count_rows, remaining, reseal, row_batches, wait_for_earlier_work
from caseapp.formats import clock

_ROWS = 200  # of one kind in one transaction: others wait this long for their turn on SQLite
_CASES = 100
_ROUNDS = 20  # how often rows that somebody else is writing are tried again
_BREATH = 0.01  # seconds in which others get their turn

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done, and how much there is."""


class StillAtWork(Exception):
    """A transaction that began before did not end in time; the message says what to do."""


@dataclass(frozen=True)
class CasesRenewed:
    """What came of it: how many cases got a new key in this run, rows sealed anew, and what keeps earlier keys alive."""

    cases: int
    rows: int
    was_resumed: bool
    left: tuple[tuple[str, str, str], ...]
    cases_kept: int


def renew_cases(database: Database, *, now: datetime, wait_seconds: float, progress: Progress) -> CasesRenewed:
    """Give every case a new key, or finish a rotation that was interrupted. Raises StillAtWork."""
    rotation = database.keyholder.case_rotation()
    is_new = rotation.begin(now)
    renewed, total = 0, rotation.remaining()
    while batch := rotation.renew_batch(now):
        renewed += batch
        progress("keys", renewed, total)
    _log(database, {"step": "keys", "cases": renewed})
    _wait(database, wait_seconds)
    cases = rotation.cases_with_earlier_keys()
    rows, left = _reseal_all(database, cases, progress)
    _wait(database, wait_seconds)
    kept: set[str] = set()
    for start in range(0, len(cases), _CASES):
        kept |= _destroy_unused(database, cases[start : start + _CASES])
        progress("count", min(start + _CASES, len(cases)), len(cases))
    if kept - {case_id for _table, _row_id, case_id in left}:
        raise StillAtWork("Some rows were being written the whole time; run the same command again: it goes on where it stopped.")
    rotation.finish(clock.now())
    _log(database, {"step": "finished", "cases": len(cases) - len(kept), "kept": len(kept), "left": sorted(left)})
    return CasesRenewed(renewed, rows, not is_new, tuple(sorted(left)), len(kept))


def _reseal_all(database: Database, cases: Sequence[str], progress: Progress) -> tuple[int, set[tuple[str, str, str]]]:
    with transaction(reading=True) as current:
        total = sum(count_rows(current, cases[start : start + _CASES]) for start in range(0, len(cases), _CASES))
    rows, seen, left = 0, 0, set()
    for start in range(0, len(cases), _CASES):
        with transaction(reading=True) as current:
            batches = list(row_batches(current, cases[start : start + _CASES], _ROWS))
        for model, row_ids in batches:
            done = _reseal_batch(database, model, row_ids)
            rows, seen = rows + done.renewed, seen + len(row_ids)
            left.update(done.left)
            progress("rows", min(seen, total), total)
    return rows, left


def _reseal_batch(database: Database, model: type[CaseRow], row_ids: Sequence[str]) -> Resealed:
    whole = Resealed()
    for _round in range(_ROUNDS):
        with transaction() as current:
            done = reseal(current, database.keyholder, model, row_ids)
            current.flush()
            writes = [(row.__tablename__, row.id, row.version, row.row_seal.hex()) for row in current.info["writes"]]
            if writes:
                audit.append(current, database.keyholder, [_entry(writes, {"step": "rows"})])
                current.commit()
        whole = Resealed(done.seen, whole.renewed + done.renewed, done.left)
        time.sleep(_BREATH)
        if done.seen >= len(row_ids):
            break
    return whole


def _destroy_unused(database: Database, case_ids: Sequence[str]) -> set[str]:
    """Destroy the earlier keys of those cases of which nothing is left to do; which keep theirs."""
    with transaction() as current:  # on SQLite nobody writes until this ends; on PostgreSQL nobody is left who could with an earlier key
        kept = remaining(current, database.keyholder, case_ids)
        database.keyholder.case_rotation().destroy_earlier([case_id for case_id in case_ids if case_id not in kept])
    return set(kept)


def _wait(database: Database, seconds: float) -> None:
    if not wait_for_earlier_work(database.engine, seconds):
        raise StillAtWork(
            f"A transaction has been open for more than {seconds:g} seconds, so no key was destroyed; "
            "find who holds it and run the same command again: it goes on where it stopped."
        )


def _entry(writes: list[tuple[str, str, int, str]], detail: dict[str, object]) -> audit.Entry:
    return audit.Entry(clock.now(), "", None, None, "key_rotate", "keys.rotate_cases", writes=writes, detail=detail)


def _log(database: Database, detail: dict[str, object]) -> None:
    with transaction() as current:
        audit.append(current, database.keyholder, [_entry([], detail)])
        current.commit()
