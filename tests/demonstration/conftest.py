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
def _whole(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ekhamra]:
    template, _nothing = workshop.template("sqlite", "demonstration", _load)
    with workshop.copy(template, tmp_path_factory.mktemp("demonstration") / "home") as made, made.application() as app:
        app.extensions["caseapp.database"].bind()
        yield look_around(app)


@pytest.fixture
def ekhamra(_whole: Ekhamra) -> Ekhamra:
    """The demonstration as its people see it."""
    _whole.app.extensions["caseapp.database"].bind()
    return _whole
