"""How is an import taken back? Its cases are erased as a case always is, but for those that somebody has worked on since.

Whoever made the import does it alone, within a week: what is erased was typed off a list days ago, and the list is still there. It is
no erasure of a record by the retention profile, which takes two people. In this order for each case, in the erasure's own steps: its
rows and the log's entry in one transaction, at the end of which the erasure ledger is written; then its key. Worked on is a case in
which the log has a write after the import, or that has a row of a kind no import makes (a place on an agenda). A crash between the
steps is finished by the same call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select

from caseapp.access import Actor, Permission, Refused, action, allow, log_as, log_detail, now, refuse, session
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.audit import AuditEntry
from caseapp.cases.numbers import numbers_of
from caseapp.db import batches, bound_database
from caseapp.upkeep.erasing import destroy_key, rows_of_case
from caseapp.upkeep.ledger import NAME, DamagedLedger, Erasure, note_erasure, read_ledger

from . import rules
from .at_hand import ImportCard, card_of, made_by, own_import
from .models import ImportedCase, ImportedList

GROUND = "import_undone"
#: Why a case of an import that was taken back is still there.
KEPT = "worked_on"
#: Tables with rows of a case that nobody has done anything with yet.
_MADE_BY_IMPORT = {
    "gate", "case_file", "young_person", "related_person", "participation", "named_reader", "note", "measure", "imported_case",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one row: its number in the file, the case's id and number, or why there is none (a code).

    `is_worked_on`: somebody has done something in the case since, so it is not taken back.
    """

    line: int
    case_id: str | None
    case_number: str
    why_not: str
    is_worked_on: bool


@dataclass(frozen=True)
class Result:
    """An import that has ended, with every row of it that is left to tell of."""

    card: ImportCard
    outcomes: tuple[Outcome, ...]


@action
def read_result(actor: Actor, import_id: str) -> Result:
    """What came of an import, and which of its cases can be taken back."""
    row = own_import(actor, import_id)
    log_as("view")
    rows = _outcomes(import_id)
    case_ids = [one.case_id for one in rows if one.case_id]
    numbers, worked_on = numbers_of(case_ids), _worked_on(rows)
    outcomes = tuple(
        Outcome(one.line, one.case_id, numbers.get(one.case_id or "", ""), one.why_not, one.case_id in worked_on or one.why_not == KEPT)
        for one in rows
    )
    return Result(card_of(row), outcomes)


def _outcomes(import_id: str) -> Sequence[ImportedCase]:
    return session().scalars(select(ImportedCase).where(ImportedCase.import_id == import_id).order_by(ImportedCase.line)).all()


def _worked_on(rows: Sequence[ImportedCase]) -> set[str]:
    """The ids of the cases in which something was written after the import had made them."""
    saved_at = {one.case_id: one.saved_at for one in rows if one.case_id}
    found = set()
    for chosen in batches(saved_at):
        query = select(AuditEntry.case_id, AuditEntry.at).where(
            AuditEntry.case_id.in_(chosen), AuditEntry.decision == "allowed", AuditEntry.writes != "[]"
        )
        found |= {case_id for case_id, at in session().execute(query) if case_id and at > saved_at[case_id]}
    return found


# -- taking back ------------------------------------------------------------------------------------------------------


def undo_next(actor: Actor, import_id: str, *, home: Path) -> bool:
    """Take back the next cases of this import that nobody has worked on; whether that was all. The first time takes a fresh proof.

    Refused("import_too_old") after the week, Refused("import_goes_on") while it is being saved, Refused("ledger_unreadable") where the
    erasure could not be accounted for; nothing is erased then.
    """
    database = bound_database()
    try:
        read_ledger(home / NAME, database.keyholder)
    except DamagedLedger:
        refuse(actor, "ledger_unreadable", Permission.IMPORT_CASES)
    for case_id in _begin(actor, import_id):
        if _erase(actor, import_id, case_id, home):
            destroy_key(database, case_id, now())
    if not _end(actor, import_id):
        return False
    finish(home)
    return True


@action
def _begin(actor: Actor, import_id: str) -> list[str]:
    """The cases that are next."""
    row = own_import(actor, import_id)
    state = card_of(row).state
    if state in rules.UNDER_WAY:
        raise Refused("import_goes_on", Permission.IMPORT_CASES)
    if state != rules.UNDOING:
        demand_fresh_proof(actor)
        if not rules.may_be_undone(state, row.saved_at, now()):
            raise Refused("import_too_old", Permission.IMPORT_CASES)
        row.state = rules.UNDOING
    return [one.case_id for one in _outcomes(import_id) if one.case_id and not one.why_not][: rules.UNDO_PART]


@action
def _end(actor: Actor, import_id: str) -> bool:
    """Whether nothing is left to take back. The list, where it is still here because its saving was given up, is as it was before."""
    row = own_import(actor, import_id)
    if any(one.case_id and not one.why_not for one in _outcomes(import_id)):
        return False
    is_here = session().get(ImportedList, import_id) is not None
    row.state = rules.PREPARING if is_here else rules.UNDONE
    row.chosen, row.tried = (0, 0) if is_here else (row.chosen, row.tried)
    return True


def finish(home: Path) -> None:
    """Destroy the keys of cases that were taken back before something interrupted it: they stand in the ledger and have no rows."""
    database = bound_database()
    alive = {case_id for case_id, is_alive in database.keyholder.standing_of_keys().items() if is_alive}
    for erasure in read_ledger(home / NAME, database.keyholder).erasures:
        if erasure.ground == GROUND and erasure.case_id in alive:
            destroy_key(database, erasure.case_id, now())


@action
def _erase(actor: Actor, import_id: str, case_id: str, home: Path) -> bool:
    """Erase one case of this import, or mark it as kept because somebody has worked on it; whether it was erased."""
    made_by(actor, import_id)
    rows = [one for one in _outcomes(import_id) if one.case_id == case_id]
    allow(actor, Permission.IMPORT_CASES, on=case_id)
    found = rows_of_case(session(), case_id)
    if _worked_on(rows) or {table.name for table in found} - _MADE_BY_IMPORT:
        for row in rows:
            row.why_not = KEPT
        return False
    log_as("purge")
    log_detail(ground=GROUND, import_id=import_id)
    session().expunge_all()
    for table, ids in found.items():
        for chosen in batches(sorted(ids)):
            session().execute(delete(table).where(table.c.id.in_(chosen)))
        session().info["removals"] += [(table.name, row_id) for row_id in sorted(ids)]
    note_erasure(home / NAME, bound_database().keyholder, Erasure(case_id, now(), GROUND, (actor.user_id,)))
    return True
