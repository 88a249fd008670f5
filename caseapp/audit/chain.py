"""Appending to the chain without forks, and the guard that keeps the table append-only.

SQLite: the transaction began with BEGIN IMMEDIATE, so nobody else can append meanwhile. PostgreSQL: an advisory transaction
lock is taken here, at the very end, so that writers wait for each other only while the entry itself is written.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import DDL, event, func, select, text
from sqlalchemy.orm import Session

from caseapp.crypto import keyed_digest, place
from caseapp.keyholder import Keyholder

from .models import AuditEntry

_LOCK = 0x0CA5EA99  # any fixed number; it names the chain among advisory locks
FIRST = b"\0" * 32


@dataclass
class Entry:
    """What is to be logged. `detail` holds what must not stand in the open; `writes` are (table, id, version, seal in hex)."""

    at: datetime
    request_id: str
    actor_id: str | None
    agency_id: str | None
    action: str
    permission: str
    case_id: str | None = None
    decision: str = "allowed"
    reason: str = ""
    writes: list[tuple[str, str, int, str]] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)


def entry_mac(key: bytes, previous: bytes, told: tuple[Any, ...]) -> bytes:
    """The chained MAC (32 bytes) of an entry that tells this (see models.told) and follows one whose MAC was `previous`."""
    return keyed_digest(key, previous + ascii(told).encode())


def detail_place(sequence: int) -> bytes:
    """Where the sealed detail of an entry belongs."""
    return place("audit_entry", "detail", str(sequence))


def append(session: Session, keyholder: Keyholder, entries: Sequence[Entry]) -> tuple[int, bytes]:
    """Write these entries at the end of the chain, last thing before the commit. The last one's number and MAC (0 for no entry)."""
    if not entries:
        return 0, FIRST
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = session.execute(select(AuditEntry.sequence, AuditEntry.mac).order_by(AuditEntry.sequence.desc()).limit(1)).first()
    sequence, mac = (last.sequence, last.mac) if last else (0, FIRST)
    key, sealer = keyholder.purpose_key("audit"), keyholder.purpose_sealer("audit")
    for entry in entries:
        sequence += 1
        detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True).encode()
        row = AuditEntry(
            sequence=sequence,
            at=entry.at,
            request_id=entry.request_id,
            actor_id=entry.actor_id,
            agency_id=entry.agency_id,
            action=entry.action,
            permission=entry.permission,
            case_id=entry.case_id,
            decision=entry.decision,
            reason=entry.reason,
            writes=json.dumps(entry.writes, separators=(",", ":")),
            detail_sealed=sealer.seal(detail, detail_place(sequence)),
        )
        row.mac = mac = entry_mac(key, mac, row.told())
        session.add(row)
    session.flush()
    return sequence, mac


#: What makes the log's table append-only: the statements by kind of database.
GUARD = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
        "REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM PUBLIC, CURRENT_USER",
    ),
}

for _kind, _statements in GUARD.items():
    for _statement in _statements:
        event.listen(AuditEntry.__table__, "after_create", DDL(_statement).execute_if(dialect=_kind))


_LOOK_FOR_GUARDS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
}
_GUARDS = {
    "sqlite": ("audit_entry_no_delete", "audit_entry_no_update"),
    "postgresql": ("audit_entry_append_only", "audit_entry_no_truncate"),
}


def missing_guards(session: Session) -> list[str]:
    """The names of triggers that keep the log append-only and are not there, or are switched off."""
    kind = session.get_bind().dialect.name
    there = set(session.scalars(text(_LOOK_FOR_GUARDS[kind])))
    return [name for name in _GUARDS[kind] if name not in there]
