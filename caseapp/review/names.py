"""Does somebody have the same surname as a person in a case they opened? Answered with yes or no, and nothing else leaves.

The names are opened here, under a permission of its own, some hundred cases at a time, compared, and shut again; neither the reviewer
nor the caller ever holds one. The log tells in which cases names were compared, and where the answer was yes. Cases with protected
identity are not asked about: each reading of one is reviewed anyway, and a yes would tell a name that only the named list may know.

A yes tells that somebody in the case has the reader's surname: that is what the rule is for, and all that it tells.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

from sqlalchemy import select

from caseapp.access import Actor, Gate, Permission, action, allow, log_as, log_detail
from caseapp.accounts import office
from caseapp.cases import RelatedPerson, YoungPerson
from caseapp.consent import open_names_for_review
from caseapp.db import glance

from .rules import surnames

Pair = tuple[str, str]
"""(user id, case id)"""
Named = TypeVar("Named", YoungPerson, RelatedPerson)


@action
def compare_surnames(actor: Actor, readers: Mapping[str, Collection[str]]) -> frozenset[Pair]:
    """The pairs where the answer is yes. `readers`: case id → ids of those who opened the case, at most some hundred cases."""
    allow(actor, Permission.COMPARE_NAMES)
    log_as("search")
    asked = _not_protected(readers)
    people: list[YoungPerson | RelatedPerson] = [*_people(YoungPerson, asked), *_people(RelatedPerson, asked)]
    owners: dict[str, set[str]] = {}
    for person in people:
        owners.setdefault(person.case_id, set()).add(person.owner_agency_id)
    open_names_for_review(owners)
    try:
        alike = frozenset(_alike(people, readers))
    finally:
        open_names_for_review({})
    log_detail(names_compared_in=sorted(asked), same_name=sorted(alike))
    return alike


def _not_protected(case_ids: Collection[str]) -> list[str]:
    gates = glance(Gate, select(Gate).where(Gate.id.in_(list(case_ids))))
    return [gate.id for gate in gates if not gate.is_protected]


def _people(model: type[Named], case_ids: Collection[str]) -> list[Named]:
    return list(glance(model, select(model).where(model.case_id.in_(list(case_ids)))))


def _alike(people: Collection[YoungPerson | RelatedPerson], readers: Mapping[str, Collection[str]]) -> set[Pair]:
    register = office()
    here: dict[str, set[str]] = {}
    for person in people:
        name = person.name
        if isinstance(name, str):  # an unreadable name is told by the log as damage
            here.setdefault(person.case_id, set()).update(surnames(name))
    return {
        (user_id, case_id)
        for case_id, found in here.items()
        for user_id in readers[case_id]
        if surnames(register.user_name(user_id)) & found
    }
