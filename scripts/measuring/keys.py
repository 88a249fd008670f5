"""How long a new version of the master key takes for a whole county's cases: every key in the store is wrapped anew."""

import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert

from caseapp.db import new_id
from caseapp.db.engine import make_engine
from caseapp.formats import clock
from caseapp.keyholder import Keyholder
from caseapp.keyholder.key_file import KeyFile
from caseapp.keyholder.tables import case_key

from . import Figure

_CASES, _QUICK = 100_000, 5_000


def measure(*, quick: bool) -> Iterator[Figure]:
    """Seconds for all of it, on SQLite with full synchronisation."""
    cases = _QUICK if quick else _CASES
    with tempfile.TemporaryDirectory() as place:
        master = KeyFile(Path(place) / "master.key")
        master.create()
        engine = make_engine(f"sqlite:///{place}/keystore.db")
        keyholder = Keyholder(engine, master)
        keyholder.create(new_id(), clock.now())
        at = clock.now().isoformat()
        with engine.begin() as connection:
            names = [new_id() for _ in range(cases)]
            wrapped = [keyholder._wrapping.wrap(random.randbytes(32), "case", name) for name in names]  # noqa: S311 - not used as keys
            connection.execute(insert(case_key), [{"case_id": n, "created_at": at, **w} for n, w in zip(names, wrapped, strict=True)])
        rotation = keyholder.master_rotation()
        began = time.perf_counter()
        rotation.begin(clock.now())
        done = sum(rotation.rewrap())
        removed = rotation.remove_unused()
        taken = time.perf_counter() - began
        if (done, removed) != (cases + 6, (1,)):
            raise RuntimeError(f"{done} keys were wrapped and versions {removed} removed")
        engine.dispose()
        yield Figure(f"new master key for {cases} cases", taken, "s", None if quick else 30)
