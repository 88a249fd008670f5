"""Keeping passwords: argon2id, with the parameters in this one place.

Checking an unknown person's password costs the same work as a known one's, so that time does not tell who exists.
Hash outside transactions: it takes tens of milliseconds, and SQLite has one writer at a time.
"""

from collections.abc import Collection
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from .rules import why_weak

# OWASP Password Storage Cheat Sheet, read November 2026: argon2id with m = 19 MiB, t = 2, p = 1 is the least recommended
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)


class WeakPassword(Exception):
    """A new password that is refused; `reason` is a code of `rules.why_weak`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def new_password(password: str, context: Collection[str]) -> str:
    """The argon2id hash (with parameters and salt) of exactly this text. Raises WeakPassword; `context` as in `rules.why_weak`."""
    reason = why_weak(password, context)
    if reason is not None:
        raise WeakPassword(reason)
    return _HASHER.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether the text is the hashed password. None (nobody's hash) is never right, and takes as long to find out."""
    try:
        return _HASHER.verify(hashed or _nobodys(), password) and hashed is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's password")
