"""Who takes part today, stand-ins counted, and which cases are left without a coordinator who can open them?

A coordinator counts only if the policy lets them in: in the team today and not on leave, taking part themselves or for somebody on
leave, not blocked, and on the list where the identity is protected. Closed cases count as well: somebody must be able to open them again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from caseapp.access import COORDINATOR, Block, Gate, NamedReader, Participation, session, today
from caseapp.accounts import UserCard, office
from caseapp.db import batches

Near = TypeVar("Near", Participation, Block, NamedReader)


def taking_part_today(team_id: str, people: Collection[str], blocked: Collection[str] = ()) -> set[str]:
    """Of those who have a part in a case of this team: who takes part today, with stand-ins for those on leave who are not blocked."""
    away, for_whom = set(), {}
    for user in office().users.values():
        if team_id in user.away:
            away.add(user.id)
        for absent in user.stands_in_for.get(team_id, ()):
            for_whom[absent] = user.id
    return (set(people) - away) | {for_whom[user_id] for user_id in people if user_id in for_whom and user_id not in blocked}


@dataclass(frozen=True)
class Around:
    """Who is around one case: with a part in it today, blocked, and on the list."""

    parts: frozenset[str]
    blocked: frozenset[str]
    named: frozenset[str]


def around(gates: Sequence[Gate]) -> dict[str, Around]:
    """Who is around each of these cases, by case id."""
    ids, day = [gate.id for gate in gates], today()
    parts: dict[str, set[str]] = {}
    blocked: dict[str, set[str]] = {}
    named: dict[str, set[str]] = {}
    for row in _rows(Participation, ids):
        if row.holds(day):
            parts.setdefault(row.case_id, set()).add(row.user_id)
    for block in _rows(Block, ids):
        if not block.lifted:
            blocked.setdefault(block.case_id, set()).add(block.user_id)
    for place in _rows(NamedReader, ids):
        if not place.lifted:
            named.setdefault(place.case_id, set()).add(place.user_id)
    return {case_id: Around(*(frozenset(found.get(case_id, ())) for found in (parts, blocked, named))) for case_id in ids}


def _rows(model: type[Near], case_ids: Sequence[str]) -> Iterator[Near]:
    for chosen in batches(case_ids):
        yield from session().scalars(select(model).where(model.case_id.in_(chosen)))


def coordinators_of(team_id: str) -> list[UserCard]:
    """The team's coordinators who are at work today, by name."""
    return [user for user in office().members(team_id) if COORDINATOR in user.teams[team_id] and team_id not in user.away]


def able_coordinators(gates: Sequence[Gate], *, without: str = "") -> dict[str, set[str]]:
    """The coordinators who can open each of these cases today, by case id; as if this person were gone from the team, if named."""
    people, found = around(gates), {}
    teams = {gate.team_id: coordinators_of(gate.team_id) for gate in gates}
    for gate in gates:
        here = people[gate.id]
        parts = here.parts - {without}
        found[gate.id] = {
            user.id
            for user in teams[gate.team_id]
            if user.id != without
            and (user.id in parts or user.stands_in_for.get(gate.team_id, frozenset()) & (parts - here.blocked))
            and user.id not in here.blocked
            and (user.id in here.named or not gate.is_protected)
        }
    return found


def could_take_over(gate: Gate, *, without: str = "") -> list[UserCard]:
    """The team's coordinators at work today whom nothing keeps from this case."""
    blocked = around([gate])[gate.id].blocked
    return [user for user in coordinators_of(gate.team_id) if user.id not in blocked and user.id != without]


def let_take_part(gate: Gate, user_id: str, added_by_id: str) -> None:
    """Let this person take part from today, if they do not already. A part that ended today goes on."""
    rows = session().scalars(select(Participation).where(Participation.case_id == gate.id, Participation.user_id == user_id)).all()
    day = today()
    if any(row.holds(day) for row in rows):
        return
    begun_today = next((row for row in rows if row.from_day == day), None)
    if begun_today is not None:
        begun_today.until_day = None
    else:
        session().add(Participation(case_id=gate.id, user_id=user_id, from_day=day, added_by_id=added_by_id))


def hand_over(gate: Gate, user_id: str, by: str) -> None:
    """Make this coordinator one who can open the case: takes part, and is on the list where the identity is protected."""
    let_take_part(gate, user_id, by)
    if gate.is_protected and user_id not in around([gate])[gate.id].named:
        session().add(NamedReader(case_id=gate.id, user_id=user_id))
    gate.epoch += 1


def gates_of(case_ids: Collection[str]) -> list[Gate]:
    """The gates of these cases, to be changed."""
    return [gate for chosen in batches(sorted(case_ids)) for gate in session().scalars(select(Gate).where(Gate.id.in_(chosen)))]


def without_coordinator(team_ids: Collection[str]) -> list[Gate]:
    """The cases of these teams that no coordinator can open today."""
    gates = list(session().scalars(select(Gate).where(Gate.team_id.in_(list(team_ids))).order_by(Gate.id)))
    able = able_coordinators(gates)
    return [gate for gate in gates if not able[gate.id]]
