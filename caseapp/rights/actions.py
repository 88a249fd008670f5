"""What the coordinator does when somebody asks what is kept about them: looks it through, makes the extract, prints it.

Promised: an extract is made for the young person or a custodian of today whose identity was checked; every item on it was in front of
whoever made it; what is withheld stands there as withheld, with its paragraph; what concerns somebody else is masked, and a person with
protected identity is not told of at all except to themselves. Making and each printing are logged, and the extract is listed on the case.
Source: GDPR article 15, dataskyddslagen (2018:218) 5 kap. 1 §, read 2026-11.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select

from caseapp import codelists
from caseapp.access import (
    Actor,
    DamagedRow,
    Gate,
    NotFound,
    Permission,
    Refused,
    Withheld,
    action,
    allow,
    fetch,
    log_as,
    log_detail,
    now,
    remember_result,
    session,
)
from caseapp.accounts import office
from caseapp.cases import CaseBar, case_bar
from caseapp.cases.readers import Reading, readings_of
from caseapp.cases.reading import RelatedCard, Shown, everybody_related
from caseapp.consent import open_case
from caseapp.consent.opening import Opening
from caseapp.db import coded
from caseapp.erasure.rules import Profile, profile_of
from caseapp.formats import local_day

from .extract import Held, HeldElsewhere, Item, held_in
from .masking import Mask, mask_of
from .models import RegisterExtract, WithheldItem

LANGUAGES = ("sv", "en")


class ExtractProblem(ValueError):
    """The extract cannot be made as asked. `code`: unknown_asker, not_identified, ground_unknown, reason_missing or items_changed.

    `item_id` names the item concerned, "" for the extract as a whole.
    """

    def __init__(self, code: str, item_id: str = "") -> None:
        super().__init__(f"the extract cannot be made: {code}")
        self.code, self.item_id = code, item_id


@dataclass(frozen=True)
class Withholding:
    """That an item is withheld, on which ground (a code of WithholdingGround) and why, in words for the file alone."""

    ground: str
    reason: str


@dataclass(frozen=True)
class Asker:
    """Whoever asks. `person_id` None is the young person."""

    person_id: str | None
    name: Shown


@dataclass(frozen=True)
class Preparation:
    """What can be in an extract, for whoever decides. `askers`: the young person first, then the custodians."""

    bar: CaseBar
    askers: tuple[Asker, ...]
    items: tuple[Item, ...]
    elsewhere: tuple[HeldElsewhere, ...]


@dataclass(frozen=True)
class ExtractCard:
    """An extract in the list of the case: when, for whom, how they were identified, and how many items were withheld."""

    id: str
    made_on: date
    asker: Asker
    identified_by: str
    identified_how: Shown
    language: str
    made_by: str
    withheld: int


@dataclass(frozen=True)
class ExtractsPage:
    """The extracts that were made, the newest first."""

    bar: CaseBar
    extracts: tuple[ExtractCard, ...]


@dataclass(frozen=True)
class Received:
    """An agency that has opened something of the case: which information types, on which grounds, from when to when."""

    agency: str
    kinds: tuple[str, ...]
    grounds: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True)
class Sheet:
    """The extract on paper. `items` are what is handed over, `withheld` what is not: (kind, day, ground).

    `elsewhere` is what other agencies hold. `others`: roles of people around without protected identity, who are not told of.
    """

    bar: CaseBar
    card: ExtractCard
    young_name: Shown
    home_agency: str
    agency_names: Mapping[str, str]
    items: tuple[Item, ...]
    withheld: tuple[tuple[str, date | None, str], ...]
    elsewhere: tuple[HeldElsewhere, ...]
    received: tuple[Received, ...]
    retention: Profile
    others: tuple[str, ...] = field(default=())


# -- looking through, and making ----------------------------------------------------------------------------------------


@action
def prepare_extract(actor: Actor, case_id: str) -> Preparation:
    """Everything the case holds, to decide what of it somebody may be handed."""
    gate = allow(actor, Permission.MAKE_EXTRACT, on=case_id)
    log_as("view")
    opening = open_case(actor, gate)
    held = _held(gate, opening, everybody_related(case_id))
    return Preparation(case_bar(gate, opening), _askers(held), held.items, held.elsewhere)


def _held(gate: Gate, opening: Opening, everybody: Mapping[str, RelatedCard]) -> Held:
    """What the case holds. Refused to somebody who is not shown a protected person: they could not see what must be masked."""
    if any(isinstance(person.name, Withheld) for person in everybody.values()):
        raise Refused("protected_person", Permission.MAKE_EXTRACT, gate.id)
    return held_in(gate, opening)


def _askers(held: Held) -> tuple[Asker, ...]:
    custodians = tuple(Asker(person.id, person.name) for person in held.people.custodians)
    return (Asker(None, held.people.young.name), *custodians)


@action
def make_extract(
    actor: Actor,
    case_id: str,
    *,
    asker: str | None,
    identified_by: str,
    identified_how: str = "",
    language: str = "sv",
    withheld: Mapping[str, Withholding],
    seen: Collection[str],
    once: str | None = None,
) -> str:
    """Make an extract for the young person (None) or a custodian (their id), and give its id.

    `withheld`: item id → why it is not handed over; `seen`: the ids of every item the maker looked at. Raises ExtractProblem.
    """
    gate = allow(actor, Permission.MAKE_EXTRACT, on=case_id, once=once)
    log_as("create")
    opening = open_case(actor, gate)
    held = _held(gate, opening, everybody_related(case_id))
    _check(held, asker, identified_by, withheld, seen)
    ours = {"case_id": case_id, "owner_agency_id": gate.home_agency_id, "created_by_id": actor.user_id}
    extract = RegisterExtract(
        **ours,
        made_at=now(),
        answers={
            "asker": asker or "",
            "identified_by": identified_by,
            "language": language if language in LANGUAGES else "sv",
            "withheld": len(withheld),
        },
        identified_how=identified_how,
    )
    session().add(extract)
    for item_id, why in withheld.items():
        answers = {"item": item_id, "ground": why.ground}
        session().add(WithheldItem(**ours, extract_id=extract.id, answers=answers, reason=why.reason))
    log_detail(extract=extract.id, asker=asker or "young_person", identified_by=identified_by, withheld=sorted(withheld))
    remember_result(once, extract.id)
    return extract.id


def _check(held: Held, asker: str | None, identified_by: str, withheld: Mapping[str, Withholding], seen: Collection[str]) -> None:
    if asker not in {one.person_id for one in _askers(held)}:
        raise ExtractProblem("unknown_asker")
    if identified_by not in codelists.codelist("IdentityCheck"):
        raise ExtractProblem("not_identified")
    ids = {item.id for item in held.items}
    for item_id, why in withheld.items():
        if item_id not in ids:
            raise ExtractProblem("items_changed")
        if why.ground not in codelists.codelist("WithholdingGround"):
            raise ExtractProblem("ground_unknown", item_id)
        if not why.reason.strip():
            raise ExtractProblem("reason_missing", item_id)
    if ids - set(seen):
        raise ExtractProblem("items_changed")


# -- the list, and the paper ---------------------------------------------------------------------------------------------


@action
def list_extracts(actor: Actor, case_id: str) -> ExtractsPage:
    """The extracts made of this case."""
    gate = allow(actor, Permission.MAKE_EXTRACT, on=case_id)
    log_as("view")
    opening = open_case(actor, gate, types=("identity",))
    rows = session().scalars(
        select(RegisterExtract).where(RegisterExtract.case_id == case_id).order_by(RegisterExtract.made_at.desc(), RegisterExtract.id)
    )
    everybody = everybody_related(case_id)
    return ExtractsPage(case_bar(gate, opening), tuple(_card(row, everybody) for row in rows))


def _card(row: RegisterExtract, everybody: Mapping[str, RelatedCard]) -> ExtractCard:
    answers = coded(row.answers)
    asker = everybody.get(answers.get("asker", ""))
    return ExtractCard(
        id=row.id,
        made_on=local_day(row.made_at),
        asker=Asker(answers.get("asker") or None, asker.name if asker else ""),
        identified_by=answers.get("identified_by", ""),
        identified_how=row.identified_how,
        language=answers.get("language", "sv"),
        made_by=office().user_name(row.created_by_id),
        withheld=answers.get("withheld", 0),
    )


def _withheld_from(extract: RegisterExtract, expected: int) -> dict[str, str]:
    """Item id → ground. Raises DamagedRow where one cannot be read or is gone: nothing may get onto the paper by that."""
    found: dict[str, str] = {}
    for row in session().scalars(select(WithheldItem).where(WithheldItem.extract_id == extract.id)):
        if not isinstance(row.answers, dict):
            raise DamagedRow("what an extract withholds cannot be read", (WithheldItem.__tablename__, row.id))
        found[row.answers["item"]] = row.answers["ground"]
    if len(found) != expected:
        raise DamagedRow("something that an extract withholds is gone", (RegisterExtract.__tablename__, extract.id))
    return found


@action
def read_sheet(actor: Actor, case_id: str, extract_id: str, *, somebody: str) -> Sheet:
    """The extract as it is printed. `somebody` stands in place of another person's name. Logged as printed.

    What was recorded after the extract was made is not on it: nobody has decided whether it may be.
    """
    gate = allow(actor, Permission.MAKE_EXTRACT, on=case_id)
    log_as("print")
    opening = open_case(actor, gate)
    row = fetch(RegisterExtract, extract_id, case_id=case_id)
    everybody = everybody_related(case_id)
    held = _held(gate, opening, everybody)
    if not isinstance(row.answers, dict):
        raise DamagedRow("for whom an extract was made cannot be read", (RegisterExtract.__tablename__, row.id))
    person_id, ground_of = row.answers["asker"], _withheld_from(row, row.answers["withheld"])
    if person_id and person_id not in everybody:
        raise NotFound("not_found", Permission.MAKE_EXTRACT, case_id)
    log_detail(extract=extract_id)
    register = office()
    known = [item for item in held.items if item.begun <= row.made_at]
    asker = everybody.get(person_id)
    mask = _mask(held, everybody, asker, somebody)
    return Sheet(
        bar=case_bar(gate, opening),
        card=_card(row, everybody),
        young_name=held.people.young.name,
        home_agency=register.agency_name(gate.home_agency_id),
        agency_names={agency.id: agency.name for agency in register.agencies.values()},
        items=tuple(_for(asker, item, mask) for item in known if item.id not in ground_of and _concerns(asker, item)),
        withheld=tuple((item.kind, item.on, ground_of[item.id]) for item in known if item.id in ground_of),
        elsewhere=held.elsewhere,
        received=_received(readings_of(case_id, gate.team_id), register.agency_name(gate.home_agency_id)),
        retention=profile_of(register.settings),
        others=tuple(one.role for one in held.people.related if one.id != person_id and one.protected in ("", "none")),
    )


def _mask(held: Held, everybody: Mapping[str, RelatedCard], asker: RelatedCard | None, somebody: str) -> Mask:
    others = [person for person in everybody.values() if asker is None or person.id != asker.id]
    names = [person.name for person in others if isinstance(person.name, str)]
    numbers = [person.phone for person in others if isinstance(person.phone, str)]
    stays = [name for name in (held.people.young.name, asker.name if asker else "") if isinstance(name, str)]
    return mask_of(names, numbers, known=stays, instead=somebody)


def _concerns(asker: RelatedCard | None, item: Item) -> bool:
    """People around are told only of themselves; what one custodian said to the plan is not for the other."""
    if item.kind == "agreement":
        return asker is None or item.card.person.is_young or item.card.person.who_id == asker.id
    return item.kind != "related" or (asker is not None and item.id == asker.id)


def _for(asker: RelatedCard | None, item: Item, mask: Mask) -> Item:
    """The item as this person is handed it: masked, signatures of the others left out, a protected address for nobody else."""
    card = item.card
    if item.kind == "consent" and asker is not None:
        mine = tuple(one for one in card.signatures if one.person_id in (None, asker.id))
        card = replace(card, signatures=mine)
    if item.kind == "young" and asker is not None and card.protected not in ("", "none"):
        card = replace(card, number="", phone="", address="", has_contact=False)
    if item.kind == "related":
        return replace(item, card=card)
    return replace(item, card=mask(card), title="", remarks=mask(item.remarks))


def _received(readings: tuple[Reading, ...], own: str) -> tuple[Received, ...]:
    found: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.agency and reading.agency != own:
            found.setdefault(reading.agency, []).append(reading)
    kinds = tuple(codelists.codelist("InformationType"))
    return tuple(
        Received(
            agency=agency,
            kinds=tuple(kind for kind in kinds if any(kind in one.kinds for one in here)),
            grounds=tuple(dict.fromkeys(ground for one in here for ground in one.grounds)),
            first=min(one.day for one in here),
            last=max(one.day for one in here),
        )
        for agency, here in sorted(found.items())
    )
