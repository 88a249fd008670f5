"""Who comes near a case: who takes part, and who is on the list where the identity is protected. Who must not is in `blocking`.

Every change moves the gate's epoch. The last coordinator cannot leave: a case nobody can open would be lost. Taking part is not the
same as reading: what somebody may read depends on the consent as well.
"""

from collections.abc import Collection, Mapping
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
    PersonReader,
    action,
    allow,
    end_running,
    fetch,
    log_as,
    observe,
    readers_of_people,
    remember_result,
    running_emergency,
    session,
    today,
)
from caseapp.accounts import Office, UserCard, office
from caseapp.consent import open_case
from caseapp.db import transaction

from .coordinating import able_coordinators, let_take_part
from .models import BlockReason, RelatedPerson
from .reading import CaseBar, Shown, case_bar, current_people, related_card, watch_value
from .starting import PROTECTED


class LastCoordinator(Exception):
    """The case would have nobody left who can open it and change it."""


class LastReader(Exception):
    """Nobody would be left who is shown a protected person."""


class PartnerWithoutAccount(Exception):
    """The person belongs to a partner agency, in a team whose partner agencies have no accounts."""


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
class ProtectedPerson:
    """Somebody around the young person with protected identity. `readers` are the user ids on their list, None without a list."""

    id: str
    name: Shown
    role: str
    readers: frozenset[str] | None
    may_change: bool


@dataclass(frozen=True)
class ParticipationPage:
    """The members of the team, those who take part first; and the protected people around, each with a list."""

    bar: CaseBar
    members: tuple[MemberCard, ...]
    may_manage: bool
    own_id: str
    protected: tuple[ProtectedPerson, ...] = ()


@action
def read_participation(actor: Actor, case_id: str) -> ParticipationPage:
    """Who takes part in the case, and who else could."""
    gate = allow(actor, Permission.READ_CASE, on=case_id)
    opening = open_case(actor, gate, types=("identity", "family"))
    may_manage = observe(actor, Permission.MANAGE_PARTICIPANTS, case_id)
    members = _members(gate, office(), blocks_of(case_id) if may_manage else {})
    protected = _protected_people(actor, gate, members, may_manage)
    return ParticipationPage(case_bar(gate, opening), members, may_manage, actor.user_id, protected)


def _protected_people(actor: Actor, gate: Gate, members: Collection[MemberCard], may_manage: bool) -> tuple[ProtectedPerson, ...]:
    lists = readers_of_people([gate.id])
    return tuple(
        ProtectedPerson(
            person.id, person.name, person.role, lists.get(person.id), may_manage and _may_change_list(actor, lists.get(person.id), members)
        )
        for person in current_people(gate.id).related
        if person.protected in PROTECTED or person.id in lists
    )


def _may_change_list(actor: Actor, readers: frozenset[str] | None, members: Collection[MemberCard]) -> bool:
    """Whoever is on the list; and, lest a name be lost to everybody, any coordinator once nobody on it can come to the case."""
    if readers is None or actor.user_id in readers:
        return True
    return not any(member.user_id in readers and member.takes_part and member.is_named and not member.is_blocked for member in members)


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
    """Let a member of the team take part from today. Somebody who takes part already stays as they are. Raises PartnerWithoutAccount."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id, once=once)
    _refuse_partner(gate, user_id)
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


@action
def name_person_reader(
    actor: Actor, case_id: str, person_id: str, user_id: str, *, named: bool = True, once: str | None = None
) -> None:
    """Put somebody on the list of those who are shown one protected person, or take them off it. Raises LastReader."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id, once=once)
    open_case(actor, gate, types=("identity", "family"))
    refuse_stranger(gate, user_id)
    person = fetch(RelatedPerson, person_id, case_id=case_id)
    members, readers = _members(gate, office(), {}), readers_of_people([case_id]).get(person_id)
    if related_card(person).protected not in PROTECTED or not _may_change_list(actor, readers, members):
        raise NotFound("protected_person", Permission.MANAGE_PARTICIPANTS, case_id)
    if not named and not (readers or frozenset()) - {user_id}:
        raise LastReader
    listed = session().scalars(select(PersonReader).where(PersonReader.person_id == person_id, PersonReader.user_id == user_id)).all()
    if named and user_id not in (readers or ()):
        session().add(PersonReader(case_id=case_id, person_id=person_id, user_id=user_id))
    if not named:
        for row in listed:
            row.lifted = True
    gate.epoch += 1
    remember_result(once, case_id)


def end_emergency_of(actor: Actor, case_id: str, user_id: str) -> None:
    """Who must not come near is out at once by the policy; here for good, so that nothing goes on should they be let in again."""
    end_running(session().scalars(select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.user_id == user_id)), actor)


def _current(case_id: str) -> list[Participation]:
    day = today()
    rows = session().scalars(select(Participation).where(Participation.case_id == case_id))
    return [row for row in rows if row.holds(day)]


def _rows(model: type[Block] | type[NamedReader], case_id: str) -> list[Block | NamedReader]:
    return list(session().scalars(select(model).where(model.case_id == case_id)))


def refuse_stranger(gate: Gate, user_id: str) -> None:
    """Raise NotFound for somebody who is not in the case's team."""
    if user_id not in {user.id for user in office().members(gate.team_id)}:
        raise NotFound("not_found", Permission.MANAGE_PARTICIPANTS, gate.id)


def _refuse_partner(gate: Gate, user_id: str) -> None:
    register = office()
    user, team = register.users.get(user_id), register.teams[gate.team_id]
    if user is not None and user.agency_id in team.agency_ids and not team.lets_in(user.agency_id):
        raise PartnerWithoutAccount


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
