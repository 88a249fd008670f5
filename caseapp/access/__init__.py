"""Who may do what: the first of the three questions at the door.

`rules.py` is the whole policy as one table. `allow()` asks it, writes the answer in the log and gives back the gate of the
case; `@action` opens the transaction, and refuses to commit work that never asked. `@needs` and `@public` declare the same
for web addresses; the application does not start while one of them declares nothing.

What an allowed person may then *read* is decided item by item in consent.
"""

from caseapp.db import DamagedRow, KeyNotHeld, ReadOnlyRow, Unreadable, Withheld, session

from .action import (
    AlreadyDone,
    NeverAllowed,
    NotFound,
    Refused,
    StaleForm,
    action,
    allow,
    check_version,
    check_whole,
    could_be_an_id,
    fetch,
    log_as,
    log_damage,
    log_detail,
    log_in_cases,
    log_more,
    now,
    observe,
    refuse,
    remember_result,
    today,
)
from .actor import ANONYMOUS, Actor
from .carried_out import draft_place, was_carried_out
from .emergency import Emergency, end_running, running_emergency
from .endpoints import DraftOf, declare_static, draft_of, keeps_draft, needs, permission_of, public, undeclared
from .models import Block, BreakGlass, Draft, Gate, NamedReader, Participation, PersonReader
from .protected import hide_people, mark_protected, protected_among, readers_of_people
from .rules import ADMINISTRATOR, COORDINATOR, LOG_REVIEWER, OPERATOR, PARTICIPANT, STATISTICIAN, UNIT_MANAGER, Permission, may_ever

__all__ = [
    "ADMINISTRATOR",
    "ANONYMOUS",
    "COORDINATOR",
    "LOG_REVIEWER",
    "OPERATOR",
    "PARTICIPANT",
    "STATISTICIAN",
    "UNIT_MANAGER",
    "Actor",
    "AlreadyDone",
    "Block",
    "BreakGlass",
    "DamagedRow",
    "Draft",
    "DraftOf",
    "Emergency",
    "Gate",
    "KeyNotHeld",
    "NamedReader",
    "NeverAllowed",
    "NotFound",
    "Participation",
    "Permission",
    "PersonReader",
    "ReadOnlyRow",
    "Refused",
    "StaleForm",
    "Unreadable",
    "Withheld",
    "action",
    "allow",
    "check_version",
    "check_whole",
    "could_be_an_id",
    "declare_static",
    "draft_of",
    "draft_place",
    "end_running",
    "fetch",
    "hide_people",
    "keeps_draft",
    "log_as",
    "log_damage",
    "log_detail",
    "log_in_cases",
    "log_more",
    "mark_protected",
    "may_ever",
    "needs",
    "now",
    "observe",
    "permission_of",
    "protected_among",
    "public",
    "readers_of_people",
    "refuse",
    "remember_result",
    "running_emergency",
    "session",
    "today",
    "undeclared",
    "was_carried_out",
]
