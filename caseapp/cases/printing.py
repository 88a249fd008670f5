"""Paper about somebody with protected identity: an extra step before it, with a reason, and an entry in the log.

The question answered here is "may this page of this case go to a printer now?". Without protected identity always. With it only for some
minutes after the person has read what will be on the paper and said why it is needed. A browser can print anything it shows, so the
pages of such a case print as one sentence until then (see the frame of a case and the style sheet); that stops mistakes, not malice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from caseapp.access import Actor, Gate, NotFound, Permission, action, allow, log_as, log_detail, observe, session
from caseapp.consent import open_case
from caseapp.db import transaction

from .reading import CaseBar, case_bar

#: What can be printed of a case → the permission it takes.
PAPERS: Mapping[str, Permission] = {
    "consent": Permission.MANAGE_CONSENT,
    "plan": Permission.READ_PLAN,
    "mapping": Permission.READ_FOLLOWUP,
    "readers": Permission.READ_HISTORY,
    "history": Permission.READ_HISTORY,
    "extract": Permission.MAKE_EXTRACT,
    "remarks": Permission.READ_CASE,
    "minutes": Permission.READ_MINUTES,
}
#: How long a confirmation lasts.
LASTS = timedelta(minutes=10)


def asks_before_paper(actor: Actor, case_id: str) -> bool:
    """Whether the case has protected identity. It reads no case, so an answer is not logged; False where the case is not theirs."""
    with transaction(reading=True):
        return observe(actor, Permission.READ_CASE, case_id) and session().get_one(Gate, case_id).is_protected


@action
def read_print_step(actor: Actor, case_id: str, paper: str) -> CaseBar:
    """The case, for the page that says what will be on the paper."""
    gate = allow(actor, _permission(paper, case_id), on=case_id)
    log_as("view")
    return case_bar(gate, open_case(actor, gate, types=("identity",)))


@action
def confirm_print(actor: Actor, case_id: str, paper: str, *, reason: str) -> None:
    """Note that this person is about to print this, and why."""
    allow(actor, _permission(paper, case_id), on=case_id)
    log_as("print")
    log_detail(paper=paper, reason=reason)


def _permission(paper: str, case_id: str) -> Permission:
    if paper not in PAPERS:
        raise NotFound("not_found", Permission.READ_CASE, case_id)
    return PAPERS[paper]


def still_holds(confirmed_at: str, now: datetime) -> bool:
    """Whether a confirmation of this moment (ISO 8601) still lets the paper out."""
    try:
        since = now - datetime.fromisoformat(confirmed_at)
    except (TypeError, ValueError):
        return False
    return timedelta(0) <= since < LASTS
