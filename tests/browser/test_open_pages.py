"""What anybody may see without signing in, at a real browser."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_a_stranger_reads_the_accessibility_statement_and_meets_a_page_that_is_not_there(
    visitors: Callable[[Flask], Visitor], empty_app: Flask
) -> None:
    stranger = visitors(empty_app)
    stranger.go("/accessibility")
    stranger.go("/nowhere", "not found")
    assert stranger.page.locator("h1").inner_text()
