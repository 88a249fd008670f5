"""How do the chosen rows become cases? So many at a time, each by the ordinary actions, in one transaction that is whole or not at all.

A whole file of at most WHOLE_AT_ONCE rows is one transaction. A longer one is saved part by part, so that nobody else waits long for
the database; if a row of it cannot be saved after all, what was saved before is taken back. Of chosen rows the others are saved, and the
row says why it was not. Whatever interrupts it, what is saved is known, and it goes on with the next row.
"""

from dataclasses import dataclass
from datetime import date

from caseapp.access import COORDINATOR, PARTICIPANT, Actor, action, log_as, log_detail, now, session, today
from caseapp.accounts import office
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.cases.notes import add_note
from caseapp.cases.starting import DuplicateCase, start_case
from caseapp.db import new_id
from caseapp.followup.actions import Seen, save_measure

from . import rules
from .at_hand import AtHand, ImportCard, ListGone, at_hand, card_of, own_import
from .known import compare
from .lines import Line, read_lines
from .models import CaseImport, ImportedCase
from .taking_in import destroy_keys

#: The kind of information under which it is noted what a list said of consent.
_CONSENT_NOTE = "assessment"


@dataclass(frozen=True)
class Wording:
    """The words that stand in the cases: headings of notes, and what is said before what the list said of consent."""

    note_heading: str
    consent_heading: str
    consent_says: str


@dataclass(frozen=True)
class Progress:
    """How far it is. `failed`: the number of the row for which a whole file was given up, with the code why; None otherwise."""

    card: ImportCard
    failed: tuple[int, str] | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.card.state == rules.DONE


class RowFailed(Exception):
    """A row of a whole file cannot be saved, so none is."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number, self.why = number, why


@action
def read_progress(actor: Actor, import_id: str) -> Progress:
    """How far the saving, or the taking back, is; also before it has begun. Raises ListGone when it has ended."""
    row = own_import(actor, import_id)
    log_as("view")
    card = card_of(row)
    if not card.is_under_way and card.state != rules.UNDOING:
        raise ListGone
    return Progress(card)


def save_next(actor: Actor, import_id: str, *, wording: Wording) -> Progress:
    """Save the next rows. Called again until it is done. The first time takes a fresh proof. Raises ListGone.

    Where a whole file is given up, `undoing.undo_next` takes back what was saved before.
    """
    try:
        progress = _save_part(actor, import_id, wording)
    except RowFailed as failed:
        return _give_up(actor, import_id, failed)
    if progress.is_done:
        destroy_keys([import_id])
    return progress


@action
def _save_part(actor: Actor, import_id: str, wording: Wording) -> Progress:
    here = at_hand(actor, import_id, states=rules.UNDER_WAY)
    row, lines = here.row, here.choices["lines"]
    if not lines:
        raise ListGone
    if row.state == rules.PREPARING:
        demand_fresh_proof(actor)
        row.state, row.saved_at = rules.SAVING, now()
    size = rules.WHOLE_AT_ONCE if row.is_whole and len(lines) <= rules.WHOLE_AT_ONCE else rules.PART
    next_numbers = lines[row.tried : row.tried + size]
    log_detail(rows=next_numbers)
    _save(actor, here, next_numbers, wording)
    row.tried += len(next_numbers)
    if row.tried >= len(lines):
        row.state = rules.DONE
        session().delete(here.listed)
    session().flush()
    return Progress(card_of(row))


def _save(actor: Actor, here: AtHand, numbers: list[int], wording: Wording) -> None:
    """Save these rows, which are looked through once more: the register may have changed since they were shown."""
    wanted = set(numbers)
    lines = compare(actor, here.row.team_id, read_lines(here.reading()), names=False)
    for line in [line for line in lines if line.number in wanted]:
        why_not = line.problems[0].code if line.problems else ""
        case_id: str | None = None
        if not why_not:
            try:
                case_id = _start(actor, here, line, wording)
            except DuplicateCase:
                why_not = "has_case"
        if why_not and here.row.is_whole:
            raise RowFailed(line.number, why_not)
        _note(here.row, line.number, case_id, why_not)


def _note(row: CaseImport, line: int, case_id: str | None, why_not: str) -> None:
    session().flush()  # so that the moment comes after all that was written of the case
    session().add(ImportedCase(id=new_id(), import_id=row.id, line=line, case_id=case_id, why_not=why_not, saved_at=now()))


def _start(actor: Actor, here: AtHand, line: Line, wording: Wording) -> str:
    if line.person is None:
        raise ValueError("a row without a person was chosen")
    day = line.opened_on or today()
    case_id = start_case(
        actor,
        here.row.team_id,
        person=line.person,
        related=line.custodians,
        referral_source=line.referral_source,
        concerns=line.concerns,
        opened_on=day,
        participant_ids=_members(here.row.team_id, line),
    )
    for text in line.notes:
        add_note(
            actor, case_id, information_type=here.choices["note_type"], heading=wording.note_heading, text=text, occurred_on=day
        )
    if line.consent:
        _note_consent(actor, case_id, line.consent, day, wording)
    if line.needs:
        save_measure(actor, case_id, Seen("before", day, line.needs))
    return case_id


def _note_consent(actor: Actor, case_id: str, said: str, day: date, wording: Wording) -> None:
    """What the list said of consent is noted and opens nothing: whether a consent holds, the signed paper tells and not a list."""
    text = f"{wording.consent_says}\n{said}"
    add_note(actor, case_id, information_type=_CONSENT_NOTE, heading=wording.consent_heading, text=text, occurred_on=day)


def _members(team_id: str, line: Line) -> list[str]:
    """The members of the team who work with cases and belong to the agencies the row names."""
    members = office().members(team_id)
    return [user.id for user in members if user.agency_id in line.agencies and user.teams[team_id] & {COORDINATOR, PARTICIPANT}]


@action
def _give_up(actor: Actor, import_id: str, failed: RowFailed) -> Progress:
    """Nothing of a whole file is to be saved; the list stays here, to be looked at again when what was saved is taken back."""
    here = at_hand(actor, import_id, states=rules.UNDER_WAY)
    here.keep()
    here.row.state = rules.UNDOING if card_of(here.row).to_undo else rules.PREPARING
    here.row.chosen, here.row.tried = 0, 0
    return Progress(card_of(here.row), (failed.number, failed.why))
