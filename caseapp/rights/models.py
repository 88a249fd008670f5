"""That a register extract was made: for whom, how they were identified, and what was withheld from it on which ground.

The extract's text is not kept a second time: it is drawn from the case whenever it is printed, without what was recorded since.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import CaseRow, sealed, sealed_codes


class RegisterExtract(CaseRow):
    """A register extract (registerutdrag). `identified_how`: which document, or who vouched, in words.

    `answers`: {asker: the custodian's id or "" for the young person, identified_by: IdentityCheck, language: "sv" or "en",
    withheld: how many items are not on it, so that a removed row is missed}.
    """

    __tablename__ = "register_extract"
    INFORMATION_TYPE = "identity"

    made_at: Mapped[datetime]
    answers = sealed_codes()
    identified_how = sealed()


class WithheldItem(CaseRow):
    """One item that an extract does not hold. `answers`: {item: its id, ground: WithholdingGround}; `reason` for the file alone."""

    __tablename__ = "withheld_item"
    INFORMATION_TYPE = "identity"

    extract_id: Mapped[str] = mapped_column(String(36), index=True)
    answers = sealed_codes()
    reason = sealed()
