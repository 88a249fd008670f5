"""That a register extract was made: for whom, how they were identified, and what was withheld from it on which ground.

The extract's text is not kept a second time: it is drawn from the case whenever it is printed, without what was recorded since.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, sealed, sealed_codes


class RegisterExtract(CaseRow):
    """A register extract (registerutdrag). `person_id`: the custodian it was made for, None for the young person.

    `answers`: {identified_by: IdentityCheck, language: "sv" or "en"}. `identified_how`: which document, or who vouched, in words.
    """

    __tablename__ = "register_extract"
    INFORMATION_TYPE = "identity"

    person_id: Mapped[str | None] = mapped_column(String(36))
    made_at: Mapped[datetime]
    answers = sealed_codes()
    identified_how = sealed()


class WithheldItem(CaseRow):
    """One item that an extract does not hold. `answers`: {ground: WithholdingGround}; `reason` in words, for the file alone."""

    __tablename__ = "withheld_item"
    INFORMATION_TYPE = "identity"

    extract_id: Mapped[str] = mapped_column(String(36), index=True)
    item_id: Mapped[str] = mapped_column(String(64))
    answers = sealed_codes()
    reason = sealed()
