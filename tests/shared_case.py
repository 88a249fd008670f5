"""A case of Provköping's northern team in which everybody takes part, for tests of pages and journeys."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import clock
from tests.municipality import Municipality
from tests.small_town import ALL_TYPES, give_consent


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """The case of a girl of 15, with a consent that leaves the police out of all but the name."""
    karin = actor("karin")
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson(name="Alva Lind", sex="f", born=clock.today() - timedelta(days=15 * 366)),
        related=[NewRelated(name="Mona Lind")],
        participant_ids=[municipality[login].id for login in ("samir", "lena", "pontus", "fia")],
    )
    scope = {agency_id: ALL_TYPES for kind, agency_id in municipality.agencies.items() if kind != "police"}
    give_consent(karin, made, scope | {municipality.agencies["police"]: ("identity",)}, clock.today() + timedelta(days=90))
    return made
