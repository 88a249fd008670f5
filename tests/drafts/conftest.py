"""The case of a team, and a way to type without saving."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages import PageClient, form_values
from tests.shared_case import case_id  # noqa: F401 - a fixture

Typing = Callable[..., Any]


@pytest.fixture
def types() -> Typing:
    """Called with a browser, a form's address and answers: what the script sends some seconds after the last key; gives the answer."""
    return keep


def keep(browser: PageClient, address: str, **answers: Any) -> Any:
    browser.get(address)
    return keep_here(browser, **answers)


def keep_here(browser: PageClient, **answers: Any) -> Any:
    """The same on the page that is open already."""
    assert browser.page is not None
    form = next(form for form in browser.page.forms() if "draft" in form_values(form))
    (button,) = [button for button in form.iter("button") if button.get("formaction")]
    return browser.post(button.get("formaction"), data=form_values(form) | answers | {"by": "script"})
