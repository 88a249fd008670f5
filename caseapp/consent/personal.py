"""What is one person's in a case, and nobody else's: the compartment of their drafts, and when its key is handed out.

The rule is asked for the compartment that is written in: who may no longer write there does not get the key to what they had typed
for it either, since it may repeat what was shown to them there.
"""

from collections.abc import Collection, Sequence

from caseapp.access import Actor, today
from caseapp.db import at_work, bound_database

from .opening import grounds_of
from .rules import Compartment, Decision, may_read

DRAFT = "draft"


def may_write_in(actor: Actor, places: Sequence[tuple[str, Compartment]]) -> list[Decision]:
    """Whether the actor's agency may write in each of these compartments, (case id, (owner, type)), today: in its own, and where a
    consent opens it. With a fixed number of queries.
    """
    others = sorted({case_id for case_id, (owner, _kind) in places if owner != actor.agency_id})
    grounds = grounds_of(others) if others else {}
    consents = {case_id: [ground for ground in found if ground.kind == "consent"] for case_id, found in grounds.items()}
    return [may_read(actor.agency_id, *place, consents.get(case_id, ()), today()) for case_id, place in places]


def open_drafts(actor: Actor, case_ids: Collection[str], *, places_only: bool = False) -> None:
    """Hand out the actor's own draft compartment in these cases; with `places_only` only what tells which forms the drafts are of."""
    work = at_work()
    wanted = {case_id: [(actor.user_id, DRAFT)] for case_id in case_ids}
    work.open(bound_database().keyholder.hand_out(wanted, codes_only=places_only, spoiled=work.miss_key))
