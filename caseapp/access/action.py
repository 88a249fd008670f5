"""`@action` and `allow()`: one transaction, allowed and logged, or nothing at all.

    @action
    def add_note(actor: Actor, case_id: str, *, text: str) -> str:
        gate = allow(actor, Permission.WRITE_NOTE, on=case_id)
        ...

An action called from another joins its transaction. The log's entries are written last, in the same transaction; when they
cannot be written there is no commit and no answer. A refusal undoes everything and is logged in a transaction of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from caseapp import audit
from caseapp.db import DamagedRow, KeyNotHeld, ReadOnlyRow, Row, bound_database, glance, is_twin, opened, remembered, session, transaction
from caseapp.formats import clock

from .actor import Actor
from .carried_out import end_draft
from .emergency import running_emergency
from .models import Block, Gate, NamedReader, Participation, Submission
from .rules import ANSWERED_AS_MISSING, LOGGED_AS, Permission, Question, why_refused

P = ParamSpec("P")
R = TypeVar("R")
AnyRow = TypeVar("AnyRow", bound=Row)
Near = TypeVar("Near", Participation, Block, NamedReader)


class Refused(Exception):
    """The person may not do this. `reason` is a code the page turns into a sentence."""

    def __init__(self, reason: str, permission: Permission | None = None, case_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.permission, self.case_id = reason, permission, case_id


class NotFound(Refused):
    """There is no such thing, or it is not this person's: both look the same from outside."""


class NeverAllowed(RuntimeError):
    """An action tried to finish without ever calling allow(). A mistake in the program; nothing is committed."""


class StaleForm(Exception):
    """Somebody saved this in the meantime. `current` is what is stored now, for the page that shows both."""

    def __init__(self, current: Any = None) -> None:
        super().__init__("the form is older than what is stored")
        self.current = current


class AlreadyDone(Exception):
    """This very form was carried out before (a double click). `result` is what the first time gave."""

    def __init__(self, result: str, token: str) -> None:
        super().__init__("this form was carried out already")
        self.result, self.token = result, token


@dataclass
class _Work:
    actor: Actor
    session: Session | None = None
    #: What was asked last: (permission, case id), for the log of what goes wrong after that.
    asked: tuple[Permission | None, str | None] = (None, None)
    entries: list[audit.Entry] = field(default_factory=list)
    allowed: int = 0
    is_logged: bool = False


_work: ContextVar[_Work | None] = ContextVar("work", default=None)


def now() -> datetime:
    """This moment (UTC)."""
    return clock.now()


def today() -> date:
    """Today in Sweden."""
    return clock.today()


def action(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
    """Run the function as one transaction that is allowed and logged, or joins the one it is called from."""

    @wraps(function)
    def run(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        joined = _work.get()
        if joined is not None:
            return _carry_out(joined, actor, *args, **kwargs)
        work = _Work(actor)
        try:
            with transaction() as current:
                work.session = current
                token = _work.set(work)
                try:
                    result = _carry_out(work, actor, *args, **kwargs)
                    _report_damage(work)
                    last = audit.append(current, bound_database().keyholder, work.entries)
                    work.is_logged = True
                    current.commit()
                    _vouch_for(last, work.entries)
                    return result
                finally:
                    _work.reset(token)
        except AlreadyDone as done:
            raise AlreadyDone(done.result or _first_result(done.token), done.token) from None
        except Refused as refusal:
            _log_refusal(actor, refusal)
            raise
        except KeyNotHeld as error:
            without_key = Refused(error.reason, *work.asked)
            _log_refusal(actor, without_key, **({"damaged": [error.where]} if error.where else {}))
            raise without_key from error
        except NoResultFound:  # removed past the application: what an action asks for in this way has to be there
            gone = DamagedRow("a row that has to be there is gone")
            log_damage(actor, gone, work.asked)
            raise gone from None
        except DamagedRow as damage:
            log_damage(actor, damage, work.asked)
            raise
        except StaleDataError:  # saved by somebody else between our reading and our writing
            raise StaleForm from None
        except IntegrityError as error:
            raise (StaleForm() if is_twin(error) else error) from None  # the first of its kind was added by somebody else just now

    def _carry_out(work: _Work, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        allowed, first = work.allowed, len(work.entries)
        result = function(actor, *args, **kwargs)
        if work.allowed == allowed:
            raise NeverAllowed(f"{function.__qualname__} never called allow()")
        current = session()
        current.flush()
        _collect_writes(current, work.entries[first] if len(work.entries) > first else work.entries[-1])
        return result

    return run


@event.listens_for(Session, "before_commit")
def _refuse_unlogged_commit(current: Session) -> None:
    work = _work.get()
    if work is not None and work.session is current and not work.is_logged and not current.in_nested_transaction():
        raise NeverAllowed("an action is committed when it has returned and its log is written, not before")


def allow(actor: Actor, permission: Permission, *, on: str | None = None, team: str | None = None, once: str | None = None) -> Gate:
    """Ask the policy, write the answer in the log, and give the case's gate.

    `on` is a case id, `team` a team id for what concerns a team, `once` the form's token: the same token a second time
    raises AlreadyDone. Without `on` the gate is an empty one. Raises Refused, or NotFound where it concerns one case.
    """
    work = _work.get()
    if work is None:
        raise RuntimeError("allow() is called inside an action")
    work.asked = permission, on
    gate = _gate(on) if on is not None else Gate(id="", team_id="", home_agency_id="", work_form="")
    if gate is None:
        raise _refusal(actor, "not_found", permission, on)
    question = _question(actor, gate if on else None, team)
    refusal = why_refused(permission, question)
    if refusal is not None:
        raise _refusal(actor, refusal, permission, on)
    work.allowed += 1
    work.entries.append(_entry(actor, permission, case_id=on))
    if question.acts_for:
        log_detail(acts_for=question.acts_for)
    if once:
        _only_once(actor, once)
    return gate


def _refusal(actor: Actor, reason: str, permission: Permission, case_id: str | None) -> Refused:
    is_hidden = permission in ANSWERED_AS_MISSING and actor.user_id and reason != "only_reading"
    return (NotFound if is_hidden else Refused)(reason, permission, case_id)


def observe(actor: Actor, permission: Permission, case_id: str) -> bool:
    """Whether the policy would allow it, without asking for it: for what a page offers. Opens and logs nothing."""
    gate = _gate(case_id)
    return gate is not None and why_refused(permission, _question(actor, gate, None)) is None


def log_detail(**detail: Any) -> None:
    """Add sealed detail to the log entry of the action at hand (ids of a list, opened compartments, a search word …)."""
    work = _work.get()
    if work is None or not work.entries:
        raise RuntimeError("log_detail() is called after allow()")
    work.entries[-1].detail.update(detail)


def log_more(**parts: list[Any]) -> None:
    """Add to lists in the sealed detail, for what is done in several steps. Each name begins with an empty list."""
    work = _work.get()
    if work is None or not work.entries:
        raise RuntimeError("log_more() is called after allow()")
    for name, more in parts.items():
        work.entries[-1].detail.setdefault(name, []).extend(more)


def log_in_cases(case_ids: Iterable[str]) -> None:
    """Let the entry of the action at hand stand in the history of each of these cases as well."""
    work = _work.get()
    if work is None or not work.entries:
        raise RuntimeError("log_in_cases() is called after allow()")
    told = work.entries[-1]
    for case_id in case_ids:
        work.entries.append(replace(told, case_id=case_id, writes=[], detail={}))


def log_as(action_word: str, *, refused: str = "") -> None:
    """Write the entry of the action at hand under another word of the code list AuditAction.

    `refused`: a reason code, where the action's own answer is a no that must be kept (a wrong password is counted, not undone).
    """
    work = _work.get()
    if work is None or not work.entries:
        raise RuntimeError("log_as() is called after allow()")
    work.entries[-1].action = action_word
    if refused:
        work.entries[-1].decision, work.entries[-1].reason = "refused", refused


def fetch(model: type[AnyRow], row_id: str, *, case_id: str | None = None) -> AnyRow:
    """The row with this id, in this case if one is named. Raises NotFound otherwise."""
    row = session().get(model, row_id) if could_be_an_id(row_id) else None
    if row is None or (case_id is not None and getattr(row, "case_id", None) != case_id):
        raise NotFound("not_found", case_id=case_id)
    return row


def check_version(row: Row, version: int | None, current: Any = None) -> None:
    """Raise StaleForm if the form was made from an older version of the row than the one stored now, ReadOnlyRow if it is damaged."""
    check_whole(row)
    if version is not None and row.version != version:
        raise StaleForm(current)


def check_whole(row: Row) -> None:
    """Raise ReadOnlyRow if the row was changed past the application: what is there must not be built on or written over."""
    if row.is_damaged:
        raise ReadOnlyRow(f"{row.__tablename__} {row.id} is damaged and cannot be changed", (row.__tablename__, row.id))


def _gate(case_id: str) -> Gate | None:
    return remembered(("gate", case_id), lambda: session().get(Gate, case_id)) if could_be_an_id(case_id) else None


def could_be_an_id(text: str) -> bool:
    """Whether this can be looked for at all: an address may hold anything, and PostgreSQL takes neither a NUL nor too long a text."""
    return len(text) <= 36 and text.isprintable()


def _question(actor: Actor, gate: Gate | None, team: str | None) -> Question:
    """What the policy needs to know. Of one case it is found out once for a person, as long as nothing is written."""
    if gate is None:
        return Question(actor, team_id=team)
    # the question holds the actor, so that no other one can be found under the same id meanwhile
    return remembered(("question", id(actor), gate.id), lambda: _look_around(actor, gate))


def _look_around(actor: Actor, gate: Gate) -> Question:
    blocked = {row.user_id for row in _of(actor, gate, Block) if not row.lifted}
    here = _parts_of(actor, gate) - blocked  # nor does anybody stand in where the absent one is blocked
    named = _of(actor, gate, NamedReader) if gate.is_protected else []
    return Question(
        actor,
        team_id=gate.team_id,
        takes_part=bool(here),
        blocked=actor.user_id in blocked,
        protected=gate.is_protected,
        named_reader=any(row.user_id == actor.user_id and not row.lifted for row in named),
        acts_for="" if actor.user_id in here else min(here, default=""),
        broke_glass=running_emergency(actor, gate.id) is not None,
    )


def _parts_of(actor: Actor, gate: Gate) -> set[str]:
    """The ids of those whose part in the case the actor has today: their own, and of members on leave they stand in for."""
    day = today()
    return {row.user_id for row in _of(actor, gate, Participation) if row.holds(day)}


def _of(actor: Actor, gate: Gate, model: type[Near]) -> list[Near]:
    """The rows of this kind about the actor, and about the members on leave they stand in for in the case's team."""
    people = [actor.user_id, *sorted(actor.stands_in_for.get(gate.team_id, ()))]
    return list(glance(model, select(model).where(model.case_id == gate.id, model.user_id.in_(people))))


def _only_once(actor: Actor, token: str) -> None:
    current = session()
    earlier = current.scalars(select(Submission).where(Submission.token == token)).one_or_none()
    if earlier is not None:
        raise AlreadyDone(earlier.result, token)
    current.add(Submission(token=token, user_id=actor.user_id, result=""))
    try:
        current.flush()
    except IntegrityError:  # the twin of this form was committed while this one waited for it
        raise AlreadyDone("", token) from None
    end_draft(actor, token)


def _first_result(token: str) -> str:
    with transaction(reading=True) as current:
        return current.scalars(select(Submission.result).where(Submission.token == token)).one_or_none() or ""


def remember_result(once: str | None, result: str) -> None:
    """Note where a form with this token led, so that its double is sent to the same place."""
    if once:
        session().scalars(select(Submission).where(Submission.token == once)).one().result = result


def _entry(actor: Actor, permission: Permission, *, case_id: str | None) -> audit.Entry:
    return audit.Entry(
        at=clock.now(),
        request_id=actor.request_id,
        actor_id=actor.user_id or None,
        agency_id=actor.agency_id or None,
        action=LOGGED_AS.get(permission, "view"),
        permission=permission.value,
        case_id=case_id,
    )


def _collect_writes(current: Session, entry: audit.Entry) -> None:
    entry.writes += [(row.__tablename__, row.id, row.version, row.row_seal.hex()) for row in current.info["writes"]]
    entry.writes += [(table, row_id, 0, "") for table, row_id in current.info["removals"]]
    current.info["writes"], current.info["removals"] = [], []


def _report_damage(work: _Work) -> None:
    at_hand = opened.get()
    if at_hand is not None and at_hand.damaged:
        work.entries[-1].detail["damaged"] = sorted(at_hand.damaged)


def refuse(actor: Actor, reason: str, permission: Permission) -> NoReturn:
    """Say no before any action has begun: logged like every refusal, then raised."""
    refusal = Refused(reason, permission)
    _log_refusal(actor, refusal)
    raise refusal


def log_damage(actor: Actor, damage: DamagedRow, asked: tuple[Permission | None, str | None] = (None, None)) -> None:
    """Write in the log which row stopped the work, once. Actions do it themselves; what reads rows outside of one calls this."""
    if not damage.is_logged:
        _log_refusal(actor, Refused("damaged_row", *asked), damaged=[damage.where] if damage.where else [])
        damage.is_logged = True


def _log_refusal(actor: Actor, refusal: Refused, **detail: Any) -> None:
    with transaction() as current:
        asked_for = refusal.case_id if refusal.case_id and could_be_an_id(refusal.case_id) else None
        entry = _entry(actor, refusal.permission or Permission.OWN_ACCOUNT, case_id=asked_for)
        entry.decision, entry.reason = "refused", refusal.reason
        entry.detail.update(detail)
        last = audit.append(current, bound_database().keyholder, [entry])
        current.commit()
        _vouch_for(last, [entry])


#: What is vouched for at once: whoever cut it off the end of the log would undo what somebody was promised.
_VOUCHED_FOR = frozenset(
    {
        Permission.MANAGE_CONSENT,
        Permission.DISCLOSE,
        Permission.MANAGE_USERS,
        Permission.APPROVE_STATISTICS,
        Permission.BREAK_GLASS,
    }
)


def _vouch_for(last: tuple[int, bytes], entries: Sequence[audit.Entry]) -> None:
    """The entries are committed: let whoever keeps the log's checkpoints know how it ends now."""
    keeper = audit.keeper_of(bound_database().keyholder)
    if keeper is not None:
        weighty = any(entry.decision == "allowed" and entry.writes and entry.permission in _VOUCHED_FOR for entry in entries)
        keeper.note(*last, entries[-1].at, at_once=weighty)
