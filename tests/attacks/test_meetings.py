"""Attacks on a meeting: the screen in the room shows what everybody there may see, so an attacker makes somebody in the room invisible.

A row that says who is in the room decides access: edited, it stops the meeting. One that is removed, or put back whole as it was before
somebody came, is found by `audit verify`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from caseapp.access import Actor
from caseapp.formats import clock
from caseapp.meetings import leading
from caseapp.meetings.actions import add_to_agenda, plan_meeting
from tests.attacks.attacker import Attacker, Stored
from tests.attacks.victim import Victim, incidents, verified
from tests.planted_texts import Plantation


@dataclass
class Room:
    """A running meeting of karin with pontus of the police, whom the consent leaves out, and the case on its screen."""

    meeting_id: str
    path: str
    officer: Stored
    shown: set[str]
    alone: set[str]


@pytest.fixture
def room(attacker: Attacker, plantation: Plantation, actor: Callable[[str], Actor], victim: Callable[[str], Victim]) -> Room:
    karin, case_id = actor("karin"), plantation.cases["active"]
    tokens = [f"member:{plantation.municipality[login].id}" for login in ("karin", "pontus")]
    team = plantation.municipality.teams["norr"]
    meeting_id = plan_meeting(karin, team, meeting_type="team", starts_at=clock.now() + timedelta(hours=1), place="Rum 3")
    add_to_agenda(karin, meeting_id, [case_id])
    path = f"/meetings/{meeting_id}?case={case_id}"
    screen = victim("karin")
    leading.start_meeting(karin, meeting_id, tokens[:1])
    alone = plantation.found_in(screen.goes_to(path).content)
    leading.take_attendance(karin, meeting_id, tokens)
    shown = plantation.found_in(screen.goes_to(path).content)
    assert shown < alone, "with the police in the room the screen shows less"
    officer = attacker.row("attendance", meeting_id=meeting_id, who_id=plantation.municipality["pontus"].id)
    return Room(meeting_id, path, officer, shown, alone)


#: What is written into the officer's row, and into the meeting's own.
INVISIBLE: dict[str, dict[str, Any]] = {
    "he is not there": {"is_present": False},
    "he is at another meeting": {"meeting_id": "c10e0000-0000-4000-8000-000000000002"},
    "he is no member": {"kind": "young_person"},
    "he is of the school": {"agency_id": "school"},
    "he is of no agency": {"agency_id": None},
    "he is somebody else": {"who_id": "karin"},
}


@pytest.mark.parametrize("tried", INVISIBLE)
def test_somebody_in_the_room_made_invisible(
    tried: str, room: Room, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]
) -> None:
    """Tries: edit the row that says an officer is in the room. Must: the screen shows no more; the row is named; `verify` finds it."""
    people = plantation.municipality
    names = {"school": people.agencies["school"], "karin": people["samir"].id}
    change = {column: names.get(str(value), value) for column, value in INVISIBLE[tried].items()}
    screen, told = victim("karin"), len(incidents())
    attacker.rewrite("attendance", room.officer["id"], **change)
    shown = plantation.found_in(screen.goes_to(room.path).content)
    if "meeting_id" in change:  # where no query looks for it any longer: as good as removed
        assert shown <= room.alone
    else:
        assert shown <= room.shown
        assert ("attendance", room.officer["id"]) in {row for incident in incidents()[told:] for row in incident.rows}
    assert f"attendance {room.officer['id']} does not carry its seal" in verified()


@pytest.mark.parametrize("change", [{"started_at": None}, {"ended_at": "now"}, {"case_id": "other"}, {"epoch": 1}, {"team_id": "soder"}])
def test_the_meeting_itself_edited(
    change: dict[str, Any], room: Room, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]
) -> None:
    """Tries: take back that the meeting began, end it, move it to a case, a team, an older epoch. Must: the work stops, with a line."""
    put = {"now": clock.now(), "other": plantation.cases["withdrawn"], "soder": plantation.municipality.teams["soder"]}
    screen, told = victim("karin"), len(incidents())
    attacker.rewrite("meeting", room.meeting_id, **{column: put.get(str(value), value) for column, value in change.items()})
    assert not plantation.found_in(screen.goes_to(room.path).content) - room.shown
    assert ("meeting", room.meeting_id) in {row for incident in incidents()[told:] for row in incident.rows}
    assert f"meeting {room.meeting_id} does not carry its seal" in verified()


def test_an_attendance_removed_or_put_back_as_it_was(
    room: Room, attacker: Attacker, actor: Callable[[str], Actor], victim: Callable[[str], Victim], plantation: Plantation
) -> None:
    """Tries: put the officer's row back as before he came; delete it. Must: both are found; nobody sees what karin may not."""
    people, screen = plantation.municipality, victim("karin")
    before = room.officer
    leading.take_attendance(actor("karin"), room.meeting_id, [f"member:{people['karin'].id}"])
    leading.take_attendance(actor("karin"), room.meeting_id, [f"member:{people[login].id}" for login in ("karin", "pontus")])
    attacker.put_back("attendance", before)
    assert any(said.startswith(f"attendance {before['id']} is not version") for said in verified())
    attacker.remove("attendance", before["id"])
    assert plantation.found_in(screen.goes_to(room.path).content) <= room.alone
    assert f"attendance {before['id']} is gone" in verified()
