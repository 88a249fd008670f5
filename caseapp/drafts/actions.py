"""What people do with drafts: keep one, find it again, throw it away; and what is over is removed.

A draft is found by its author's id and opened by a key derived from that id: a row that was written over with somebody else's id is
damaged, and its text does not open for them.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, select

from caseapp.access import (
    Actor,
    Draft,
    Gate,
    NotFound,
    Permission,
    Refused,
    Unreadable,
    Withheld,
    action,
    allow,
    draft_place,
    fetch,
    log_as,
    log_detail,
    now,
    observe,
    session,
    was_carried_out,
)
from caseapp.consent.personal import may_write_in, open_drafts
from caseapp.consent.rules import Decision
from caseapp.db import coded, glance, transaction

from .rules import oldest_shown

Answers = tuple[tuple[str, str], ...]
"""What was typed, as (name, text), in the order of the form."""


@dataclass(frozen=True)
class Place:
    """A form about a case: its address, and the compartment it writes in (`owner`: an agency's id, "own" or "home")."""

    path: str
    case_id: str
    owner: str = "own"
    kind: str = ""


@dataclass(frozen=True)
class DraftCard:
    """A draft as its author sees it. `answers` are Withheld where they may no longer write what it is for, Unreadable where damaged."""

    id: str
    case_id: str
    path: str
    saved_at: datetime
    answers: Answers | Withheld | Unreadable = ()


def keeps_drafts(actor: Actor, case_id: str) -> bool:
    """Whether this person may keep drafts in this case now: they take part, and it is open. Opens nothing and is not logged."""
    with transaction(reading=True):
        return observe(actor, Permission.KEEP_DRAFT, case_id) and fetch(Gate, case_id).is_open


def is_there(actor: Actor, path: str) -> bool:
    """Whether a draft of this person's is kept at this form. Opens nothing and is not logged: it tells them of themselves alone."""
    with transaction(reading=True):
        found = glance(Draft, _theirs(actor).where(Draft.place == draft_place(actor.user_id, path)))
        return next(found, None) is not None


@action
def keep_draft(actor: Actor, place: Place, answers: Answers, *, page: str) -> datetime | None:
    """Keep what was typed, in place of what was kept at this form before. When it was; None where the page was carried out meanwhile."""
    gate = allow(actor, Permission.KEEP_DRAFT, on=place.case_id)
    if not gate.is_open:
        raise Refused("case_closed", Permission.KEEP_DRAFT, gate.id)
    written_in = _compartment(place, actor, gate)
    if not may_write_in(actor, [(gate.id, written_in)])[0].allowed:
        raise Refused("no_key", Permission.KEEP_DRAFT, gate.id)
    open_drafts(actor, [gate.id])
    if session().scalar(select(was_carried_out(page))):
        return None
    row = next((row for row in _at(actor, place.path) if not row.is_damaged), None)
    typed = json.dumps(answers, ensure_ascii=False)
    if row is not None and (row.page, row.text) == (page, typed):
        log_as("view")
        log_detail(draft=row.id)
        return row.saved_at  # the same once more: a double click, or a beacon after the script
    if row is None:
        log_as("create")
        row = Draft(
            case_id=gate.id,
            owner_agency_id=actor.user_id,
            source_agency_id=actor.agency_id,
            created_by_id=actor.user_id,
            place=draft_place(actor.user_id, place.path),
        )
        session().add(row)
    row.page, row.saved_at = page, now()
    row.answers = {"path": place.path, "owner": written_in[0], "kind": written_in[1]}
    row.text = typed
    log_detail(draft=row.id)
    return row.saved_at


def _compartment(place: Place, actor: Actor, gate: Gate) -> tuple[str, str]:
    named = {"own": actor.agency_id, "home": gate.home_agency_id}
    return named.get(place.owner, place.owner), place.kind


@action
def read_draft(actor: Actor, case_id: str, path: str) -> DraftCard | None:
    """The person's own draft at this form, if one is kept and the case is open. Raises NotFound where the case is not theirs any more."""
    gate = allow(actor, Permission.KEEP_DRAFT, on=case_id)
    log_as("view")
    here = [row for row in _at(actor, path, shown=True) if row.case_id == gate.id]
    row = next((row for row in here if not row.is_damaged), here[0] if here else None)
    if row is None or not gate.is_open:
        return None
    log_detail(draft=row.id)
    open_drafts(actor, [gate.id], places_only=True)
    (card,) = _cards(actor, [row])
    if isinstance(card.answers, Withheld | Unreadable):
        return card
    open_drafts(actor, [gate.id])
    return replace(card, answers=_typed(row))


def _typed(row: Draft) -> Answers | Withheld | Unreadable:
    text: str | Withheld | Unreadable = row.text
    if not isinstance(text, str):
        return text
    return tuple((name, typed) for name, typed in json.loads(text))


def drafts_in(actor: Actor, case_ids: Collection[str]) -> tuple[DraftCard, ...]:
    """The person's drafts in these cases, the newest first, without their texts. Inside an action; the cases are open and let them in."""
    rows = [row for row in glance(Draft, _theirs(actor).order_by(Draft.saved_at.desc())) if row.case_id in case_ids]
    if not rows:
        return ()
    open_drafts(actor, sorted({row.case_id for row in rows}), places_only=True)
    log_detail(drafts=[row.id for row in rows])
    return tuple(_cards(actor, rows))


def _cards(actor: Actor, rows: Sequence[Draft]) -> list[DraftCard]:
    """What the coded answers tell of these drafts, and whether the rule still lets their author at the texts."""
    told = [coded(row.answers) for row in rows]
    places = [(row.case_id, (codes.get("owner", ""), codes.get("kind", ""))) for row, codes in zip(rows, told, strict=True)]
    decisions = may_write_in(actor, places)
    return [
        DraftCard(row.id, row.case_id, codes.get("path", ""), row.saved_at, _why_not(codes, decision))
        for row, codes, decision in zip(rows, told, decisions, strict=True)
    ]


def _why_not(codes: dict[str, str], decision: Decision) -> Answers | Withheld | Unreadable:
    if not codes:
        return Unreadable()
    return () if decision.allowed else Withheld(decision.reason)


@action
def throw_away(actor: Actor, case_id: str, draft_id: str) -> str:
    """Remove an own draft, whether or not it can be read; gives the address of its form, "" where that cannot be read either."""
    gate = allow(actor, Permission.KEEP_DRAFT, on=case_id)
    log_as("delete")
    row = fetch(Draft, draft_id, case_id=gate.id)
    if row.created_by_id != actor.user_id:
        raise NotFound("not_found", Permission.KEEP_DRAFT, gate.id)
    open_drafts(actor, [gate.id], places_only=True)
    (card,) = _cards(actor, [row])
    log_detail(draft=row.id)
    session().delete(row)
    return card.path


@action
def remove_old_drafts(actor: Actor) -> int:
    """Remove every draft whose time is out, whoever wrote it, unread; how many there were."""
    allow(actor, Permission.RUN_RETENTION)
    over = list(session().scalars(select(Draft).where(Draft.saved_at <= oldest_shown(now()))))
    for row in over:
        session().delete(row)
    return len(over)


def _theirs(actor: Actor) -> Select[Draft]:
    """This person's drafts that are shown: whose time is not out, and whose page was not carried out."""
    return select(Draft).where(Draft.created_by_id == actor.user_id, Draft.saved_at > oldest_shown(now()), ~was_carried_out())


def _at(actor: Actor, path: str, *, shown: bool = False) -> list[Draft]:
    """This person's drafts at the form with this address, the newest first; without `shown` also those that are over."""
    query = _theirs(actor) if shown else select(Draft).where(Draft.created_by_id == actor.user_id)
    at = Draft.place == draft_place(actor.user_id, path)
    return list(session().scalars(query.where(at).order_by(Draft.saved_at.desc())))
