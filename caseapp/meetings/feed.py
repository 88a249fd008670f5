"""What does a calendar program get at a person's secret address? That there is a meeting, of how many cases, when; nothing more.

Whoever has the address needs no sign-in, so nothing is told of anybody: no name, no case number, no place (a place is typed freely and may
be somebody's home), not even which team. The meetings are those the person sees in the program. Each fetching is in the log as theirs;
wrong addresses are counted for each network, and those who guess have to wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from caseapp.access import ANONYMOUS, Actor, NotFound, Permission, Refused, action, allow, log_detail, may_ever, now, refuse
from caseapp.accounts import office
from caseapp.accounts.feeds import subscriber_of
from caseapp.accounts.throttle import TryLater, begin_guess, take_back

from .cards import MeetingCard
from .room import meeting_cards, meetings_of

#: How far back and ahead a feed goes, and how many meetings it holds at most.
_BACK, _AHEAD, _MOST = timedelta(days=30), timedelta(days=365), 500


@dataclass(frozen=True)
class Feed:
    """The person's meetings, soonest first, and the language they read in."""

    meetings: Sequence[MeetingCard]
    language: str


def fetch_feed(token: str, *, network: str, request_id: str = "") -> Feed | TryLater:
    """The feed at this address. `network`: the visitor's address, for counting. Raises NotFound where there is none (any more)."""
    visitor = replace(ANONYMOUS, request_id=request_id)
    attempt = begin_guess("calendar feed", network)
    if isinstance(attempt, TryLater):
        _log_too_many(visitor)
        return attempt
    feed = _read_feed(visitor, token)
    take_back(attempt)
    return feed


def _log_too_many(visitor: Actor) -> None:
    try:
        refuse(visitor, "too_many_failures", Permission.FETCH_CALENDAR)
    except Refused:
        return


@action
def _read_feed(visitor: Actor, token: str) -> Feed:
    subscriber = subscriber_of(token, request_id=visitor.request_id)
    if subscriber is None:
        raise NotFound("not_found", Permission.FETCH_CALENDAR)
    actor = subscriber.actor
    allow(actor, Permission.FETCH_CALENDAR)
    sees_any = may_ever(actor, Permission.LIST_MEETINGS)
    meetings = meetings_of(actor, since=now() - _BACK, until=now() + _AHEAD, limit=_MOST) if sees_any else []
    log_detail(meetings=[meeting.id for meeting in meetings])
    return Feed(meeting_cards(actor, meetings, office()), subscriber.language)
