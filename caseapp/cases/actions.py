"""What a person does with a case: look at it, keep the people and the status right, show a number, close it, open it again.

Notes, who takes part, how a case begins, search and consent have files of their own beside this one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from caseapp.access import (
    Actor,
    Gate,
    NamedReader,
    NotFound,
    Permission,
    action,
    allow,
    check_version,
    check_whole,
    fetch,
    log_as,
    log_detail,
    now,
    observe,
    remember_result,
    session,
    today,
)
from caseapp.accounts import office
from caseapp.consent import open_case
from caseapp.consent.opening import Opening
from caseapp.consent.reading import asked_in
from caseapp.consent.rulesets import rule_set_called
from caseapp.db import Unreadable, Withheld, coded

from .models import Case, RelatedPerson, YoungPerson
from .notes import NoteCard, notes_of
from .reading import CaseBar, People, RelatedCard, Shown, YoungCard, case_bar, current_people, files_of, related_card, young_card
from .remarks import Remarks, remarks_of
from .renewing import Outlook, outlook_of
from .starting import (
    NO_CONTACT,
    PROTECTED,
    DuplicateCase,
    NewPerson,
    NewRelated,
    list_for,
    number_index,
    related_row,
    take_list_along,
    twin_of,
)


@dataclass(frozen=True)
class Overview:
    """The first page of a case. `may` holds the permissions this person has here, for what the page offers.

    `outlook` tells what lies ahead of the consent, for whoever manages it.
    """

    bar: CaseBar
    version: int
    people: People
    concerns: tuple[str, ...] | Withheld | Unreadable
    referral_source: str
    closure_reason: str
    closure_summary: Shown
    team_name: str
    notes: tuple[NoteCard, ...]
    remarks: Remarks
    may: frozenset[Permission]
    outlook: Outlook


_OFFERED = (
    Permission.WRITE_CASE,
    Permission.WRITE_NOTE,
    Permission.REVEAL_NUMBER,
    Permission.CLOSE_CASE,
    Permission.MANAGE_PARTICIPANTS,
    Permission.MANAGE_CONSENT,
    Permission.READ_HISTORY,
)


@action
def read_case(actor: Actor, case_id: str) -> Overview:
    """The case as far as this person may read it today."""
    gate = allow(actor, Permission.READ_CASE, on=case_id)
    return _overview(actor, gate, open_case(actor, gate))


def _overview(actor: Actor, gate: Gate, opening: Opening) -> Overview:
    bar, case = case_bar(gate, opening), files_of([gate.id]).cases[gate.id]
    register, people = office(), current_people(gate.id)
    answers, may = case.answers, frozenset(permission for permission in _OFFERED if observe(actor, permission, gate.id))
    return Overview(
        bar=bar,
        version=case.version,
        people=people,
        concerns=tuple(answers.get("concerns", ())) if isinstance(answers, dict) else answers,
        referral_source=coded(answers).get("referral_source", ""),
        closure_reason=coded(case.closure).get("reason", ""),
        closure_summary=case.closure_summary,
        team_name=register.teams[gate.team_id].name,
        notes=notes_of(gate.id, register)[:3],
        remarks=remarks_of(gate.id, register),
        may=may,
        outlook=_outlook(gate, people) if Permission.MANAGE_CONSENT in may else Outlook(),
    )


def _outlook(gate: Gate, people: People) -> Outlook:
    rules, asked = rule_set_called(office().consent_rules(gate.work_form)).rules, asked_in([gate.id]).get(gate.id, ())
    return outlook_of(asked, rules, people.young.born, [person.id for person in people.custodians])


@action
def reveal_number(actor: Actor, case_id: str) -> Shown:
    """The whole identity number, 20120415-1234; the log tells that it was shown."""
    gate = allow(actor, Permission.REVEAL_NUMBER, on=case_id)
    open_case(actor, gate, types=("identity",))
    number = _young(case_id).number
    if not isinstance(number, str):
        return number
    return f"{number[:8]}-{number[8:]}" if len(number) == 12 and number.isdigit() else number


@action
def change_facts(
    actor: Actor,
    case_id: str,
    *,
    status: str,
    referral_source: str,
    concerns: Collection[str],
    opened_on: date | None = None,
    version: int | None = None,
    once: str | None = None,
) -> None:
    """Set status (not closed: that is `close_case`), referral source and concerns."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id, once=once)
    open_case(actor, gate)
    case = session().get_one(Case, case_id)
    check_version(case, version)
    if gate.is_open and status not in _END_STATUSES:
        case.progress = {**case.progress, "status": status}
    case.answers = {**case.answers, "referral_source": referral_source, "concerns": list(concerns)}
    case.opened_on = opened_on or case.opened_on
    remember_result(once, case_id)


# -- the young person and the people around ---------------------------------------------------------------------------


@action
def read_young(actor: Actor, case_id: str) -> tuple[CaseBar, YoungCard, Shown]:
    """The young person for the form that changes it, with the number as it is kept; showing the number is logged."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    log_detail(number_shown=True)
    row = _young(case_id)
    return case_bar(gate, opening), young_card(row), row.number


@action
def change_young(actor: Actor, case_id: str, person: NewPerson, *, version: int | None = None, once: str | None = None) -> None:
    """Change who the young person is. A new number must not belong to another open case of the team (DuplicateCase)."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id, once=once)
    open_case(actor, gate)
    row, case = _young(case_id), session().get_one(Case, case_id)
    check_whole(case)
    before = young_card(row)
    check_version(row, version, before)
    case.number_index = _index_for(actor, case, person)
    row.name, row.number, row.answers = person.name, person.written_number, person.answers
    row.phone = "" if person.protected == NO_CONTACT else person.phone
    row.address = "" if person.protected == NO_CONTACT or _hides_home(gate) else person.address
    _protect(actor, gate, changed=person.protected != before.protected)
    _flush_unless_twin()
    remember_result(once, case_id)


def _index_for(actor: Actor, case: Case, person: NewPerson) -> str | None:
    index = number_index(person.number)
    if index is not None and index != case.number_index and case.is_open:
        twin = twin_of(actor, case.team_id, index)
        if twin is not None:
            raise twin
    return index


def _flush_unless_twin() -> None:
    try:
        session().flush()
    except IntegrityError:  # the same person was registered by somebody else in this very moment
        raise DuplicateCase from None


@action
def read_related(actor: Actor, case_id: str, person_id: str | None = None) -> tuple[CaseBar, RelatedCard | None]:
    """Somebody around the young person, for the form that changes them; None for a new one."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    row = _shown_related(gate, person_id) if person_id else None
    return case_bar(gate, opening), related_card(row) if row else None


@action
def has_home_address(actor: Actor, case_id: str) -> bool:
    """Whether an address of the young person is kept, which goes if a custodian becomes protected in that way."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id)
    log_as("view")
    open_case(actor, gate, types=("contact",))
    return _young(case_id).address != ""


@action
def add_related(actor: Actor, case_id: str, person: NewRelated, *, once: str | None = None) -> str:
    """Add somebody around the young person, and give their id. A new custodian changes who must sign the next consent."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id, once=once)
    log_as("create")
    open_case(actor, gate)
    row = related_row(person, case_id=case_id, owner_agency_id=gate.home_agency_id, created_by_id=actor.user_id)
    session().add(row)
    session().flush()
    list_for(actor, row, person.protected)
    _forget_home(gate)
    _protect(actor, gate)
    remember_result(once, row.id)
    return row.id


@action
def change_related(
    actor: Actor, case_id: str, person_id: str, person: NewRelated, *, version: int | None = None, once: str | None = None
) -> None:
    """Change somebody around the young person."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id, once=once)
    open_case(actor, gate)
    row = _shown_related(gate, person_id)
    before = related_card(row)
    check_version(row, version, before)
    if row.information_type != person.information_type:
        # another compartment: the old row's ciphertext cannot move, so a new row takes its place
        row.ended_on = today()
        now_current = related_row(person, case_id=case_id, owner_agency_id=gate.home_agency_id, created_by_id=actor.user_id)
        session().add(now_current)
        session().flush()
        take_list_along(row, now_current)
        list_for(actor, now_current, person.protected)
    else:
        row.name, row.answers = person.name, person.answers
    if person.protected == NO_CONTACT:
        row.phone = ""
    elif row.ended_on is None:
        row.phone = person.phone
    list_for(actor, row, person.protected)
    session().flush()
    _forget_home(gate)
    _protect(actor, gate, changed=person.protected != before.protected)
    remember_result(once, case_id)


@action
def end_related(actor: Actor, case_id: str, person_id: str, *, ended: bool = True, once: str | None = None) -> None:
    """Note that somebody is no longer current from today; `ended=False` takes that back."""
    gate = allow(actor, Permission.WRITE_CASE, on=case_id, once=once)
    open_case(actor, gate)
    row = fetch(RelatedPerson, person_id, case_id=case_id)
    row.ended_on = today() if ended else None
    remember_result(once, case_id)


def _shown_related(gate: Gate, person_id: str) -> RelatedPerson:
    """The person's row. Raises NotFound for somebody who is not on that person's list: they cannot change what they are not shown."""
    row = fetch(RelatedPerson, person_id, case_id=gate.id)
    if isinstance(row.name, Withheld):
        raise NotFound("protected_person", Permission.WRITE_CASE, gate.id)
    return row


def _hides_home(gate: Gate) -> bool:
    """Whether a custodian has protected population registration: the young person's address would give away theirs."""
    return any(one.protected == NO_CONTACT for one in current_people(gate.id).custodians)


def _forget_home(gate: Gate) -> None:
    """Overwrite the young person's address where it would give somebody away."""
    row = _young(gate.id)
    if _hides_home(gate) and row.address != "":
        row.address = ""


def _young(case_id: str) -> YoungPerson:
    return session().scalars(select(YoungPerson).where(YoungPerson.case_id == case_id)).one()


def _protect(actor: Actor, gate: Gate, *, changed: bool = False) -> None:
    """Let the gate follow what is known of protected identity; whoever sets it becomes the first named reader.

    `changed`: somebody's protection is another than before, so a page that is open may show whom it no longer may.
    """
    if changed:
        gate.epoch += 1
    people = current_people(gate.id)
    protected = any(status in PROTECTED for status in (people.young.protected, *(one.protected for one in people.related)))
    if protected == gate.is_protected or (people.damaged and not protected):  # what cannot be read may be what protects
        return
    gate.is_protected = protected
    gate.epoch += 1
    if protected and not observe(actor, Permission.READ_CASE, gate.id):
        session().add(NamedReader(case_id=gate.id, user_id=actor.user_id))


# -- the end, and taking it back --------------------------------------------------------------------------------------

_END_STATUSES = ("closed", "not_started")


@action
def close_case(
    actor: Actor,
    case_id: str,
    *,
    reason: str,
    closed_on: date,
    summary: str = "",
    started: bool = True,
    version: int | None = None,
    once: str | None = None,
) -> None:
    """Close the case. `started=False`: it never began (consent was not given). The record stays; the after measure is followup's."""
    gate = allow(actor, Permission.CLOSE_CASE, on=case_id, once=once)
    open_case(actor, gate)
    case = session().get_one(Case, case_id)
    check_version(case, version)
    if closed_on < case.opened_on:
        raise ClosedBeforeOpened(case.opened_on)
    case.is_open, gate.is_open, case.closed_on = False, False, closed_on
    status = "closed" if started else "not_started"
    case.progress = {"status": status, "before": case.progress.get("status", ""), "noted_at": now().isoformat()}
    case.closure, case.closure_summary = {"reason": reason}, summary
    gate.epoch += 1
    remember_result(once, case_id)


class ClosedBeforeOpened(ValueError):
    """A case cannot be closed before the day it was opened."""

    def __init__(self, opened_on: date) -> None:
        super().__init__("the case was opened later")
        self.opened_on = opened_on


@action
def reopen_case(actor: Actor, case_id: str, *, once: str | None = None) -> None:
    """Open a closed case again, with the status it had. Raises DuplicateCase if the person has another open case by now."""
    gate = allow(actor, Permission.CLOSE_CASE, on=case_id, once=once)
    open_case(actor, gate)
    case = session().get_one(Case, case_id)
    check_whole(case)
    twin = twin_of(actor, case.team_id, case.number_index) if not case.is_open else None
    if twin is not None:
        raise twin
    case.is_open, gate.is_open, case.closed_on = True, True, None
    case.progress = {"status": case.progress.get("before") or "active"}
    case.closure, case.closure_summary = {}, ""
    gate.epoch += 1
    _flush_unless_twin()
    remember_result(once, case_id)
