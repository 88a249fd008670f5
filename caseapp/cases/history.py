"""Who has been in this case, when, and on which grounds: the log of one case, for those who answer for it.

Looking at the history is itself a reading that the history shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseapp import audit
from caseapp.access import Actor, Permission, action, allow, session
from caseapp.accounts import Office, office
from caseapp.consent import open_case, opened_in
from caseapp.db import bound_database

from .reading import CaseBar, case_bar

PAGE = 100


@dataclass(frozen=True)
class HistoryEntry:
    """One line: `action` a code of AuditAction, `permission` a code, `reason` why it was refused ("" when it was allowed).

    `opened` are the information types that were opened, `on_consent` whether any of them rested on a consent, `on_disclosure` on a
    decision to disclose, `in_emergency` on an emergency opening alone. `acts_for`: the name of the member on leave the person stood in
    for, "" when they took part themselves.
    """

    at: datetime
    person: str
    agency: str
    action: str
    permission: str
    refused: bool
    reason: str
    opened: tuple[str, ...]
    on_consent: bool
    in_emergency: bool
    on_disclosure: bool = False
    acts_for: str = ""


@dataclass(frozen=True)
class History:
    """A page of the history; `more` tells whether there are older entries."""

    bar: CaseBar
    entries: tuple[HistoryEntry, ...]
    page: int
    more: bool


@action
def read_history(actor: Actor, case_id: str, *, page: int = 1) -> History:
    """Who has been in the case, newest first."""
    gate = allow(actor, Permission.READ_HISTORY, on=case_id)
    opening = open_case(actor, gate, types=("identity",))
    found = audit.entries_of_case(session(), bound_database().keyholder, case_id, PAGE + 1, offset=(max(page, 1) - 1) * PAGE)
    register = office()
    entries = []
    for entry in found[:PAGE]:
        opened = opened_in(entry.detail or {}).get(case_id, [])
        entries.append(
            HistoryEntry(
                at=entry.at,
                person=register.user_name(entry.actor_id),
                agency=register.agency_name(entry.agency_id),
                action=entry.action,
                permission=entry.permission,
                refused=entry.decision == "refused",
                reason=entry.reason,
                opened=tuple(dict.fromkeys(kind for _owner, kind, _reason, _ground in opened)),
                on_consent=any(reason == "consent" for _owner, _kind, reason, _ground in opened),
                acts_for=_stood_in_for(entry.detail, register),
                in_emergency=any(reason == "break_glass" for _owner, _kind, reason, _ground in opened),
                on_disclosure=any(reason == "disclosure" for _owner, _kind, reason, _ground in opened),
            )
        )
    return History(case_bar(gate, opening), tuple(entries), max(page, 1), len(found) > PAGE)


def _stood_in_for(detail: Mapping[str, Any] | None, register: Office) -> str:
    absent = (detail or {}).get("acts_for", "")
    return register.user_name(absent) if isinstance(absent, str) else ""
