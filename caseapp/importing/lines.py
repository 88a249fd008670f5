"""What will one row of the list become, and what is wrong with it?

Promised: a row is either understood whole or has at least one problem, each told with the column it stands in; nothing is dropped in
silence. What is told besides (a zero put back, a day that was Excel's number) does not keep a row from becoming a case.

Not done here: looking in the register (`known`), and saving (`saving`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from caseapp.accounts import AgencyCard
from caseapp.cases.starting import NO_CONTACT, NewPerson, NewRelated
from caseapp.formats import PersonalNumber, fold

from .matching import agency_of, code_of, in_parts, words_of
from .reading import Told, Unusable, day_of, name_of, number_of, people_of, phone_of, readable, text_of
from .rules import FIELDS, NEED
from .sheets import Cell, Sheet

#: The answer that leaves a word out.
LEFT_OUT = "-"


@dataclass(frozen=True)
class Reading:
    """How the rows are read. `mapping`: place of a column → field; `values`: field → folded words → code, agency id or LEFT_OUT."""

    sheet: Sheet
    heading_row: int
    mapping: Mapping[int, str]
    values: Mapping[str, Mapping[str, str]]
    agencies: Sequence[AgencyCard]
    work_form: str
    today: date
    from_1904: bool = False


@dataclass(frozen=True)
class Line:
    """One row: what it will become, or `person` None and why. `number` is the row's in the file; `agencies` are ids."""

    number: int
    person: NewPerson | None
    custodians: tuple[NewRelated, ...] = ()
    opened_on: date | None = None
    referral_source: str = ""
    concerns: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    consent: str = ""
    name: str = ""
    problems: tuple[Told, ...] = ()
    remarks: tuple[Told, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether it can become a case as it is."""
        return self.person is not None and not self.problems


def read_lines(how: Reading) -> tuple[Line, ...]:
    """Every row below the headings that has anything in a column that is taken in."""
    rows = enumerate(how.sheet.rows[how.heading_row :], how.heading_row + 1)
    return tuple(_Row(how, number, row).line() for number, row in rows if _says_anything(row, how.mapping))


def _says_anything(row: Sequence[Cell], places: Iterable[int]) -> bool:
    return any(place < len(row) and row[place] != "" for place in places)


def unknown_values(how: Reading) -> dict[str, dict[str, tuple[str, int]]]:
    """Field → folded words → (the words as written, how often) of every value that no code is known for, chosen for or not."""
    found: dict[str, dict[str, tuple[str, int]]] = {}
    for row in how.sheet.rows[how.heading_row :]:
        for place, code in how.mapping.items():
            if place < len(row) and row[place] != "":
                for words in _unknown_in(how, code, row[place]):
                    written, times = found.setdefault(code, {}).get(fold(words), (words, 0))
                    found[code][fold(words)] = (written, times + 1)
    return found


def _unknown_in(how: Reading, code: str, cell: Cell) -> list[str]:
    try:
        text = readable(cell)
    except Unusable:
        return []
    return [words for words in _words_in(code, text) if fold(words) and _own_code(how, code, words) is None]


def _words_in(code: str, text: str) -> list[str]:
    """The words of a cell that each stand for a code; none where the field has no codes."""
    kind = FIELDS[code].kind
    if kind == "code":
        return [text]
    if kind == "codes":
        return in_parts(text, words_of(FIELDS[code].codelist))
    return in_parts(text) if kind == "agencies" else []


def _own_code(how: Reading, code: str, words: str) -> str | None:
    if FIELDS[code].kind == "agencies":
        return agency_of(words, how.agencies)
    return code_of(FIELDS[code].codelist, words)


class _Row:
    """One row while it is being understood."""

    def __init__(self, how: Reading, number: int, row: Sequence[Cell]) -> None:
        self.how, self.number = how, number
        self.problems: list[Told] = []
        self.remarks: list[Told] = []
        self.cells: dict[str, list[Cell]] = {}
        for place, code in how.mapping.items():
            if place < len(row) and row[place] != "":
                self.cells.setdefault(code, []).append(row[place])

    def tell(self, code: str) -> Callable[[str], None]:
        return lambda told: self.remarks.append(Told(told, code))

    def problem(self, told: str, code: str = "", **more: Any) -> None:
        self.problems.append(Told(told, code, more))

    def take(self, code: str, read: Callable[[Cell], Any], otherwise: Any) -> Any:
        """What the field's cell says; `otherwise` where it says nothing or cannot be read, which is then a problem."""
        for cell in self.cells.get(code, ()):
            try:
                return read(cell)
            except Unusable as why:
                self.problem(why.code, code, **why.told)
        return otherwise

    def every(self, code: str, read: Callable[[Cell], Any]) -> list[Any]:
        found = []
        for cell in self.cells.get(code, ()):
            try:
                found.append(read(cell))
            except Unusable as why:
                self.problem(why.code, code, **why.told)
        return found

    # -- codes ----------------------------------------------------------------------------------------------------------

    def codes(self, code: str) -> list[str]:
        """The codes, or ids, that the field's cells mean. What is not known and not chosen is a problem."""
        found: list[str] = []
        for text in self.every(code, readable):
            for words in _words_in(code, text):
                if not fold(words):
                    continue
                meant = _own_code(self.how, code, words) or self.how.values.get(code, {}).get(fold(words))
                if meant is None:
                    self.problem("unknown_value", code, value=words[:60])
                elif meant != LEFT_OUT and meant not in found:
                    found.append(meant)
        return found

    def code(self, code: str) -> str:
        return next(iter(self.codes(code)), "")

    # -- the whole ------------------------------------------------------------------------------------------------------

    def line(self) -> Line:
        name = self._name()
        person = self._person(name)
        form = self.code("work_form")
        if form and form != self.how.work_form:
            self.problem("other_work_form", "work_form", form=form)
        opened_on = self.take("opened_on", self._day("opened_on"), None)
        if opened_on is None and not any(one.about == "opened_on" for one in self.problems):
            self.remarks.append(Told("opened_today"))
        needs = {code.removeprefix(NEED): level for code in self.cells if code.startswith(NEED) and (level := self.code(code))}
        consent = " · ".join(self.every("consent", lambda cell: text_of(cell, longest=500)))
        if consent:
            self.remarks.append(Told("consent_not_taken"))
        return Line(
            number=self.number,
            person=person,
            custodians=self._custodians(person),
            opened_on=opened_on,
            referral_source=self.code("referral_source"),
            concerns=tuple(self.codes("concerns")),
            agencies=tuple(self.codes("participants")),
            needs=needs,
            notes=tuple(text for text in self.every("note", lambda cell: text_of(cell, lines=True)) if text),
            consent=consent,
            name=name,
            problems=tuple(self.problems),
            remarks=tuple(self.remarks),
        )

    def _day(self, code: str) -> Callable[[Cell], date | None]:
        return lambda cell: day_of(cell, today=self.how.today, tell=self.tell(code), from_1904=self.how.from_1904)

    def _name(self) -> str:
        parts = [self._named("first_name"), self._named("last_name")]
        whole = " ".join(part for part in parts if part) or self._named("name")
        if not whole and not any(one.about in ("first_name", "last_name", "name") for one in self.problems):
            self.problem("name_missing")
        return whole[:120]

    def _named(self, code: str) -> str:
        return str(self.take(code, lambda cell: name_of(cell, self.tell(code)), ""))

    def _phone(self, code: str) -> str:
        return str(self.take(code, lambda cell: phone_of(cell, self.tell(code)), ""))

    def _people(self, code: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = self.take(code, lambda cell: people_of(cell, self.tell(code)), [])
        return found

    def _person(self, name: str) -> NewPerson | None:
        told = self.take("number", lambda cell: number_of(cell, today=self.how.today, tell=self.tell("number")), None)
        born = self.take("born", self._day("born"), None)
        number = told if isinstance(told, PersonalNumber) else None
        if told is not None and number is None:
            born = told
        if number is None and born is None and not any(one.about in ("number", "born") for one in self.problems):
            self.problem("no_identity")
        if number is not None and born is not None and born != number.birth_date:
            self.problem("birth_date_differs", "born")
        sex = self._sex(number)
        protected = self.code("protected") or "none"
        phone = self._phone("phone")
        if protected == NO_CONTACT and phone:
            self.remarks.append(Told("phone_not_kept", "phone"))
        if self.problems or not name:
            return None
        return NewPerson(name=name, sex=sex, number=number, born=None if number else born, protected=protected, phone=phone)

    def _sex(self, number: PersonalNumber | None) -> str:
        """As it stands; otherwise as the number tells (folkbokföringslagen 18 §: the last digit but one is odd for men)."""
        written = self.code("sex")
        if number is None:
            return written or "u"
        by_number = "m" if int(number.canonical[-2]) % 2 else "f"
        if written in ("f", "m") and written != by_number:
            self.remarks.append(Told("sex_differs", "sex"))
        return written or by_number

    def _custodians(self, person: NewPerson | None) -> tuple[NewRelated, ...]:
        named: list[tuple[str, str]] = []
        for code in ("custodian", "custodian2"):
            here, phone = self._people(code), self._phone(f"{code}_phone")
            if phone and not here:
                self.problem("phone_of_nobody", f"{code}_phone")
            if phone and here:
                here = [(here[0][0], here[0][1] or phone), *here[1:]]
            named += [one for one in here if one not in named]
        if person is not None and not named and person.age_today is not None and person.age_today < 18:
            self.remarks.append(Told("no_custodian"))
        return tuple(NewRelated(name=name, phone=phone[:40]) for name, phone in named)
