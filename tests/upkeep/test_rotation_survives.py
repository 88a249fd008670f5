"""Kill -9 in the middle of a rotation, again and again, with people at work: nothing is lost, nothing is mixed, nothing lingers.

Expected values come from before: every value of every row of the case is read in full first, and again after twenty killed rotations
and one that was left alone; what the people wrote meanwhile is what they say they wrote. The points come from a seed that a failure
shows. The log is walked to the end: each row is the version that was written last.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from caseapp import audit
from caseapp.access import Permission, action, allow, session
from caseapp.cases.models import Case, YoungPerson
from caseapp.consent import open_case
from caseapp.db import resealing, transaction
from caseapp.keyholder import read_keyring
from tests.ground import NOON, give_consent, write
from tests.upkeep.rotating import KILLED, ROTATED

KILLS = 20


@action
def fill(actor, case_id: str) -> None:
    """The rows whose values lie under several information types."""
    open_case(actor, allow(actor, Permission.WRITE_NOTE, on=case_id))
    ours = {"case_id": case_id, "owner_agency_id": actor.agency_id, "created_by_id": actor.user_id}
    case = Case(
        **ours,
        id=case_id,
        case_number="2026-0001",
        team_id="team",
        number_index="0" * 32,
        opened_on=date(2026, 11, 2),
        progress={"status": "active"},
        answers={"concerns": ["peers_crime"]},
        closure={"reason": "moved"},
        closure_summary="Ett år av arbete",
    )
    person = YoungPerson(**ours, name="Alva Lind", number="201204152380", answers={"sex": "f"}, phone="070-174 06 05", address="Ågatan 1")
    session().add_all([case, person])


def prepare(ground) -> dict[str, Any]:
    """A case with every kind of sealed value, and what the processes have to know."""
    fill(ground.coordinator, ground.case)
    give_consent(ground.coordinator, ground.case, {ground.school: ("attendance", "plan")})
    for number in range(30):
        write(ground.coordinator, ground.case, f"Note {number} " + "om skolan " * number)
    return {
        "url": ground.url,
        "keystore_url": ground.keystore_url,
        "keyring": str(ground.files / "master.key"),
        "user": ground.coordinator.user_id,
        "agency": ground.social,
        "team": ground.team,
        "case": ground.case,
        "now": NOON.isoformat(),
    }


def everything(ground) -> dict[tuple[str, str, str], Any]:
    """(table, row id, attribute) → the plaintext of every sealed value of the case."""
    found = {}
    with transaction(reading=True) as current:
        for model in resealing.sealed_case_models():
            rows = current.query(model).where(model.case_id == ground.case).all()
            resealing._open(ground.database.keyholder, rows)
            for row in rows:
                found |= {(model.__tablename__, row.id, name): getattr(row, name) for name in resealing.sealed_attributes(model)}
    return found


@contextmanager
def process(kind: str, told: dict[str, Any]) -> Iterator[subprocess.Popen]:
    """One of the processes, which has loaded the program."""
    started = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.upkeep.rotating", kind, json.dumps(told)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout.readline() == "ready\n", started.stderr.read()
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


class Rotations:
    """Orders rotations, one after the other, each a minute later than the one before."""

    def __init__(self, running: subprocess.Popen) -> None:
        self._running, self._minute = running, 0

    def order(self, step: int, *, master: bool = False) -> dict[str, Any]:
        self._minute += 1
        self._running.stdin.write(json.dumps({"minute": self._minute, "step": step, "master": master}) + "\n")
        self._running.stdin.flush()
        return json.loads(self._running.stdout.readline())


def counts(ground) -> tuple[int, int]:
    """How many earlier keys there are, and how many rotations without an end."""
    ((earlier,),) = ground.look("SELECT count(*) FROM earlier_case_key", keystore=True)
    ((unfinished,),) = ground.look("SELECT count(*) FROM case_rotation WHERE finished_at IS NULL", keystore=True)
    return earlier, unfinished


def test_rotations_of_case_keys_that_are_killed_lose_and_mix_nothing(ground) -> None:
    told = prepare(ground)
    before = everything(ground)
    assert len({table for table, _row, _name in before}) == 5
    seed = int(os.environ.get("CASEAPP_SEED", random.SystemRandom().randrange(10**6)))
    chance = random.Random(seed)
    print(f"CASEAPP_SEED={seed}")
    ((key_before,),) = ground.look("SELECT wrapped FROM case_key", keystore=True)
    kills = 0
    with process("rotations", told) as running, process("Sara", told) as first, process("Ulla", told) as second:
        rotations = Rotations(running)
        whole = rotations.order(0)
        assert whole["end"] == ROTATED, whole
        for _attempt in range(6 * KILLS):
            if kills == KILLS:
                break
            end = rotations.order(chance.randrange(1, whole["steps"]))["end"]
            assert end in (KILLED, ROTATED)
            kills += end == KILLED
        last = rotations.order(0)
        assert last["end"] == ROTATED, last
        written: dict[str, str] = {}
        for writer in (first, second):
            said, complaint = writer.communicate(timeout=60)
            assert writer.returncode == 0, complaint
            written |= json.loads(said)
    assert kills == KILLS
    assert len(written) > 5
    after = everything(ground)
    assert {place: after[place] for place in before} == before
    assert {row: after["note", row, "text"] for row in written} == written
    assert {row for table, row, _name in after if table == "note"} == {row for _t, row, _n in before if _t == "note"} | set(written)
    assert counts(ground) == (0, 0)
    ((key_after,),) = ground.look("SELECT wrapped FROM case_key", keystore=True)
    assert key_after != key_before
    if ground.is_sqlite:
        assert key_before not in ground.stored_bytes()
    with transaction(reading=True) as current:
        assert audit.verify(current, ground.database.keyholder)[1] == []


def test_a_rotation_of_the_master_key_may_be_killed_before_each_of_its_steps(ground) -> None:
    told = prepare(ground)
    before, ring = everything(ground), read_keyring(ground.files / "master.key")
    with process("rotations", told) as running:
        rotations = Rotations(running)
        whole = rotations.order(0, master=True)
        assert whole["end"] == ROTATED, whole
        for step in range(1, whole["steps"] + 1):
            assert rotations.order(step, master=True)["end"] in (KILLED, ROTATED)
            assert rotations.order(0, master=True)["end"] == ROTATED, f"the installation did not start after step {step}"
    after = read_keyring(ground.files / "master.key")
    assert list(after.keys) == [after.current] != [ring.current]
    assert not set(after.keys.values()) & set(ring.keys.values())
    assert [path.name for path in ground.files.iterdir() if path.name.startswith("master")] == ["master.key"]
    used = ground.look("SELECT DISTINCT master_version FROM case_key UNION SELECT DISTINCT master_version FROM purpose_key", keystore=True)
    assert used == [(after.current,)]
    ground.database.keyholder._wrapping.master._hold(after)
    assert everything(ground) == before


