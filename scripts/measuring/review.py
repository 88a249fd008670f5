"""The review of the log: how long a month of a hundred thousand entries takes to go through, and in how much memory."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from caseapp import audit, codelists, create_app
from caseapp.access import Gate
from caseapp.audit import Entry
from caseapp.db import new_id, transaction
from caseapp.formats import clock
from caseapp.review.rules import Month, month_called, month_of
from caseapp.review.selecting import make_list
from caseapp.terminal import TERMINAL
from tests.municipality import Municipality

from . import Figure
from .town import make, settings

_AT_A_TIME = 10_000
_READERS = 400
_ROOT = Path(__file__).resolve().parents[2]


def measure(*, quick: bool) -> Iterator[Figure]:
    """A hundred thousand entries about five thousand cases (a tenth of both with `quick`), by four hundred people."""
    entries, cases = (10_000, 500) if quick else (100_000, 5_000)
    month = month_of(month_of(clock.today()).first - timedelta(days=1))
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        municipality = make(home, cases)
        _fill(home, municipality, month, entries)
        asked = [sys.executable, "-m", "scripts.measuring.review"]
        told = json.dumps({"home": str(home), "month": month.written})
        worker = subprocess.run(asked, input=told, capture_output=True, text=True, check=True, cwd=_ROOT)  # noqa: S603 - our own
    said = json.loads(worker.stdout)
    note = f"{said['readings']} readings, {cases} cases, {said['items']} chosen, {said['processor']:.1f} s of the processor"
    yield Figure("making a month's list", said["seconds"], "s", None if quick else 60, note=note)
    yield Figure("memory of making it, above what it began with", said["megabytes"], "MB", note=note)


def _fill(home: Path, municipality: Municipality, month: Month, count: int) -> None:
    """Entries as the door writes them: half a case's pages with everything opened, spread over the month's days and hours."""
    app = create_app(settings(home))
    database = app.extensions["caseapp.database"]
    database.bind()
    lot = random.Random(1)  # noqa: S311 - a lot that comes out the same each time
    begins, ends = month.bounds
    readers = [(person.id, person.agency_id) for person in municipality.people.values()]
    readers += [(new_id(), lot.choice(readers)[1]) for _each in range(_READERS - len(readers))]
    with transaction(reading=True) as current:
        cases = list(current.scalars(select(Gate.id)))
    kinds, pages = list(codelists.codelist("InformationType")), ("case.read", "plan.read", "followup.read", "case.note")
    moments = sorted(_moment(lot, begins, ends) for _entry in range(count))
    for start in range(0, count, _AT_A_TIME):
        with transaction() as current:
            made = []
            for at in moments[start : start + _AT_A_TIME]:
                user_id, agency_id = lot.choice(readers)
                case_id = lot.choice(cases)
                opened = [[agency_id, kind, "own_agency", ""] for kind in kinds] + [[user_id, kind, "consent", case_id] for kind in kinds]
                detail = {"opened": {case_id: opened}}
                page = lot.choice(pages)
                made.append(Entry(at, new_id(), user_id, agency_id, "view", page, case_id=case_id, detail=detail))
            audit.append(current, database.keyholder, made)
            current.commit()
    database.dispose()


def _moment(lot: random.Random, begins: datetime, ends: datetime) -> datetime:
    """On a working day between eight and five; of two hundred one at any time at all."""
    days = [begins + timedelta(days=number) for number in range((ends - begins).days)]
    if lot.random() < 0.005:
        return lot.choice(days) + timedelta(seconds=lot.randrange(24 * 3600 - 1))
    return lot.choice([day for day in days if day.weekday() < 5]) + timedelta(hours=8, seconds=lot.randrange(9 * 3600))


def _work() -> None:
    """One process on its own, as the timer starts it."""
    told = json.loads(sys.stdin.readline())
    app = create_app(settings(Path(told["home"])))
    app.extensions["caseapp.database"].bind()
    before = _kilobytes("VmRSS")
    began, processor = time.perf_counter(), time.process_time()
    made = make_list(TERMINAL, month_called(told["month"]))
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    megabytes = (_kilobytes("VmHWM") - before) / 1024
    print(json.dumps(dict(made.counts) | {"items": made.items, "seconds": seconds, "processor": processor, "megabytes": megabytes}))


def _kilobytes(what: str) -> int:
    """A figure of this process as Linux keeps it: VmRSS now, VmHWM the highest it ever was."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return int(lines[what].split()[0])


if __name__ == "__main__":
    _work()
