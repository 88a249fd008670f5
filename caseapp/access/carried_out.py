"""A form that is carried out ends the draft that was kept of it, in the same transaction: neither both are there nor none.

Promised: with the form's rows go all drafts of the same writer at the same form, and a draft that arrives late, from a page that was
carried out meanwhile, is never offered. Not decided here: who may keep a draft, and who reads it (see the room drafts).
"""

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from caseapp.db import bound_database, session
from caseapp.fields import FormKey

from .actor import Actor
from .models import Draft, Submission


def draft_place(user_id: str, path: str) -> str:
    """What stands for this person's draft at the form with this address, and tells neither."""
    return bound_database().keyholder.blind_index("draft", user_id, path)


def end_draft(actor: Actor, token: str) -> None:
    """Remove what was kept of the form that is carried out now. The log's entry of the action names the rows."""
    path = token.draft_at if isinstance(token, FormKey) else ""
    if not path:
        return
    place = draft_place(actor.user_id, path)
    for row in session().scalars(select(Draft).where(Draft.place == place, Draft.created_by_id == actor.user_id)):
        session().delete(row)


def was_carried_out(page: Any = Draft.page) -> ColumnElement[bool]:
    """The condition that some form of this page has been carried out: the first half of a form's key stands for its page."""
    return exists(select(Submission.id).where(Submission.token >= page, Submission.token < page + "g"))
