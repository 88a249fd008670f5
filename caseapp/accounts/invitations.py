"""Invitations: a link that works once, for a week, with which somebody chooses a password and connects an app.

Only the hash of a token is kept. Whoever holds the link becomes the person it invites: it is shown to the administrator once, to
be handed over, and the log tells who made it and when it was read and accepted.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from caseapp.access import ANONYMOUS, Actor, NotFound, Permission, action, allow, fetch, log_as, now, session

from .directory import context_words, office
from .models import Invitation, User
from .second_factor import step_of
from .sessions import end_sessions_of, token_hash

INVITATION_LASTS = timedelta(days=7)


class WrongCode(Exception):
    """The code does not belong to the second factor that is being enrolled."""


@dataclass(frozen=True)
class Invited:
    """Who an invitation is for, and the names their password must not be made of."""

    user_id: str
    name: str
    login: str
    municipality: str
    context: frozenset[str]


@action
def read_invitation(actor: Actor, token: str) -> Invited:
    """Who this token invites. Raises NotFound for one that is unknown, used or too old."""
    user = fetch(User, _standing(token).user_id)
    allow(replace(actor, user_id=user.id, agency_id=user.agency_id), Permission.SIGN_IN)
    log_as("view")
    return Invited(user.id, user.name, user.login, office().municipality, frozenset(context_words(user.id)))


def accept_invitation(token: str, *, password_hash: str, totp_secret: str, code: str, request_id: str = "") -> str:
    """Take password and second factor into use; the invitation is used up. The person's id.

    `password_hash` comes from `passwords.new_password`. Raises WrongCode if the code is not one of this second factor.
    """
    return _accept(replace(ANONYMOUS, request_id=request_id), token, password_hash, totp_secret, code)


@action
def _accept(actor: Actor, token: str, password_hash: str, totp_secret: str, code: str) -> str:
    user = fetch(User, _standing(token).user_id)
    allow(replace(actor, user_id=user.id, agency_id=user.agency_id), Permission.SIGN_IN)
    log_as("update")
    step = step_of(code, totp_secret, now(), after=0)
    if step is None:
        raise WrongCode
    user.credentials = {"password": password_hash, "totp": totp_secret}
    user.totp_step = step
    use_up_invitations(user.id)
    end_sessions_of(user.id)
    return user.id


def _standing(token: str) -> Invitation:
    row = session().scalars(select(Invitation).where(Invitation.token_hash == token_hash(token)).with_for_update()).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= now():
        raise NotFound("not_found", Permission.SIGN_IN)
    return row


def new_invitation(user_id: str) -> str:
    """The token of a new invitation; earlier ones no longer work. Inside an action."""
    use_up_invitations(user_id)
    token = secrets.token_urlsafe(32)
    session().add(Invitation(token_hash=token_hash(token), user_id=user_id, expires_at=now() + INVITATION_LASTS))
    return token


def use_up_invitations(user_id: str) -> None:
    """Make this person's invitations worthless. Inside an action."""
    for row in session().scalars(select(Invitation).where(Invitation.user_id == user_id, Invitation.used_at.is_(None))):
        row.used_at = now()
