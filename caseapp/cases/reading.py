"""What a page shows of a case, as frozen values: the bar that is always in view, and the people.

Everything here is called from inside an action, after `allow()` and `open_case()`. A value that is not for this person is
`Withheld`, one whose seal is broken `Unreadable`; whoever shows it shows that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TypeVar

from sqlalchemy import select

from caseapp.access import DamagedRow, Emergency, Gate, now, session, today
from caseapp.accounts import Office, office
from caseapp.consent import Opening
from caseapp.consent.standing import Standing, standing_of
from caseapp.db import Unreadable, Withheld, batches, coded, glance, once_for, opened
from caseapp.formats import age, initials

from .models import Case, RelatedPerson, YoungPerson

Shown = str | Withheld | Unreadable
"""A text, or what stands in its place."""

#: The information type of what a bar shows, and of the names that are searched: of the young person and the custodians.
IDENTITY = "identity"

OneForEachCase = TypeVar("OneForEachCase", Case, YoungPerson)


@dataclass(frozen=True)
class AgencyShare:
    """What one agency of the team may take part of while the consent holds. `missing` is empty when it is everything."""

    agency_id: str
    name: str
    covered: frozenset[str]
    missing: frozenset[str]


@dataclass(frozen=True)
class CaseBar:
    """The sign of where you are and whose case it is.

    With protected identity `initials`, `name`, `age` and `sex` are empty. They are also empty when the identity is withheld; then
    `withheld` is the reason code. `status` and `sex` are codes, "" when they may not be read. `emergency`: the reader's own emergency
    opening, while it runs.
    """

    case_id: str
    case_number: str
    team_id: str
    home_agency_id: str
    work_form: str
    name: Shown
    initials: str
    age: int | None
    sex: str
    status: str
    opened_on: date
    closed_on: date | None
    consent: Standing
    shares: tuple[AgencyShare, ...]
    epoch: int
    is_open: bool
    is_protected: bool
    withheld: str = ""
    emergency: Emergency | None = None

    @property
    def watch(self) -> str:
        """What changes whenever this reader may read something else: an open page asks for it."""
        return watch_value(self.epoch, self.emergency)

    @property
    def minutes_left(self) -> int:
        """Minutes until the reader's emergency opening ends, the one that has begun included; 0 without one."""
        return ceil((self.emergency.ends_at - now()).total_seconds() / 60) if self.emergency else 0


def watch_value(epoch: int, emergency: Emergency | None) -> str:
    """The gate's epoch, and the reader's own emergency opening while it runs: its end closes that reader's pages, and nobody else's."""
    return f"{epoch}.{emergency.id}" if emergency else str(epoch)


@dataclass(frozen=True)
class RelatedCard:
    """Somebody around the young person. `role` is a code of RelatedRole."""

    id: str
    version: int
    name: Shown
    phone: Shown
    role: str
    is_custodian: bool
    protected: str
    ended_on: date | None
    information_type: str


@dataclass(frozen=True)
class YoungCard:
    """The young person. `number` stays masked here; `born` is None when unknown or withheld."""

    id: str
    version: int
    name: Shown
    masked_number: Shown
    id_type: str
    born: date | None
    sex: str
    protected: str
    phone: Shown
    address: Shown

    @property
    def age(self) -> int | None:
        """Whole years today."""
        return age(self.born, today()) if self.born else None


@dataclass(frozen=True)
class People:
    """The young person and everybody current around, custodians first.

    `damaged`: (table, row id) of a row about any of them that was changed past the application. Who has custody, or whose identity is
    protected, can then not be told from what is left.
    """

    young: YoungCard
    related: tuple[RelatedCard, ...]
    damaged: tuple[str, str] | None = None

    @property
    def custodians(self) -> tuple[RelatedCard, ...]:
        """Those who have custody (vårdnadshavare) today."""
        return tuple(person for person in self.related if person.is_custodian)


@dataclass(frozen=True)
class Files:
    """The rows a bar is made of, by case id. `case_ids`: whose were asked for."""

    case_ids: Sequence[str]
    cases: Mapping[str, Case]
    young: Mapping[str, YoungPerson]

    def places(self) -> dict[str, set[tuple[str, str]]]:
        """Case id → the compartments a bar reads."""
        return {
            case_id: {(row.owner_agency_id, IDENTITY) for row in (self.cases.get(case_id), self.young.get(case_id)) if row is not None}
            for case_id in self.case_ids
        }


def files_of(case_ids: Sequence[str]) -> Files:
    """The rows of these cases, to be read only; those of a single case are read once. Nothing needs to be open yet."""

    def read() -> Files:
        cases, young = _rows(Case, case_ids), _rows(YoungPerson, case_ids)
        return Files(case_ids, {row.id: row for row in cases}, {row.case_id: row for row in young})

    return once_for("files", case_ids, read)


def case_bar(gate: Gate, opening: Opening) -> CaseBar:
    """The bar of one opened case."""
    return case_bars([gate], {gate.id: opening})[gate.id]


def case_bars(gates: Sequence[Gate], openings: Mapping[str, Opening], files: Files | None = None) -> dict[str, CaseBar]:
    """The bars of opened cases, by case id, in a fixed number of queries. `files`: their rows, if they are read already."""
    rows = files_of([gate.id for gate in gates]) if files is None else files
    standings = standing_of({gate.id: openings[gate.id] for gate in gates})
    register = office()
    _tell_what_is_gone(rows)
    return {
        gate.id: _bar(
            gate, rows.cases[gate.id], rows.young.get(gate.id), standings[gate.id], register, emergency=openings[gate.id].emergency
        )
        for gate in gates
    }


def _tell_what_is_gone(rows: Files) -> None:
    """A case's own row is missed aloud; a young person's is noted for the log under the case's id, and the other cases go on."""
    for case_id in rows.case_ids:
        if case_id not in rows.cases:
            raise DamagedRow(f"case_file {case_id} is gone", (Case.__tablename__, case_id))
    work = opened.get()
    if work is not None:
        work.damaged.update((YoungPerson.__tablename__, case_id) for case_id in rows.case_ids if case_id not in rows.young)


def _rows(model: type[OneForEachCase], case_ids: Sequence[str]) -> Iterator[OneForEachCase]:
    for chosen in batches(case_ids):
        yield from glance(model, select(model).where(model.case_id.in_(chosen)))


def _bar(
    gate: Gate, case: Case, young: YoungPerson | None, standing: Standing, register: Office, *, emergency: Emergency | None
) -> CaseBar:
    facts, progress = coded(young.answers) if young else {}, coded(case.progress)
    name: Shown = young.name if young else Unreadable()
    if gate.is_protected:
        name, facts = "", {}
    born = date.fromisoformat(facts["born"]) if facts.get("born") else None
    return CaseBar(
        case_id=gate.id,
        case_number=case.case_number,
        team_id=gate.team_id,
        home_agency_id=gate.home_agency_id,
        work_form=gate.work_form,
        name=name,
        initials=initials(name) if isinstance(name, str) and name else "",
        age=age(born, case.closed_on or today()) if born else None,
        sex=facts.get("sex", ""),
        status=progress.get("status", ""),
        opened_on=case.opened_on,
        closed_on=case.closed_on,
        consent=standing,
        shares=_shares(gate, standing, register),
        epoch=gate.epoch,
        is_open=gate.is_open,
        is_protected=gate.is_protected,
        withheld=name.reason if isinstance(name, Withheld) else "",
        emergency=emergency,
    )


def _shares(gate: Gate, standing: Standing, register: Office) -> tuple[AgencyShare, ...]:
    """What each other agency of the team sees, in the team's order; nothing at all unless the consent holds."""
    if standing.state != "active" or standing.covered is None:
        return ()
    everything = frozenset(kind for types in standing.covered.values() for kind in types)
    shares = []
    for agency in register.team_agencies(gate.team_id):
        if agency.id != gate.home_agency_id:
            covered = standing.covered.get(agency.id, frozenset())
            shares.append(AgencyShare(agency.id, agency.name, covered, everything - covered))
    return tuple(shares)


def current_people(case_id: str) -> People:
    """The young person and everybody current around, as far as this transaction may read them."""
    young = files_of([case_id]).young.get(case_id)
    if young is None:
        raise DamagedRow(f"young_person of {case_id} is gone", (YoungPerson.__tablename__, case_id))
    rows = session().scalars(select(RelatedPerson).where(RelatedPerson.case_id == case_id).order_by(RelatedPerson.created_at)).all()
    day = today()
    related = [related_card(row) for row in rows if row.ended_on is None or day < row.ended_on]
    damaged = next(((row.__tablename__, row.id) for row in (young, *rows) if row.is_damaged), None)
    return People(young_card(young), tuple(sorted(related, key=lambda person: not person.is_custodian)), damaged)


def everybody_related(case_id: str) -> dict[str, RelatedCard]:
    """Everybody who is or was around, by id: for signatures and notes of an earlier time."""
    rows = session().scalars(select(RelatedPerson).where(RelatedPerson.case_id == case_id))
    return {row.id: related_card(row) for row in rows}


def young_card(row: YoungPerson) -> YoungCard:
    """The young person's row as a frozen value."""
    facts = coded(row.answers)
    return YoungCard(
        id=row.id,
        version=row.version,
        name=row.name,
        masked_number=_masked(row.number),
        id_type=facts.get("id_type", ""),
        born=date.fromisoformat(facts["born"]) if facts.get("born") else None,
        sex=facts.get("sex", ""),
        protected=facts.get("protected", ""),
        phone=row.phone,
        address=row.address,
    )


def _masked(number: Shown) -> Shown:
    if not isinstance(number, str) or not number:
        return number
    return f"{number[:8]}-····" if len(number) == 12 and number.isdigit() else "····"


def related_card(row: RelatedPerson) -> RelatedCard:
    """A related person's row as a frozen value."""
    facts = coded(row.answers)
    return RelatedCard(
        id=row.id,
        version=row.version,
        name=row.name,
        phone=row.phone,
        role=facts.get("role", ""),
        is_custodian=bool(facts.get("custodian")),
        protected=facts.get("protected", ""),
        ended_on=row.ended_on,
        information_type=row.information_type,
    )


