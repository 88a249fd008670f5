"""The small town is here, and a case of the larger one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import add_months, clock
from tests.municipality import Municipality
from tests.small_town import town  # noqa: F401 - a fixture


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """Karin's case about a girl who is 15 in 20 days, whose parents both have custody."""
    return start_case(
        actor("karin"),
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", born=add_months(clock.today() + timedelta(days=20), -12 * 15)),
        related=[NewRelated("Mona Lind"), NewRelated("Per Lind")],
    )
