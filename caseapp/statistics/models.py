"""The ledger of releases: what was prepared, who approved it, and the exact bytes.

It decides what leaves the house, and every release is a constraint on all later ones: a damaged row stops the work. Rows are never
removed. A release that was turned down keeps its line, but not its contents.
"""

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow, sealed, sealed_bytes, sealed_codes

PREPARED, APPROVED, REJECTED, WITHDRAWN = "prepared", "approved", "rejected", "withdrawn"


class Release(OfficeRow):
    """A release (utgåva) of one quarter. `number` counts every preparation of the quarter, so that a label names one set of bytes.

    `state`: prepared → approved | rejected | withdrawn. `sha256` is the archive's. `prepared_at` is the moment its records were read.

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
