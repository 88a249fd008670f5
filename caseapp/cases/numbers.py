"""Which case has which number: for whoever reviews the log, who knows cases by number and may know nothing else of them."""

from collections.abc import Collection

from sqlalchemy import select

from caseapp.access import Actor, Permission, action, allow, log_as, log_detail, session
from caseapp.db import batches

from .models import Case


def numbers_of(case_ids: Collection[str]) -> dict[str, str]:
    """Case id → number. Inside an action."""
    queries = (select(Case.id, Case.case_number).where(Case.id.in_(chosen)) for chosen in batches(case_ids))
    return {row.id: row.case_number for query in queries for row in session().execute(query)}


@action
def case_numbered(actor: Actor, number: str) -> str | None:
    """The id of the case with this number, for a reviewer of the log; None if there is none."""
    allow(actor, Permission.READ_LOG)
    log_as("search")
    log_detail(words=number)
    return session().scalars(select(Case.id).where(Case.case_number == number)).one_or_none()
