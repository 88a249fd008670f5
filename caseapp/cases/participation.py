"""Who comes near a case: who takes part, and who is on the list where the identity is protected. Who must not is in `blocking`.

Every change moves the gate's epoch. The last coordinator cannot leave: a case nobody can open would be lost. Taking part is not the
same as reading: what somebody may read depends on the consent as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from caseapp.access import (
    COORDINATOR,
    PARTICIPANT,
    Actor,
    Block,
    BreakGlass,
    Gate,
    NamedReader,
    NotFound,
    Participation,
    Permission,
    action,
    allow,
    log_as,
    now,
    observe,
    remember_result,
    running_emergency,
    session,
    today,
)
from caseapp.access.rules import is_running
from caseapp.accounts import Office, UserCard, office
from caseapp.consent import open_case
from caseapp.db import transaction

from .coordinating import able_coordinators, let_take_part
from .models import BlockReason
from .reading import CaseBar, Shown, case_bar, watch_value


class LastCoordinator(Exception):
    """The case would have nobody left who can open it and change it."""


@dataclass(frozen=True)
class BlockCard:
    """Why somebody is blocked: `reason` in words, whether they declared it themselves, who wrote it and when."""

    reason: Shown
    is_declared: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class MemberCard:
    """A member of the team, and what they are in this case.

    `is_away`: on leave from the team today. `stands_in_for`: names of those on leave who take part here and whose stand-in this is.
    `block`: why the person is blocked, for those who may lift it.
    """

    user_id: str
    name: str
    agency_name: str
    roles: frozenset[str]
    takes_part: bool
    since: date | None
    is_blocked: bool
    is_named: bool
    is_away: bool
    stands_in_for: tuple[str, ...]
    block: BlockCard | None = None


@dataclass(frozen=True)
class ParticipationPage:
    """The members of the team, those who take part first."""

    bar: CaseBar
    members: tuple[MemberCard, ...]
    may_manage: bool
    own_id: str


@action
def read_participation(actor: Actor, case_id: str) -> ParticipationPage:
    """Who takes part in the case, and who else could."""
    gate = allow(actor, Permission.READ_CASE, on=case_id)
    opening = open_case(actor, gate, types=("identity",))
    may_manage = observe(actor, Permission.MANAGE_PARTICIPANTS, case_id)
    reasons = blocks_of(case_id) if may_manage else {}
    return ParticipationPage(case_bar(gate, opening), _members(gate, office(), reasons), may_manage, actor.user_id)


def _members(gate: Gate, register: Office, reasons: Mapping[str, BlockCard]) -> tuple[MemberCard, ...]:
    here = {row.user_id: row for row in _current(gate.id)}
    blocked = {row.user_id for row in _rows(Block, gate.id) if not row.lifted}
    named = {row.user_id for row in _rows(NamedReader, gate.id) if not row.lifted}
    workers = [user for user in register.members(gate.team_id) if user.teams[gate.team_id] & {COORDINATOR, PARTICIPANT}]
    cards = [_card(user, gate, register, here, blocked, named, reasons.get(user.id)) for user in workers]
    return tuple(sorted(cards, key=lambda card: (not card.takes_part, card.is_blocked, card.name)))


def _card(
    user: UserCard,
    gate: Gate,
    register: Office,
    here: dict[str, Participation],
    blocked: set[str],
    named: set[str],
    reason: BlockCard | None,
) -> MemberCard:
    absent = sorted(user.stands_in_for.get(gate.team_id, frozenset()) & here.keys())
    return MemberCard(
        user_id=user.id,
        name=user.name,
        agency_name=register.agency_name(user.agency_id),
        roles=user.teams[gate.team_id],
        takes_part=user.id in here,
        since=here[user.id].from_day if user.id in here else None,
        is_blocked=user.id in blocked,
        is_named=user.id in named,
        is_away=gate.team_id in user.away,
        stands_in_for=tuple(register.user_name(user_id) for user_id in absent),
        block=reason,
    )


def blocks_of(case_id: str) -> dict[str, BlockCard]:
    """The reasons of the blocks in force, by the id of the person blocked. Inside an action that has opened the case."""
    register = office()
    standing = {row.id: row.user_id for row in _rows(Block, case_id) if not row.lifted}
    rows = session().scalars(select(BlockReason).where(BlockReason.block_id.in_(list(standing)), BlockReason.kind != "lifted"))
    return {
        standing[row.block_id]: BlockCard(row.reason, row.kind == "declared", register.user_name(row.created_by_id), row.created_at)
        for row in rows
    }


@action
def add_participant(actor: Actor, case_id: str, user_id: str, *, once: str | None = None) -> None:
    """Let a member of the team take part from today. Somebody who takes part already stays as they are."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id, once=once)
    refuse_stranger(gate, user_id)
    let_take_part(gate, user_id, actor.user_id)
    gate.epoch += 1
    remember_result(once, case_id)


@action
def remove_participant(actor: Actor, case_id: str, user_id: str, *, once: str | None = None) -> None:
    """End somebody's part in the case at once. Raises LastCoordinator."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id, once=once)
    keep_a_coordinator(gate, without=user_id)
    for row in _current(case_id):
        if row.user_id == user_id:
            row.until_day = today() - timedelta(days=1)
    gate.epoch += 1
    remember_result(once, case_id)


@action
def name_reader(actor: Actor, case_id: str, user_id: str, *, named: bool = True, once: str | None = None) -> None:
    """Put somebody on the list of those who may know a protected identity, or take them off it. Raises LastCoordinator."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id, once=once)
    log_as("update")
    refuse_stranger(gate, user_id)
    listed = [row for row in _rows(NamedReader, case_id) if row.user_id == user_id and not row.lifted]
    if named and not listed:
        session().add(NamedReader(case_id=case_id, user_id=user_id))
    if not named:
        keep_a_coordinator(gate, without=user_id)
        if gate.is_protected:
            end_emergency_of(actor, case_id, user_id)
        for row in listed:
            row.lifted = True
    gate.epoch += 1
    remember_result(once, case_id)


def end_emergency_of(actor: Actor, case_id: str, user_id: str) -> None:
    """Who must not come near is out at once by the policy; here for good, so that nothing goes on should they be let in again."""
    for row in session().scalars(select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.user_id == user_id)):
        if is_running(row.begun_at, row.ended_at, now()):
            row.ended_at, row.ended_by_id = now(), actor.user_id


def _current(case_id: str) -> list[Participation]:
    day = today()
    rows = session().scalars(select(Participation).where(Participation.case_id == case_id))
    return [row for row in rows if row.from_day <= day and (row.until_day is None or day <= row.until_day)]


def _rows(model: type[Block] | type[NamedReader], case_id: str) -> list[Block | NamedReader]:
    return list(session().scalars(select(model).where(model.case_id == case_id)))


def refuse_stranger(gate: Gate, user_id: str) -> None:
    """Raise NotFound for somebody who is not in the case's team."""
    if user_id not in {user.id for user in office().members(gate.team_id)}:
        raise NotFound("not_found", Permission.MANAGE_PARTICIPANTS, gate.id)


def keep_a_coordinator(gate: Gate, *, without: str) -> None:
    """Raise LastCoordinator if nobody but this person can open the case as a coordinator."""
    if not able_coordinators([gate], without=without)[gate.id]:
        raise LastCoordinator


def read_epoch(actor: Actor, case_id: str) -> str:
    """What a page that is open was made under (`CaseBar.watch`), as it is now.

    Asked each second and telling nothing about anybody, so an answer is not logged and waits for no writer; a refusal is.
    """
    with transaction(reading=True):
        if observe(actor, Permission.READ_CASE, case_id):
            return _watched(actor, session().get_one(Gate, case_id))
    return _refused_epoch(actor, case_id)


@action
def _refused_epoch(actor: Actor, case_id: str) -> str:
    return _watched(actor, allow(actor, Permission.READ_CASE, on=case_id))


def _watched(actor: Actor, gate: Gate) -> str:
    return watch_value(gate.epoch, running_emergency(actor, gate.id))
