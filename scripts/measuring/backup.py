"""How long whoever runs it waits for a back-up and for a restore that proves everything, with thousands of cases; and for one erasure."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from caseapp import create_app
from caseapp.formats import clock
from caseapp.upkeep.backup import back_up
from caseapp.upkeep.erasing import erase_cases
from caseapp.upkeep.ledger import Erasure
from caseapp.upkeep.restore import Source, restore
from config import load

from . import Figure, town

_LIMIT = 300  # seconds


def measure(*, quick: bool) -> Iterator[Figure]:
    """Seconds for each, on SQLite."""
    cases = 500 if quick else 5000
    with tempfile.TemporaryDirectory() as place:
        old, new, copies = Path(place) / "old", Path(place) / "new", Path(place) / "copies"
        town.make(old, cases)
        app = create_app(town.settings(old))
        database = app.extensions["caseapp.database"]
        began = time.perf_counter()
        back_up(database, old, copies)
        taken = time.perf_counter() - began
        size = sum(path.stat().st_size for path in copies.rglob("*") if path.is_file()) / 2**20
        yield Figure(f"back-up of {cases} cases", taken, "s", _LIMIT, note=f"{size:.0f} MiB")
        with database.engine.connect().execution_options(reading=True) as connection:
            first = connection.scalar(text("SELECT min(id) FROM gate"))
        began = time.perf_counter()
        erase_cases(database, old, [Erasure(first, clock.now(), "time_out", ("one", "another"))])
        yield Figure(f"erasing one of {cases} cases, files cleaned", time.perf_counter() - began, "s")
        database.dispose()
        new.mkdir(mode=0o700)
        shutil.copy(old / "master.key", new)
        began = time.perf_counter()
        restore(load(town.settings(new)), Source(copies / "data", copies / "keystore", old / "erasures.log"))
        yield Figure(f"restore of {cases} cases, everything proved", time.perf_counter() - began, "s", _LIMIT)
