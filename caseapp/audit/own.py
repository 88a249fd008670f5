"""When was somebody last here, what happened in some cases since, and which minutes have they read? From the log, for their own day.

Every question is one statement with a limit, over indexed columns; nothing is opened but the details of a person's own few entries.
Who may be told of what is found is for the caller to ask: the log knows which rows were written, not who may read them.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from caseapp.crypto import Damaged
from caseapp.keyholder import Keyholder

from .chain import detail_place
from .models import AuditEntry


@dataclass(frozen=True)
class Written:
    """A row that was written: where, in which case, and when it was written last."""

    case_id: str
    table: str
    row_id: str
    at: datetime


def last_entry_before(session: Session, actor_id: str, moment: datetime, *, but: Collection[str]) -> datetime | None:
    """When this person did something last before that moment; `but`: permissions that do not count. None if never."""
    query = select(AuditEntry.at).where(AuditEntry.actor_id == actor_id, AuditEntry.at < moment, AuditEntry.permission.not_in(but))
    return session.scalar(query.order_by(AuditEntry.sequence.desc()).limit(1))


def written_since(
    session: Session, case_ids: Select[Any], since: datetime, *, not_by: str, tables: Collection[str], most: int
) -> tuple[Sequence[Written], bool]:
    """The rows of these tables that others have written in these cases (a query for ids) since then, each once, newest first.

    At most `most` entries of the log are looked at; the second answer is whether there were more.
    """
    query = select(AuditEntry.case_id, AuditEntry.at, AuditEntry.writes).where(
        AuditEntry.case_id.in_(case_ids),
        AuditEntry.at > since,
        AuditEntry.actor_id != not_by,  # what a command of the operator writes has no actor, and is nobody's change
        AuditEntry.decision == "allowed",
        AuditEntry.writes != "[]",
    )
    found: dict[tuple[str, str], Written] = {}
    entries = session.execute(query.order_by(AuditEntry.sequence.desc()).limit(most + 1)).all()
    for case_id, at, writes in entries[:most]:
        for table, row_id, *_rest in _parts(writes):
            if table in tables:
                found.setdefault((table, row_id), Written(case_id or "", table, row_id, at))
    return tuple(found.values()), len(entries) > most


def _parts(writes: str) -> list[Any]:
    try:
        return list(json.loads(writes))
    except ValueError:  # edited past the application; `audit verify` names it
        return []


def meetings_read(
    session: Session, keyholder: Keyholder, actor_id: str, permission: str, *, since: datetime, case_ids: Collection[str], most: int
) -> dict[str, datetime]:
    """Meeting id → when this person last opened its minutes about one of these cases since then, by the newest `most` entries."""
    query = select(AuditEntry.sequence, AuditEntry.at, AuditEntry.detail_sealed).where(
        AuditEntry.actor_id == actor_id,
        AuditEntry.permission == permission,
        AuditEntry.decision == "allowed",
        AuditEntry.case_id.in_(case_ids),
        AuditEntry.at >= since,
    )
    sealer = keyholder.purpose_sealer("audit")
    found: dict[str, datetime] = {}
    for sequence, at, sealed in session.execute(query.order_by(AuditEntry.sequence.desc()).limit(most)):
        try:
            found.setdefault(str(json.loads(sealer.open(sealed, detail_place(sequence))).get("meeting", "")), at)
        except (Damaged, ValueError):  # what cannot be read tells of no reading
            continue
    return found
