"""The secret address of a person's calendar feed: made, renewed, switched off, and whose it is.

Whoever knows the address needs no sign-in, so what is fetched there may hold nothing about anybody (see meetings/feed.py). Promised:
an address is 256 random bits of which only the hash is kept, so it is shown once and never again; a new one makes the old one
worthless in the same moment, and so does switching off, and so does the closing of the account.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.access import Actor, Permission, action, allow, fetch, log_as, log_detail, now, session

from .directory import actor_for
from .models import CalendarFeed, User
from .sessions import token_hash


@dataclass(frozen=True)
class Subscriber:
    """Whose feed it is: the person as an actor with today's roles, and the language they read in."""

    actor: Actor
    language: str


@action
def renew_feed(actor: Actor) -> str:
    """The token of a new address; an earlier one no longer leads anywhere."""
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("update")
    token = secrets.token_urlsafe(32)
    forget_feed(actor.user_id)
    session().add(CalendarFeed(user_id=actor.user_id, token_hash=token_hash(token), made_at=now()))
    log_detail(calendar_feed="renewed")
    return token


@action
def stop_feed(actor: Actor) -> None:
    """Switch the feed off; the address leads nowhere any more."""
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("update")
    log_detail(calendar_feed="stopped")
    forget_feed(actor.user_id)


def forget_feed(user_id: str) -> None:
    """Make this person's address worthless. Inside an action."""
    row = _feed_of(user_id)
    if row is not None:
        session().delete(row)
        session().flush()  # before a new one, which has the same person


def feed_made_at(user_id: str) -> datetime | None:
    """When the person's address was made, None without one. Inside an action."""
    row = _feed_of(user_id)
    return row.made_at if row is not None and not row.is_damaged else None


def subscriber_of(token: str, *, request_id: str = "") -> Subscriber | None:
    """Whose address this is; None for an unknown one, for one that was edited past the application (it could be made somebody else's),
    and for somebody whose account is closed. Inside an action.
    """
    row = session().scalars(select(CalendarFeed).where(CalendarFeed.token_hash == token_hash(token))).one_or_none()
    actor = actor_for(row.user_id, request_id=request_id) if row is not None and not row.is_damaged else None
    return Subscriber(actor, fetch(User, actor.user_id).language) if actor is not None else None


def _feed_of(user_id: str) -> CalendarFeed | None:
    return session().scalars(select(CalendarFeed).where(CalendarFeed.user_id == user_id).with_for_update()).one_or_none()
