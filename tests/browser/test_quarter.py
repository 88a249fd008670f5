"""A quarter on its way out, as people meet it: the statistician prepares, the unit manager looks, proves who she is and approves.

On SQLite only: the way of the records to the bundle is proved on both databases elsewhere.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from caseapp.accounts.models import SignInSession
from caseapp.db import transaction
from caseapp.statistics import preparing
from caseapp.statistics.background import beside
from caseapp.statistics.bundle import read_release, unpack
from caseapp.statistics.releases import Made
from caseapp.statistics.steps import Step
from tests.browser.visitor import Visitor
from tests.installations import Installation, Workshop
from tests.municipality import Codes, Municipality
from tests.statistics.cases_by_lot import PLANTED, build_with_cases
from tests.statistics.test_bundle import EVERY_TABLE

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


@pytest.fixture
def installation(workshop: Workshop, backend: str, municipality: Municipality, tmp_path: Path) -> Iterator[Installation]:
    """An installation with Provköping's cases in it, this test's own."""
    template, _same = workshop.template(backend, "cases", build_with_cases)
    with workshop.copy(template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def municipality(workshop: Workshop, backend: str) -> Municipality:
    """The people, agencies and teams of Provköping."""
    return workshop.template(backend, "cases", build_with_cases)[1]


def test_a_quarter_is_prepared_looked_at_and_approved(
    app: Flask, municipality: Municipality, codes: Codes, visitors: Callable[[Flask], Visitor]
) -> None:
    app.extensions["caseapp.runner"] = beside
    stellan, ulla = visitors(app), visitors(app)
    stellan.sign_in(municipality["stellan"], codes)
    stellan.go("/statistics", "nothing yet")
    stellan.fill(quarter="2026Q3")
    stellan.page.locator("main form[method=post] button[type=submit]").first.click()
    stellan.page.get_by_text("Väntar på godkännande").wait_for(timeout=120_000)  # the page turns over by itself
    stellan.look("prepared")

    ulla.sign_in(municipality["ulla"], codes)
    ulla.go("/statistics", "waiting")
    ulla.press("Granska tabellerna", "preview")
    ulla.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    ulla.look("everything open")
    _let_six_minutes_pass()
    ulla.press("Godkänn utgåvan", "prove it is you")
    assert "Väntar på godkännande" not in ulla.page.inner_text("main")
    ulla.fill(code=codes.next(municipality["ulla"]))
    ulla.send("back at the release")
    assert "Väntar på godkännande" in ulla.page.inner_text("main")
    ulla.press("Godkänn utgåvan", "approved")
    assert "Godkänd" in ulla.page.inner_text("main")
    with ulla.page.expect_download() as fetched:
        ulla.page.get_by_role("link", name="Hämta zip-fil").click()
    assert re.fullmatch(r"[0-9]{4}-2026Q3-r1\.zip", fetched.value.suggested_filename)

    files = unpack(Path(fetched.value.path()).read_bytes())
    released = read_release(files)  # refuses a file that is not what its hash says
    assert {table.id.partition("-")[0] for table in released.tables} == set(EVERY_TABLE)
    assert any(name.startswith("LÄSMIG") for name in files)
    book = next(load_workbook(BytesIO(content)) for name, content in files.items() if name.endswith(".xlsx"))
    assert set(EVERY_TABLE) <= set(book.sheetnames), book.sheetnames
    assert not any(PLANTED.encode() in content for content in files.values())

    stellan.go("/statistics", "approved")
    stellan.press("Uppföljningens fem frågor", "five questions")
    assert "Hur upplevs insatserna?" in stellan.page.inner_text("main")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_work_in_the_background_is_watched_and_called_off(
    app: Flask, municipality: Municipality, codes: Codes, visitors: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, scripts: bool
) -> None:
    computing, wanted = Event(), Event()

    def slow(*given: object) -> Made:
        tell = given[-1]
        assert callable(tell)
        tell(Step("protect", 2, 5))
        computing.set()
        assert wanted.wait(120)
        tell(Step("pack"))
        return Made(b"", {}, {"label": "never"})

    monkeypatch.setattr(preparing, "make", slow)
    app.extensions["caseapp.runner"] = beside
    stellan = visitors(app, scripts=scripts)
    stellan.sign_in(municipality["stellan"], codes)
    stellan.go("/statistics", "nothing yet")
    stellan.fill(quarter="2026Q3")
    stellan.send("going on")
    assert computing.wait(60)
    if scripts:
        stellan.page.get_by_text("Skyddar tabellerna: 2 av 5").wait_for(timeout=60_000)
    else:
        stellan.page.wait_for_timeout(3000)
        stellan.press("Se hur långt det har kommit", "looked again")
        assert "Skyddar tabellerna: 2 av 5" in stellan.page.inner_text("main")
    stellan.go("/statistics", "the list says so")
    stellan.press("Se hur långt det har kommit", "back at the work")
    stellan.press("Avbryt arbetet", "called off")
    assert "Ingenting har sparats" in stellan.page.inner_text("main")
    wanted.set()


def test_a_table_from_elsewhere_a_recall_and_a_correction(
    app: Flask, municipality: Municipality, codes: Codes, visitors: Callable[[Flask], Visitor]
) -> None:
    stellan, ulla = visitors(app), visitors(app)
    stellan.sign_in(municipality["stellan"], codes)
    stellan.go("/statistics/outside", "no table yet")
    stellan.press("Registrera en tabell", "record a table")
    stellan.fill(title="Årsrapporten, tabell 3", quarter="2026Q3", flow="stock", rows="sex,count\nf,3\nTotal,20\n")
    stellan.send("a small count is refused")
    assert "Rad 2: Antalet 3 är litet" in stellan.page.inner_text("main")
    stellan.fill(rows="sex,count\nf,X\nTotal,20\n")
    stellan.send("recorded")

    ulla.sign_in(municipality["ulla"], codes)
    ulla.go("/statistics/outside", "it waits")
    ulla.press("Årsrapporten, tabell 3", "to be approved")
    ulla.press("Godkänn tabellen", "approved")
    stellan.go("/statistics", "prepare")
    stellan.fill(quarter="2026Q3")
    stellan.send("prepared")
    ulla.go("/statistics", "waiting")
    ulla.press("Granska tabellerna", "preview")
    ulla.press("Godkänn utgåvan", "released")

    stellan.go(ulla.page.url.removeprefix(ulla.origin), "the release")
    stellan.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    stellan.fill(why="Fel kommun på försättsbladet")
    stellan.press("Begär återkallelse", "recall asked for")
    ulla.go(ulla.page.url.removeprefix(ulla.origin), "recall to be decided")
    ulla.press("Återkalla utgåvan", "recalled")
    assert "Utgåvan är återkallad och ska inte användas" in ulla.page.inner_text("main")
    stellan.go("/statistics", "to be corrected")
    stellan.press("Förbered en rättelse av kvartal 3 2026", "the correction")
    assert "0000-2026Q3-r2" in stellan.page.inner_text("main")


def _let_six_minutes_pass() -> None:
    """Everybody's last proof of the second factor is six minutes older than it was."""
    with transaction() as current:
        for row in current.scalars(select(SignInSession)):
            row.proved_at = row.proved_at and row.proved_at - timedelta(minutes=6)
        current.commit()
