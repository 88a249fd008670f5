"""What a check of the doctor gets and gives: an installation to look at, and observations in one sentence each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url

from caseapp.db import Database
from config import Config

OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True)
class Observation:
    """One line: `state` is ok, warning or failed; the sentence says what was seen and, where something is wrong, what to do."""

    state: str
    sentence: str


@dataclass(frozen=True)
class Patient:
    """The installation that is looked at. `is_whole`: the whole log is walked. `is_demonstration`: nobody in it is real."""

    app: Flask
    config: Config
    database: Database
    is_whole: bool
    is_demonstration: bool

    @property
    def is_sqlite(self) -> bool:
        """Whether the data lie in a file."""
        return self.database.engine.dialect.name == "sqlite"

    def files(self) -> list[Path]:
        """The databases' files and those beside them, where there are any."""
        found = []
        for url in (self.config.database_url, self.config.keystore_url):
            named = make_url(url)
            if named.get_backend_name() == "sqlite" and named.database:
                place = Path(named.database)
                found += [place.with_name(place.name + ending) for ending in ("", "-wal", "-shm")]
        return [path for path in found if path.exists()]


Check = Callable[[Patient], Iterator[Observation]]
"""A check yields at least one observation. It changes nothing."""


def all_or_one(wrong: list[str], fine: str) -> Iterator[Observation]:
    """A failure for each sentence, or the one that says all is well."""
    if not wrong:
        yield Observation(OK, fine)
    for sentence in wrong:
        yield Observation(FAILED, sentence)
