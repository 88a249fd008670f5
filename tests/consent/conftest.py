"""The fixtures of this room: a small installation to prove the ground on, and the case of a team, with a plan if asked for."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment, write_goal, write_head
from caseapp.plans.interventions import Support, add_intervention
from tests.ground import ground  # noqa: F401 - fixtures
from tests.municipality import Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture


@pytest.fixture
def planned(actor: Callable[[str], Actor], municipality: Municipality, case_id: str) -> str:  # noqa: F811 - the fixture
    """The case with a plan: an aim, a goal, and a commitment and a support of social services and of the school."""
    karin, lena, agencies = actor("karin"), actor("lena"), municipality.agencies
    write_head(karin, case_id, text="Tillbaka till skolan", review_on=clock.today() + timedelta(days=30))
    write_goal(karin, case_id, domain="school", text="Närvaro 80 procent")
    add_commitment(karin, case_id, agency_id=agencies["social_services"], text="Ringer hem varje fredag", due_on=None)
    add_commitment(lena, case_id, agency_id=agencies["school"], text="Mentorssamtal", due_on=None)
    add_intervention(karin, case_id, Support("family_treatment", "family", started_on=clock.today()), agency_id=karin.agency_id)
    return case_id
