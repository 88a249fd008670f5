"""Who is signed in on this request, as an actor with today's roles.

The actor is made anew for each request: a role that was taken away, or a person who was disabled, has no effect any longer on the
next one. flask-login keeps the person's id in the session; its remember cookie is switched off, since a cookie that outlives the
session would walk past its ends.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from caseapp.access import (
    ADMINISTRATOR,
    ANONYMOUS,
    COORDINATOR,
    LOG_REVIEWER,
    PARTICIPANT,
    STATISTICIAN,
    UNIT_MANAGER,
    Actor,
    DamagedRow,
    now,
)
from caseapp.db import transaction

from .directory import actor_for
from .proof import fresh_proof
from .sessions import ServerSessions, proved_at_of_this_session, this_session

View = TypeVar("View", bound=Callable[..., Any])

ROLE_WORDS = {
    COORDINATOR: _l("Samordnare"),
    PARTICIPANT: _l("Deltagare från en verksamhet"),
    UNIT_MANAGER: _l("Enhetschef"),
    STATISTICIAN: _l("Statistiker"),
    LOG_REVIEWER: _l("Logggranskare"),
    ADMINISTRATOR: _l("Administratör"),
}


class SignedIn(UserMixin):
    """A signed-in person as flask-login wants to see one."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """The person's id."""
        return self.actor.user_id


class _SessionOnly(LoginManager):
    """flask-login without its remember cookie: none is written, and one that is sent is not read."""

    def _update_remember_cookie(self, response: Any) -> Any:
        return response

    def see_nobody(self) -> None:
        """For the rest of this request nobody is signed in."""
        self._update_request_context_with_user()

    def _load_user_from_remember_cookie(self, cookie: str) -> None:  # noqa: ARG002 - flask-login's signature
        return None


def init_login(app: Flask) -> None:
    """Sessions on the server and the signed-in person, for this application."""
    config = app.extensions["caseapp.config"]
    app.session_interface = ServerSessions(
        idle=timedelta(minutes=config.idle_minutes), longest=timedelta(hours=config.session_hours)
    )
    manager = _SessionOnly()
    manager.session_protection = None  # it binds a session to a browser's name and address, which change on the move
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)


def _load(user_id: str) -> SignedIn | None:
    with transaction(reading=True):
        actor = actor_for(user_id, request_id=g.request_id, proved_at=proved_at_of_this_session())
    return SignedIn(actor) if actor else None


def current_actor() -> Actor:
    """Who acts on this request; ANONYMOUS (with the request's id) when nobody is signed in."""
    if current_user.is_authenticated:
        actor: Actor = current_user.actor
        return actor
    return replace(ANONYMOUS, request_id=g.get("request_id", ""))


def actor_in_trouble() -> Actor:
    """Who acts on a request that met a damaged row; nobody, for the rest of it, where that row is the person's own."""
    try:
        return current_actor()
    except DamagedRow:
        current_app.login_manager.see_nobody()  # type: ignore[attr-defined]
        return current_actor()


def begin_session(actor: Actor) -> None:
    """Sign this person in on the request at hand, under a new token."""
    this_session().begin_anew()
    login_user(SignedIn(actor), remember=False)


def end_session() -> None:
    """Sign out on the request at hand."""
    logout_user()
    this_session().end()


def role_words(actor: Actor) -> str:
    """The person's roles in words, for the corner of the page."""
    return ", ".join(str(words) for role, words in ROLE_WORDS.items() if actor.has_role(role))


# -- a fresh proof ----------------------------------------------------------------------------------------------------


def freshly_proved(view: View) -> View:
    """For views, under @needs: ask for a new code first, and come back to the page afterwards.

    A post is not carried out; the person comes back to the page it was made on (the nearest address that can be read).
    """

    @wraps(view)
    def proved(*args: Any, **kwargs: Any) -> Any:
        if fresh_proof(current_actor(), now()):
            return view(*args, **kwargs)
        return ask_for_proof()

    return proved  # type: ignore[return-value]


def ask_for_proof() -> Any:
    """Off to the page that asks for a new code, and back to this one (or the nearest that can be read) afterwards."""
    return redirect(url_for("accounts.prove", next=sign_return_address(_nearest_page(request.path))), code=303)


def _nearest_page(path: str) -> str:
    """This path, or the nearest above it, that answers a GET."""
    addresses = current_app.url_map.bind(request.host)
    while path and not addresses.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


# -- coming back ------------------------------------------------------------------------------------------------------

_RETURN_WITHIN = timedelta(days=1)


def sign_return_address(path: str) -> str:
    """A path of our own, signed, so that nobody can make a link of ours that ends somewhere else."""
    return _return_signer().dumps(path)


def return_address(signed: str | None) -> str:
    """The path that was signed, or the first page for anything else."""
    try:
        path = _return_signer().loads(signed or "", max_age=int(_RETURN_WITHIN.total_seconds()))
    except BadSignature:
        return "/"
    return path if isinstance(path, str) and path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _return_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="return address")
