"""How does a case begin? One action makes the key, the gate, the case, the young person, the people around and who takes part.

Promised: a person with an identity number has at most one open case in a team, and a case begins with somebody who can open it.
Not done here: whether the work form fits (the triage), and consent.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from caseapp import codelists
from caseapp.access import (
    COORDINATOR,
    PARTICIPANT,
    Actor,
    Gate,
    NamedReader,
    Participation,
    Permission,
    PersonReader,
    action,
    allow,
    log_as,
    now,
    remember_result,
    session,
    today,
)
from caseapp.accounts import office
from caseapp.consent import open_case
from caseapp.db import bound_database, new_id
from caseapp.formats import PersonalNumber, age

from .gates import gates_for
from .models import Case, CaseNumberSeries, RelatedPerson, YoungPerson

PROTECTED = ("sekretessmarkering", "skyddad_folkbokforing", "fingerade")
#: The kind of protection with which neither address nor telephone is kept.
NO_CONTACT = "skyddad_folkbokforing"


class DuplicateCase(Exception):
    """The person has an open case in this team already. `case_id` and `case_number` are empty if it is not this person's to see."""

    def __init__(self, case_id: str = "", case_number: str = "") -> None:
        super().__init__("the person has an open case in this team")
        self.case_id, self.case_number = case_id, case_number


@dataclass(frozen=True)
class NewPerson:
    """The young person as typed. Give `number`, or `temporary_number`, or neither; `born` where no number tells it."""

    name: str
    sex: str
    number: PersonalNumber | None = None
    temporary_number: str = ""
    born: date | None = None
    protected: str = "none"
    phone: str = ""
    address: str = ""

    @property
    def birth_date(self) -> date | None:
        """As the number tells, or as typed."""
        return self.number.birth_date if self.number else self.born

    @property
    def age_today(self) -> int | None:
        """Whole years."""
        return age(self.birth_date, today()) if self.birth_date else None

    @property
    def written_number(self) -> str:
        """The number as it is kept."""
        return self.number.canonical if self.number else self.temporary_number

    @property
    def answers(self) -> dict[str, Any]:
        """The coded answers as they are kept."""
        born = self.birth_date
        kind = self.number.kind if self.number else "reservnummer" if self.temporary_number else "none"
        return {"sex": self.sex, "born": born.isoformat() if born else None, "id_type": kind, "protected": self.protected}


@dataclass(frozen=True)
class NewRelated:
    """Somebody around the young person, as typed. `role` is a code of RelatedRole."""

    name: str
    role: str = "custodian"
    phone: str = ""
    protected: str = "none"

    @property
    def is_custodian(self) -> bool:
        """Whether this person has custody."""
        return self.role == "custodian"

    @property
    def information_type(self) -> str:
        """Custodians belong to the identity, because they sign; everybody else to the family."""
        return "identity" if self.is_custodian else "family"

    @property
    def answers(self) -> dict[str, Any]:
        """The coded answers as they are kept."""
        role = codelists.codelist("RelatedRole")[self.role].code
        return {"role": role, "custodian": self.is_custodian, "protected": self.protected}


@action
def start_case(
    actor: Actor,
    team_id: str,
    *,
    person: NewPerson,
    related: Sequence[NewRelated] = (),
    referral_source: str = "",
    concerns: Collection[str] = (),
    opened_on: date | None = None,
    participant_ids: Collection[str] = (),
    once: str | None = None,
) -> str:
    """Start a case and give its id. The coordinator who starts it takes part; so do the chosen members of the team.

    With protected identity the coordinator becomes the first named reader, and nobody else. Raises DuplicateCase.
    """
    allow(actor, Permission.CREATE_CASE, team=team_id, once=once)
    index = number_index(person.number)
    twin = twin_of(actor, team_id, index)
    if twin is not None:
        raise twin
    gate = _new_gate(actor, team_id, is_protected=_is_protected(person, related))
    _let_in(actor, gate, participant_ids)
    allow(actor, Permission.WRITE_CASE, on=gate.id)
    log_as("create")
    open_case(actor, gate)
    common: dict[str, Any] = {"case_id": gate.id, "owner_agency_id": gate.home_agency_id, "created_by_id": actor.user_id}
    session().add(
        Case(
            **common,
            id=gate.id,
            case_number=_next_case_number(),
            team_id=team_id,
            number_index=index,
            opened_on=opened_on or today(),
            progress={"status": "noticed"},
            answers={"referral_source": referral_source, "concerns": list(concerns)},
        )
    )
    session().add(
        YoungPerson(
            **common,
            name=person.name,
            number=person.written_number,
            answers=person.answers,
            phone="" if person.protected == NO_CONTACT else person.phone,
            address="" if _hides_its_address(person, related) else person.address,
        )
    )
    around = [related_row(somebody, **common) for somebody in related]
    session().add_all(around)
    try:
        session().flush()
    except IntegrityError:  # the same person was registered by somebody else in this very moment
        raise DuplicateCase from None
    for somebody, row in zip(related, around, strict=True):
        list_for(actor, row, somebody.protected)
    remember_result(once, gate.id)
    return gate.id


def number_index(number: PersonalNumber | None) -> str | None:
    """What stands for an identity number in look-ups; None without one."""
    return bound_database().keyholder.blind_index("personal number", number.canonical) if number else None


def related_row(somebody: NewRelated, **common: Any) -> RelatedPerson:
    """A new row for somebody around the young person."""
    return RelatedPerson(
        **common,
        information_type=somebody.information_type,
        name=somebody.name,
        phone="" if somebody.protected == NO_CONTACT else somebody.phone,
        answers=somebody.answers,
    )


def list_for(actor: Actor, row: RelatedPerson, protected: str) -> None:
    """Let the person's own list follow their protection: whoever sets it is the first on it; without protection there is no list."""
    listed = session().scalars(select(PersonReader).where(PersonReader.person_id == row.id)).all()
    if protected in PROTECTED and not listed:
        session().add(PersonReader(case_id=row.case_id, person_id=row.id, user_id=actor.user_id))
    if protected not in PROTECTED:
        for one in listed:
            session().delete(one)


def take_list_along(row: RelatedPerson, to: RelatedPerson) -> None:
    """Give the list of one row's person to the row that takes its place, so that nobody learns the name by the change."""
    for one in session().scalars(select(PersonReader).where(PersonReader.person_id == row.id)).all():
        session().add(PersonReader(case_id=one.case_id, person_id=to.id, user_id=one.user_id, lifted=one.lifted))
    session().flush()


def _hides_its_address(person: NewPerson, related: Sequence[NewRelated]) -> bool:
    """Whether an address would give away somebody with protected population registration: the young person, or a custodian at home."""
    guarded = [person.protected, *(somebody.protected for somebody in related if somebody.is_custodian)]
    return NO_CONTACT in guarded


def _is_protected(person: NewPerson, related: Sequence[NewRelated]) -> bool:
    return any(status in PROTECTED for status in (person.protected, *(somebody.protected for somebody in related)))


def twin_of(actor: Actor, team_id: str, index: str | None) -> DuplicateCase | None:
    """The open case this team has for the same number, as the exception that tells of it; None if there is none."""
    if index is None:
        return None
    query = select(Case).where(Case.team_id == team_id, Case.number_index == index, Case.is_open.is_(True))
    twin = session().scalars(query).first()
    if twin is None:
        return None
    return DuplicateCase(twin.id, twin.case_number) if gates_for(actor, case_ids=[twin.id]) else DuplicateCase()


def _new_gate(actor: Actor, team_id: str, *, is_protected: bool) -> Gate:
    case_id = new_id()
    bound_database().keyholder.new_case(case_id, now())
    team = office().teams[team_id]
    gate = Gate(id=case_id, team_id=team_id, home_agency_id=team.home_agency_id, work_form=team.work_form, is_protected=is_protected)
    session().add(gate)
    if is_protected:
        session().add(NamedReader(case_id=case_id, user_id=actor.user_id))
    return gate


def _let_in(actor: Actor, gate: Gate, user_ids: Collection[str]) -> None:
    members = {member.id for member in office().members(gate.team_id)}
    for user_id in sorted({actor.user_id, *user_ids} & (members | {actor.user_id})):
        session().add(Participation(case_id=gate.id, user_id=user_id, from_day=today(), added_by_id=actor.user_id))


def _next_case_number() -> str:
    """The next number of this year, 2026-0041. Two at once get two numbers: the row is locked until the case is committed."""
    year = today().year
    count_on = update(CaseNumberSeries).where(CaseNumberSeries.year == year).values(last=CaseNumberSeries.last + 1)
    current = session()
    last = current.scalar(count_on.returning(CaseNumberSeries.last))
    if last is None:
        try:
            with current.begin_nested():
                current.execute(insert(CaseNumberSeries).values(year=year, last=1))
                last = 1
        except IntegrityError:  # somebody else began the year just now
            last = current.scalar(count_on.returning(CaseNumberSeries.last))
    return f"{year}-{last:04d}"


@dataclass(frozen=True)
class Colleague:
    """Somebody who may take part in a new case."""

    id: str
    name: str
    agency_name: str


@dataclass(frozen=True)
class TeamOfNewCase:
    """The team a new case is for: who else may take part, and `mine`, the teams (id → name) this person may start cases in."""

    id: str
    name: str
    members: tuple[Colleague, ...]
    mine: dict[str, str]


@action
def read_team(actor: Actor, team_id: str = "") -> TeamOfNewCase:
    """The team a new case is for: the one asked for, or the first in which this person is the coordinator."""
    register = office()
    mine = {team.id: team.name for team in register.teams.values() if COORDINATOR in actor.teams.get(team.id, ()) and team.is_active}
    chosen = team_id if team_id in mine else next(iter(mine), "")
    allow(actor, Permission.CREATE_CASE, team=chosen)
    log_as("view")
    members = tuple(
        Colleague(user.id, user.name, register.agency_name(user.agency_id))
        for user in register.members(chosen)
        if user.id != actor.user_id and user.teams[chosen] & {COORDINATOR, PARTICIPANT}
    )
    return TeamOfNewCase(chosen, register.teams[chosen].name, members, mine)
