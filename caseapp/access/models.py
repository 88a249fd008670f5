"""The rows that decide who comes near a case: each carries a seal, a damaged one stops the work. And drafts, and which forms were sent."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, Row, sealed, sealed_codes


class Gate(Row):
    """Whose a case is: one row for each case, under the case's own id.

    `epoch` grows with every change of who may read what in the case, so that an open page can notice that it is out of date.
    """

    __tablename__ = "gate"
    DECIDES_ACCESS = True

    team_id: Mapped[str] = mapped_column(String(36), index=True)
    home_agency_id: Mapped[str] = mapped_column(String(36))
    work_form: Mapped[str] = mapped_column(String(32))
    is_protected: Mapped[bool] = mapped_column(Boolean, default=False)
    is_open: Mapped[bool] = mapped_column(Boolean, default=True)
    epoch: Mapped[int] = mapped_column(Integer, default=1)


class Participation(Row):
    """That a member of the team takes part in a case (deltar), from one day until another."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("case_id", "user_id", "from_day"), Index("ix_participation_cases_of", "user_id", "case_id"))
    DECIDES_ACCESS = True

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    user_id: Mapped[str] = mapped_column(String(36))
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date | None] = mapped_column(Date)
    added_by_id: Mapped[str] = mapped_column(String(36))

    def holds(self, on: date) -> bool:
        """Whether the person takes part on this day; both the first and the last count."""
        return self.from_day <= on and (self.until_day is None or on <= self.until_day)


class Block(Row):
    """That a person must not come near a case, whatever else holds (jäv)."""

    __tablename__ = "block"
    DECIDES_ACCESS = True

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    lifted: Mapped[bool] = mapped_column(Boolean, default=False)


class NamedReader(Row):
    """That a person is on the list for a case with protected identity."""

    __tablename__ = "named_reader"
    DECIDES_ACCESS = True

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    lifted: Mapped[bool] = mapped_column(Boolean, default=False)


class PersonReader(Row):
    """That a person is on the list for one related person with protected identity, who is then shown to nobody else.

    Without any such row the case's own list (`NamedReader`) is that person's list as well.
    """

    __tablename__ = "person_reader"
    DECIDES_ACCESS = True

    case_id: Mapped[str] = mapped_column(String(36), index=True)
    person_id: Mapped[str] = mapped_column(String(36))
    user_id: Mapped[str] = mapped_column(String(36))
    lifted: Mapped[bool] = mapped_column(Boolean, default=False)


class BreakGlass(CaseRow):
    """That somebody opened a case in an emergency (nödöppning), for that person alone, and how it was reviewed afterwards.

    How long it lasts is counted from `begun_at` by the rule: no column says until when, so that none can be moved. `ended_at`: ended
    before its time, or closed when the person opened the case anew. What is written here lies in a compartment of its own, under the
    case's key: nobody opens it together with the record, and it is gone when the case is erased. `outcome`: {} or
    {verdict: EmergencyAssessment}; `assessment` is the reviewer's words.
    """

    __tablename__ = "break_glass"
    __table_args__ = (
        Index(
            "uq_break_glass_running",
            "case_id",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    DECIDES_ACCESS = True
    INFORMATION_TYPE = "break_glass"

    user_id: Mapped[str] = mapped_column(String(36), index=True)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[str | None] = mapped_column(String(36))
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[str | None] = mapped_column(String(36))
    reason = sealed()
    outcome = sealed_codes()
    assessment = sealed()


class Draft(CaseRow):
    """What somebody has typed in a form about a case and not saved (utkast). It is the writer's alone, and no part of the record.

    The compartment it lies in is a person's, not an agency's: its owner is the writer, so that its key is derived from who that is, and
    nobody opens it together with the record. `place`: a blind index of the writer and the form's address. `page`: the page it was typed
    on, as `fields.page_of` tells it. `answers`: {path, owner, kind: the compartment that is written in}; `text`: what was typed, as
    JSON [[name, text], …].
    """

    __tablename__ = "draft"
    INFORMATION_TYPE = "draft"

    place: Mapped[str] = mapped_column(String(32), index=True)
    page: Mapped[str] = mapped_column(String(32))
    saved_at: Mapped[datetime]
    answers = sealed_codes()
    text = sealed()


class Submission(Row):
    """That a form with this token was carried out, and where it led: a double click saves once."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("token"),)

    token: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(36))
    result: Mapped[str] = mapped_column(String(64))
