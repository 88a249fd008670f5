"""The log of one case, read back: who came, when, for what, and on which grounds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from caseapp.crypto import Damaged
from caseapp.keyholder import Keyholder

from .chain import detail_place
from .models import AuditEntry


@dataclass(frozen=True)
class ReadEntry:
    """One line of the log. `detail` is None where its seal is broken."""

    sequence: int
    at: datetime
    actor_id: str | None
    agency_id: str | None
    action: str
    permission: str
    decision: str
    reason: str
    detail: Mapping[str, Any] | None


def entries_of_case(session: Session, keyholder: Keyholder, case_id: str, limit: int = 200, *, offset: int = 0) -> tuple[ReadEntry, ...]:
    """The newest entries about this case, at most `limit`, refused ones included."""
    query = select(AuditEntry).where(AuditEntry.case_id == case_id).order_by(AuditEntry.sequence.desc()).limit(limit).offset(offset)
    sealer = keyholder.purpose_sealer("audit")

    def detail(entry: AuditEntry) -> Mapping[str, Any] | None:
        try:
            return dict(json.loads(sealer.open(entry.detail_sealed, detail_place(entry.sequence))))
        except (Damaged, ValueError):
            return None

    return tuple(
        ReadEntry(
            entry.sequence,
            entry.at,
            entry.actor_id,
            entry.agency_id,
            entry.action,
            entry.permission,
            entry.decision,
            entry.reason,
            detail(entry),
        )
        for entry in session.scalars(query)
    )
