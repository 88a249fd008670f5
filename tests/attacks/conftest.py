"""What an attack is carried out on: Provköping with cases in every state of consent and a marked text in each compartment."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.attacks.attacker import Attacker
from tests.attacks.victim import Victim
from tests.installations import Installation, Workshop
from tests.municipality import Codes, Municipality
from tests.planted_texts import Plantation, plant

_TEMPLATE = "planted for attacks"


@pytest.fixture
def plantation(workshop: Workshop, backend: str) -> Plantation:
    """The cases by state of consent, and what was planted where."""
    _template, planted = workshop.template(backend, _TEMPLATE, plant)
    made: Plantation = planted
    return made


@pytest.fixture
def municipality(plantation: Plantation) -> Municipality:
    """The people, agencies and teams of Provköping."""
    return plantation.municipality


@pytest.fixture
def installation(workshop: Workshop, backend: str, plantation: Plantation, tmp_path: Path) -> Iterator[Installation]:
    """An installation with the planted cases in it, this test's own."""
    template, _same = workshop.template(backend, _TEMPLATE, plant)
    with workshop.copy(template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def attacker(installation: Installation) -> Iterator[Attacker]:
    """Somebody with the database's and the key store's passwords, and no key."""
    somebody = Attacker(installation)
    yield somebody
    somebody.leave()


@pytest.fixture
def victim(app: Flask, plantation: Plantation, codes: Codes) -> Callable[[str], Victim]:
    """Called with a login: that person at a browser, signed in."""
    return lambda login: Victim(app, plantation, codes, login)
