"""What tests are given: an installation of their own on each kind of database, its application, a client that looks at every page.

A test that asks for `app`, `client` or `installation` runs once on SQLite and once on PostgreSQL; a test that asks for none of
them runs once. `empty_…` is an installation as `init` leaves it; without that word it holds the municipality of `tests/municipality.py`.
"""

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

pytest.register_assert_rewrite("tests.pages", "tests.browser.visitor", "tests.municipality")

from caseapp.access import Actor  # noqa: E402
from tests import installations  # noqa: E402 - after the rewrite is registered
from tests.installations import Installation, Workshop  # noqa: E402
from tests.libreoffice import PROGRAM  # noqa: E402
from tests.municipality import Codes, Municipality, actor_of, build, sign_in  # noqa: E402
from tests.pages import PageClient  # noqa: E402


def pytest_report_header() -> str:
    return "databases: " + ", ".join(installations.BACKENDS) + ("" if installations.SERVER else " (PostgreSQL is left out)")


def pytest_collection_finish() -> None:
    """What is here before the first test stays: going through it again and again for garbage took a third of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2000, 10, 100)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Workshop:
    """Where templates are made."""
    place = tmp_path_factory.getbasetemp()
    shared = (place if worker_id == "master" else place.parent) / "templates"
    shared.mkdir(exist_ok=True)
    return Workshop(shared, f"{worker_id}_{installations.run_mark()}")


@pytest.fixture(scope="session")
def libreoffice() -> str:
    """The spreadsheet program, for tests that ask what others read and write."""
    if not PROGRAM:
        pytest.skip("LibreOffice is left out")
    if not shutil.which(PROGRAM):
        pytest.fail("LibreOffice is missing: scripts/test brings it, or CASEAPP_LIBREOFFICE names it")
    return PROGRAM


@pytest.fixture(params=installations.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: sqlite, then postgresql."""
    return str(request.param)


@pytest.fixture
def empty_installation(workshop: Workshop, backend: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation as `init` leaves it."""
    template, _invitation = workshop.template(backend, "empty", lambda _app, invitation: invitation)
    with workshop.copy(template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def empty_app(empty_installation: Installation) -> Iterator[Flask]:
    """The application on an installation as `init` leaves it."""
    with empty_installation.application() as app:
        yield app


@pytest.fixture
def empty_client(empty_app: Flask) -> PageClient:
    """A browser-like client of `empty_app`."""
    return client_of(empty_app)


@pytest.fixture
def municipality(workshop: Workshop, backend: str) -> Municipality:
    """The people, agencies and teams of Provköping."""
    _template, built = workshop.template(backend, "municipality", build)
    found: Municipality = built
    return found


@pytest.fixture
def installation(workshop: Workshop, backend: str, municipality: Municipality, tmp_path: Path) -> Iterator[Installation]:
    """An installation with the municipality in it, this test's own."""
    template, _same = workshop.template(backend, "municipality", build)
    with workshop.copy(template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    """The application on this test's own municipality, its database bound: actions can be called straight away."""
    with installation.application() as made:
        made.extensions["caseapp.database"].bind()
        yield made


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A browser-like client that nobody has signed in with."""
    return client_of(app)


@pytest.fixture
def actor(app: Flask, municipality: Municipality) -> Callable[[str], Actor]:
    """Called with a login: that person as an actor, for tests that call actions themselves."""
    return lambda login: actor_of(app, municipality[login])


@pytest.fixture
def codes() -> Codes:
    """The telephones of this test's people."""
    return Codes()


@pytest.fixture
def signed_in(app: Flask, municipality: Municipality, codes: Codes) -> Callable[[str], PageClient]:
    """Called with a login: a browser of its own in which that person has signed in."""
    return lambda login: sign_in(client_of(app), municipality[login], codes)


def client_of(app: Flask) -> PageClient:
    """A new browser, with cookies of its own, that looks at every page it fetches."""
    app.test_client_class = PageClient
    client: Any = app.test_client()
    return client
