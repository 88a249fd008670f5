"""Whose is an import, and what of its list can be opened now?

An import belongs to whoever sent the file: nobody else sees that it is there. The list lies sealed under a key of its own. Everything here
is called inside an action. Raises ListGone where the list is not here any longer, because it has served, was thrown away, or is a day old.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from caseapp.access import Actor, NotFound, Permission, Refused, allow, fetch, log_detail, now, session, today
from caseapp.accounts import AgencyCard, office
from caseapp.db import open_passing

from . import rules
from .lines import Reading
from .models import CaseImport, ImportedCase, ImportedList
from .sheets import Book, Sheet, read_back


class ListGone(Exception):
    """The list of this import is not here any longer."""


@dataclass(frozen=True)
class ImportCard:
    """An import as it is shown. `saved` cases came of it and are there, `to_undo` of them were never kept back from being taken back;
    `may_undo`: whether they can be today.
    """

    id: str
    team_name: str
    state: str
    begun_at: datetime
    saved_at: datetime | None
    is_whole: bool
    chosen: int
    tried: int
    saved: int
    to_undo: int
    may_undo: bool

    @property
    def is_under_way(self) -> bool:
        """Whether the list is still here."""
        return self.state in rules.UNDER_WAY


def own_import(actor: Actor, import_id: str) -> CaseImport:
    """The import, if it is this person's and they still coordinate its team. Inside an action; this is its `allow()`."""
    found = made_by(actor, import_id)
    allow(actor, Permission.IMPORT_CASES, team=found.team_id)
    log_detail(import_id=import_id)
    return found


def made_by(actor: Actor, import_id: str) -> CaseImport:
    """The import, if it is this person's. NotFound otherwise, as if there were none."""
    found = fetch(CaseImport, import_id)
    if found.made_by_id != actor.user_id:
        raise NotFound("not_found", Permission.IMPORT_CASES)
    return found


@dataclass
class AtHand:
    """An import whose list is open in this transaction. `choices` is written back by `keep`."""

    row: CaseImport
    listed: ImportedList
    book: Book
    choices: dict[str, Any]

    @property
    def sheet(self) -> Sheet:
        """The chosen sheet."""
        return self.book.sheets[self.choices["sheet"]]

    @property
    def heading_row(self) -> int:
        """The number of the row with the headings, from 1."""
        return int(self.choices["heading_row"])

    @property
    def mapping(self) -> dict[int, str]:
        """Place of a column → field."""
        return {int(place): code for place, code in self.choices["mapping"].items()}

    def keep(self, **changes: Any) -> None:
        """Seal the changed choices. What was chosen of the rows does not hold any longer: they may read otherwise now."""
        self.choices = {**self.choices, "lines": [], **changes}
        self.listed.choices = json.dumps(self.choices, ensure_ascii=False)

    def reading(self) -> Reading:
        """How the rows are read."""
        team = office().teams[self.row.team_id]
        return Reading(
            sheet=self.sheet,
            heading_row=self.heading_row,
            mapping=self.mapping,
            values=self.choices["values"],
            agencies=agencies_of(self.row.team_id),
            work_form=team.work_form,
            today=today(),
            from_1904=self.book.from_1904,
        )


def agencies_of(team_id: str) -> tuple[AgencyCard, ...]:
    """The agencies whose people can take part in the team's cases."""
    return office().team_agencies(team_id)


def at_hand(actor: Actor, import_id: str, *, states: Collection[str] = (rules.PREPARING,)) -> AtHand:
    """The import with its list opened. Inside an action. Raises ListGone, Refused("import_goes_on") in another state."""
    row = own_import(actor, import_id)
    listed = session().get(ImportedList, import_id)
    if row.state not in rules.UNDER_WAY or listed is None or rules.is_expired(row.begun_at, now()) or not open_passing(import_id):
        raise ListGone
    if row.state not in states:
        raise Refused("import_goes_on", Permission.IMPORT_CASES)
    content, choices = listed.content, listed.choices
    if not isinstance(content, bytes) or not isinstance(choices, str):
        raise ListGone  # damaged: it cannot be trusted any longer, and is sent anew
    return AtHand(row, listed, read_back(content), json.loads(choices))


def card_of(row: CaseImport) -> ImportCard:
    """The import as a value. Inside an action."""
    query = select(ImportedCase.why_not).where(ImportedCase.import_id == row.id, ImportedCase.case_id.is_not(None))
    saved = session().scalars(query).all()
    is_expired = row.state in rules.UNDER_WAY and rules.is_expired(row.begun_at, now())
    return ImportCard(
        id=row.id,
        team_name=office().teams[row.team_id].name,
        state=rules.ABANDONED if is_expired else row.state,
        begun_at=row.begun_at,
        saved_at=row.saved_at,
        is_whole=row.is_whole,
        chosen=row.chosen,
        tried=row.tried,
        saved=len(saved),
        to_undo=saved.count(""),
        may_undo="" in saved and rules.may_be_undone(rules.ABANDONED if is_expired else row.state, row.saved_at, now()),
    )
