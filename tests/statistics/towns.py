"""Municipalities drawn by lot with their bundles, made once for every test of a run that reads or spoils them."""

from __future__ import annotations

import hashlib
from functools import cache

from caseapp.disclosure import World
from caseapp.statistics.bundle import Imprint, bundle
from caseapp.statistics.plan import table_plan
from tests.statistics.drawn_by_lot import POLICY, QUARTERS, releases

Files = dict[str, bytes]


@cache
def town(seed: int, cases: int = 60, quarters: int = 3) -> tuple[tuple[str, Files], ...]:
    """(label, {path: bytes}) of each release, the newest last."""
    return tuple((label, files) for label, files, _world in history(seed, cases, quarters))


@cache
def history(seed: int, cases: int = 60, quarters: int = 3) -> tuple[tuple[str, Files, World], ...]:
    """The same, with the true counts so far: for judging an attack, never for making one."""
    made: list[tuple[str, Files, World]] = []
    known: dict[str, str] = {}
    for quarter, (protected, world) in zip(QUARTERS, releases(seed, cases, quarters), strict=False):
        imprint = Imprint("1283", "Provköping", quarter, 1, "test", "test")
        files = bundle(protected, imprint, POLICY, table_plan(), known)
        known[imprint.label] = hashlib.sha256(files["release.json"]).hexdigest()
        made.append((imprint.label, files, world))
    return tuple(made)
