"""What was chosen for review, what was asked and answered, and how it ended. Everything said is sealed with the office key.

In the open stand ids of the staff, days and states. These rows outlive the case they speak of, whose id and number lie sealed.
"""

from datetime import date, datetime

from sqlalchemy import Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow, sealed, sealed_codes


class ReviewMonth(OfficeRow):
    """That the list of a month is made (månadens urval): once for each month, `made_at` is empty until it is whole.

    `seed`: 64 hex digits, drawn when the list was begun; kept from then on, so that an interrupted list is made with the same.
    `settings`: rules.ReviewSettings as they were. `counts`: {entries, readings, and for each rule how many items}.
    """

    __tablename__ = "review_month"
    __table_args__ = (UniqueConstraint("month"),)

    month: Mapped[str] = mapped_column(String(7))
    begun_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    made_by_id: Mapped[str | None] = mapped_column(String(36))
    seed = sealed()
    settings = sealed_codes()
    counts = sealed_codes()


class ReviewItem(OfficeRow):
    """A reading that is reviewed (granskad läsning), or a day of unusually many. `user_id` is the person whose reading it was.

    `facts`: {case, number, agency, first, last, times, pages, grounds, outside, rules, and for a day of many: cases, limit, own, numbers}.
    `outcome`: {} until it is closed, then {assessment: ReviewAssessment}; `words` what the reviewer wrote then.
    """

    __tablename__ = "review_item"

    month: Mapped[str] = mapped_column(String(7), index=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    day: Mapped[date] = mapped_column(Date)
    place: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), index=True)
    closed_by_id: Mapped[str | None] = mapped_column(String(36))
    closed_at: Mapped[datetime | None]
    facts = sealed_codes()
    outcome = sealed_codes()
    words = sealed()


class ReviewQuestion(OfficeRow):
    """A question about a reading and its answer (fråga och svar). An item has one that waits, at most."""

    __tablename__ = "review_question"

    item_id: Mapped[str] = mapped_column(String(36), index=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    asked_by_id: Mapped[str] = mapped_column(String(36))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    question = sealed()
    answer = sealed()
