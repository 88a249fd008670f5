"""Work that goes on in the background: who asked, how far it has come, whether it still lives, and how it ended.

This module answers: may this quarter be prepared now, by this process, and did anybody call it off? It promises that one piece of work
goes on at a time, whatever number of processes serve the pages: the database refuses a second slot, and whoever carries the work out
claims it under a lock first. Who carries it out gives a sign of life every few seconds; without one for `SILENCE` the work counts as
interrupted, and beginning anew is what resumes it: the records are read at a new moment, so that nothing half-read is ever stored.

It computes nothing, see `background`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from caseapp.access import Actor, NotFound, Permission, Refused, action, allow, could_be_an_id, fetch, log_detail, now, session
from caseapp.accounts import Office, office
from caseapp.db import coded, transaction
from caseapp.formats import Quarter
from caseapp.statistics.models import CANCELLED, DONE, FAILED, RUNNING, WAITING, Preparation
from caseapp.statistics.preparing import demand_turn
from caseapp.statistics.steps import WORDS, Step

SILENCE = timedelta(seconds=60)
#: How often whoever carries the work out gives a sign of life, in seconds.
BEAT = 5.0
_SLOT = "one"


@dataclass(frozen=True)
class PreparationCard:
    """A piece of work as it is now. `is_silent`: it should go on, but nobody has given a sign of life for a while."""

    id: str
    quarter: Quarter
    state: str
    step: Step
    asked_by: str
    asked_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    is_silent: bool
    release_id: str
    reason: str
    about: str

    @property
    def goes_on(self) -> bool:
        """Whether somebody is at it now."""
        return self.state in (WAITING, RUNNING) and not self.is_silent

    @property
    def has_failed(self) -> bool:
        """Whether it ended, or was interrupted, without a release and without being called off."""
        return self.state == FAILED or self.is_silent


# -- what people do -----------------------------------------------------------------------------------------------------


@action
def begin_preparation(actor: Actor, quarter: str) -> str:
    """The id of the work on this quarter, new or already going on. Raises Refused where it is not the quarter's turn."""
    allow(actor, Permission.PREPARE_STATISTICS)
    for row in session().scalars(select(Preparation).where(Preparation.slot == _SLOT).with_for_update()).all():
        if row.is_damaged:  # it tells nothing any more, and must not stand in the way for ever
            session().delete(row)
        elif not _is_silent(row):
            return row.id
        else:
            _end(row, FAILED, "interrupted")
    session().flush()
    chosen = demand_turn(quarter)
    row = Preparation(
        quarter=str(chosen), state=WAITING, slot=_SLOT, asked_by_id=actor.user_id, asked_at=now(), seen_at=now(), reason="", progress={}
    )
    session().add(row)
    log_detail(quarter=str(chosen), preparation=row.id)
    return row.id


@action
def cancel_preparation(actor: Actor, preparation_id: str) -> None:
    """Call the work off. From this moment on nothing of it can be stored; whoever carries it out finds out within seconds."""
    allow(actor, Permission.PREPARE_STATISTICS)
    row = _held(preparation_id)
    if row is None:
        raise NotFound("not_found")
    if row.state not in (WAITING, RUNNING):
        raise Refused("preparation_ended", Permission.PREPARE_STATISTICS)
    _end(row, CANCELLED)
    log_detail(preparation=row.id)


@action
def watch_preparation(actor: Actor, preparation_id: str) -> PreparationCard:
    """How far the work has come."""
    allow(actor, Permission.READ_STATISTICS)
    row = fetch(Preparation, preparation_id)
    if row.is_damaged:
        raise NotFound("not_found")
    return _card(row, office())


def glance_at_preparation(preparation_id: str) -> tuple[bool, Step] | None:
    """(goes on, step), for a page that asks every other second; None if there is no such work. It reads nothing about anybody."""
    with transaction(reading=True) as current:
        row = current.get(Preparation, preparation_id) if could_be_an_id(preparation_id) else None
        if row is None or row.is_damaged:
            return None
        return row.state in (WAITING, RUNNING) and not _is_silent(row), _step(coded(row.progress))


def latest_preparation(register: Office) -> PreparationCard | None:
    """The newest work, whatever became of it; None if there was none. Inside an action."""
    row = session().scalars(select(Preparation).order_by(Preparation.asked_at.desc(), Preparation.id).limit(1)).one_or_none()
    return None if row is None or row.is_damaged else _card(row, register)


# -- what the one does who carries it out -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """The work is this one's alone: which quarter, and for whom."""

    id: str
    quarter: str
    asked_by_id: str


def claim(preparation_id: str) -> Claim | None:
    """Take the work; None if somebody else has it, or it ended."""
    with transaction() as current:
        row = _held_in(preparation_id, WAITING)
        if row is None:
            return None
        row.state, row.started_at, row.seen_at = RUNNING, now(), now()
        taken = Claim(row.id, row.quarter, row.asked_by_id)
        current.commit()
    return taken


def give_sign_of_life(preparation_id: str, step: Step) -> bool:
    """Note how far it has come; whether the work is still wanted."""
    with transaction() as current:
        row = _held_in(preparation_id, RUNNING)
        if row is None:
            return False
        row.seen_at, row.progress = now(), {"word": step.word, "at": step.at, "of": step.of}
        current.commit()
    return True


def fail(preparation_id: str, reason: str, about: str = "") -> None:
    """Note why nothing came of it, unless it ended otherwise meanwhile."""
    with transaction() as current:
        row = _held_in(preparation_id, WAITING, RUNNING)
        if row is not None:
            _end(row, FAILED, reason)
            row.progress = coded(row.progress) | {"about": about}
            current.commit()


def close(preparation_id: str, release_id: str) -> None:
    """The work is done. In the transaction that stores the release; Refused if it was called off or given up."""
    row = _held_in(preparation_id, RUNNING)
    if row is None:
        raise Refused("preparation_ended", Permission.PREPARE_STATISTICS)
    _end(row, DONE)
    row.release_id = release_id


# -- rows ---------------------------------------------------------------------------------------------------------------


def _held(preparation_id: str) -> Preparation | None:
    """The row, held until the transaction ends: SQLite has one writer at a time, PostgreSQL locks the row."""
    if not could_be_an_id(preparation_id):
        return None
    return session().get(Preparation, preparation_id, with_for_update=True, populate_existing=True)


def _held_in(preparation_id: str, *states: str) -> Preparation | None:
    """The same, if the row is whole and the work in one of these states."""
    row = _held(preparation_id)
    return row if row is not None and not row.is_damaged and row.state in states else None


def _end(row: Preparation, state: str, reason: str = "") -> None:
    row.state, row.reason, row.slot, row.ended_at = state, reason, None, now()


def _is_silent(row: Preparation) -> bool:
    return row.state in (WAITING, RUNNING) and now() - row.seen_at > SILENCE


def _step(progress: Mapping[str, object]) -> Step:
    word, at, of = progress.get("word"), progress.get("at"), progress.get("of")
    is_whole = word in WORDS and isinstance(at, int) and isinstance(of, int)
    return Step(str(word), int(str(at)), int(str(of))) if is_whole else Step(WORDS[0])


def _card(row: Preparation, register: Office) -> PreparationCard:
    progress = coded(row.progress)
    card = PreparationCard(
        id=row.id,
        quarter=Quarter.parse(row.quarter),
        state=row.state,
        step=_step(progress),
        asked_by=register.user_name(row.asked_by_id),
        asked_at=row.asked_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        is_silent=_is_silent(row),
        release_id=row.release_id or "",
        reason=row.reason,
        about=str(progress.get("about", "")),
    )
    return replace(card, reason="interrupted") if card.is_silent else card
