"""The meetings as a calendar: a month or a week on a page, and the feed that a calendar program fetches."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from caseapp.access import Permission, may_ever, needs, now, public, today
from caseapp.accounts.signed_in import current_actor
from caseapp.accounts.throttle import TryLater
from caseapp.codelists import label
from caseapp.formats import local_day

from .. import actions
from ..cards import MeetingCard
from ..feed import Feed, fetch_feed
from ..ical import Event, calendar_text
from ..weeks import month_of, span_named, week_of
from .page import blueprint


@blueprint.get("/meetings/calendar")
@needs(Permission.LIST_MEETINGS)
def calendar() -> str:
    """A month or a week; this month where the address names none."""
    actor, day = current_actor(), today()
    span = span_named(request.args.get("show", "")) or month_of(day)
    weeks = span.weeks
    cards = actions.read_calendar(actor, weeks[0][0], weeks[-1][-1])
    middle = day if weeks[0][0] <= day <= weeks[-1][-1] else span.first
    return render_template(
        "meetings/calendar.html",
        span=span,
        weeks=weeks,
        on_day=_by_day(cards),
        today=day,
        as_month=month_of(middle).key,
        as_week=week_of(middle).key,
        this_week=week_of(day).key,
        may_plan=may_ever(actor, Permission.PLAN_MEETING),
    )


def _by_day(cards: Iterable[MeetingCard]) -> dict[date, list[MeetingCard]]:
    found: dict[date, list[MeetingCard]] = {}
    for card in cards:
        found.setdefault(local_day(card.starts_at), []).append(card)
    return found


@blueprint.get("/calendar/<token>.ics")
@public
def feed(token: str) -> Any:
    """The meetings at a secret address, for a calendar program: nothing in it is about anybody."""
    found = fetch_feed(token, network=request.remote_addr or "", request_id=g.request_id)
    if isinstance(found, TryLater):
        abort(429)
    with force_locale(found.language):
        text = calendar_text(_("Möten"), [_as_event(card, found) for card in found.meetings], made_at=now())
    return Response(text, mimetype="text/calendar")


def _as_event(card: MeetingCard, feed: Feed) -> Event:
    kind = label("MeetingType", card.meeting_type, feed.language)
    cases = "" if card.case_id else ngettext("%(num)s ärende", "%(num)s ärenden", card.case_count)
    return Event(
        uid=card.id,
        sequence=card.version,
        starts_at=card.starts_at,
        summary=", ".join(filter(None, [kind, cases])),
        url=url_for("meetings.meeting", meeting_id=card.id, _external=True),
    )
