"""The text that calendar programs are given, read by another program (the library icalendar) and against the letter of RFC 5545."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from caseapp.formats import SWEDEN
from caseapp.meetings.ical import Event, calendar_text, fold

MADE = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)
MEETING = Event("6f1c0c5e-8a53-4f0e-9d5b-0a8f2f6c1b11", 3, datetime(2026, 9, 17, 13, 0, tzinfo=SWEDEN), "Arbetsgruppsmöte, 8 ärenden", "https://x/meetings/1")


def read_back(*events: Event) -> Calendar:
    return Calendar.from_ical(calendar_text("Möten", events, made_at=MADE))


def test_another_program_reads_what_was_written() -> None:
    (event,) = read_back(MEETING).events
    assert event["SUMMARY"] == "Arbetsgruppsmöte, 8 ärenden"
    assert event["UID"] == MEETING.uid
    assert event["SEQUENCE"] == 3
    assert event["URL"] == "https://x/meetings/1"
    assert event["DTSTAMP"].dt == MADE
    assert event["DURATION"].dt == timedelta(hours=1)
    assert event.start == MEETING.starts_at


def test_nothing_stands_in_an_event_but_what_was_meant() -> None:
    (event,) = read_back(MEETING).events
    assert set(event) == {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DURATION", "SUMMARY", "URL"}


def test_a_calendar_without_meetings_is_one_all_the_same() -> None:
    """RFC 5545, 3.6: at least one component."""
    empty = read_back()
    assert empty.events == []
    assert [part.name for part in empty.subcomponents] == ["VTIMEZONE"]
    assert (empty["VERSION"], empty["METHOD"]) == ("2.0", "PUBLISH")


@pytest.mark.parametrize("year", range(2025, 2031))
@pytest.mark.parametrize(("month", "day"), [(1, 15), (3, 25), (4, 2), (7, 1), (10, 20), (11, 4)])
def test_the_rule_of_summer_time_in_it_is_the_one_of_the_time_zone_database(year: int, month: int, day: int) -> None:
    (zone,) = read_back().timezones
    noon = datetime(year, month, day, 12, tzinfo=SWEDEN)
    assert zone.to_tz().utcoffset(noon.replace(tzinfo=None)) == noon.utcoffset()


def test_lines_end_in_crlf_and_hold_75_octets_at_most() -> None:
    text = calendar_text("Å" * 200, [MEETING], made_at=MADE).encode()
    assert text.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert b"\r" not in text.replace(b"\r\n", b"")
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    for line in text.split(b"\r\n"):
        line.decode()  # no character is cut in two


def test_a_line_of_75_octets_is_left_alone_and_one_of_76_is_folded() -> None:
    assert list(fold("x" * 75)) == ["x" * 75]
    assert list(fold("x" * 76)) == ["x" * 75, " x"]


def test_separators_and_lines_in_a_text_come_back_as_they_were() -> None:
    words = "Möte; med, allt\\och\nen rad till"
    (event,) = read_back(Event("u", 1, MEETING.starts_at, words, MEETING.url)).events
    assert event["SUMMARY"] == words


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="\xad"), max_size=300))
def test_any_text_comes_back_as_it_was(words: str) -> None:
    printable = "".join(character if character.isprintable() else " " for character in words)
    (event,) = read_back(Event("u", 1, MEETING.starts_at, words, MEETING.url)).events
    assert event["SUMMARY"] == printable


@given(st.text(max_size=200))
def test_nothing_that_is_typed_makes_a_property_of_its_own(words: str) -> None:
    (event,) = read_back(Event("u", 1, MEETING.starts_at, words, MEETING.url)).events
    assert set(event) == {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DURATION", "SUMMARY", "URL"}
