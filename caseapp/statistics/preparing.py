"""A quarter becomes a release that waits for a second person: read in one action, computed in the open, stored in another.

One release waits at a time, quarter after quarter, only after the quarter has ended; a quarter whose releases were all recalled may be
corrected out of turn. Computing holds no transaction, and storing refuses if the ledger has changed in between, or if the work was
called off. What is read is what the person who asks may count at that moment; what is stored, what they still may store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from caseapp.access import Actor, Permission, Refused, action, allow, log_detail, now, session, today
from caseapp.accounts import office
from caseapp.disclosure import Fact
from caseapp.formats import Quarter
from caseapp.statistics.ledger import (
    Mark,
    correctable,
    counted,
    hold_ledger,
    kept,
    mark,
    next_quarters,
    releases,
    rounded_tables,
    rounded_years,
    standing,
)
from caseapp.statistics.models import PREPARED, Release
from caseapp.statistics.reading import Reading, read_quarter
from caseapp.statistics.recording import approved_tables, outside_mark
from caseapp.statistics.releases import Kept, Made, Town, make, stored_counts, town
from caseapp.statistics.steps import Progress, nobody_waits

Closing = Callable[[str], None]
"""Called with the release's id in the transaction that stores it; may refuse."""


def prepare(actor: Actor, quarter: str, progress: Progress = nobody_waits) -> str:
    """Count and protect a quarter that has ended, and put it before a second person; the release's id.

    Raises Refused with a reason, or CannotPublish if no safe tables exist; nothing is stored then.
    """
    material = read_material(actor, quarter, progress)
    return store(actor, material, compute(material, progress))


@dataclass(frozen=True)
class Material:
    """What was read: everything a release is made of, and the ledger it was read against."""

    quarter: str
    reading: Reading
    town: Town
    number: int
    earlier: tuple[Kept, ...]
    outside: tuple[Fact, ...]
    read_at: datetime
    mark: Mark


@action
def read_material(actor: Actor, quarter: str, progress: Progress) -> Material:
    """The records of a quarter, at this moment. `progress` is told from inside the transaction, and must not raise."""
    allow(actor, Permission.PREPARE_STATISTICS)
    chosen = demand_turn(quarter)
    rows = releases()
    read_at, number = now(), 1 + sum(row.quarter == str(chosen) for row in rows)
    earlier = tuple(kept(row) for row in standing(rows))
    register = office()
    forms = {team.work_form for team in register.teams.values()}
    reading = read_quarter(chosen, counted(rows), progress)
    log_detail(quarter=str(chosen), cases=len(reading.records))
    where = town(register.settings.get("code", "0000"), register.municipality, register.settings, forms, earlier)
    outside = tuple(fact for table in approved_tables(str(chosen)) for fact in table.facts())
    return Material(str(chosen), reading, where, number, earlier, outside, read_at, (*mark(rows), *outside_mark()))


def demand_turn(quarter: str) -> Quarter:
    """The quarter, if it is its turn: nothing waits, it has ended, and it is the next or one to correct. Inside an action; Refused."""
    rows, chosen = releases(), _parsed(quarter)
    if any(row.state == PREPARED for row in rows):
        raise Refused("release_waits", Permission.PREPARE_STATISTICS)
    if chosen is None or chosen.end >= today():
        raise Refused("quarter_not_ended", Permission.PREPARE_STATISTICS)
    rounded = _demand_exact(chosen)
    if chosen not in (*next_quarters(rows, rounded), *correctable(rows)):
        raise Refused("quarter_not_next", Permission.PREPARE_STATISTICS)
    return chosen


def _demand_exact(quarter: Quarter) -> frozenset[int]:
    """The years that were written rounded; Refused if the quarter's is one of them."""
    rounded = rounded_years(rounded_tables())
    if quarter.year in rounded:
        raise Refused("year_rounded", Permission.PREPARE_STATISTICS)
    return rounded


def _parsed(quarter: str) -> Quarter | None:
    try:
        return Quarter.parse(quarter)
    except ValueError:
        return None


def compute(material: Material, progress: Progress) -> Made:
    """The release's bytes. Takes seconds to minutes and holds no transaction; CannotPublish."""
    return make(material.reading, material.quarter, material.number, material.town, material.earlier, material.outside, progress)


@action
def store(actor: Actor, material: Material, made: Made, closing: Closing = lambda _release_id: None) -> str:
    """Put the release before a second person; its id. Refuses if the ledger is another one than the release was made for."""
    allow(actor, Permission.PREPARE_STATISTICS)
    hold_ledger()
    _demand_exact(Quarter.parse(material.quarter))
    if (*mark(releases()), *outside_mark()) != material.mark:
        raise Refused("ledger_changed", Permission.PREPARE_STATISTICS)
    release = Release(
        quarter=material.quarter,
        number=material.number,
        state=PREPARED,
        sha256=made.sha256,
        prepared_by_id=actor.user_id,
        prepared_at=material.read_at,
        about=made.about,
        counts=stored_counts(made.counts),
        archive=made.archive,
    )
    closing(release.id)
    session().add(release)
    try:
        session().flush()
    except IntegrityError:  # the same quarter was stored by somebody else in this very moment
        raise Refused("ledger_changed", Permission.PREPARE_STATISTICS) from None
    log_detail(release=made.about["label"], sha256=made.sha256)
    return release.id
