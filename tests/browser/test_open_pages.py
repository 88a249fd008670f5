"""What anybody may see at a real browser without signing in, and signing in itself."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = pytest.mark.browser


def test_a_stranger_reads_the_accessibility_statement_and_meets_a_page_that_is_not_there(
    visitors: Callable[[Flask], Visitor], empty_app: Flask
) -> None:
    stranger = visitors(empty_app)
    stranger.go("/accessibility")
    stranger.go("/nowhere", "not found")
    assert stranger.page.locator("h1").inner_text()


def test_the_coordinator_signs_in_at_a_real_browser(
    visitors: Callable[[Flask], Visitor], app: Flask, municipality: Municipality, codes: Codes
) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    assert karin.page.get_by_text(municipality["karin"].name).count()
