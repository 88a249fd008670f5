"""The row that says who was proposed for a team, and what came of it. It stays as the account of who let whom in."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow

_WAITS = text("state = 'proposed'")


class MembershipProposal(OfficeRow):
    """That somebody is to have a role in a team: proposed by one person, decided by another.

    `state`: proposed → approved, refused or taken_back. Only an approved one has made a membership; a team's first unit manager is
    approved by the administrator who proposed it.
    """

    __tablename__ = "membership_proposal"
    __table_args__ = (
        Index(
            "uq_membership_proposal_waiting", "user_id", "team_id", "role", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS
        ),
    )
    DECIDES_ACCESS = True

    user_id: Mapped[str] = mapped_column(String(36))
    team_id: Mapped[str] = mapped_column(String(36), index=True)
    role: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    proposed_by_id: Mapped[str] = mapped_column(String(36))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None]
