"""Eight processes write at once: every note is there, every entry is there, and the chain has not forked."""

import json
import subprocess
import sys
from pathlib import Path

from caseapp import audit
from caseapp.db import transaction
from tests.ground import read

WRITERS, NOTES = 8, 25


def test_eight_writers_never_fork_the_chain(ground):
    told = {
        "url": ground.url,
        "keystore_url": ground.keystore_url,
        "keyring": str(ground.files / "master.key"),
        "user": ground.coordinator.user_id,
        "agency": ground.social,
        "team": ground.team,
        "case": ground.case,
        "notes": NOTES,
    }
    command = [sys.executable, "-m", "tests.audit.writers"]
    writers = [
        subprocess.Popen(
            [*command, json.dumps(told | {"name": f"writer {number}"})],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    assert [writer.stdout.readline() for writer in writers] == ["ready\n"] * WRITERS
    for writer in writers:  # all are ready before the first begins
        writer.stdin.write("go\n")
        writer.stdin.flush()
    results = [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers]
    assert results == [("", 0)] * WRITERS
    assert sorted(read(ground.coordinator, ground.case).values()) == sorted(f"writer {w} {n}" for w in range(WRITERS) for n in range(NOTES))
    with transaction(reading=True) as current:
        assert audit.verify(current, ground.database.keyholder) == (1 + WRITERS * NOTES + 1, [])
    ((lowest, highest),) = ground.look("SELECT min(sequence), max(sequence) FROM audit_entry")
    assert (lowest, highest) == (1, 1 + WRITERS * NOTES + 1)
