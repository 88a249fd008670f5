"""Who must not come near a case (jäv), why, and who decided it.

A block wins over everything: a part in the case, a place on the list, standing in for somebody. The person it concerns is answered
as if the case did not exist. A coordinator of the case sets it, or the person declares it themselves; then it holds at once. Why is
sealed with the case and goes with it. Lifting one is a coordinator's decision, with a reason of its own, and never one's own.

Source: förvaltningslagen (2017:900) 16–18 §§: who is biased may not take part and must say so.
"""

from dataclasses import dataclass

from sqlalchemy import select

from caseapp.access import Actor, Block, Gate, Permission, Refused, action, allow, log_as, log_detail, observe, remember_result, session
from caseapp.accounts import office
from caseapp.consent import open_case
from caseapp.consent.opening import open_own

from .coordinating import able_coordinators, could_take_over, hand_over
from .models import BlockReason
from .participation import end_emergency_of, keep_a_coordinator, refuse_stranger
from .reading import CaseBar, case_bar


@dataclass(frozen=True)
class BlockPage:
    """What the form about a block is made from: whose, whether they are blocked now.

    `successors`: (id, name) of coordinators who could take over; asked for where the person is the only one. Then `is_only` holds.
    """

    bar: CaseBar
    user_id: str
    name: str
    is_blocked: bool
    is_only: bool = False
    successors: tuple[tuple[str, str], ...] = ()


@action
def read_block(actor: Actor, case_id: str, user_id: str) -> BlockPage:
    """Whether this member of the team is blocked, for whoever may change it."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id)
    log_as("view")
    opening = open_case(actor, gate, types=("identity",))
    refuse_stranger(gate, user_id)
    return BlockPage(case_bar(gate, opening), user_id, office().user_name(user_id), bool(_standing(case_id, user_id)))


@action
def block(actor: Actor, case_id: str, user_id: str, *, blocked: bool = True, reason: str = "", once: str | None = None) -> None:
    """Keep somebody away from the case whatever else holds (jäv), or lift that. Raises LastCoordinator.

    Blocking somebody who is blocked, or lifting what is lifted, changes nothing. Nobody lifts their own: they do not get this far.
    """
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id, once=once)
    refuse_stranger(gate, user_id)
    open_case(actor, gate, types=("identity",))
    standing = _standing(case_id, user_id)
    if blocked and not standing:
        keep_a_coordinator(gate, without=user_id)
        _set(actor, gate, user_id, "set", gate.home_agency_id, reason)
    for row in standing if not blocked else ():
        row.lifted = True
        _explain(actor, row, "lifted", gate.home_agency_id, reason)
    log_detail(blocked=user_id if blocked else "", lifted="" if blocked else user_id)
    gate.epoch += 1
    remember_result(once, case_id)


@action
def read_bias(actor: Actor, case_id: str) -> BlockPage:
    """What the form asks of somebody who is about to declare themselves biased."""
    gate = allow(actor, Permission.DECLARE_BIAS, on=case_id)
    log_as("view")
    opening = open_case(actor, gate, types=("identity",))
    is_only, successors = _succession(actor, gate)
    return BlockPage(case_bar(gate, opening), actor.user_id, actor.name, is_blocked=False, is_only=is_only, successors=successors)


@action
def declare_bias(actor: Actor, case_id: str, *, reason: str, successor_id: str | None = None, once: str | None = None) -> None:
    """Declare oneself biased: blocked at once. The only coordinator hands the case over to another one in the same step.

    Where there is no other, the block holds all the same, and the unit manager sees a case without a coordinator. Refused
    ("hand_over_first") where there is somebody to hand over to and nobody was named.
    """
    gate = allow(actor, Permission.DECLARE_BIAS, on=case_id, once=once)
    open_own(actor, gate, BlockReason.INFORMATION_TYPE)
    is_only, successors = _succession(actor, gate)
    if is_only and successors:
        if successor_id not in dict(successors):
            raise Refused("hand_over_first", Permission.DECLARE_BIAS, case_id)
        hand_over(gate, str(successor_id), actor.user_id)
        log_detail(handed_over_to=successor_id)
    _set(actor, gate, actor.user_id, "declared", actor.agency_id, reason)
    log_detail(blocked=actor.user_id)
    gate.epoch += 1
    remember_result(once, case_id)


def _succession(actor: Actor, gate: Gate) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """(whether the person is the only coordinator who can open the case, who could take over)."""
    if not observe(actor, Permission.MANAGE_PARTICIPANTS, gate.id) or able_coordinators([gate], without=actor.user_id)[gate.id]:
        return False, ()
    return True, tuple((user.id, user.name) for user in could_take_over(gate, without=actor.user_id))


def _standing(case_id: str, user_id: str) -> list[Block]:
    query = select(Block).where(Block.case_id == case_id, Block.user_id == user_id)
    return [row for row in session().scalars(query) if not row.lifted]


def _set(actor: Actor, gate: Gate, user_id: str, kind: str, owner_agency_id: str, reason: str) -> None:
    row = Block(case_id=gate.id, user_id=user_id)
    session().add(row)
    end_emergency_of(actor, gate.id, user_id)
    _explain(actor, row, kind, owner_agency_id, reason)


def _explain(actor: Actor, row: Block, kind: str, owner_agency_id: str, reason: str) -> None:
    session().add(
        BlockReason(
            case_id=row.case_id, owner_agency_id=owner_agency_id, created_by_id=actor.user_id, block_id=row.id, kind=kind, reason=reason
        )
    )
