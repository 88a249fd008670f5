"""Invented young people and their families. No number here can belong to anybody.

Sources, read 2026-11: Skatteverket's test identity numbers have the serial numbers 980–999, in newer lists 238 and 239; Post- och
telestyrelsen keeps 070-174 06 05 – 070-174 06 99 for books and films.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from personnummer import personnummer

from caseapp.cases.starting import NewPerson, NewRelated
from caseapp.formats import PersonalNumber, clock, parse_personal_number

from .written import names

TEST_SERIALS = (*range(980, 1000), 238, 239)
_COORDINATION = 60


@dataclass(frozen=True)
class Family:
    """A young person as the coordinator types them, those around, and the first name that texts use."""

    person: NewPerson
    related: Sequence[NewRelated]
    first_name: str


def number_from_test_range(rng: Random, born: date, sex: str, taken: set[str], *, coordination: bool = False) -> PersonalNumber:
    """An identity number of somebody born on this day, from the test ranges; the serial number is even for girls.

    Nobody gets one that is `taken`, and it is taken from then on.
    """
    day = born.day + (_COORDINATION if coordination else 0)
    starts = [f"{born:%Y%m}{day:02d}{serial}" for serial in TEST_SERIALS if (serial % 2 == 0) == (sex == "f")]
    possible = [next(start + str(digit) for digit in range(10) if personnummer.valid(start + str(digit))) for start in starts]
    whole = rng.choice([number for number in possible if number not in taken])
    taken.add(whole)
    return parse_personal_number(whole, today=clock.today())


def phone_kept_for_fiction(rng: Random) -> str:
    """A telephone number that is kept for fiction."""
    return f"070-174 06 {rng.randint(5, 99):02d}"


def family(
    rng: Random,
    *,
    born: date,
    custodians: int,
    taken: set[str],
    id_type: str = "personnummer",
    protected: str = "none",
    protected_parent: str = "none",
) -> Family:
    """A family with a young person born on this day and one or two custodians, sometimes somebody more."""
    sex = rng.choices(("m", "f"), (7, 4))[0]
    listed = rng.choices(names()["families"], [one["share"] for one in names()["families"]])[0]
    surname, other_surname = rng.sample(listed["surnames"], 2)
    first = rng.choice(listed["girls" if sex == "f" else "boys"])
    numbered = id_type in ("personnummer", "samordningsnummer")
    person = NewPerson(
        name=f"{first} {surname}",
        sex=sex,
        number=number_from_test_range(rng, born, sex, taken, coordination=id_type == "samordningsnummer") if numbered else None,
        temporary_number=f"R{born:%y%m%d}-{rng.randint(10, 99)}" if id_type == "reservnummer" else "",
        born=None if numbered else born,
        protected=protected,
        phone=phone_kept_for_fiction(rng) if rng.random() < 0.7 else "",
        address=f"{rng.choice(names()['streets'])} {rng.randint(1, 48)}, {rng.choice(names()['postal_places'])}",
    )
    if protected_parent != "none":  # where the child lives, the parent lives
        person = replace(person, address="")
    related = [
        _parent(rng, listed, "women", surname if rng.random() < 0.6 else other_surname, protected_parent),
        _parent(rng, listed, "men", surname, "none"),
    ]
    rng.shuffle(related)
    if protected_parent != "none":
        related.sort(key=lambda one: one.protected == "none")
    alone = related[:custodians] + [NewRelated(one.name, "parent", one.phone) for one in related[custodians:] if rng.random() < 0.5]
    if rng.random() < 0.2:
        alone.append(NewRelated(f"{rng.choice(listed['women'])} {surname}", "relative", phone_kept_for_fiction(rng)))
    return Family(person, alone, "" if protected != "none" else first)


def _parent(rng: Random, listed: dict[str, Any], kind: str, surname: str, protected: str) -> NewRelated:
    phone = "" if protected != "none" else phone_kept_for_fiction(rng)
    return NewRelated(f"{rng.choice(listed[kind])} {surname}", "custodian", phone, protected)


def birth_date(rng: Random, age: int, on: date, *, day: int | None = None) -> date:
    """The birth date of somebody who is this old on that day; with `day`, born on that day of a month."""
    while True:
        born = date(on.year - age, on.month, 1) - timedelta(days=rng.randint(-27, 330))
        if day is not None:
            born = born.replace(day=day)
        if on.year - born.year - ((on.month, on.day) < (born.month, born.day)) == age:
            return born
