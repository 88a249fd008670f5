"""Cases of Provköping drawn by lot and written down as people do it: notice, measure before, support, measure after, the end.

Each case carries planted words in every place where somebody types; a test can look for them where they must not be.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from flask import Flask

from caseapp.accounts.places import set_municipality
from caseapp.cases.actions import close_case
from caseapp.cases.notes import add_note
from caseapp.cases.participation import add_participant
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.codelists import codelist
from caseapp.followup.actions import Led, Seen, save_measure
from caseapp.formats import clock
from caseapp.plans.interventions import Support, add_intervention
from caseapp.statistics.preparing import prepare
from tests.municipality import Municipality, actor_of, build

PLANTED = "Kvittenblom"
FIRST, LAST = date(2025, 11, 3), date(2026, 9, 29)


def build_with_cases(app: Flask, invitation: str, number: int = 44, seed: int = 5) -> Municipality:
    """Provköping with so many cases; three in four in SSPF Norr, the others in SIG Söder."""
    made = build(app, invitation)
    set_municipality(actor_of(app, made["admin"]), search_seconds=None)  # what is looked for here needs no proof of the optimum
    lot = random.Random(seed)
    for at in range(number):
        _live_through(app, made, lot, at)
    return made


def _live_through(app: Flask, made: Municipality, lot: random.Random, number: int) -> None:
    coordinator = actor_of(app, made["karin" if number % 4 else "rasmus"])
    school = actor_of(app, made["lena"])
    team = made.teams["norr" if number % 4 else "soder"]
    begun = FIRST + timedelta(days=lot.randrange((LAST - FIRST).days - 20))
    ended = begun + timedelta(days=lot.randrange(30, 220))
    with clock.at(begun):
        case = start_case(
            coordinator,
            team,
            person=NewPerson(
                f"{PLANTED} {number}", lot.choices("fm", (35, 65))[0], born=date(2009, 6, 1) + timedelta(days=lot.randrange(1500)),
                temporary_number=f"{PLANTED}-{number}", protected="sekretessmarkering" if number == 7 else "none",
            ),
            related=[NewRelated(f"{PLANTED} förälder")],
        )
        save_measure(coordinator, case, Seen("before", begun, _levels(lot), text=PLANTED, youth_view=PLANTED))
        _support(coordinator, case, lot, begun)
        add_note(coordinator, case, occurred_on=begun, heading=PLANTED, text=PLANTED, information_type="assessment")
    if number % 4 and number != 7:
        add_participant(coordinator, case, school.user_id)
        _support(school, case, lot, begun)
    if ended <= LAST:
        with clock.at(ended):
            changes = {domain: lot.choice(list(codelist("Change"))) for domain in codelist("NeedDomain")}
            save_measure(coordinator, case, Seen("after", ended, _levels(lot), text=PLANTED), led=Led(changes, text=PLANTED))
            close_case(coordinator, case, reason="goals_met", closed_on=ended, summary=PLANTED)


def _levels(lot: random.Random) -> dict[str, str]:
    return {domain: str(lot.choices((0, 1, 2, 3, 9), (30, 25, 25, 15, 5))[0]) for domain in codelist("NeedDomain")}


def _support(actor, case: str, lot: random.Random, begun: date) -> None:
    for _ in range(lot.randrange(1, 3)):
        kind, focus = lot.choice(list(codelist("InterventionType"))), lot.choice(list(codelist("NeedDomain")))
        started = begun + timedelta(days=lot.randrange(20))
        ended = started + timedelta(days=lot.randrange(20, 90))
        add_intervention(
            actor, case, Support(kind, focus, started_on=started, ended_on=ended, text=PLANTED), agency_id=actor.agency_id
        )


def build_prepared(app: Flask, invitation: str) -> Municipality:
    """The same, and the second quarter of 2026 waits for a decision."""
    made = build_with_cases(app, invitation)
    prepare(actor_of(app, made["stellan"]), "2026Q2")
    return made


STAGES = {"cases": build_with_cases, "prepared": build_prepared}
