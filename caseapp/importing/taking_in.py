"""How does a list come in, and how does it go? A file is read in memory and sealed; what nobody went on with is gone after a day."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from caseapp.access import COORDINATOR, Actor, Permission, action, allow, log_as, log_detail, now, remember_result, session, today
from caseapp.accounts import office
from caseapp.db import bound_database, new_id, open_passing, transaction

from . import rules
from .at_hand import ImportCard, card_of, own_import
from .columns import columns_of, find_heading_row, guess
from .models import CaseImport, ImportedList
from .sheets import Book, Sheet, read_file


@dataclass(frozen=True)
class StartPage:
    """The teams (id → name) a list can be for, and this person's imports, the newest first."""

    teams: dict[str, str]
    imports: tuple[ImportCard, ...]


@action
def read_start(actor: Actor) -> StartPage:
    """The teams a list can be for, and the imports of this person."""
    teams = _teams(actor)
    allow(actor, Permission.IMPORT_CASES, team=next(iter(teams), ""))
    log_as("view")
    query = select(CaseImport).where(CaseImport.made_by_id == actor.user_id, CaseImport.team_id.in_(list(teams)))
    rows = session().scalars(query.order_by(CaseImport.begun_at.desc()).limit(20)).all()
    return StartPage(teams, tuple(card_of(row) for row in rows))


def _teams(actor: Actor) -> dict[str, str]:
    return {team.id: team.name for team in office().teams.values() if COORDINATOR in actor.teams.get(team.id, ()) and team.is_active}


@action
def note_template(actor: Actor) -> None:
    """Write in the log that somebody fetched the list to fill in."""
    allow(actor, Permission.IMPORT_CASES, team=next(iter(_teams(actor)), ""))
    log_as("view")


def take_in(actor: Actor, team_id: str, content: bytes, *, once: str | None = None) -> str:
    """Take in a file for this team and give the import's id. Raises FileProblem; nothing is kept then."""
    book = read_file(content)  # before the transaction: nobody waits for the reading of a large file
    import_id, expired = _take_in(actor, team_id, book, once)
    destroy_keys(expired)
    return import_id


@action
def _take_in(actor: Actor, team_id: str, book: Book, once: str | None) -> tuple[str, list[str]]:
    allow(actor, Permission.IMPORT_CASES, team=team_id, once=once)
    log_as("create")
    expired = drop_expired()
    import_id = new_id()
    bound_database().keyholder.new_passing_key(import_id, now())
    open_passing(import_id)
    place = _likeliest(book)
    session().add(
        CaseImport(
            id=import_id,
            team_id=team_id,
            made_by_id=actor.user_id,
            begun_at=now(),
            state=rules.PREPARING,
            is_whole=False,
            chosen=0,
            tried=0,
        )
    )
    choices = {"sheet": place, "note_type": "assessment", "values": {}, "lines": [], **guessed(book.sheets[place])}
    session().add(ImportedList(id=import_id, begun_at=now(), content=book.written(), choices=json.dumps(choices, ensure_ascii=False)))
    log_detail(import_id=import_id, sheets=len(book.sheets), rows=len(book.sheets[place].rows))
    remember_result(once, import_id)
    return import_id, expired


def drop_expired() -> list[str]:
    """Remove the lists that are a day old; the ids whose keys are to be destroyed when that is committed. Inside an action."""
    gone = []
    for listed in session().scalars(select(ImportedList)).all():
        if rules.is_expired(listed.begun_at, now()):
            row = session().get(CaseImport, listed.id)
            if row is not None and row.state in rules.UNDER_WAY:
                row.state = rules.ABANDONED
            session().delete(listed)
            gone.append(listed.id)
    return gone


def sweep(actor: Actor) -> int:
    """Destroy every list that is a day old, and keys that no list is left for; how many lists. For the terminal."""
    gone = _sweep(actor)
    destroy_keys(gone)
    with transaction(reading=True) as current:
        here = set(current.scalars(select(ImportedList.id)))
    # a key is made before its list is committed: one that is younger than a day may be somebody's who is just sending a file
    destroy_keys(bound_database().keyholder.passing_keys(made_before=now() - rules.KEPT_FOR) - here)
    return len(gone)


@action
def _sweep(actor: Actor) -> list[str]:
    allow(actor, Permission.SWEEP_IMPORTS)
    gone = drop_expired()
    log_detail(lists=gone)
    return gone


def destroy_keys(import_ids: Collection[str]) -> None:
    """Destroy the keys of these lists: what was sealed under them opens nowhere any longer."""
    for import_id in import_ids:
        bound_database().keyholder.destroy_passing_key(import_id)


def throw_away(actor: Actor, import_id: str) -> None:
    """End an import that is under way: the list is destroyed, cases that were saved already stay."""
    _throw_away(actor, import_id)
    destroy_keys([import_id])


@action
def _throw_away(actor: Actor, import_id: str) -> None:
    row = own_import(actor, import_id)
    log_as("delete")
    if rules.may_become(row.state, rules.ABANDONED):
        row.state = rules.ABANDONED
    listed = session().get(ImportedList, import_id)
    if listed is not None:
        session().delete(listed)


def _likeliest(book: Book) -> int:
    """The place of the sheet that is most like a list: with the most headings that are known, then the most rows."""

    def likeness(place: int) -> tuple[bool, int, int, int]:
        sheet = book.sheets[place]
        understood = 0 if sheet.problem else len(guessed(sheet)["mapping"])
        return not sheet.problem, understood, len(sheet.rows), -place

    return max(range(len(book.sheets)), key=likeness)


def guessed(sheet: Sheet, heading_row: int | None = None) -> dict[str, Any]:
    """What the columns of this sheet seem to be, with the headings in this row (None: as it seems), as they are kept among the choices."""
    chosen = heading_row or find_heading_row(sheet)
    mapping = guess(columns_of(sheet, chosen), sheet, chosen, today())
    return {"heading_row": chosen, "mapping": {str(place): code for place, code in mapping.items()}}
