"""The ledger of releases: what was prepared, who approved it, and the exact bytes.

It decides what leaves the house, and every release is a constraint on all later ones: a damaged row stops the work. Rows are never
removed. A release that was turned down keeps its line, but not its contents.
"""

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow, sealed, sealed_bytes, sealed_codes

PREPARED, APPROVED, REJECTED, WITHDRAWN, RECALLED = "prepared", "approved", "rejected", "withdrawn", "recalled"
#: A release that was approved stands, also when it was recalled: whoever has its numbers goes on having them.
STANDING = (APPROVED, RECALLED)
#: States of a rounded table.
WRITTEN, DISCARDED = "written", "discarded"
#: States of a preparation: the last three are its end.
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


class Release(OfficeRow):
    """A release (utgåva) of one quarter. `number` counts every preparation of the quarter, so that a label names one set of bytes.

    `state`: prepared → approved | rejected | withdrawn, and approved → recalled. `sha256` is the archive's. `prepared_at` is the moment
    its records were read.

    `about`: what there is to say of it, see releases.py. `counts`: the true joint counts, which
    later releases need and nobody is shown. `archive`: the zip file, byte for byte. `reason`: why it was turned down.
    """

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("quarter", "number"),)
    DECIDES_ACCESS = True

    quarter: Mapped[str] = mapped_column(String(6))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    prepared_by_id: Mapped[str] = mapped_column(String(36))
    prepared_at: Mapped[datetime]
    decided_by_id: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None]
    about = sealed_codes()
    counts = sealed_codes()
    archive = sealed_bytes()
    reason = sealed()


class Preparation(OfficeRow):
    """One piece of work in the background: a quarter on its way to be a release (förberedelse).

    `state`: waiting → running → done | failed | cancelled. `slot` is "one" while it goes on and NULL afterwards, so that the database
    itself refuses a second one. `seen_at` is the last sign of life of whoever carries it out. `progress`: {word, at, of}, and what a
    failure was about. `reason` is the code of a failure.
    """

    __tablename__ = "preparation"
    __table_args__ = (UniqueConstraint("slot"),)
    IS_KEPT = False  # a sign of life every few seconds; that it was begun, called off and stored stands in the log

    quarter: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(16))
    slot: Mapped[str | None] = mapped_column(String(3))
    asked_by_id: Mapped[str] = mapped_column(String(36))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    release_id: Mapped[str | None] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(String(32))
    progress = sealed_codes()


class Recall(OfficeRow):
    """That an approved release is to be recalled (återkallas), and what was decided. `state`: asked → confirmed | dropped."""

    __tablename__ = "recall"
    DECIDES_ACCESS = True

    release_id: Mapped[str] = mapped_column(String(36), index=True)
    state: Mapped[str] = mapped_column(String(16))
    asked_by_id: Mapped[str] = mapped_column(String(36))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None]
    reason = sealed()


class OutsideRelease(OfficeRow):
    """A table that left the house another way (tabell vid sidan om), and who vouches for it.

    `state`: proposed → approved | rejected. `content`: {title, unit, dimensions, rows: [[codes, count or null]]}.
    """

    __tablename__ = "outside_release"
    DECIDES_ACCESS = True

    quarter: Mapped[str] = mapped_column(String(6))
    flow: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    recorded_by_id: Mapped[str] = mapped_column(String(36))
    recorded_at: Mapped[datetime]
    decided_by_id: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None]
    content = sealed_codes()


class RoundedTable(OfficeRow):
    """A year's table that was written with rounded counts (avrundad tabell): as long as it is, nothing exact of that year may leave.

    `state`: written → discarded, when it was never handed out. `sha256` is the table's file; `reason`: why it was discarded.
    """

    __tablename__ = "rounded_table"
    DECIDES_ACCESS = True

    year: Mapped[int] = mapped_column(Integer)
    table_id: Mapped[str] = mapped_column(String(36))
    base: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    discarded_at: Mapped[datetime | None]
    reason = sealed()
