"""Signing in and out, and what people do with their own account.

First the password, then a code; a session begins after the second. An unknown login and a wrong password get the same answer
after the same work. Every attempt is in the log, refused ones too; what was typed is not.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from caseapp.access import ANONYMOUS, Actor, NotFound, Permission, action, allow, fetch, log_as, log_detail, now, session
from caseapp.db import bound_database, transaction

from . import throttle
from .directory import actor_for, context_words
from .feeds import feed_made_at
from .models import SignInSession, User
from .passwords import is_password, new_password
from .proof import demand_fresh_proof
from .rules import fold_login
from .second_factor import step_of
from .sessions import OwnSession, end_sessions_of, sessions_of
from .throttle import Attempt, TryLater

LANGUAGES = ("sv", "en")


@dataclass(frozen=True)
class PasswordAccepted:
    """The password is right; a code is asked for next."""

    user_id: str
    login: str


@dataclass(frozen=True)
class Rejected:
    """It was not right. The same for an unknown person, a wrong password, a wrong code and a code used before."""


@dataclass(frozen=True)
class PasswordChanged:
    """The new password holds; the person's other sessions have ended."""


def sign_in_password(login: str, password: str, *, network: str, request_id: str = "") -> PasswordAccepted | Rejected | TryLater:
    """The first step. `network` is the visitor's address, for counting failures."""
    attempt = throttle.begin_attempt(login, network)
    user_id, hashed = _credentials(login)
    claimed = replace(ANONYMOUS, user_id=user_id, request_id=request_id)
    if isinstance(attempt, TryLater):
        _log_sign_in(claimed, network, refused="too_many_failures")
        return attempt
    if not is_password(password, hashed):
        _log_sign_in(claimed, network, refused="wrong_password" if user_id else "unknown_login")
        return Rejected()
    throttle.take_back(attempt)
    return PasswordAccepted(user_id, fold_login(login))


def sign_in_code(accepted: PasswordAccepted, code: str, *, network: str, request_id: str = "") -> Actor | Rejected | TryLater:
    """The second step: the person as an actor who has just proved themselves, or a no."""
    claimed = replace(ANONYMOUS, user_id=accepted.user_id, request_id=request_id)
    attempt = throttle.begin_attempt(accepted.login, network)
    if isinstance(attempt, TryLater):
        _log_sign_in(claimed, network, refused="too_many_failures")
        return attempt
    return _conclude(_give_code(claimed, code, network), attempt)


def prove_again(actor: Actor, code: str, *, network: str) -> Actor | Rejected | TryLater:
    """A fresh proof with the second factor, for what asks for one."""
    attempt = throttle.begin_attempt(_login_of(actor), network)
    if isinstance(attempt, TryLater):
        _log_sign_in(actor, network, refused="too_many_failures")
        return attempt
    return _conclude(_give_code(actor, code, network), attempt)


def _conclude(answer: Actor | Rejected, attempt: Attempt) -> Actor | Rejected:
    if isinstance(answer, Actor):
        throttle.forgive(attempt)
    return answer


@action
def _give_code(claimed: Actor, code: str, network: str) -> Actor | Rejected:
    allow(claimed, Permission.SIGN_IN)
    log_detail(network=network)
    user = session().get(User, claimed.user_id, with_for_update=True)
    secret = user.credentials.get("totp", "") if user is not None and user.is_active else ""
    step = step_of(code, secret, now(), after=user.totp_step) if user is not None and secret else None
    if user is None or step is None:
        log_as("login_failed", refused="wrong_code")
        return Rejected()
    user.totp_step = step
    session().flush()
    return actor_for(user.id, request_id=claimed.request_id, proved_at=now().timestamp()) or Rejected()


@action
def _log_sign_in(claimed: Actor, network: str, *, refused: str) -> None:
    allow(claimed, Permission.SIGN_IN)
    log_as("login_failed", refused=refused)
    log_detail(network=network)


def _credentials(login: str) -> tuple[str, str | None]:
    """(user id, password hash) of an active person who has accepted the invitation, else ("", None)."""
    index = bound_database().keyholder.blind_index("login", fold_login(login))
    with transaction(reading=True) as current:
        user = current.scalars(select(User).where(User.login_index == index)).one_or_none()
        if user is None:
            return "", None
        return user.id, user.credentials.get("password") if user.is_active else None


def _login_of(actor: Actor) -> str:
    with transaction(reading=True) as current:
        user = current.get(User, actor.user_id)
        return user.login if user else ""


@action
def sign_out(actor: Actor) -> None:
    """Note in the log that the person signed out."""
    allow(actor, Permission.SIGN_IN)
    log_as("logout")


# -- the own account --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnAccount:
    """What people see of their own account. `calendar_since`: when the address of their calendar feed was made, None without one."""

    name: str
    login: str
    agency_id: str
    language: str
    sessions: list[OwnSession]
    calendar_since: datetime | None = None


@action
def read_own_account(actor: Actor, *, this_session: str = "") -> OwnAccount:
    """The person's own account and open sessions."""
    allow(actor, Permission.OWN_ACCOUNT)
    user = fetch(User, actor.user_id)
    sessions = sessions_of(user.id, this=this_session)
    return OwnAccount(user.name, user.login, user.agency_id, user.language, sessions, feed_made_at(user.id))


@action
def end_own_session(actor: Actor, session_id: str) -> None:
    """End one of the person's own sessions."""
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("update")
    row = fetch(SignInSession, session_id)
    if row.user_id != actor.user_id:
        raise NotFound("not_found")
    row.ended_at = row.ended_at or now()


@action
def end_other_sessions(actor: Actor, *, this_session: str) -> int:
    """End all of the person's sessions but this one; how many."""
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("update")
    return end_sessions_of(actor.user_id, but=this_session)


@action
def choose_language(actor: Actor, language: str) -> None:
    """Remember the language the person's pages come in."""
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("update")
    if language in LANGUAGES:
        fetch(User, actor.user_id).language = language


def change_password(
    actor: Actor, *, current: str, new: str, network: str, this_session: str = ""
) -> PasswordChanged | Rejected | TryLater:
    """Change the own password and end all other sessions. Asks for a fresh proof. Raises WeakPassword for a poor new one."""
    demand_fresh_proof(actor)
    with transaction(reading=True):
        user = fetch(User, actor.user_id)
        login, hashed = user.login, user.credentials.get("password")
        words = context_words(actor.user_id)
    attempt = throttle.begin_attempt(login, network)
    if isinstance(attempt, TryLater):
        return attempt
    if not is_password(current, hashed):
        _log_sign_in(actor, network, refused="wrong_password")
        return Rejected()
    throttle.take_back(attempt)
    _store_password(actor, new_password(new, words), this_session)
    return PasswordChanged()


@action
def _store_password(actor: Actor, hashed: str, this_session: str) -> None:
    allow(actor, Permission.OWN_ACCOUNT)
    log_as("update")
    user = fetch(User, actor.user_id)
    user.credentials = user.credentials | {"password": hashed}
    end_sessions_of(actor.user_id, but=this_session)
