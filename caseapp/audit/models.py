"""One line of the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from caseapp.db import Base


class AuditEntry(Base):
    """An entry of the log. Ids and codes stand in the open; what could tell about a person (search words …) is sealed."""

    __tablename__ = "audit_entry"

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    request_id: Mapped[str] = mapped_column(String(36))
    actor_id: Mapped[str | None] = mapped_column(String(36), index=True)
    agency_id: Mapped[str | None] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(32))
    permission: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str | None] = mapped_column(String(36), index=True)
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    writes: Mapped[str] = mapped_column(Text)
    detail_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    mac: Mapped[bytes] = mapped_column(LargeBinary)

    def told(self) -> tuple[Any, ...]:
        """Everything the MAC covers, in a fixed order."""
        return told(tuple(getattr(self, name) for name in TOLD))


#: The columns the MAC covers, in its order.
TOLD = (
    "sequence", "at", "request_id", "actor_id", "agency_id", "action", "permission", "case_id", "decision", "reason", "writes",
    "detail_sealed",
)  # fmt: skip


def told(values: Sequence[Any]) -> tuple[Any, ...]:
    """What the MAC covers of an entry, from its columns in the order of `TOLD`: the moment is told as ISO text."""
    return (values[0], values[1].isoformat(), *values[2 : len(TOLD)])
