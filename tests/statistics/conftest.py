"""Provköping with cases in it, for the tests that go the whole way from a sealed record to a bundle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installations import Installation, Workshop
from tests.municipality import Municipality
from tests.statistics.cases_by_lot import build_with_cases


@pytest.fixture
def municipality(workshop: Workshop, backend: str) -> Municipality:
    """The people, agencies and teams of Provköping."""
    _template, built = workshop.template(backend, "cases", build_with_cases)
    found: Municipality = built
    return found


@pytest.fixture
def installation(workshop: Workshop, backend: str, municipality: Municipality, tmp_path: Path) -> Iterator[Installation]:
    """An installation with Provköping's cases in it, this test's own."""
    template, _same = workshop.template(backend, "cases", build_with_cases)
    with workshop.copy(template, tmp_path / "home") as made:
        yield made
