"""Which cases may somebody open? The gates that let a person through, together or so many at a time.

The queries only find candidates; the policy decides, on rows whose seals are checked. Everything here is called from inside an action,
after `allow()`. The gates are to be read only: an action that changes one has it from `allow()`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, select

from caseapp.access import Actor, Block, Gate, NamedReader, Participation, Permission, session, today
from caseapp.access.rules import Question, why_refused
from caseapp.consent import AT_A_TIME
from caseapp.db import glance

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
    gates = list(glance(Gate, query))
    nearness = _nearness(actor, [gate.id for gate in gates])
    return [gate for gate in gates if nearness.lets_through(gate)]


def gates_in_turn(
    actor: Actor, *, is_open: bool | None = True, closed_since: date | None = None, at_a_time: int = AT_A_TIME
) -> Iterator[list[Gate]]:
    """The same cases in the same order, so many at a time, however many there are. `closed_since`: only those closed from that day on."""
    query = _candidates(actor, is_open, None)
    if closed_since is not None:
        query = query.where(Case.closed_on >= closed_since)
    ids = list(session().scalars(query.with_only_columns(Gate.id)))
    nearness = _nearness(actor, None)
    for start in range(0, len(ids), at_a_time):
        chosen = ids[start : start + at_a_time]
        gates = {gate.id: gate for gate in glance(Gate, select(Gate).where(Gate.id.in_(chosen)))}
        yield [gates[gate_id] for gate_id in chosen if gate_id in gates and nearness.lets_through(gates[gate_id])]


def _candidates(actor: Actor, is_open: bool | None, case_ids: Collection[str] | None) -> Select[Gate]:
    taking_part = select(Participation.case_id).where(Participation.user_id == actor.user_id)
    query = select(Gate).join(Case, Case.id == Gate.id).where(Gate.id.in_(taking_part), Gate.team_id.in_(list(actor.teams)))
    query = query.order_by(Case.opened_on.desc(), Case.case_number.desc())
    if is_open is not None:
        query = query.where(Case.is_open.is_(is_open))
    return query if case_ids is None else query.where(Gate.id.in_(list(case_ids)))


@dataclass(frozen=True)
class _Nearness:
    """In which cases somebody takes part today, is blocked, and is a named reader; from rows whose seals were checked."""

    actor: Actor
    here: frozenset[str]
    blocked: frozenset[str]
    named: frozenset[str]

    def lets_through(self, gate: Gate) -> bool:
        """Whether the policy lets the person into this case."""
        question = Question(
            self.actor, gate.team_id, gate.id in self.here, gate.id in self.blocked, gate.is_protected, gate.id in self.named
        )
        return why_refused(Permission.READ_CASE, question) is None


def _nearness(actor: Actor, case_ids: Sequence[str] | None) -> _Nearness:
    """In these cases, or in all of the person's (None)."""
    day = today()
    taking_part = _of_this_person(Participation, actor, case_ids)
    return _Nearness(
        actor,
        here=frozenset(row.case_id for row in taking_part if row.from_day <= day and (row.until_day is None or day <= row.until_day)),
        blocked=frozenset(row.case_id for row in _of_this_person(Block, actor, case_ids) if not row.lifted),
        named=frozenset(row.case_id for row in _of_this_person(NamedReader, actor, case_ids) if not row.lifted),
    )


def _of_this_person(model: type[Near], actor: Actor, case_ids: Sequence[str] | None) -> Iterator[Near]:
    query = select(model).where(model.user_id == actor.user_id)
    if case_ids is not None and len(case_ids) <= _BATCH:  # otherwise nearly all of this person's rows are wanted anyway
        query = query.where(model.case_id.in_(case_ids))
    return glance(model, query)
