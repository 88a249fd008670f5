"""Which cases may somebody open? The gates that let a person through, together or so many at a time.

The queries only find candidates; the policy decides, on rows whose seals are checked. Everything here is called from inside an action,
after `allow()`. The gates are to be read only: an action that changes one has it from `allow()`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select

from caseapp.access import Actor, Block, Gate, NamedReader, Participation, Permission, session, today
from caseapp.access.rules import Question, why_refused
from caseapp.consent import AT_A_TIME
from caseapp.db import batches, glance

from .models import Case

_BATCH = 500

Near = TypeVar("Near", Participation, Block, NamedReader)


def gates_for(
    actor: Actor, *, is_open: bool | None = True, case_ids: Collection[str] | None = None, limit: int | None = None, offset: int = 0
) -> list[Gate]:
    """The cases this person may open, newest first, in a fixed number of queries; `is_open` None means closed ones too.

    With a `limit` the candidates are counted, so a page may hold fewer than asked for.
    """
    query = _candidates(actor, is_open, case_ids)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    ids = list(session().scalars(query))
    nearness = _nearness(actor, ids)
    return [gate for chosen in batches(ids) for gate in _gates(chosen) if nearness.lets_through(gate)]


def gates_in_turn(
    actor: Actor, *, is_open: bool | None = True, closed_since: date | None = None, at_a_time: int = AT_A_TIME
) -> Iterator[list[Gate]]:
    """The same cases in the same order, so many at a time, however many there are. `closed_since`: only those closed from that day on."""
    query = _candidates(actor, is_open, None)
    if closed_since is not None:
        query = query.where(Case.closed_on >= closed_since)
    ids = list(session().scalars(query))
    nearness = _nearness(actor, None)
    for chosen in batches(ids, at_a_time):
        yield [gate for gate in _gates(chosen) if nearness.lets_through(gate)]


def _gates(case_ids: Sequence[str]) -> list[Gate]:
    """The gates of these cases, in this order; one that is missing is left out."""
    found = {gate.id: gate for gate in glance(Gate, select(Gate).where(Gate.id.in_(case_ids)))}
    return [found[case_id] for case_id in case_ids if case_id in found]


def _candidates(actor: Actor, is_open: bool | None, case_ids: Collection[str] | None) -> Select[str]:
    """The ids, newest first. Nothing is asked of the gates, which hold seals: an index answers all of it."""
    query = select(Case.id)
    query = query.where(has_a_part_in(actor, Case.id, Case.team_id), Case.team_id.in_(list(actor.teams)))
    query = query.order_by(Case.opened_on.desc(), Case.case_number.desc())
    if is_open is not None:
        query = query.where(Case.is_open.is_(is_open))
    return query if case_ids is None else query.where(Case.id.in_(list(case_ids)))


def has_a_part_in(actor: Actor, case_id: Any, team_id: Any) -> ColumnElement[bool]:
    """The condition that finds the cases, by these columns, in which the person or somebody they stand in for has ever had a part."""

    def parts_of(people: Collection[str]) -> Select[str]:
        return select(Participation.case_id).where(Participation.user_id.in_(list(people)))

    stood_in = [and_(team_id == team, case_id.in_(parts_of(absent))) for team, absent in actor.stands_in_for.items() if absent]
    return or_(case_id.in_(parts_of([actor.user_id])), *stood_in)


def acts_for(actor: Actor, gates: Collection[Gate]) -> dict[str, str]:
    """Of these cases that let the person in, those where they take part as a stand-in alone: case id → the id of the absent member."""
    if not actor.stands_in_for:
        return {}
    nearness = _nearness(actor, [gate.id for gate in gates])
    return {gate.id: whose for gate in gates if (whose := nearness.whose_part(gate)) and whose != actor.user_id}


@dataclass(frozen=True)
class _Nearness:
    """In which cases somebody takes part today, is blocked, and is a named reader; from rows whose seals were checked.

    `parts`: the person, and each member on leave they stand in for → the cases that person takes part in today.
    """

    actor: Actor
    parts: Mapping[str, frozenset[str]]
    blocked: frozenset[str]
    named: frozenset[str]

    def lets_through(self, gate: Gate) -> bool:
        """Whether the policy lets the person into this case."""
        takes_part = bool(self.whose_part(gate))
        question = Question(self.actor, gate.team_id, takes_part, gate.id in self.blocked, gate.is_protected, gate.id in self.named)
        return why_refused(Permission.READ_CASE, question) is None

    def whose_part(self, gate: Gate) -> str:
        """The person's own id if they take part themselves, else that of somebody they stand in for who does, else ""."""
        candidates = [self.actor.user_id, *sorted(self.actor.stands_in_for.get(gate.team_id, ()))]
        return next((user_id for user_id in candidates if gate.id in self.parts.get(user_id, ())), "")


def _nearness(actor: Actor, case_ids: Sequence[str] | None) -> _Nearness:
    """In these cases, or in all of the person's (None)."""
    day = today()
    parts: dict[str, set[str]] = {}
    blocked: dict[str, set[str]] = {}
    people = {actor.user_id}.union(*actor.stands_in_for.values())
    for row in _of(Participation, people, case_ids):
        if row.holds(day):
            parts.setdefault(row.user_id, set()).add(row.case_id)
    for block in _of(Block, people, case_ids):
        if not block.lifted:
            blocked.setdefault(block.user_id, set()).add(block.case_id)
    mine = parts.pop(actor.user_id, set())
    stood_in = {user_id: frozenset(cases - blocked.get(user_id, set())) for user_id, cases in parts.items()}
    return _Nearness(
        actor,
        parts={actor.user_id: frozenset(mine), **stood_in},
        blocked=frozenset(blocked.get(actor.user_id, ())),
        named=frozenset(row.case_id for row in _of(NamedReader, [actor.user_id], case_ids) if not row.lifted),
    )


def _of(model: type[Near], people: Collection[str], case_ids: Sequence[str] | None) -> Iterator[Near]:
    query = select(model).where(model.user_id.in_(list(people)))
    if case_ids is not None and len(case_ids) <= _BATCH:  # otherwise nearly all of these people's rows are wanted anyway
        query = query.where(model.case_id.in_(case_ids))
    return glance(model, query)
