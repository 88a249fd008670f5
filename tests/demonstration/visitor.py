"""What the people of the demonstration see, gathered through the actions that their pages call."""

from dataclasses import dataclass, replace

from flask import Flask

from caseapp.access import Actor
from caseapp.accounts import actor_for
from caseapp.accounts.directory import Office, office
from caseapp.cases import CaseBar
from caseapp.cases.consenting import ConsentPage, read_consent
from caseapp.cases.finding import list_cases
from caseapp.db import transaction
from caseapp.formats import clock
from caseapp.plans.actions import PlanPage, read_plan


@dataclass
class Ekhamra:
    """The office, people as actors by first name, and what the two coordinators see: case id → bar, consent page, plan page."""

    app: Flask
    office: Office
    actors: dict[str, Actor]
    bars: dict[str, CaseBar]
    consents: dict[str, ConsentPage]
    plans: dict[str, PlanPage]

    def agency(self, kind: str) -> str:
        """The id of the agency of this kind."""
        return next(card.id for card in self.office.agencies.values() if card.actor == kind and card.name != self.office.municipality)

    def coordinator(self, case_id: str) -> Actor:
        """The coordinator of a case."""
        return next(self.actors[name] for name in ("karin", "amir") if self.bars[case_id].team_id in self.actors[name].teams)


def look_around(app: Flask) -> Ekhamra:
    """Read every case as its coordinator."""
    with transaction(reading=True):
        register = office()
        found = {user.name.split()[0].casefold(): actor_for(user.id) for user in register.users.values()}
    actors = {name: replace(actor, proved_at=clock.now().timestamp()) for name, actor in found.items() if actor is not None}
    bars, consents, plans = {}, {}, {}
    for name in ("karin", "amir"):
        first = list_cases(actors[name], is_open=None)
        pages = [first, *(list_cases(actors[name], is_open=None, page=page) for page in range(2, first.pages + 1))]
        for bar in (bar for page in pages for bar in page.bars):
            bars[bar.case_id] = bar
            consents[bar.case_id] = read_consent(actors[name], bar.case_id)
            plans[bar.case_id] = read_plan(actors[name], bar.case_id)
    return Ekhamra(app, register, actors, bars, consents, plans)
