"""Meetings, who is in the room, and what was decided in each case.

When and where a meeting is held belongs to the office and says nothing about anybody. What is said about a young person (the
decision, who was there for it) is a row of the case, sealed in the home agency's plan compartment.
"""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, OfficeRow, sealed, sealed_codes


class Meeting(OfficeRow):
    """A meeting (möte): of a team about several cases (arbetsgruppsmöte), or about one case (`case_id`), such as a nätverksmöte.

    `epoch` grows each time the room changes, so that an open page can notice that it shows what was right before.
    """

    __tablename__ = "meeting"
    DECIDES_ACCESS = True

    team_id: Mapped[str] = mapped_column(String(36), index=True)
    case_id: Mapped[str | None] = mapped_column(String(36), index=True)
    meeting_type: Mapped[str] = mapped_column(String(32))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(Integer, default=1)
    created_by_id: Mapped[str] = mapped_column(String(36))
    place = sealed()


class Attendance(OfficeRow):
    """Who is asked to a meeting, and whether they are in the room: what is shown there depends on it.

    `kind`: member (somebody with an account), agency (somebody from an agency, without account), young_person, related (a
    person registered in the case). Nobody is named here: names come from the office's register or from the case.
    """

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "kind", "who_id"),)
    DECIDES_ACCESS = True

    meeting_id: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    #: the user, the agency, the case (for the young person), or the related person
    who_id: Mapped[str] = mapped_column(String(36))
    agency_id: Mapped[str | None] = mapped_column(String(36))
    is_present: Mapped[bool] = mapped_column(Boolean, default=False)


class MeetingCase(CaseRow):
    """A case on the agenda (dagordning), and afterwards its minutes (minnesanteckning).

    `answers`: {present: [attendance ids when the case was finished], new: [commitment ids], reported: {commitment id: status}}.
    """

    __tablename__ = "meeting_case"
    __table_args__ = (UniqueConstraint("meeting_id", "case_id"),)
    INFORMATION_TYPE = "plan"

    meeting_id: Mapped[str] = mapped_column(String(36), index=True)
    position: Mapped[int] = mapped_column(Integer)
    is_done: Mapped[bool] = mapped_column(Boolean, default=False)
    done_at: Mapped[datetime | None]
    next_on: Mapped[date | None] = mapped_column(Date)
    decision = sealed()
    answers = sealed_codes()
