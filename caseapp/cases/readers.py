"""Who has read about me: what the young person or a guardian may be given on paper (loggutdrag).

Agencies and roles, days, what was opened and on which ground; no names of staff. Made from the log of the case, where every opening
stands. A list or a search that showed initials is not a reading of the case and is left out; the page says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from caseapp import audit, codelists
from caseapp.access import COORDINATOR, PARTICIPANT, UNIT_MANAGER, Actor, Permission, action, allow, fetch, log_as, session
from caseapp.accounts import Office, office
from caseapp.audit import ReadEntry
from caseapp.consent import open_case, opened_in
from caseapp.consent.disclosure_rules import OWN_REASONS
from caseapp.consent.models import Consent
from caseapp.consent.sharing import ActCard, acts_of
from caseapp.db import bound_database, first_written
from caseapp.formats import local_day

from .reading import CaseBar, Shown, case_bar, current_people

_AT_A_TIME = 500
#: The role that is told when somebody has several in the team.
_ROLES = (COORDINATOR, PARTICIPANT, UNIT_MANAGER)
_KINDS = tuple(codelists.codelist("InformationType"))


@dataclass(frozen=True)
class Reading:
    """What people of one agency, in one role, opened in one day. `kinds` are information types, `grounds` reasons of the rule."""

    day: date
    agency: str
    role: str
    kinds: tuple[str, ...]
    grounds: tuple[str, ...]
    times: int


@dataclass(frozen=True)
class ReadersPage:
    """The extract: the newest day first. `name` is the young person's."""

    bar: CaseBar
    name: Shown
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Shared:
    """What people of one agency read by grace of one consent: `kinds` are information types, `owners` the agencies that had written it.

    What was opened while nothing was written there yet is not among it.
    """

    agency: str
    owners: tuple[str, ...]
    kinds: tuple[str, ...]
    first: date
    last: date
    times: int


@dataclass(frozen=True)
class SharedPage:
    """What was read under a consent, by agency, and what was handed over on it outside the system, the newest first."""

    bar: CaseBar
    read: tuple[Shared, ...]
    acts: tuple[ActCard, ...]
    agencies: Mapping[str, str]


@action
def read_shared(actor: Actor, case_id: str, consent_id: str) -> SharedPage:
    """What has been shared under this consent, with whom. Raises NotFound for a consent that is not the case's."""
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id)
    log_as("view")
    fetch(Consent, consent_id, case_id=case_id)
    opening, register = open_case(actor, gate, types=("identity", OWN_REASONS)), office()
    acts = tuple(one for one in acts_of(case_id, opening.grounds) if one.ground_id == consent_id)
    names = {agency.id: agency.name for agency in register.team_agencies(gate.team_id)}
    return SharedPage(case_bar(gate, opening), _shared(_entries(case_id), case_id, consent_id, register), acts, names)


def _shared(entries: Iterable[ReadEntry], case_id: str, consent_id: str, register: Office) -> tuple[Shared, ...]:
    days: dict[str, list[date]] = {}
    places: dict[str, set[tuple[str, str]]] = {}
    written = first_written(case_id)
    for entry in entries:
        opened = {(owner, kind) for owner, kind, _why, ground in opened_in(entry.detail or {}).get(case_id, ()) if ground == consent_id}
        here = {place for place in opened if place in written and written[place] <= entry.at}
        if entry.decision == "allowed" and here:
            agency = entry.agency_id or ""
            days.setdefault(agency, []).append(local_day(entry.at))
            places.setdefault(agency, set()).update(here)
    return tuple(
        Shared(
            agency=register.agency_name(agency),
            owners=tuple(sorted({register.agency_name(owner) for owner, _kind in places[agency]})),
            kinds=tuple(kind for kind in _KINDS if kind in {kind for _owner, kind in places[agency]}),
            first=min(on),
            last=max(on),
            times=len(on),
        )
        for agency, on in sorted(days.items(), key=lambda one: register.agency_name(one[0]))
    )


@action
def read_readers(actor: Actor, case_id: str) -> ReadersPage:
    """Who has read in this case, by day, agency and role. The log tells that the extract was made."""
    gate = allow(actor, Permission.READ_HISTORY, on=case_id)
    log_as("print")
    opening = open_case(actor, gate, types=("identity",))
    return ReadersPage(case_bar(gate, opening), current_people(case_id).young.name, readings_of(case_id, gate.team_id))


def readings_of(case_id: str, team_id: str) -> tuple[Reading, ...]:
    """What was read in the case, from its log. Inside an action that was allowed to tell of it."""
    return _gather(_entries(case_id), case_id, team_id, office())


def _entries(case_id: str) -> Iterable[ReadEntry]:
    keyholder, offset = bound_database().keyholder, 0
    while found := audit.entries_of_case(session(), keyholder, case_id, _AT_A_TIME, offset=offset):
        yield from found
        offset += len(found)


def _gather(entries: Iterable[ReadEntry], case_id: str, team_id: str, register: Office) -> tuple[Reading, ...]:
    found: dict[tuple[date, str, str], list[ReadEntry]] = {}
    for entry in entries:
        if entry.decision == "allowed" and opened_in(entry.detail or {}).get(case_id):
            who = (local_day(entry.at), register.agency_name(entry.agency_id), _role(register, entry.actor_id, team_id))
            found.setdefault(who, []).append(entry)
    return tuple(_reading(*who, here, case_id) for who, here in found.items())


def _reading(day: date, agency: str, role: str, entries: list[ReadEntry], case_id: str) -> Reading:
    opened = [one for entry in entries for one in opened_in(entry.detail or {})[case_id]]
    kinds = {kind for _owner, kind, _reason, _ground in opened}
    grounds = {reason for _owner, _kind, reason, _ground in opened}
    return Reading(day, agency, role, tuple(kind for kind in _KINDS if kind in kinds), tuple(sorted(grounds)), len(entries))


def _role(register: Office, user_id: str | None, team_id: str) -> str:
    """The role somebody has in the team today; the log does not keep roles, and a person who has left has none."""
    card = register.users.get(user_id or "")
    held: Mapping[str, frozenset[str]] = card.teams if card else {}
    return next((role for role in _ROLES if role in held.get(team_id, ())), "")
