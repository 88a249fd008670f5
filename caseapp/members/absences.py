"""Who is away from a team, from which day until which, and who stands in meanwhile?

A member asks and the unit manager confirms, or the unit manager sets it. While it lasts the absent person has no role in the team:
somebody who is ill or on holiday has no task there that reading could follow from. The stand-in takes part in exactly the cases the
absent one takes part in, with their own role, except where they are blocked or the absent one is, or where the identity is protected
and they are not on the list. Nothing is stored for that: it is asked of the days each time, so it begins and ends by itself. The log
of each such step says for whom it was done.

Not asked here: why somebody is away. A leave is never refused because cases would lack a coordinator meanwhile (nobody is well because
a form says so); those cases stand on the unit manager's page, who appoints somebody.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from caseapp.access import (
    UNIT_MANAGER,
    Actor,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    check_whole,
    fetch,
    log_as,
    log_detail,
    log_in_cases,
    now,
    remember_result,
    session,
    today,
)
from caseapp.accounts import Office, office
from caseapp.accounts.models import Leave
from caseapp.cases.coordinating import gates_of

from .facts import away, hold_team, managers_at_work, member, standing_leaves
from .leaving import end_leave_row, parts_in
from .rules import ASKED, CONFIRMED, REFUSED, why_not_away, why_not_stand_in


@dataclass(frozen=True)
class LeaveCard:
    """A leave that is asked for or confirmed, and not over. `is_now`: it holds today."""

    id: str
    user_id: str
    name: str
    stand_in: str
    from_day: date
    until_day: date
    state: str
    asked_by: str
    is_now: bool


@dataclass(frozen=True)
class LeavePage:
    """What the form for a leave is made from. `stand_ins`: (id, name) of those who could stand in; `decides`: it holds at once."""

    team_id: str
    team_name: str
    user_id: str
    name: str
    stand_ins: tuple[tuple[str, str], ...]
    is_self: bool
    decides: bool


@action
def read_leave_form(actor: Actor, team_id: str, user_id: str, *, deciding: bool = False) -> LeavePage:
    """Who could stand in for this member. For the team's unit manager, and unless they are `deciding` for the member."""
    _allow(actor, team_id, user_id, deciding=deciding)
    log_as("view")
    register = office()
    person = member(register, user_id, team_id)
    if not person.held:
        raise NotFound("not_found", Permission.DECIDE_MEMBERS)
    others = [member(register, card.id, team_id) for card in register.members(team_id)]
    fitting = {one.id for one in others if why_not_stand_in(person, one, ()) is None}
    return LeavePage(
        team_id=team_id,
        team_name=register.teams[team_id].name,
        user_id=user_id,
        name=register.user_name(user_id),
        stand_ins=tuple((card.id, card.name) for card in register.members(team_id) if card.id in fitting),
        is_self=user_id == actor.user_id,
        decides=UNIT_MANAGER in actor.teams.get(team_id, ()),
    )


@action
def take_leave(
    actor: Actor,
    team_id: str,
    user_id: str,
    *,
    from_day: date,
    until_day: date,
    stand_in_id: str | None = None,
    once: str | None = None,
) -> str:
    """Ask for a leave, or set it where the actor is the team's unit manager; its id. Refused with the reason where it cannot be."""
    permission = _allow(actor, team_id, user_id, once=once)
    decides = UNIT_MANAGER in actor.teams.get(team_id, ())
    row = Leave(
        team_id=team_id,
        user_id=user_id,
        stand_in_id=stand_in_id,
        from_day=from_day,
        until_day=until_day,
        state=CONFIRMED if decides else ASKED,
        asked_by_id=actor.user_id,
        asked_at=now(),
        decided_by_id=actor.user_id if decides else None,
        decided_at=now() if decides else None,
    )
    _refuse_unfit(row, permission)
    session().add(row)
    log_detail(leave=row.id, away=user_id, stand_in=stand_in_id, days=[str(from_day), str(until_day)])
    remember_result(once, team_id)
    if decides:
        _tell_open_pages(row)
    return row.id


@action
def confirm_leave(actor: Actor, leave_id: str) -> None:
    """Let a leave that was asked for hold. What was possible when it was asked for is asked again."""
    row = fetch(Leave, leave_id)
    allow(actor, Permission.DECIDE_MEMBERS, team=row.team_id)
    _waits(row)
    _refuse_unfit(row, Permission.DECIDE_MEMBERS)
    row.state, row.decided_by_id, row.decided_at = CONFIRMED, actor.user_id, now()
    log_detail(leave=row.id, away=row.user_id, stand_in=row.stand_in_id)
    _tell_open_pages(row)


@action
def refuse_leave(actor: Actor, leave_id: str) -> None:
    """Say no to a leave that was asked for."""
    row = fetch(Leave, leave_id)
    allow(actor, Permission.DECIDE_MEMBERS, team=row.team_id)
    _waits(row)
    row.state, row.decided_by_id, row.decided_at = REFUSED, actor.user_id, now()


@action
def end_leave(actor: Actor, leave_id: str) -> None:
    """End a leave from today, or take back one that has not begun. By the unit manager; by the person while it is only asked for."""
    row = fetch(Leave, leave_id)
    own = row.user_id == actor.user_id and row.state == ASKED
    permission = Permission.OWN_MEMBERSHIP if own else Permission.DECIDE_MEMBERS
    allow(actor, permission, team=row.team_id)
    check_whole(row)
    if row.state not in (ASKED, CONFIRMED) or row.until_day < today():
        raise Refused("leave_over", permission)
    holds_today = row.state == CONFIRMED and row.from_day <= today()
    end_leave_row(row)
    log_detail(leave=row.id, away=row.user_id, stand_in=row.stand_in_id)
    if holds_today:
        _tell_open_pages(row, was_today=True)


def _allow(actor: Actor, team_id: str, user_id: str, *, deciding: bool = False, once: str | None = None) -> Permission:
    own = user_id == actor.user_id and not deciding
    permission = Permission.OWN_MEMBERSHIP if own else Permission.DECIDE_MEMBERS
    allow(actor, permission, team=team_id, once=once)
    return permission


def _waits(row: Leave) -> None:
    check_whole(row)
    if row.state != ASKED:
        raise Refused("leave_decided", Permission.DECIDE_MEMBERS)


def _refuse_unfit(row: Leave, permission: Permission) -> None:
    hold_team(row.team_id)
    register = office()
    others = away(one for one in standing_leaves(row.team_id) if one.id != row.id)
    against = why_not_away(
        member(register, row.user_id, row.team_id),
        member(register, row.stand_in_id, row.team_id) if row.stand_in_id else None,
        row.from_day,
        row.until_day,
        today=today(),
        others=others,
        managers=managers_at_work(register, row.team_id),
    )
    if against is not None:
        raise Refused(against, permission)


def _tell_open_pages(row: Leave, *, was_today: bool = False) -> None:
    """A leave that changes today who may read moves the epochs of the cases it concerns."""
    if was_today or row.from_day <= today() <= row.until_day:
        cases = parts_in(row.user_id, row.team_id)
        for gate in gates_of(cases):
            gate.epoch += 1
        log_in_cases(sorted(cases))


def leave_cards(register: Office, team_id: str) -> list[LeaveCard]:
    """The team's leaves that are asked for or confirmed and not over, by day. Inside an action."""
    rows = [row for row in standing_leaves(team_id) if row.until_day >= today()]
    return [
        LeaveCard(
            id=row.id,
            user_id=row.user_id,
            name=register.user_name(row.user_id),
            stand_in=register.user_name(row.stand_in_id),
            from_day=row.from_day,
            until_day=row.until_day,
            state=row.state,
            asked_by=register.user_name(row.asked_by_id),
            is_now=row.state == CONFIRMED and row.from_day <= today(),
        )
        for row in sorted(rows, key=lambda row: (row.from_day, row.until_day, row.id))
    ]


def away_until(user_id: str) -> date | None:
    """The last day of a leave this person is on today, the latest if there are several. Inside an action."""
    query = select(Leave.until_day).where(Leave.user_id == user_id, Leave.state == CONFIRMED, Leave.from_day <= today())
    days = [day for day in session().scalars(query) if day >= today()]
    return max(days, default=None)
