"""Going through very many cases: some hundred are opened, read and shut again before the next are, so that few keys are at hand at a time.

The question answered here is the same as in `opening`, decided by the same rule for the same compartments. Promised: when the `with`
ends the keys are gone, and what was opened stands in the log, every case of it, in a form that ten thousand of them fit in. What was
read must be carried out as plain values. The form, one group for cases that were opened alike:

    "passed_through": [{"opened": [[owner agency, information type, reason, place of the ground], …],
                        "cases": [[case id, ground id, …], …]}]

where the place of the ground counts the ids that follow the case's own, from 0, and is null without one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from caseapp.access import Actor, hide_people, log_more, mark_protected, protected_among
from caseapp.db import at_work

from .opening import Opening, decide_on, fetch_keys
from .rules import Compartment

#: How many cases are open at a time.
AT_A_TIME = 250

Opened = tuple[str, str, str, str]
"""(owner agency, information type, reason, ground id)"""


@contextmanager
def passing_through(
    actor: Actor, places: Mapping[str, Collection[Compartment]], *, asks_of_consent: bool
) -> Iterator[Mapping[str, Opening]]:
    """Open these compartments (case id → places), as far as the rule says yes, until the `with` ends. Logged with the action at hand.

    The cases are those of gates that let the actor through. With `asks_of_consent` every opening holds the grounds of its case;
    otherwise only where something of another agency is asked for, since an agency needs no ground for its own. What was open in these
    cases before is shut as well when the `with` ends.
    """
    work = at_work()
    with_grounds = [case for case, wanted in places.items() if asks_of_consent or any(owner != actor.agency_id for owner, _kind in wanted)]
    openings = decide_on(places, (actor.agency_id,), with_grounds)
    fetch_keys(openings)
    hide_people(actor, list(places))
    mark_protected(protected_among(places))
    log_more(passed_through=_alike({case_id: opening.for_the_log() for case_id, opening in openings.items()}))
    try:
        yield openings
    finally:
        work.forget(places)


def _alike(found: Mapping[str, Sequence[Opened]]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[list[str]]] = {}
    for case_id, compartments in found.items():
        grounds = list(dict.fromkeys(ground for *_rest, ground in compartments if ground))
        pattern = tuple((*rest, grounds.index(ground) if ground else None) for *rest, ground in compartments)
        if pattern:
            groups.setdefault(pattern, []).append([case_id, *grounds])
    return [{"opened": pattern, "cases": cases} for pattern, cases in groups.items()]


def opened_in(detail: Mapping[str, Any]) -> dict[str, list[Opened]]:
    """Everything an entry's detail says was opened, by case id, in whichever form it was written."""
    found = {case_id: [tuple(one) for one in compartments] for case_id, compartments in detail.get("opened", {}).items()}
    for group in detail.get("passed_through", ()):
        for case_id, *grounds in group["cases"]:
            alike = [(owner, kind, why, "" if at is None else grounds[at]) for owner, kind, why, at in group["opened"]]
            found[case_id] = sorted({*found.get(case_id, ()), *alike})
    return found
