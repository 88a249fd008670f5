"""How long pages take with 5 000 cases: every page of a coordinator's day, each reading in the log, in one worker's processor time."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import process_time_ns

from flask import Flask
from sqlalchemy import select

from caseapp import create_app
from caseapp.access import Actor, Permission, action, allow, session
from caseapp.cases.models import Case
from caseapp.cases.notes import add_note
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment, write_goal
from tests.municipality import Codes, Municipality, actor_of, sign_in
from tests.pages import PageClient

from . import Figure, as_in_a_worker
from .pages import fetch
from .town import make, settings

_OWN = 60  # what a busy coordinator has
_FILLED = 10  # cases in which something is written, and which are opened in turn
_PAGES = ("/", "/cases", "/meetings", "/meetings/calendar", "/account")
_CASE_PAGES = ("", "/notes", "/notes/new", "/plan", "/mapping", "/follow-up", "/consent", "/participants", "/documents", "/history")


def measure(*, quick: bool) -> Iterator[Figure]:
    """The 95th percentile over all pages together, and the slowest page's median (500 cases with `quick`)."""
    cases, rounds = (500, 3) if quick else (5_000, 15)
    with tempfile.TemporaryDirectory() as place:
        town = make(Path(place), cases, own=_OWN)
        app = create_app(settings(Path(place)))
        app.extensions["caseapp.database"].bind()
        filled = _fill(app, town)
        app.test_client_class = PageClient
        client = sign_in(app.test_client(), town["karin"], Codes())
        taken: dict[str, list[float]] = {}
        with as_in_a_worker():
            for number in range(rounds + 1):
                case_id = filled[number % len(filled)]
                for page, path in [(p, p) for p in _PAGES] + [(f"/cases/…{p}", f"/cases/{case_id}{p}") for p in _CASE_PAGES]:
                    began = process_time_ns()
                    fetch(client, path)
                    if number:  # the first round prepares what is prepared once in a process
                        taken.setdefault(page, []).append((process_time_ns() - began) / 1e6)
    size = f"{len(taken)} pages, {rounds} times each; {_OWN} of {cases} cases are the coordinator's; log entries included"
    every = [time for times in taken.values() for time in times]
    yield Figure("server time of a page, 95th percentile", quantiles(every, n=20)[-1], "ms", 100, note=size)
    yield Figure("server time of a page, median", median(every), "ms", note=size)
    for page, times in sorted(taken.items(), key=lambda each: -median(each[1]))[:5]:
        yield Figure(f"server time of {page}", median(times), "ms", note="median; the five slowest pages")


def _fill(app: Flask, town: Municipality) -> list[str]:
    karin = actor_of(app, town["karin"])
    case_ids = _some_cases(karin, town.teams["norr"])
    for case_id in case_ids:
        for number in range(12):
            add_note(karin, case_id, information_type="attendance", text=f"Anteckning {number} om närvaron i skolan den här veckan.")
        for number in range(4):
            write_goal(karin, case_id, domain="peers", text=f"Mål {number}", indicator="")
            due = clock.today() + timedelta(days=number)
            add_commitment(karin, case_id, agency_id=karin.agency_id, text=f"Åtagande {number}", due_on=due)
    return case_ids


@action
def _some_cases(karin: Actor, team_id: str) -> list[str]:
    allow(karin, Permission.CREATE_CASE, team=team_id)
    return list(session().scalars(select(Case.id).order_by(Case.case_number).limit(_FILLED)))
