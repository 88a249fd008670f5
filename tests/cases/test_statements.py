"""What a page of a case costs: the same number of statements however much the case holds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from caseapp.access import Actor
from caseapp.cases.actions import add_related
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewRelated
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment, write_goal
from tests.pages import PageClient
from tests.shared_case import case_id  # noqa: F401 - a fixture

PAGES = ("", "/notes", "/participants", "/consent", "/plan", "/mapping", "/follow-up")
#: What the first page of a case may ask, signing in and the log included; the other pages ask for more of one thing.
MOST_ON_FRONT, MOST = 25, 28


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database of the data meanwhile, but for those that begin a transaction."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            heard.append(statement)

    engine = app.extensions["caseapp.database"].engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def _fill(karin: Actor, case_id: str, times: int) -> None:  # noqa: F811
    for number in range(times):
        add_note(karin, case_id, information_type="attendance", text=f"Anteckning {number}")
        add_related(karin, case_id, NewRelated(name=f"Släkting {number}", role="relative"))
        write_goal(karin, case_id, domain="peers", text=f"Mål {number}", indicator="")
        due = clock.today() + timedelta(days=number)
        add_commitment(karin, case_id, agency_id=karin.agency_id, text=f"Åtagande {number}", due_on=due)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_the_same_however_much_the_case_holds(
    page: str, app: Flask, actor: Callable[[str], Actor], signed_in: Callable[[str], PageClient], case_id: str  # noqa: F811
) -> None:
    karin, browser, counted = actor("karin"), signed_in("karin"), []
    for more in (1, 11):
        _fill(karin, case_id, more)
        browser.get(f"/cases/{case_id}{page}")  # whatever is prepared once in a process is prepared now
        with statements(app) as heard:
            assert browser.get(f"/cases/{case_id}{page}").status_code == 200
        counted.append(len(heard))
    assert counted[0] == counted[1] <= (MOST if page else MOST_ON_FRONT)
