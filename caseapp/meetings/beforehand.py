"""What will the room not see? Said before the meeting, in words, of everybody who is invited; and why a case should be taken up now.

The answer is the one the screen will give if all who are invited come (see rules): the same questions are asked, of the meeting's day.
Nothing is decided here: somebody outside the consent may be invited all the same, and the screen then shows less while they are there.

Called from inside an action; the openings of the cases are made by the caller and hold the grounds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from caseapp.access import Actor, Gate
from caseapp.accounts import Office
from caseapp.consent import Opening
from caseapp.plans.due import plans_due, unsettled_past

from .cards import Foreseen, WhyNow
from .room import circles
from .rules import ON_SCREEN, Attendee, foresee


def foreseen(
    gates: Collection[Gate], openings: Mapping[str, Opening], people: Sequence[Attendee], on: date, register: Office
) -> tuple[Foreseen, ...]:
    """What these people keep off the screen on that day, alike cases together: first who must not be there, then who sees less."""
    there = [replace(person, is_present=True) for person in people]
    found: dict[Foreseen, list[str]] = {}
    around = circles(gates)
    for gate in gates:
        ahead = foresee(there, around[gate.id], gate.home_agency_id, ON_SCREEN, openings[gate.id].grounds, on)
        kept = [Foreseen((), one.reason, one.attendee.token) for one in ahead.obstacles]
        kept += [
            Foreseen((), agency_id=agency, agency_name=register.agency_name(agency), types=types) for agency, types in ahead.narrowed
        ]
        for one in kept:
            found.setdefault(one, []).append(gate.id)
    together = [replace(one, cases=tuple(case_ids)) for one, case_ids in found.items()]
    return tuple(sorted(together, key=lambda one: not one.reason))


def why_now(actor: Actor, gates: Sequence[Gate], openings: Mapping[str, Opening], by: date) -> dict[str, WhyNow]:
    """Case id → why, for those of these open cases that should be taken up by that day; only what the actor may read is counted."""
    reviews = {plan.case_id: plan.review_on for plan in plans_due(actor, by, gates=gates)}
    late: dict[str, int] = {}
    for row in unsettled_past(actor, gates, before=by):
        if openings[row.case_id].decide(row.owner_agency_id, "plan").allowed:
            late[row.case_id] = late.get(row.case_id, 0) + 1
    return {gate.id: WhyNow(reviews.get(gate.id), late.get(gate.id, 0)) for gate in gates if gate.id in reviews or gate.id in late}
