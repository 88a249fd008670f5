"""Cases of the northern team and a month that has ended, in which the tests let people read. Everybody is fictitious."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask

from caseapp.access import Actor
from caseapp.accounts.actions import change_person
from caseapp.cases.actions import read_case
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import SWEDEN, clock
from caseapp.review import actions
from caseapp.review.queue import ItemCard
from caseapp.review.rules import Month, month_of
from caseapp.review.selecting import MadeList, make_list
from tests.municipality import Municipality, worked_here_since

Acting = Callable[[str], Actor]


@dataclass
class Past:
    """The last calendar month that has ended, and what happened in it. The cases were started in the month before."""

    actor: Acting
    municipality: Municipality
    month: Month

    def day(self, number: int) -> date:
        """The working day of this number in the month: 1 is the first Monday to Friday."""
        days = [self.month.first + timedelta(days=after) for after in range(28)]
        return [day for day in days if day.weekday() < 5][number - 1]

    @property
    def sunday(self) -> date:
        """The first Sunday of the month."""
        return next(day for after in range(7) if (day := self.month.first + timedelta(days=after)).weekday() == 6)

    def case(self, name: str = "Alva Lind", *, related: tuple[NewRelated, ...] = (), protected: str = "none") -> str:
        """A case in which samir, lena and pontus take part beside karin."""
        before = datetime.combine(self.month.first - timedelta(days=10), time(10), SWEDEN)
        with clock.at(before):
            return start_case(
                self.actor("karin"),
                self.municipality.teams["norr"],
                person=NewPerson(name=name, sex="f", protected=protected),
                related=related,
                participant_ids=[self.municipality[login].id for login in ("samir", "lena", "pontus")],
            )

    def read(self, login: str, case_id: str, *, day: int | date = 1, at: time = time(10)) -> None:
        """Somebody opens the first page of a case."""
        on = self.day(day) if isinstance(day, int) else day
        with clock.at(datetime.combine(on, at, SWEDEN)):
            read_case(self.actor(login), case_id)

    def select(self, login: str = "greta") -> MadeList:
        """The month's list is made, today."""
        return make_list(self.actor(login), self.month)

    def items(self, login: str = "greta", view: str = "todo") -> tuple[ItemCard, ...]:
        """What the queue shows this reviewer."""
        return actions.read_queue(self.actor(login), view=view).items

    def chosen_for(self, rule: str) -> list[tuple[str, str]]:
        """(who, case number) of the items with this rule among their reasons."""
        return [(item.who, item.case_number) for item in self.items() if rule in item.rules]


@pytest.fixture
def past(app: Flask, actor: Acting, municipality: Municipality) -> Past:
    """The month before today's. People are actors with the roles they have today, whenever they act; they have worked here for a year."""
    here = month_of(clock.today())
    everybody = {login: actor(login) for login in municipality.people}
    made = Past(everybody.__getitem__, municipality, month_of(here.first - timedelta(days=1)))
    with clock.at(clock.now() - timedelta(days=365)):
        for login in ("karin", "samir", "lena", "pontus"):
            worked_here_since(everybody["admin"], municipality[login].id, clock.today())
    return made


def give_role(past: Past, login: str, *roles: str) -> Actor:
    """The administrator gives somebody roles in the installation beside the team roles they have; the person as they are then."""
    _change(past, login, roles)
    return replace(past.actor(login), roles=frozenset(roles))


def _change(past: Past, login: str, roles: tuple[str, ...]) -> None:
    person = past.municipality[login]
    change_person(past.actor("admin"), person.id, name=person.name, roles=roles)
