"""An emergency opening as a ground (nödöppning), and the compartment its own account lies in.

The ground is one person's: it lets nobody else of the same agency in, and it counts for nothing where others are in the room. It covers
every type of every agency of the case: those of the team, those of everybody who takes or took part, those its consents name.

The account of an opening (why, and what was thought of it afterwards) is sealed under the case's key in a compartment that no consent
and no opening of the case ever opens: here alone, for whoever writes it and for whoever reviews it.
"""

from collections.abc import Iterable

from sqlalchemy import select

from caseapp import codelists
from caseapp.access import Actor, BreakGlass, Emergency, Gate, Participation
from caseapp.accounts import office
from caseapp.db import at_work, bound_database, glance
from caseapp.formats import local_day

from .rules import Ground

KIND = "break_glass"


def emergency_ground(actor: Actor, gate: Gate, running: Emergency, others: Iterable[Ground]) -> Ground:
    """The ground of this person's running opening. `others` are the case's consents, for the agencies they name."""
    return Ground(
        id=running.id,
        kind=KIND,
        state="active",
        agencies=agencies_of(gate, others) | {actor.agency_id},
        scope=frozenset((actor.agency_id, kind) for kind in codelists.codelist("InformationType")),
        valid_from=local_day(running.begun_at),
        valid_to=local_day(running.ends_at),
        person_id=actor.user_id,
    )


def agencies_of(gate: Gate, consents: Iterable[Ground]) -> frozenset[str]:
    """The agencies of a case, as the module's first lines say."""
    register = office()
    taking_part = glance(Participation, select(Participation).where(Participation.case_id == gate.id))
    theirs = {register.users[row.user_id].agency_id for row in taking_part}
    named = {agency for ground in consents for agency in ground.agencies}
    return frozenset({gate.home_agency_id, *(agency.id for agency in register.team_agencies(gate.team_id)), *theirs, *named})


def open_account(gate: Gate) -> None:
    """Open what emergency openings of this case say of themselves, to write or review it, and nothing of the record."""
    work = at_work()
    place = (gate.home_agency_id, BreakGlass.INFORMATION_TYPE)
    work.open(bound_database().keyholder.hand_out({gate.id: [place]}, spoiled=work.miss_key))
