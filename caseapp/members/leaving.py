"""What does it mean to leave a team, or to move to another agency, and what goes with it?

One step: memberships, every part in the team's cases, every place on a list, every leave and every proposal that waits end in the
same transaction, and the epochs of those cases move, so that pages that are open close. What the person wrote stays where it is, their
old agency's. Promised: a case that would lose its only coordinator is handed over in the same step, or the step is refused; a team
keeps a unit manager. Blocks stay: a reason to keep away does not end with a membership.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from caseapp.access import (
    COORDINATOR,
    UNIT_MANAGER,
    Actor,
    BreakGlass,
    Gate,
    NamedReader,
    NotFound,
    Participation,
    Permission,
    Refused,
    action,
    allow,
    check_version,
    end_running,
    fetch,
    log_as,
    log_detail,
    log_in_cases,
    remember_result,
    session,
    today,
)
from caseapp.accounts import office
from caseapp.accounts.actions import TeamRoles
from caseapp.accounts.directory import running_memberships
from caseapp.accounts.models import Agency, Leave, User
from caseapp.accounts.sessions import end_sessions_of, sessions_of
from caseapp.cases.coordinating import able_coordinators, could_take_over, gates_of, hand_over
from caseapp.cases.numbers import numbers_of

from .facts import hold_team, managers_at_work, managers_of, standing_leaves
from .proposing import drop_proposals, propose_roles
from .rules import CASE_ROLES, ENDED


class NotHandedOver(Exception):
    """These cases would be left without a coordinator, and nobody who can take over was named for them."""

    def __init__(self, case_ids: Collection[str]) -> None:
        super().__init__("some cases would be left without a coordinator")
        self.case_ids = frozenset(case_ids)


@dataclass(frozen=True)
class CaseToHandOver:
    """A case that would lose its only coordinator. `successors`: (id, name) of the coordinators who could take over."""

    case_id: str
    case_number: str
    is_open: bool
    successors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LeavingPage:
    """What leaving means for one member of a team. `parts` cases they take part in, `places` on lists of protected identities.

    `against`: the reason code why they cannot leave at all, "" otherwise.
    """

    team_id: str
    team_name: str
    user_id: str
    name: str
    roles: frozenset[str]
    parts: int
    places: int
    to_hand_over: tuple[CaseToHandOver, ...]
    is_self: bool
    against: str


@action
def read_leaving(actor: Actor, team_id: str, user_id: str, *, deciding: bool = False) -> LeavingPage:
    """What it means if this person leaves the team. For the team's unit manager, and unless they are `deciding` for the person."""
    _allow(actor, team_id, user_id, deciding=deciding)
    log_as("view")
    roles = _roles(user_id, team_id)
    near = _nearness(user_id, [team_id])
    alone = _left_alone(near, user_id)
    log_detail(about=user_id, cases=sorted(gate.id for gate in alone))
    return LeavingPage(
        team_id=team_id,
        team_name=office().teams[team_id].name,
        user_id=user_id,
        name=office().user_name(user_id),
        roles=roles,
        parts=len(near.parts),
        places=len(near.places),
        to_hand_over=_cards(alone, user_id),
        is_self=actor.user_id == user_id,
        against="last_unit_manager" if _is_last_manager(user_id, team_id) else "",
    )


@action
def leave_team(
    actor: Actor,
    team_id: str,
    user_id: str,
    *,
    hand_over_to: Mapping[str, str] | None = None,
    roles: Collection[str] | None = None,
    once: str | None = None,
) -> None:
    """End somebody's roles in the team (all of them, if none are named), and at once everything that rested on them.

    `hand_over_to`: case id → the coordinator who takes it over. Raises NotHandedOver; Refused("last_unit_manager").
    """
    _allow(actor, team_id, user_id, once=once)
    hold_team(team_id)
    held = _roles(user_id, team_id)
    ending = held if roles is None else held & set(roles)
    if not ending:
        raise Refused("not_a_member", Permission.DECIDE_MEMBERS)
    if UNIT_MANAGER in ending and _is_last_manager(user_id, team_id):
        raise Refused("last_unit_manager", Permission.DECIDE_MEMBERS)
    near = _nearness(user_id, [team_id])
    touched = _hand_over(actor, _left_alone(near, user_id), user_id, hand_over_to or {}) if COORDINATOR in ending else set()
    touched |= _end(actor, user_id, team_id, ending, near)
    log_detail(member=user_id, team=team_id, roles=sorted(ending), ended=len(near.parts))
    remember_result(once, team_id)
    log_in_cases(sorted(touched))


# -- another agency ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MovingPage:
    """What moving to another agency ends, in numbers, for whoever keeps the register and sees no case.

    `alone`: team name → how many cases there would lose their only coordinator. `against`: a reason code, or "".
    """

    user_id: str
    name: str
    agency_id: str
    agency_name: str
    version: int
    teams: Mapping[str, frozenset[str]]
    parts: int
    places: int
    sessions: int
    alone: Mapping[str, int]
    against: str


@action
def read_moving(actor: Actor, user_id: str) -> MovingPage:
    """What it means if this person moves to another agency."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("view")
    user, register = fetch(User, user_id), office()
    teams = _teams(user_id)
    near = _nearness(user_id, teams)
    alone: dict[str, int] = {}
    for gate in _left_alone(near, user_id):
        name = register.teams[gate.team_id].name
        alone[name] = alone.get(name, 0) + 1
    return MovingPage(
        user_id=user_id,
        name=user.name,
        agency_id=user.agency_id,
        agency_name=register.agency_name(user.agency_id),
        version=user.version,
        teams=teams,
        parts=len(near.parts),
        places=len(near.places),
        sessions=len(sessions_of(user_id)),
        alone=alone,
        against=_why_not_move(actor, user_id, teams) or "",
    )


@action
def move_agency(
    actor: Actor, user_id: str, agency_id: str, *, propose: TeamRoles | None = None, version: int | None = None
) -> None:
    """Move somebody to another agency: memberships, parts in cases, places on lists, leaves and sessions end at once.

    `propose`: roles in teams that are proposed anew, for the unit managers to approve. Refused ("hand_over_first") while a case would
    lose its only coordinator: the administrator sees no case, so the team's unit manager hands over first.
    """
    allow(actor, Permission.MANAGE_USERS)
    user = fetch(User, user_id)
    check_version(user, version)
    if not fetch(Agency, agency_id).is_active or agency_id == user.agency_id:
        raise Refused("same_agency" if agency_id == user.agency_id else "agency_closed", Permission.MANAGE_USERS)
    teams = _teams(user_id)
    for team_id in sorted(teams):
        hold_team(team_id)
    near = _nearness(user_id, teams)
    against = _why_not_move(actor, user_id, teams) or ("hand_over_first" if _left_alone(near, user_id) else None)
    if against is not None:
        raise Refused(against, Permission.MANAGE_USERS)
    touched: set[str] = set()
    for team_id, roles in teams.items():
        touched |= _end(actor, user_id, team_id, roles, near)
    log_detail(moved=user_id, before=user.agency_id, to=agency_id, ended=len(near.parts))
    user.agency_id = agency_id
    end_sessions_of(user_id)
    session().flush()
    log_in_cases(sorted(touched))
    if propose:
        propose_roles(actor, user_id, propose)


def _why_not_move(actor: Actor, user_id: str, teams: Collection[str]) -> str | None:
    if user_id == actor.user_id:
        return "own_agency"
    return "last_unit_manager" if any(_is_last_manager(user_id, team_id) for team_id in teams) else None


# -- what both do -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Near:
    """The rows that let somebody near cases of some teams: parts that have not ended, places on lists, and the gates of all of them.

    `stood_in`: the gates of cases they reach only for somebody on leave.
    """

    gates: Mapping[str, Gate]
    parts: tuple[Participation, ...]
    places: tuple[NamedReader, ...]
    stood_in: frozenset[str]


def _nearness(user_id: str, team_ids: Collection[str]) -> _Near:
    current, day = session(), today()
    card = office().users[user_id]
    absent = {one: team for team in team_ids for one in card.stands_in_for.get(team, ())}
    rows = current.scalars(select(Participation).where(Participation.user_id.in_([user_id, *absent]))).all()
    running = [row for row in rows if row.until_day is None or day <= row.until_day]
    places = [row for row in current.scalars(select(NamedReader).where(NamedReader.user_id == user_id)) if not row.lifted]
    near = {row.case_id for row in running} | {row.case_id for row in places}
    gates = {gate.id: gate for gate in gates_of(near) if gate.team_id in team_ids}
    mine = tuple(row for row in running if row.user_id == user_id and row.case_id in gates)
    theirs = {row.case_id for row in running if row.case_id in gates and absent.get(row.user_id) == gates[row.case_id].team_id}
    return _Near(
        gates, mine, tuple(row for row in places if row.case_id in gates), frozenset(theirs - {row.case_id for row in mine})
    )


def parts_in(user_id: str, team_id: str) -> set[str]:
    """The ids of the cases of this team that the person takes part in. Inside an action."""
    return {row.case_id for row in _nearness(user_id, [team_id]).parts}


def _left_alone(near: _Near, user_id: str) -> list[Gate]:
    """The cases that nobody could open as a coordinator if this person were gone, and that they can open or could if at work."""
    card = office().users[user_id]
    theirs = {row.case_id for row in near.parts} | near.stood_in
    gates = [gate for gate in near.gates.values() if gate.id in theirs and COORDINATOR in card.teams.get(gate.team_id, ())]
    able = able_coordinators(gates, without=user_id)
    return sorted((gate for gate in gates if not able[gate.id]), key=lambda gate: (not gate.is_open, gate.id))


def _cards(gates: Collection[Gate], user_id: str) -> tuple[CaseToHandOver, ...]:
    numbers = numbers_of([gate.id for gate in gates])
    cards = (
        CaseToHandOver(
            gate.id, numbers[gate.id], gate.is_open, tuple((user.id, user.name) for user in could_take_over(gate, without=user_id))
        )
        for gate in gates
    )
    return tuple(sorted(cards, key=lambda card: (not card.is_open, card.case_number)))


def _hand_over(actor: Actor, gates: Collection[Gate], user_id: str, chosen: Mapping[str, str]) -> set[str]:
    missing = {
        gate.id for gate in gates if chosen.get(gate.id) not in {user.id for user in could_take_over(gate, without=user_id)}
    }
    if missing:
        raise NotHandedOver(missing)
    for gate in gates:
        hand_over(gate, chosen[gate.id], actor.user_id)
    log_detail(handed_over={gate.id: chosen[gate.id] for gate in gates})
    return {gate.id for gate in gates}


def _end(actor: Actor, user_id: str, team_id: str, ending: Collection[str], near: _Near) -> set[str]:
    """End these roles in the team and what rested on them; the ids of the cases that were touched."""
    before = today() - timedelta(days=1)
    left = set()
    for membership in session().scalars(running_memberships(user_id, team_id=team_id)):
        if membership.role not in ending:
            left.add(membership.role)
        elif membership.from_day < today():
            membership.until_day = before
        else:
            session().delete(membership)
    if not left:
        drop_proposals(user_id, [team_id], actor.user_id)
    touched = _end_leaves(user_id, team_id, left, near)
    if not left & CASE_ROLES:
        for part in near.parts:
            if near.gates[part.case_id].team_id == team_id:
                part.until_day = before
                touched.add(part.case_id)
        for place in near.places:
            if near.gates[place.case_id].team_id == team_id:
                place.lifted = True
                touched.add(place.case_id)
        _end_emergencies(actor, user_id, team_id)
    for case_id in touched:
        near.gates[case_id].epoch += 1
    return touched


def _end_emergencies(actor: Actor, user_id: str, team_id: str) -> None:
    """An emergency opening needs a role in the team; without one it is over for good, also should they be let in again."""
    rows = session().scalars(select(BreakGlass).where(BreakGlass.user_id == user_id)).all()
    here = {gate.id for gate in gates_of({row.case_id for row in rows}) if gate.team_id == team_id}
    end_running((row for row in rows if row.case_id in here), actor)


def _end_leaves(user_id: str, team_id: str, left: Collection[str], near: _Near) -> set[str]:
    """End their leaves where no role is left, and let them stand in for nobody whose role they no longer hold."""
    touched: set[str] = set()
    for leave in standing_leaves(team_id):
        if leave.until_day < today():
            continue
        if leave.user_id == user_id and not left:
            end_leave_row(leave)
        elif leave.stand_in_id == user_id and COORDINATOR not in left:
            leave.stand_in_id = None
            touched |= {case_id for case_id in near.stood_in if near.gates[case_id].team_id == team_id}
    return touched


def end_leave_row(leave: Leave) -> None:
    """End a leave from today: one that has begun keeps its days until yesterday, one that has not never was."""
    if leave.from_day < today():
        leave.until_day = today() - timedelta(days=1)
    else:
        leave.state = ENDED


def _allow(actor: Actor, team_id: str, user_id: str, *, deciding: bool = False, once: str | None = None) -> None:
    own = actor.user_id == user_id and not deciding
    allow(actor, Permission.OWN_MEMBERSHIP if own else Permission.DECIDE_MEMBERS, team=team_id, once=once)
    if not _roles(user_id, team_id):
        raise NotFound("not_found", Permission.DECIDE_MEMBERS)


def _roles(user_id: str, team_id: str) -> frozenset[str]:
    return frozenset(row.role for row in session().scalars(running_memberships(user_id, team_id=team_id)))


def _teams(user_id: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in session().scalars(running_memberships(user_id)):
        found[row.team_id] = found.get(row.team_id, frozenset()) | {row.role}
    return found


def _is_last_manager(user_id: str, team_id: str) -> bool:
    """Whether nobody who can decide would be left; a unit manager on leave comes back, one whose account is closed does not."""
    return user_id in managers_of(team_id) and not managers_at_work(office(), team_id) - {user_id}
