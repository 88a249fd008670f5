"""Which cases do I have, and where is the one I look for?

The list shows the cases a person takes part in. Search is by name, identity number or case number only, and finds nothing outside
those cases: a number by its blind index, a case number as it stands, a name by opening the names this person may read and
comparing them folded (é is e; å, ä, ö are letters of their own). With protected identity there is only the case number.

Source: förordningen (2001:637) om behandling av personuppgifter inom socialtjänsten 15 §.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, func, select

from caseapp.access import Actor, Gate, Permission, action, allow, log_detail, session, today
from caseapp.accounts import office
from caseapp.consent import open_cases, passing_through
from caseapp.db import glance
from caseapp.formats import PersonalNumber, PersonalNumberError, fold, parse_personal_number

from .gates import acts_for, gates_for, gates_in_turn, has_a_part_in
from .models import Case, RelatedPerson, YoungPerson
from .reading import IDENTITY, CaseBar, case_bars, files_of
from .starting import number_index

PAGE = 50
_CASE_NUMBER = re.compile(r"\d{4}-\d{4,6}")
_LEAST_LETTERS = 2
Named = TypeVar("Named", YoungPerson, RelatedPerson)


@dataclass(frozen=True)
class CaseList:
    """A page of somebody's cases. `count` is how many there are with this filter; `teams`: id → name of the person's teams."""

    bars: tuple[CaseBar, ...]
    count: int
    page: int
    pages: int
    teams: dict[str, str]


@dataclass(frozen=True)
class Hits:
    """What a search found. `by`: name, number, case_number, or nothing when the words were too few to search for."""

    words: str
    by: str
    bars: tuple[CaseBar, ...]


@action
def list_cases(actor: Actor, *, is_open: bool | None = True, page: int = 1) -> CaseList:
    """The cases this person takes part in, newest first, a page at a time."""
    allow(actor, Permission.LIST_CASES)
    count = _count(actor, is_open)
    pages = max(1, -(-count // PAGE))
    page = min(max(page, 1), pages)
    gates = gates_for(actor, is_open=is_open, limit=PAGE, offset=(page - 1) * PAGE)
    teams = {team.id: team.name for team in office().teams.values() if team.id in actor.teams}
    return CaseList(_bars(actor, gates), count, page, pages, teams)


def _count(actor: Actor, is_open: bool | None) -> int:
    query = select(func.count()).select_from(Case)
    query = query.where(has_a_part_in(actor, Case.id, Case.team_id), Case.team_id.in_(list(actor.teams)))
    if is_open is not None:
        query = query.where(Case.is_open.is_(is_open))
    return session().scalar(query) or 0


@action
def search(actor: Actor, words: str) -> Hits:
    """The cases this person may open that match a name, an identity number or a case number; open and closed ones."""
    allow(actor, Permission.SEARCH_CASES)
    words = words.strip()
    by, gates = _find(actor, words)
    log_detail(search=words, by=by)
    return Hits(words, by, _bars(actor, gates))


@action
def known_cases(actor: Actor, number: PersonalNumber) -> tuple[CaseBar, ...]:
    """The cases this person may open that belong to this identity number, before a new one is started."""
    allow(actor, Permission.SEARCH_CASES)
    log_detail(by="number", before="new case")
    return _bars(actor, _with(actor, select(Case.id).where(Case.number_index == number_index(number))))


def _find(actor: Actor, words: str) -> tuple[str, list[Gate]]:
    if _CASE_NUMBER.fullmatch(words):
        return "case_number", _with(actor, select(Case.id).where(Case.case_number == words))
    index = _index_of(words)
    if index is not None:
        return "number", _with(actor, select(Case.id).where(Case.number_index == index))
    if len(fold(words)) < _LEAST_LETTERS:
        return "nothing", []
    return "name", _by_name(actor, fold(words).split())


def _index_of(words: str) -> str | None:
    try:
        return number_index(parse_personal_number(words, today=today()))
    except PersonalNumberError:
        return None


def _with(actor: Actor, ids: Select[str]) -> list[Gate]:
    found = list(session().scalars(ids))
    return gates_for(actor, is_open=None, case_ids=found) if found else []


def _by_name(actor: Actor, wanted: Sequence[str]) -> list[Gate]:
    """Names are opened some hundred at a time; what is kept of a case is its gate, if a name in it matches."""
    found: list[Gate] = []
    for gates in gates_in_turn(actor, is_open=None):
        people = [*_people(YoungPerson, gates), *_people(RelatedPerson, gates)]
        with passing_through(actor, _places_of(people), asks_of_consent=False):
            matching = {person.case_id for person in people if isinstance(name := person.name, str) and _matches(fold(name), wanted)}
        found += [gate for gate in gates if gate.id in matching]
    return found


def names_in_turn(actor: Actor) -> Iterator[tuple[str, str]]:
    """(case number, name of the young person) of every case this person may open and read the name in. Inside an action."""
    for gates in gates_in_turn(actor, is_open=None):
        people = _people(YoungPerson, gates)
        query = select(Case.id, Case.case_number).where(Case.id.in_([gate.id for gate in gates]))
        numbers = {row.id: row.case_number for row in session().execute(query)}
        with passing_through(actor, _places_of(people), asks_of_consent=False):
            named = [(numbers[person.case_id], person.name) for person in people if isinstance(person.name, str)]
        yield from named


def _people(model: type[Named], gates: Sequence[Gate]) -> list[YoungPerson | RelatedPerson]:
    """Those whose name belongs to a case's identity: the young person and the custodians. All rows are read: a damaged one is noticed."""
    rows = glance(model, select(model).where(model.case_id.in_([gate.id for gate in gates])))
    return [row for row in rows if row.information_type == IDENTITY]


def _places_of(people: Iterable[YoungPerson | RelatedPerson]) -> dict[str, set[tuple[str, str]]]:
    """Case id → the compartments their names lie in."""
    places: dict[str, set[tuple[str, str]]] = {}
    for person in people:
        places.setdefault(person.case_id, set()).add((person.owner_agency_id, IDENTITY))
    return places


def _matches(name: str, wanted: Sequence[str]) -> bool:
    """Every wanted word begins a word of the name."""
    return all(any(part.startswith(word) for part in name.split()) for word in wanted)


def _bars(actor: Actor, gates: Sequence[Gate]) -> tuple[CaseBar, ...]:
    files = files_of([gate.id for gate in gates])
    openings = open_cases(actor, gates, only=files.places())
    log_detail(cases=[gate.id for gate in gates])
    stood_in = acts_for(actor, gates)
    if stood_in:
        log_detail(acts_for=stood_in)
    bars = case_bars(gates, openings, files)
    return tuple(bars[gate.id] for gate in gates)
