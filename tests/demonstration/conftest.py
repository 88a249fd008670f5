"""The whole demonstration, loaded once for each worker; its tests read and change nothing."""

from collections.abc import Iterator

import pytest
from flask import Flask

from caseapp import demonstration
from tests.demonstration.visitor import Ekhamra, look_around
from tests.installations import Workshop


def _load(app: Flask, _invitation: str) -> None:
    app.extensions["caseapp.database"].bind()
    assert demonstration.load()


@pytest.fixture(scope="session")
def _whole(workshop: Workshop) -> Iterator[Ekhamra]:
    template, _nothing = workshop.template("sqlite", "demonstration", _load)
    with template.application() as app:
        app.extensions["caseapp.database"].bind()
        yield look_around(app)


@pytest.fixture
def ekhamra(_whole: Ekhamra) -> Ekhamra:
    """The demonstration as its people see it."""
    _whole.app.extensions["caseapp.database"].bind()
    return _whole
