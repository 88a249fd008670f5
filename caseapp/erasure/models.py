"""What was decided about erasure. These rows outlive the case they speak of: they are the account of what was erased and by whom.

Nothing here says anything about a young person: a case number, days and people of the staff.
"""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow, sealed


class LegalHold(OfficeRow):
    """That a case must not be erased for now (gallringsstopp): a claim for damages, an inspection, a request for the file."""

    __tablename__ = "legal_hold"
    DECIDES_ACCESS = True

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    set_by_id: Mapped[str] = mapped_column(String(36))
    set_at: Mapped[datetime]
    lifted: Mapped[bool] = mapped_column(Boolean, default=False)
    lifted_by_id: Mapped[str | None] = mapped_column(String(36))
    lifted_at: Mapped[datetime | None]
    reason = sealed()


class ErasureDecision(OfficeRow):
    """That a case is to be erased (gallringsbeslut): proposed by one person, approved by another, carried out later.

    `state`: proposed → approved → done, or cancelled on the way. `due_on` and `reason` are the verdict when it was proposed.
    """

    __tablename__ = "erasure_decision"
    __table_args__ = (
        Index(
            "uq_erasure_decision_under_way",
            "case_id",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'approved')"),
            postgresql_where=text("state IN ('proposed', 'approved')"),
        ),
    )
    DECIDES_ACCESS = True

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    team_id: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(16))
    due_on: Mapped[date] = mapped_column(Date)
    proposed_by_id: Mapped[str] = mapped_column(String(36))
    proposed_at: Mapped[datetime]
    approved_by_id: Mapped[str | None] = mapped_column(String(36))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    case_number = sealed()
