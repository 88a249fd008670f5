"""Counting failed sign-ins, for every worker alike, and telling how long to wait.

An attempt is counted before it is tried and taken back when it succeeds, so that many at once are not all tried for free. What is
counted are blind indexes: neither logins nor addresses stand in the table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from caseapp.access import now
from caseapp.db import bound_database, transaction

from .models import FailedSignIn
from .rules import ACCOUNT, ACCOUNT_HERE, NETWORK, REMEMBERED, Patience, fold_login


@dataclass(frozen=True)
class Attempt:
    """A counted attempt; `row_ids` are taken back when it succeeds, `account_here` is forgiven as a whole."""

    row_ids: tuple[str, ...]
    account_here: str


@dataclass(frozen=True)
class TryLater:
    """Too many failures: the next attempt is taken at `until`."""

    until: datetime


def begin_attempt(login: str, network: str) -> Attempt | TryLater:
    """Count an attempt to sign in to this account from this network, unless there is still time to wait."""
    index = bound_database().keyholder.blind_index
    account = fold_login(login)
    return _begin(
        {
            index("failed sign-in", "account here", account, network): ACCOUNT_HERE,
            index("failed sign-in", "account", account): ACCOUNT,
            index("failed sign-in", "network", network): NETWORK,
        }
    )


def begin_guess(what: str, network: str) -> Attempt | TryLater:
    """Count that this network tries a secret address of this kind, which names no account, unless there is still time to wait."""
    return _begin({bound_database().keyholder.blind_index("failed sign-in", what, network): NETWORK})


def _begin(subjects: Mapping[str, Patience]) -> Attempt | TryLater:
    with transaction() as current:
        _one_at_a_time(current, subjects)
        earliest = now() - REMEMBERED
        current.execute(delete(FailedSignIn).where(FailedSignIn.at < earliest), execution_options={"synchronize_session": False})
        failures: dict[str, list[datetime]] = {subject: [] for subject in subjects}
        recent = select(FailedSignIn).where(FailedSignIn.subject.in_(subjects), FailedSignIn.at >= earliest).order_by(FailedSignIn.at)
        for row in current.scalars(recent):
            failures[row.subject].append(row.at)
        until = [moment for subject in subjects if (moment := subjects[subject].wait_until(failures[subject])) and moment > now()]
        if until:
            return TryLater(max(until))
        rows = [FailedSignIn(subject=subject, at=now()) for subject in subjects]
        current.add_all(rows)
        current.commit()
        return Attempt(tuple(row.id for row in rows), next(iter(subjects)))


def _one_at_a_time(current: Session, subjects: Iterable[str]) -> None:
    """On PostgreSQL many attempts at once would all read the same count; SQLite has one writer anyway."""
    if current.get_bind().dialect.name == "postgresql":
        for subject in sorted(subjects):  # everybody in the same order, so that nobody waits in a circle
            current.execute(select(func.pg_advisory_xact_lock(int(subject[:15], 16))))


def take_back(attempt: Attempt) -> None:
    """The attempt succeeded halfway (a right password): it no longer counts."""
    _forget(FailedSignIn.id.in_(attempt.row_ids))


def forgive(attempt: Attempt) -> None:
    """The person is in: neither this attempt nor the earlier failures from this network count."""
    _forget(FailedSignIn.id.in_(attempt.row_ids) | (FailedSignIn.subject == attempt.account_here))


def _forget(which: object) -> None:
    with transaction() as current:
        current.execute(delete(FailedSignIn).where(which), execution_options={"synchronize_session": False})  # type: ignore[arg-type]
        current.commit()
