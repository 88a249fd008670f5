"""Is somebody in the list twice, or in the register already? By identity number, and by names that are much alike.

Promised: the register tells what the page of a new case tells and no more. A number is looked for by its blind index; an open case of
the team stops the row, with its number where the person takes part in it and without where not; cases of other teams show only to
those who may open them. Names are compared with those in the cases the person may open. Called inside an action that was allowed to ask.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from sqlalchemy import select

from caseapp.access import Actor, log_detail, session
from caseapp.cases.finding import names_in_turn
from caseapp.cases.gates import gates_for
from caseapp.cases.models import Case
from caseapp.cases.starting import number_index
from caseapp.db import batches
from caseapp.formats import fold

from .lines import Line
from .reading import Told

#: Names at least this much alike are told of; found by trying: "Aisha Warsame" and "Aisha Warsama" are, "Anna Ek" and "Arne Ek" are not.
_ALIKE = 0.88


def compare(actor: Actor, team_id: str, lines: Sequence[Line], *, names: bool = True) -> tuple[Line, ...]:
    """The same lines, each with what the list itself and the register have to say about it; `names`: of names that are alike, too."""
    compared = _with_register(actor, team_id, _within(lines))
    return _with_names(actor, compared) if names else tuple(compared)


def _within(lines: Sequence[Line]) -> list[Line]:
    """The second row with a number is the wrong one; the first stands."""
    first: dict[str, int] = {}
    found = []
    for line in lines:
        number = line.person.written_number if line.person else ""
        if number and number in first:
            line = _problem(line, "twice_in_file", row=first[number])
        elif number:
            first[number] = line.number
        found.append(line)
    return found


def _problem(line: Line, code: str, **told: object) -> Line:
    return replace(line, problems=(*line.problems, Told(code, "number", told)))


def _remark(line: Line, code: str, **told: object) -> Line:
    return replace(line, remarks=(*line.remarks, Told(code, "name", told)))


# -- numbers ----------------------------------------------------------------------------------------------------------


def _with_register(actor: Actor, team_id: str, lines: Sequence[Line]) -> list[Line]:
    indexes = {line.number: index for line in lines if line.person and (index := number_index(line.person.number))}
    cases = _cases_with(indexes.values())
    ids = [one.id for here in cases.values() for one in here]
    may_open = {gate.id for some in batches(ids) for gate in gates_for(actor, is_open=None, case_ids=some)}
    found = []
    for line in lines:
        here = cases.get(indexes.get(line.number, ""), [])
        twin = next((one for one in here if one.team_id == team_id and one.is_open), None)
        if twin is not None:
            line = _problem(line, "has_case", case=twin.case_number) if twin.id in may_open else _problem(line, "has_case_unseen")
        for one in here:
            if one is not twin and one.id in may_open:
                line = _remark(line, "known_case", case=one.case_number)
        found.append(line)
    return found


def _cases_with(indexes: Iterable[str]) -> Mapping[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for chosen in batches(sorted(set(indexes))):
        for case in session().scalars(select(Case).where(Case.number_index.in_(chosen))):
            found.setdefault(case.number_index or "", []).append(case)
    return found


# -- names ------------------------------------------------------------------------------------------------------------


class _Names:
    """Names to compare with, by the first letters of their words: two names that are alike begin alike."""

    def __init__(self) -> None:
        self._by_letters: dict[str, list[tuple[str, str]]] = {}

    def add(self, name: str, whose: str) -> None:
        words = sorted(fold(name).split())
        if len(words) > 1:  # a first name alone is like too many
            self._by_letters.setdefault("".join(word[0] for word in words), []).append((" ".join(words), whose))

    def like(self, name: str) -> list[str]:
        words = sorted(fold(name).split())
        here = " ".join(words)
        near = self._by_letters.get("".join(word[0] for word in words), [])
        return [whose for other, whose in near if _are_alike(here, other)]


def _are_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _with_names(actor: Actor, lines: Sequence[Line]) -> tuple[Line, ...]:
    registered = _Names()
    compared = 0
    for case_number, name in names_in_turn(actor):
        registered.add(name, case_number)
        compared += 1
    log_detail(names_compared=compared)
    above, found = _Names(), []
    for line in lines:
        if line.name:
            said = {one.told.get("case") for one in (*line.problems, *line.remarks)}
            for row in above.like(line.name)[:3]:
                line = _remark(line, "like_row", row=row)
            for case_number in [one for one in registered.like(line.name) if one not in said][:3]:
                line = _remark(line, "like_case", case=case_number)
            above.add(line.name, str(line.number))
        found.append(line)
    return tuple(found)
