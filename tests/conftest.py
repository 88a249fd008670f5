"""What tests are given: an installation of their own on each kind of database, its application, a client that looks at every page.

A test that asks for `app`, `client` or `installation` runs once on SQLite and once on PostgreSQL; a test that asks for none of
them runs once. `empty_…` is an installation as `init` leaves it; without that word it holds the municipality of `tests/municipality.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

pytest.register_assert_rewrite("tests.pages", "tests.browser.visitor")

from tests import installations  # noqa: E402 - after the rewrite is registered
from tests.installations import Installation, Workshop  # noqa: E402
from tests.pages import PageClient  # noqa: E402


def pytest_report_header() -> str:
    return "databases: " + ", ".join(installations.BACKENDS) + ("" if installations.SERVER else " (PostgreSQL is left out)")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Workshop:
    """Where this worker's templates are made."""
    return Workshop(tmp_path_factory.mktemp("templates"), f"{worker_id}_{installations.run_mark()}")


@pytest.fixture(params=installations.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: sqlite, then postgresql."""
    return str(request.param)


@pytest.fixture
def empty_installation(workshop: Workshop, backend: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation in which nothing has happened."""
    template, _nothing = workshop.template(backend, "empty", lambda _app: None)
    with workshop.copy(template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def empty_app(empty_installation: Installation) -> Iterator[Flask]:
    """The application on an installation in which nothing has happened."""
    with empty_installation.application() as app:
        yield app


@pytest.fixture
def empty_client(empty_app: Flask) -> PageClient:
    """A browser-like client of `empty_app`."""
    return client_of(empty_app)


def client_of(app: Flask) -> PageClient:
    """A new browser, with cookies of its own, that looks at every page it fetches."""
    app.test_client_class = PageClient
    client: Any = app.test_client()
    return client
