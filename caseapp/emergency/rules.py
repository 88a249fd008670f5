"""Is this a reason, when is an opening over, until when is it to be reviewed, and by whom? Pure.

An emergency opening sets secrecy aside on one's own judgement (brottsbalken 24 kap. 4 §, nöd: a danger to life or health, and an act that
is not indefensible), so somebody else looks at each of them soon afterwards.
"""

from datetime import datetime, timedelta

from caseapp.access.rules import EMERGENCY_LASTS, is_running

#: How long the unit manager has for the review, counted from the opening: over a weekend, and no longer.
REVIEW_WITHIN = timedelta(hours=72)
#: The least that can be called a sentence.
FEWEST_WORDS, FEWEST_LETTERS = 4, 20


def why_no_reason(text: str) -> str | None:
    """None for a reason that somebody can judge afterwards, otherwise a code: "reason_needed" or "reason_too_short"."""
    words = [word for word in text.split() if any(sign.isalpha() for sign in word)]
    if not words:
        return "reason_needed"
    letters = sum(sign.isalpha() for sign in text)
    return "reason_too_short" if len(words) < FEWEST_WORDS or letters < FEWEST_LETTERS else None


def end_of(begun_at: datetime, ended_at: datetime | None) -> datetime:
    """When the opening stopped, or will stop by itself."""
    longest = begun_at + EMERGENCY_LASTS
    return longest if ended_at is None else min(ended_at, longest)


def review_until(begun_at: datetime) -> datetime:
    """The last moment of the review."""
    return begun_at + REVIEW_WITHIN


def is_overdue(begun_at: datetime, reviewed_at: datetime | None, now: datetime) -> bool:
    """Whether the opening should have been reviewed by now and is not."""
    return reviewed_at is None and now > review_until(begun_at)


def why_not_review(
    *, opened_by: str, reviewer: str, begun_at: datetime, ended_at: datetime | None, reviewed_at: datetime | None, now: datetime
) -> str | None:
    """None if this person may close the review now, otherwise a code. Nobody reviews themselves; what goes on cannot be judged yet."""
    if opened_by == reviewer:
        return "own_emergency"
    if reviewed_at is not None:
        return "reviewed_already"
    return "emergency_running" if is_running(begun_at, ended_at, now) else None
