"""Opening a case: the rule is asked for every compartment, and exactly those keys are fetched.

`open_case` is called by an action after `allow()`. With `present` — everybody in the room — a compartment opens only if the
rule says yes for each of them: what is shown at a meeting is what everyone there may see. What somebody opened in an emergency opens
only to that person alone, in that one case: never in company, never in a list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from caseapp import codelists
from caseapp.access import Actor, Emergency, Gate, hide_people, log_detail, mark_protected, running_emergency, today
from caseapp.db import at_work, batches, bound_database

from .disclosure_rules import DecisionFacts, opens
from .emergency import agencies_of, emergency_ground
from .models import Consent, ConsentScope, ConsentSignature, DisclosureDecision
from .rows import consents_in, disclosures_in, scopes_of, signatures_of
from .rules import ALWAYS_COVERED, Compartment, ConsentFacts, Decision, Ground, consent_state, decisions_that_count, may_read

#: Types every opening may ask for; identity is part of every consent.
ALL_TYPES = tuple(codelists.codelist("InformationType"))


@dataclass(frozen=True)
class Present:
    """Somebody in the room, for the rule: their agency, and their name as a page may show it."""

    agency_id: str
    name: str = ""


@dataclass(frozen=True)
class Opening:
    """What was opened in one case, for whom, on which grounds.

    `knows_grounds`: whether the consents of the case were looked at. If not, `grounds` is empty, and of what was not decided on, other
    agencies' compartments, this opening can only say that they were not opened. `reader_id`: who reads alone, "" in company.
    `emergency`: the reader's own emergency opening, if one is running.
    """

    case_id: str
    readers: tuple[str, ...]
    grounds: tuple[Ground, ...]
    decided: Mapping[Compartment, Decision] = field(default_factory=dict)
    knows_grounds: bool = True
    reader_id: str = ""
    emergency: Emergency | None = None

    def decide(self, owner_agency_id: str, information_type: str) -> Decision:
        """The decision for a compartment: the first no of anybody present, otherwise yes."""
        known = self.decided.get((owner_agency_id, information_type))
        if known is not None:
            return known
        if not self.knows_grounds and set(self.readers) != {owner_agency_id}:
            return Decision(False, "not_opened")
        return _for_everyone(self.readers, owner_agency_id, information_type, self.grounds, today(), self.reader_id)

    def why_not(self, owner_agency_id: str, information_type: str) -> str:
        """Why a compartment is shut: the decision's reason, or "not_opened" where the rule says yes but its key was not fetched."""
        decision = self.decide(owner_agency_id, information_type)
        return "not_opened" if decision.allowed else decision.reason

    def for_the_log(self) -> list[tuple[str, str, str, str]]:
        """(owner agency, information type, reason, ground id) of everything that was opened."""
        return sorted((*place, decision.reason, decision.ground_id) for place, decision in self.decided.items() if decision.allowed)

    def may_write(self, owner_agency_id: str, information_type: str) -> bool:
        """Whether something may be sealed in the compartment: in one's own, or where a consent opens it. Other grounds are for reading."""
        if not self.decide(owner_agency_id, information_type).allowed:
            return False
        writer, consents = self.readers[0], [ground for ground in self.grounds if ground.kind == "consent"]
        return may_read(writer, owner_agency_id, information_type, consents, today()).allowed


def open_case(actor: Actor, gate: Gate, *, present: Sequence[Present] | None = None, types: Collection[str] = ALL_TYPES) -> Opening:
    """Open what `actor` (and everyone `present`) may read in this case today. Logged with the entry of the action at hand.

    With `present`, even an empty one, this is a meeting, and the actor's own emergency opening does not count.
    """
    running = running_emergency(actor, gate.id) if present is None else None
    if running is None:
        return open_cases(actor, [gate], present=present or (), types=types)[gate.id]
    consents = grounds_of([gate.id]).get(gate.id, [])
    grounds = [*consents, emergency_ground(actor, gate, running, consents)]
    places = _all_places(gate, (actor.agency_id,), grounds, types)
    opening = _decide(gate.id, (actor.agency_id,), grounds, places, reader_id=actor.user_id, emergency=running)
    _carry_out(actor, [gate], {gate.id: opening})
    return opening


def open_cases(
    actor: Actor,
    gates: Iterable[Gate],
    *,
    present: Sequence[Present] = (),
    types: Collection[str] = ALL_TYPES,
    only: Mapping[str, Collection[Compartment]] | None = None,
) -> dict[str, Opening]:
    """The same for several cases, with a fixed number of queries. The result is by case id.

    `only`: case id → the compartments that are to be read, where they are known; nothing else is opened then.
    """
    gates = list(gates)
    readers = tuple(dict.fromkeys([actor.agency_id, *(person.agency_id for person in present)]))
    grounds = grounds_of([gate.id for gate in gates])
    places = {gate.id: _all_places(gate, readers, grounds.get(gate.id, ()), types) for gate in gates} if only is None else only
    openings = {gate.id: _decide(gate.id, readers, grounds.get(gate.id, ()), places.get(gate.id, ())) for gate in gates}
    _carry_out(actor, gates, openings, is_shared=bool(present))
    return openings


def _carry_out(actor: Actor, gates: Iterable[Gate], openings: Mapping[str, Opening], *, is_shared: bool = False) -> None:
    """What every opening of a case for its readers is made of: the keys, the people who stay shut, and what the log says of it."""
    fetch_keys(openings)
    hide_people(actor, list(openings), is_shared=is_shared)
    _tell(gates, openings)


def _tell(gates: Iterable[Gate], openings: Mapping[str, Opening]) -> None:
    log_detail(opened={case_id: opening.for_the_log() for case_id, opening in openings.items()})
    mark_protected(gate.id for gate in gates if gate.is_protected)


def reads_everything(actor: Actor, gate: Gate) -> bool:
    """Whether the consents let the actor's agency read every type of every agency of the case as it is. Opens and logs nothing."""
    consents, day = grounds_of([gate.id]).get(gate.id, []), today()
    places = product(agencies_of(gate, consents), ALL_TYPES)
    return all(may_read(actor.agency_id, *place, consents, day).allowed for place in places)


def open_own(actor: Actor, gate: Gate, information_type: str) -> None:
    """Open one compartment of the actor's own agency in a case, to write in it; it needs no ground, and nothing else is opened."""
    openings = decide_on({gate.id: [(actor.agency_id, information_type)]}, (actor.agency_id,), ())
    fetch_keys(openings)
    _tell([gate], openings)


def decide_on(
    places: Mapping[str, Collection[Compartment]], readers: tuple[str, ...], with_grounds: Collection[str]
) -> dict[str, Opening]:
    """The decisions for these compartments (case id → places), by case id; the grounds of the cases `with_grounds` are looked up."""
    grounds, known = grounds_of(list(with_grounds)), set(with_grounds)
    return {
        case_id: _decide(case_id, readers, grounds.get(case_id, ()), wanted, knows_grounds=case_id in known)
        for case_id, wanted in places.items()
    }


def _decide(
    case_id: str,
    readers: tuple[str, ...],
    grounds: Sequence[Ground],
    places: Collection[Compartment],
    *,
    knows_grounds: bool = True,
    reader_id: str = "",
    emergency: Emergency | None = None,
) -> Opening:
    here, day = tuple(grounds), today()
    decided = {place: _for_everyone(readers, *place, here, day, reader_id) for place in places}
    return Opening(case_id, readers, here, decided, knows_grounds, reader_id, emergency)


def _all_places(gate: Gate, readers: Sequence[str], grounds: Sequence[Ground], types: Collection[str]) -> list[Compartment]:
    """Every compartment of these types that could be open: nobody else's can be (see `may_read`)."""
    owners = dict.fromkeys([gate.home_agency_id, *readers, *(agency for ground in grounds for agency in sorted(ground.agencies))])
    return [(owner, kind) for owner in owners for kind in types]


def open_codes_for_statistics(owners: Mapping[str, Collection[str]], *, types: Collection[str] = ALL_TYPES) -> None:
    """Open the coded answers (never names, numbers or text) of these cases, for the follow-up purpose, and shut all others.

    `owners`: case id → the agencies whose answers are asked for. Called batch after batch, so that few are open at a time.
    Source: lagen (2001:454) om behandling av personuppgifter inom socialtjänsten 7 a §: follow-up does not rest on consent.
    Called by statistics alone, after it was allowed to prepare a release.
    """
    _open_codes(owners, types)
    log_detail(statistics_cases=len(owners))


def open_codes_for_retention(owners: Mapping[str, Collection[str]]) -> None:
    """Open the coded answers about identity (the day of birth, no name or number) of these cases, and shut all others.

    Source: socialtjänstlagen (2025:468) 13 kap. 1 §: whether a case is kept for research depends on the day of birth, so the duty
    to erase does not rest on consent. Called by erasure alone, batch after batch; it writes the ids of all of them in the log.
    """
    _open_codes(owners, (ALWAYS_COVERED,))


def open_names_for_review(owners: Mapping[str, Collection[str]]) -> None:
    """Open what the names of the people in these cases are sealed in (identity and family), and shut all others.

    `owners`: case id → the agencies whose rows hold them; called batch after batch, and with nothing to shut the last.
    Source: lagen (2001:454) om behandling av personuppgifter inom socialtjänsten 10 §: whether somebody read about a relative has to be
    found out, so the duty to review the log does not rest on consent. Called by review's comparison alone, which tells yes or no.
    """
    work = at_work()
    work.keys.clear()
    kinds = (ALWAYS_COVERED, "family")
    wanted = {case_id: [(agency, kind) for agency in agencies for kind in kinds] for case_id, agencies in owners.items()}
    work.open(bound_database().keyholder.hand_out(wanted, spoiled=work.miss_key))


def _open_codes(owners: Mapping[str, Collection[str]], types: Collection[str]) -> None:
    work = at_work()
    work.keys.clear()
    wanted = {case_id: [(agency, kind) for agency in agencies for kind in types] for case_id, agencies in owners.items()}
    work.open(bound_database().keyholder.hand_out(wanted, codes_only=True, spoiled=work.miss_key))


def _for_everyone(readers: Sequence[str], owner: str, kind: str, grounds: Sequence[Ground], day: date, reader_id: str = "") -> Decision:
    decisions = [may_read(reader, owner, kind, grounds, day, reader_id=reader_id) for reader in readers]
    refused = next((decision for decision in decisions if not decision.allowed), None)
    if refused is None:
        return next((decision for decision in decisions if decision.ground_id), decisions[0])
    return refused if len(readers) == 1 else Decision(False, "not_all_present")


def fetch_keys(openings: Mapping[str, Opening]) -> None:
    """Put the keys of everything that was decided with yes in reach, in place of what was open in these cases before."""
    work = at_work()
    wanted = {case_id: [pair for pair, decision in o.decided.items() if decision.allowed] for case_id, o in openings.items()}
    work.shut_cases({case_id: opening.why_not for case_id, opening in openings.items()})
    work.open(bound_database().keyholder.hand_out(wanted, spoiled=work.miss_key))


def grounds_of(case_ids: Sequence[str]) -> dict[str, list[Ground]]:
    """Every consent of these cases, and every decision to disclose to an agency, as grounds by case id, whatever their state."""
    found: dict[str, list[Ground]] = {}
    for chosen in batches(case_ids):
        for case_id, ground in [*_consents(chosen), *_decisions(chosen)]:
            found.setdefault(case_id, []).append(ground)
    return found


def _consents(case_ids: Sequence[str]) -> list[tuple[str, Ground]]:
    consents = consents_in(case_ids)
    scopes, signatures = scopes_of(consents), signatures_of(consents)
    return [(consent.case_id, _as_ground(consent, scopes.get(consent.id, ()), signatures.get(consent.id, ()))) for consent in consents]


def _decisions(case_ids: Sequence[str]) -> list[tuple[str, Ground]]:
    """Decisions to somebody outside open nothing here, and are no grounds."""
    return [
        (row.case_id, opens(row.id, decision_facts(row), row.owner_agency_id, row.to_agency_id, row.types, today()))
        for row in disclosures_in(case_ids)
        if row.to_agency_id is not None
    ]


def decision_facts(row: DisclosureDecision) -> DecisionFacts:
    """What decides the state of this decision."""
    return DecisionFacts(row.two_decide, row.agreed_at, row.revoked_at, row.valid_from, row.valid_to)


def facts_of(consent: Consent, signatures: Iterable[tuple[bool, str]]) -> ConsentFacts:
    """What decides the state of this consent, given its signatures as (required, decision)."""
    return ConsentFacts(
        is_draft=consent.is_draft,
        decisions=decisions_that_count(list(signatures)),
        valid_from=consent.valid_from,
        valid_to=consent.valid_to,
        withdrawn_at=consent.withdrawn_at,
        superseded_by=consent.superseded_by_id,
    )


def _as_ground(consent: Consent, scopes: Iterable[ConsentScope], signatures: Iterable[ConsentSignature]) -> Ground:
    scope = {(one.agency_id, one.covered_type) for one in scopes if one.withdrawn_at is None}
    decisions = [(one.is_required, one.decision) for one in signatures]
    return Ground(
        id=consent.id,
        kind="consent",
        state=consent_state(facts_of(consent, decisions), today()),
        agencies=frozenset({agency for agency, _kind in scope} | {consent.owner_agency_id}),
        scope=frozenset(scope),
        valid_from=consent.valid_from,
        valid_to=consent.valid_to,
    )
