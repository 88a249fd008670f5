"""The rows of an import: that it was made, which cases came of it, and for some hours the list itself, sealed under a key of its own.

What stays says nothing about anybody: numbers of rows, days, ids of cases. The list goes when the last case of it is saved, when it is
thrown away, or after a day; its key is destroyed then, so that no back-up of the data holds it either.
"""

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import PassingRow, Row, sealed, sealed_bytes


class CaseImport(Row):
    """An import (hämtning från Excel). It says whose it is, and so who may take its cases back.

    `state`: see rules. `chosen`: how many rows are to become cases, `tried`: how many of them were looked at so far; `is_whole`: all or
    none.
    """

    __tablename__ = "case_import"
    DECIDES_ACCESS = True

    team_id: Mapped[str] = mapped_column(String(36), index=True)
    made_by_id: Mapped[str] = mapped_column(String(36), index=True)
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    is_whole: Mapped[bool] = mapped_column(Boolean)
    chosen: Mapped[int] = mapped_column(Integer)
    tried: Mapped[int] = mapped_column(Integer)


class ImportedCase(Row):
    """What became of one row of the file: a case, or why none (`why_not`, a code). It goes with the case when that is erased.

    `saved_at`: when the case was whole; what stands in the log after it is somebody's work.
    """

    __tablename__ = "imported_case"
    __table_args__ = (UniqueConstraint("import_id", "line"),)
    DECIDES_ACCESS = True

    import_id: Mapped[str] = mapped_column(String(36), index=True)
    line: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[str | None] = mapped_column(String(36), index=True)
    why_not: Mapped[str] = mapped_column(String(32))
    saved_at: Mapped[datetime]


class ImportedList(PassingRow):
    """The list itself, under the import's own id. `content`: the sheets as JSON; `choices`: what was answered about them, as JSON."""

    __tablename__ = "imported_list"

    begun_at: Mapped[datetime]
    content = sealed_bytes()
    choices = sealed()
