"""How long is a draft shown, what of a form does it hold, and how much? Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

#: A draft that nobody came back to in this time is not shown any more, and is removed by the next `retention run`.
KEPT = timedelta(days=30)
#: Fields and characters of one draft. No form of ours comes near; a larger one is not a form of ours.
MOST_FIELDS, MOST_CHARACTERS = 500, 200_000
#: The longest address of a form that is kept: it has to fit among the coded answers.
LONGEST_PATH = 300
#: Not part of what was typed: tokens, which are made anew with the page, and secrets, which are never kept.
NEVER_KEPT = frozenset({"csrf_token", "once", "draft", "go", "password", "new_password", "current_password", "secret", "code"})


def oldest_shown(now: datetime) -> datetime:
    """Drafts saved before this moment are over."""
    return now - KEPT


def what_is_kept(sent: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...] | None:
    """The answers of a form that a draft holds, in their order; None where they are too many or too long to be a form's."""
    kept = tuple((name, text) for name, text in sent if name not in NEVER_KEPT)
    if len(kept) > MOST_FIELDS or sum(len(name) + len(text) for name, text in kept) > MOST_CHARACTERS:
        return None
    return kept
