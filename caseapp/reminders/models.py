"""Who wants to be reminded, where and when. The address is sealed with the office key."""

from datetime import date

from sqlalchemy import Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import OfficeRow, sealed, sealed_codes


class Reminder(OfficeRow):
    """Somebody's choice (påminnelse). `choice`: {days: ReminderDays}; `sent_on` is the day of the last letter."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[str] = mapped_column(String(36))
    sent_on: Mapped[date | None] = mapped_column(Date)
    email = sealed()
    choice = sealed_codes()
