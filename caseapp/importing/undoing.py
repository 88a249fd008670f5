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

from caseapp.access import Actor, Permission, Refused, action, allow, log_as, log_detail, now, session
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.audit import AuditEntry
from caseapp.cases.numbers import numbers_of
from caseapp.db import batches, bound_database
from caseapp.upkeep.erasing import destroy_key, rows_of_case
from caseapp.upkeep.ledger import NAME, Erasure, note_erasure, read_ledger

from . import rules
from .at_hand import ImportCard, card_of, own_import
from .models import ImportedCase

GROUND = "import_undone"
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
        Outcome(one.line, one.case_id, numbers.get(one.case_id or "", ""), one.why_not, one.case_id in worked_on) for one in rows
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


def undo(actor: Actor, import_id: str, *, home: Path) -> int:
    """Take back every case of this import that nobody has worked on since; how many. Takes a fresh proof.

    Refused("import_too_old") after the week, Refused("import_goes_on") while it is being saved.
    """
    _begin_undo(actor, import_id)
    taken_back = take_back(actor, import_id, home=home)
    _end_undo(actor, import_id)
    return taken_back


@action
def _begin_undo(actor: Actor, import_id: str) -> None:
    row = own_import(actor, import_id)
    demand_fresh_proof(actor)
    state = card_of(row).state
    if state in rules.UNDER_WAY:
        raise Refused("import_goes_on", Permission.IMPORT_CASES)
    if not rules.may_be_undone(state, row.saved_at, now()):
        raise Refused("import_too_old", Permission.IMPORT_CASES)
    row.state = rules.UNDOING


@action
def _end_undo(actor: Actor, import_id: str) -> None:
    row = own_import(actor, import_id)
    row.state = rules.UNDONE


def take_back(actor: Actor, import_id: str, *, home: Path) -> int:
    """Erase the cases of an import that nobody has worked on; how many. The state of the import stays what it is."""
    database, taken_back = bound_database(), 0
    for case_id in _cases_of(actor, import_id):
        if _erase(actor, import_id, case_id, home):
            destroy_key(database, case_id, now())
            taken_back += 1
    finish(home)
    return taken_back


def finish(home: Path) -> None:
    """Destroy the keys of cases that were taken back before something interrupted it: they stand in the ledger and have no rows."""
    database = bound_database()
    alive = {case_id for case_id, is_alive in database.keyholder.standing_of_keys().items() if is_alive}
    for erasure in read_ledger(home / NAME, database.keyholder).erasures:
        if erasure.ground == GROUND and erasure.case_id in alive:
            destroy_key(database, erasure.case_id, now())


@action
def _cases_of(actor: Actor, import_id: str) -> list[str]:
    own_import(actor, import_id)
    log_as("view")
    return [one.case_id for one in _outcomes(import_id) if one.case_id]


@action
def _erase(actor: Actor, import_id: str, case_id: str, home: Path) -> bool:
    """Erase one case of this import, unless somebody has worked on it; whether it was."""
    own_import(actor, import_id)
    rows = [one for one in _outcomes(import_id) if one.case_id == case_id]
    allow(actor, Permission.IMPORT_CASES, on=case_id)
    log_as("purge")
    found = rows_of_case(session(), case_id)
    if not rows or _worked_on(rows) or {table.name for table in found} - _MADE_BY_IMPORT:
        log_as("view")
        return False
    log_detail(ground=GROUND, import_id=import_id)
    session().expunge_all()
    for table, ids in found.items():
        for chosen in batches(sorted(ids)):
            session().execute(delete(table).where(table.c.id.in_(chosen)))
        session().info["removals"] += [(table.name, row_id) for row_id in sorted(ids)]
    note_erasure(home / NAME, bound_database().keyholder, Erasure(case_id, now(), GROUND, (actor.user_id,)))
    return True
