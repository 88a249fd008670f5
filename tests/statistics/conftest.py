"""Provköping with cases in it, for the tests that go the whole way from a sealed record to a bundle."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caseapp.access import Actor
from caseapp.statistics.bundle import archive, write_folder
from tests.installations import Installation, Workshop
from tests.municipality import Municipality
from tests.statistics.cases_by_lot import STAGES
from tests.statistics.towns import town
from tests.statistics.verifying import SEEDS


@pytest.fixture
def stage() -> str:
    """How far Provköping has come: "cases", or "prepared" when the second quarter of 2026 waits for a decision."""
    return "cases"


@pytest.fixture
def municipality(workshop: Workshop, backend: str, stage: str) -> Municipality:
    """The people, agencies and teams of Provköping."""
    _template, built = workshop.template(backend, stage, STAGES[stage])
    found: Municipality = built
    return found


@pytest.fixture
def installation(workshop: Workshop, backend: str, stage: str, municipality: Municipality, tmp_path: Path) -> Iterator[Installation]:
    """An installation with Provköping's cases in it, this test's own."""
    template, _same = workshop.template(backend, stage, STAGES[stage])
    with workshop.copy(template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def stellan(actor: Callable[[str], Actor]) -> Actor:
    """The statistician."""
    return actor("stellan")


@pytest.fixture
def ulla(actor: Callable[[str], Actor]) -> Actor:
    """The unit manager, freshly proved."""
    return actor("ulla")


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """One town's bundles as folders, to be spoilt."""
    copies = []
    for label, files in town(SEEDS[0]):
        copies.append(tmp_path / label)
        write_folder(files, copies[-1])
    return copies


@pytest.fixture
def zips(tmp_path: Path) -> list[Path]:
    """The same as archives."""
    made = []
    for label, files in town(SEEDS[0]):
        made.append(tmp_path / f"{label}.zip")
        made[-1].write_bytes(archive(label, files))
    return made
