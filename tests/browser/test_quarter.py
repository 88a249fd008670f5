"""A quarter on its way out, as people meet it: the statistician prepares, the unit manager looks and approves."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.browser.visitor import Visitor
from tests.installations import Installation, Workshop
from tests.municipality import Codes, Municipality
from tests.statistics.cases_by_lot import build_with_cases

pytestmark = pytest.mark.browser


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
    stellan, ulla = visitors(app), visitors(app)
    stellan.sign_in(municipality["stellan"], codes)
    stellan.go("/statistics", "nothing yet")
    stellan.fill(quarter="2026Q3")
    stellan.send("prepared")
    assert "Väntar på godkännande" in stellan.page.inner_text("main")

    ulla.sign_in(municipality["ulla"], codes)
    ulla.go("/statistics", "waiting")
    ulla.press("Granska tabellerna", "preview")
    ulla.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    ulla.look("everything open")
    ulla.press("Godkänn utgåvan", "approved")
    assert "Godkänd" in ulla.page.inner_text("main")
    with ulla.page.expect_download() as fetched:
        ulla.page.get_by_role("link", name="Hämta zip-fil").click()
    assert re.fullmatch(r"[0-9]{4}-2026Q3-r1\.zip", fetched.value.suggested_filename)

    stellan.go("/statistics", "approved")
