"""Sessions kept on the server: the browser holds a random token, the database its hash.

Promised: a token is 256 random bits and never stored; what a session holds is sealed; signing in and proving oneself anew give a
new token and end the old one; a session ends unused after a while, and in any case after some hours; an ended one stays ended,
also for an answer that was on its way. A request that asks nothing of the session (a stylesheet) costs no query.

Not promised: that a session's own row is in the log. Signing in and out are.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask import session as _flask_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import OperationalError

from caseapp.access import ANONYMOUS, DamagedRow, log_damage, now, session
from caseapp.db import Unreadable, new_id, transaction

from .models import SignInSession
from .rules import is_over

_log = logging.getLogger(__name__)

COOKIE = "__Host-caseapp"
_USER = "_user_id"  # where flask-login keeps who is signed in
_SEEN_EVERY = timedelta(minutes=1)


@dataclass
class _Stored:
    """What is stored of a session; a new one has no token yet."""

    begun: datetime
    seen: datetime
    row_id: str = ""
    proved: datetime | None = None
    content: dict[str, Any] = field(default_factory=dict)


class ServerSession(SessionMixin):
    """Flask's session as a mapping, read from the database when first asked."""

    def __init__(self, limits: "ServerSessions", token: str) -> None:
        self._limits, self._token = limits, token
        self._stored: _Stored | None = None
        self.modified = self.ended = self.renewed = self.is_damaged = False
        self.prolongs = True

    @property
    def stored(self) -> _Stored:
        """What is stored, read once."""
        if self._stored is None:
            try:
                found = self._limits.find(self._token)
            except DamagedRow as damage:
                found, self.is_damaged = None, True
                log_damage(ANONYMOUS, damage)
            self._stored = found or _Stored(begun=now(), seen=now())
        return self._stored

    @property
    def was_asked(self) -> bool:
        """Whether anything was asked of this session during the request."""
        return self._stored is not None

    @property
    def has_cookie(self) -> bool:
        """Whether the browser sent a token, valid or not."""
        return bool(self._token)

    def begin_anew(self) -> None:
        """Forget everything and take a new token: at sign-in, so that nobody knows the token from before."""
        chosen = self.stored.content.get("lang")
        self.stored.content = {"lang": chosen} if chosen else {}
        self.stored.begun = now()
        self.prove()

    def prove(self) -> None:
        """Note that the second factor was given now, and take a new token."""
        self.stored.proved = now()
        self.renewed = self.modified = True

    def end(self) -> None:
        """End the session: the token opens nothing any more."""
        self.stored.content = {}
        self.ended = True

    def __getitem__(self, key: str) -> Any:
        return self.stored.content[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.stored.content[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self.stored.content[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self.stored.content)

    def __len__(self) -> int:
        return len(self.stored.content)


class ServerSessions(SessionInterface):
    """How Flask opens and saves sessions: `idle` without use, or `longest` in all, and a session is over."""

    def __init__(self, *, idle: timedelta, longest: timedelta) -> None:
        self.idle, self.longest = idle, longest

    def open_session(self, app: Flask, request: Request) -> ServerSession:  # noqa: ARG002 - Flask's signature
        """The request's session; nothing is read yet."""
        return ServerSession(self, request.cookies.get(COOKIE, ""))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002 - Flask's signature
        """Store what changed, and hand the browser its token when it got a new one."""
        assert isinstance(session, ServerSession)
        if not session.was_asked:
            return
        response.vary.add("Cookie")
        if session.ended:
            end_session(session.stored.row_id)
            _forget_cookie(response)
        elif session.is_damaged and not session.renewed:
            _forget_cookie(response)
        elif session.renewed or (session.modified and not session.stored.row_id and len(session)):
            _give_cookie(response, self._store(session.stored))
        elif session.stored.row_id and (session.modified or self._is_worth_noting(session)):
            try:
                still_there = _update(session)
            except OperationalError as error:
                # the answer is worth more than the note that the session was used: it may say "busy", with the typed text in it
                _log.error("a session could not be noted as used: %s", type(error.orig).__name__)
                return
            if not still_there:
                _forget_cookie(response)

    def find(self, token: str) -> _Stored | None:
        """The session of this token, unless there is none, it ended, or it is over. Raises DamagedRow if it was changed from outside."""
        if not token:
            return None
        with transaction(reading=True) as current:
            row = current.scalars(select(SignInSession).where(SignInSession.token_hash == token_hash(token))).one_or_none()
            if row is not None and row.is_damaged:
                raise DamagedRow(f"the session {row.id} is damaged", (SignInSession.__tablename__, row.id))
            if row is None or row.ended_at is not None or isinstance(row.content, Unreadable):
                return None
            if is_over(now(), begun=row.created_at, seen=row.seen_at, idle=self.idle, longest=self.longest):
                return None
            return _Stored(row.created_at, row.seen_at, row.id, row.proved_at, row.content)

    def _is_worth_noting(self, session: ServerSession) -> bool:
        return session.prolongs and now() - session.stored.seen >= _SEEN_EVERY

    def _store(self, stored: _Stored) -> str:
        """Store the session under a new token, which is returned, and end what it was before."""
        token = secrets.token_urlsafe(32)
        with transaction() as current:
            over = or_(SignInSession.seen_at < now() - self.idle, SignInSession.created_at < now() - self.longest)
            current.execute(delete(SignInSession).where(over), execution_options={"synchronize_session": False})
            before = current.get(SignInSession, stored.row_id) if stored.row_id else None
            if before is not None:
                before.ended_at = before.ended_at or now()
            current.add(
                SignInSession(
                    id=new_id(),
                    token_hash=token_hash(token),
                    user_id=stored.content.get(_USER),
                    created_at=stored.begun,
                    seen_at=now(),
                    proved_at=stored.proved,
                    content=stored.content,
                )
            )
            current.commit()
        return token


def _update(session: ServerSession) -> bool:
    """Store what changed and that it was used; False if it was ended in the meantime."""
    stored = session.stored
    with transaction() as current:
        row = current.get(SignInSession, stored.row_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            return False
        row.seen_at = now() if session.prolongs else row.seen_at
        if session.modified:
            row.content = stored.content
            row.user_id = stored.content.get(_USER)
        current.commit()
    return True


def token_hash(token: str) -> str:
    """What is stored of a token: its SHA-256 (a plain hash is enough for 256 random bits)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _give_cookie(response: Response, token: str) -> None:
    response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")


def _forget_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")


def end_session(row_id: str) -> None:
    """End one session, in a transaction of its own."""
    with transaction() as current:
        row = current.get(SignInSession, row_id, with_for_update=True) if row_id else None
        if row is not None and row.ended_at is None:
            row.ended_at = now()
            current.commit()


def end_sessions_of(user_id: str, *, but: str = "") -> int:
    """End every session of this person (but one, if its id is named), inside the action at hand. Returns how many ended."""
    open_ones = select(SignInSession).where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None), SignInSession.id != but)
    rows = session().scalars(open_ones.with_for_update()).all()
    for row in rows:
        if row.is_damaged:  # it opens nothing as it is; left there, it could be put right again by whoever damaged it
            session().delete(row)
        else:
            row.ended_at = now()
    return len(rows)


@dataclass(frozen=True)
class OwnSession:
    """A session somebody holds: when it began and was last used."""

    id: str
    begun: datetime
    seen: datetime
    is_this: bool = False


def sessions_of(user_id: str, *, this: str = "") -> list[OwnSession]:
    """This person's sessions that are not ended, the one at hand first. Inside an action."""
    found = session().scalars(select(SignInSession).where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None)))
    held = [OwnSession(row.id, row.created_at, row.seen_at, row.id == this) for row in found]
    return sorted(held, key=lambda one: (one.is_this, one.seen), reverse=True)


def this_session() -> ServerSession:
    """The session of the request at hand."""
    found = _flask_session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(found, ServerSession)
    return found


def proved_at_of_this_session() -> float:
    """When the second factor was last given in this session, seconds since 1970; 0 if never."""
    proved = this_session().stored.proved
    return proved.astimezone(UTC).timestamp() if proved else 0.0


def do_not_prolong() -> None:
    """This request comes by itself, not from the person: it does not count as use of the session."""
    this_session().prolongs = False
