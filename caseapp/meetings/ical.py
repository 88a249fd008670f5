"""How does a calendar program want to be told of meetings? As RFC 5545 text. Pure.

Promised: what `calendar_text` gives is an iCalendar object by RFC 5545 (lines end in CRLF and are at most 75 octets, none cut inside a
character; texts are escaped; each event has UID, DTSTAMP and a start in Swedish time, whose rule is part of the object, so that an
object without events is valid, too). tests/meetings/test_ical.py has it read by another program. Not promised: anything about what may
be told; that is decided where the events are made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from caseapp.formats import SWEDEN

#: A meeting has a beginning and no end here; a calendar shows it as so long, so that it takes room there.
SHOWN_AS = timedelta(hours=1)
#: How often a program should ask again (RFC 7986, 5.7).
_ASK_AGAIN = "PT1H"
_OCTETS = 75  # RFC 5545, 3.1
#: Central European Time as it has been since 1996 (förordning 2001:127 om sommartid, 1 §).
_SWEDISH_TIME = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Stockholm",
    "BEGIN:DAYLIGHT",
    "TZNAME:CEST",
    "DTSTART:19970330T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZNAME:CET",
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True)
class Event:
    """A meeting as a calendar shows it. `uid` is the same for ever, `sequence` grows when the meeting is changed."""

    uid: str
    sequence: int
    starts_at: datetime
    summary: str
    url: str


def calendar_text(name: str, events: Iterable[Event], *, made_at: datetime) -> str:
    """The iCalendar object with these events, called `name` in the program that fetches it."""
    return "".join(f"{folded}\r\n" for line in _lines(name, events, made_at) for folded in fold(line))


def _lines(name: str, events: Iterable[Event], made_at: datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//caseapp//meetings//SV", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
    yield from (f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}", f"REFRESH-INTERVAL;VALUE=DURATION:{_ASK_AGAIN}")
    yield from _SWEDISH_TIME
    for event in events:
        yield "BEGIN:VEVENT"
        yield f"UID:{escaped(event.uid)}"
        yield f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        yield f"SEQUENCE:{event.sequence}"
        yield f"DTSTART;TZID=Europe/Stockholm:{event.starts_at.astimezone(SWEDEN):%Y%m%dT%H%M%S}"
        yield f"DURATION:PT{int(SHOWN_AS.total_seconds()) // 60}M"
        yield f"SUMMARY:{escaped(event.summary)}"
        yield f"URL:{event.url}"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def escaped(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11); what is no character of a line becomes a space."""
    plain = "".join(character if character.isprintable() or character == "\n" else " " for character in text)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> Iterator[str]:
    """The line as lines of at most 75 octets in UTF-8; each after the first begins with a space, which does not belong to it."""
    here, room = "", _OCTETS
    for character in line:
        octets = len(character.encode())
        if octets > room:
            yield here
            here, room = " ", _OCTETS - 1
        here, room = here + character, room - octets
    yield here
