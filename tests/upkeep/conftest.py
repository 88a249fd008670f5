"""A case with everything around it: persons, a consent, a note, a meeting of its own and a form that was sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases.notes import add_note
from caseapp.formats import clock
from caseapp.meetings.actions import plan_meeting
from tests.ground import ground, ground_on_sqlite  # noqa: F401 - fixtures
from tests.municipality import Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture


@pytest.fixture
def full_case(case_id: str, actor: Callable[[str], Actor], municipality: Municipality) -> str:  # noqa: F811
    """The shared case, in which something was written and a meeting planned."""
    karin = actor("karin")
    add_note(karin, case_id, information_type="assessment", heading="Skolan", text="Sover dåligt", once="note-once")
    plan_meeting(
        karin,
        municipality.teams["norr"],
        meeting_type="network",
        starts_at=clock.now() + timedelta(days=7),
        place="Biblioteket",
        asked=[f"young_person:{case_id}"],
        case_id=case_id,
        once="meeting-once",
    )
    return case_id
