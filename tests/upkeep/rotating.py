"""Processes for the test beside it: rotations that kill themselves at a given step, and people who go on working meanwhile.

A step is a statement or a commit on either database, or a touch of the key file. The process dies by SIGKILL just before the step, so
nothing of it is tidied up. One parent forks each rotation, because loading the program takes longer than rotating.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm.exc import StaleDataError

from caseapp.access import Actor, StaleForm
from caseapp.db import Database, Unreadable, Withheld
from caseapp.formats import clock
from caseapp.keyholder.key_file import KeyFile
from caseapp.upkeep.case_keys import renew_cases
from tests.ground import NOON, read, reword, write

ROTATED, KILLED = "rotated", "killed"


def connect(told: dict[str, Any]) -> Database:
    """The installation, opened as a start does."""
    master = KeyFile(Path(told["keyring"]))
    master.open()
    database = Database(told["url"], told["keystore_url"], master)
    database.keyholder.open()
    database.bind()
    return database


def _die_before(step: int, database: Database, keyring: str) -> Callable[[], int]:
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def touched(name: str, arguments: tuple[Any, ...]) -> None:
        if name in ("open", "os.rename", "os.remove") and str(arguments[0]).startswith(keyring):
            count()

    for engine in (database.engine, database.keystore_engine):
        event.listen(engine, "before_cursor_execute", count)
        event.listen(engine, "commit", count)
    sys.addaudithook(touched)
    return lambda: steps


def rotate(told: dict[str, Any], *, minute: int, step: int, master: bool) -> int:
    """Rotate, or die before the step; how many steps there were."""
    database = connect(told)
    steps = _die_before(step, database, told["keyring"])
    now = NOON + timedelta(minutes=minute)
    with clock.at(now):
        if master:
            rotation = database.keyholder.master_rotation()
            rotation.begin(now)
            list(rotation.rewrap())
            rotation.remove_unused()
        else:
            renew_cases(database, now=now, wait_seconds=30, progress=lambda *_: None)
    taken = steps()
    database.dispose()
    return taken


def forked(told: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """Rotate in a process of its own; how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, str(rotate(told, **order)).encode())
            os._exit(0)
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
            os._exit(1)
    os.close(writing)
    _pid, status = os.waitpid(child, 0)
    said = os.read(reading, 4096).decode()
    os.close(reading)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return {"end": KILLED}
    return {"end": ROTATED, "steps": int(said)} if os.waitstatus_to_exitcode(status) == 0 else {"end": said}


def work_on(told: dict[str, Any], name: str) -> dict[str, str]:
    """Write, reword and read notes until stdin is closed; note id → what was written last."""
    database = connect(told)
    actor = Actor(told["user"], "", told["agency"], teams={told["team"]: frozenset({"coordinator"})})
    written: dict[str, str] = {}
    number = 0
    while not select.select([sys.stdin], [], [], 0)[0]:  # nothing is ever said on it: it can be read when it was closed
        number += 1
        if number % 5 == 1:
            written[write(actor, told["case"], f"{name} {number}")] = f"{name} {number}"
        note = sorted(written)[number % len(written)]
        try:
            reword(actor, told["case"], note, f"{name} {number} again")
            written[note] = f"{name} {number} again"
        except (StaleForm, StaleDataError):  # the rotation had the row in between: nothing was written, and the person is told
            pass
        shown = read(actor, told["case"])
        shut = {note: value for note, value in shown.items() if isinstance(value, (Unreadable, Withheld))}
        if shut or any(shown[note] != text for note, text in written.items()):
            raise SystemExit(f"{name} could not read what was written: {shut or 'another text'}")
        time.sleep(0.02)
    database.dispose()
    return written


def main() -> None:
    kind, told = sys.argv[1], json.loads(sys.argv[2])
    with clock.at(datetime.fromisoformat(told["now"])):
        print("ready", flush=True)
        if kind == "rotations":
            for order in sys.stdin:
                print(json.dumps(forked(told, json.loads(order))), flush=True)
        else:
            print(json.dumps(work_on(told, kind)), flush=True)


if __name__ == "__main__":
    main()
