"""Protected identity at the door: whose names stay shut for whom, and that an opening of such a case can be found in the log.

A case with protected identity has a list of those who may come to it at all (`NamedReader`, asked by the policy). Each protected person
around the young person can have a list of their own besides (`PersonReader`): whoever is let into the case and is not on it gets that
person's name and telephone as `Withheld`, wherever they are read. Without any row for a person the case's list is that person's too.
Called when compartments are opened, so no view or action has to remember it.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from caseapp.db import at_work, batches, glance, once_for

from .action import log_more
from .actor import Actor
from .models import Gate, PersonReader


def readers_of_people(case_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Related person id → who is on that person's own list (user ids); people without a list are not here."""
    listed: dict[str, set[str]] = {}
    for chosen in batches(case_ids):
        for row in _rows(chosen):
            here = listed.setdefault(row.person_id, set())
            if not row.lifted:
                here.add(row.user_id)
    return {person_id: frozenset(users) for person_id, users in listed.items()}


def _rows(case_ids: list[str]) -> list[PersonReader]:
    query = select(PersonReader).where(PersonReader.case_id.in_(case_ids))
    return once_for("readers of people", case_ids, lambda: list(glance(PersonReader, query)))


def hide_people(actor: Actor, case_ids: Collection[str], *, is_shared: bool = False) -> None:
    """Shut the names of people in these cases whose list the actor is not on; of all who have a list, where others see the screen."""
    work = at_work()
    for person_id, users in readers_of_people(case_ids).items():
        if is_shared or actor.user_id not in users:
            work.hidden.add(person_id)
        else:
            work.hidden.discard(person_id)


def protected_among(case_ids: Iterable[str]) -> set[str]:
    """Which of these cases have protected identity."""
    gates = (gate for chosen in batches(case_ids) for gate in glance(Gate, select(Gate).where(Gate.id.in_(chosen))))
    return {gate.id for gate in gates if gate.is_protected}


def mark_protected(case_ids: Iterable[str]) -> None:
    """Say in the log's entry that these opened cases have protected identity, for whoever reviews the log; nothing for none."""
    found = sorted(case_ids)
    if found:
        log_more(protected=found)
