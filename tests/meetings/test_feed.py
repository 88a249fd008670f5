"""The calendar's secret address: what it gives, to whom, and when it stops."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import text

from caseapp.access import Actor, Permission
from caseapp.accounts import actions as accounts
from caseapp.accounts import feeds
from caseapp.cases.starting import NewPerson, start_case
from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from tests.municipality import Municipality
from tests.pages import PageClient

SignedIn = Callable[[str], PageClient]
ActorOf = Callable[[str], Actor]


@pytest.fixture
def planned(actor: ActorOf, municipality: Municipality) -> str:
    """Tomorrow's meeting of the northern team, with two cases; and one about Alva Lind at her home, to which Lena is not let."""
    karin, tomorrow = actor("karin"), clock.now() + timedelta(days=1)
    north = municipality.teams["norr"]
    case_ids = [start_case(karin, north, person=NewPerson(name, "f")) for name in ("Alva Lind", "Bea Strand")]
    meetings.plan_meeting(
        karin, north, meeting_type="network", starts_at=tomorrow, place="Hemma hos Lind, Storgatan 3", case_id=case_ids[0]
    )
    meeting_id = meetings.plan_meeting(karin, north, meeting_type="team", starts_at=tomorrow, place="Rådhuset")
    meetings.add_to_agenda(karin, meeting_id, case_ids)
    return meeting_id


def fetch(client: PageClient, token: str) -> Calendar:
    answer = client.get(f"/calendar/{token}.ics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return Calendar.from_ical(answer.get_data(as_text=True))


def test_the_feed_tells_that_there_is_a_meeting_and_of_how_many_cases_and_nothing_else(
    client: PageClient, actor: ActorOf, planned: str
) -> None:
    token = feeds.renew_feed(actor("karin"))
    found = {str(event["SUMMARY"]): event for event in fetch(client, token).events}
    assert set(found) == {"Arbetsgruppsmöte, 2 ärenden", "Nätverksmöte"}
    team = found["Arbetsgruppsmöte, 2 ärenden"]
    assert team["UID"] == planned
    assert team["URL"] == f"https://localhost/meetings/{planned}"
    assert set(team) == {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DURATION", "SUMMARY", "URL"}
    whole = client.get(f"/calendar/{token}.ics").get_data(as_text=True)
    assert not re.search(r"Lind|Strand|Storgatan|Rådhuset|Hellberg|Norr|\d{4}-\d{4}\b(?!-)", whole.replace(planned, ""))


def test_a_meeting_about_a_case_is_told_only_to_those_who_take_part_in_it(client: PageClient, actor: ActorOf, planned: str) -> None:
    told = [str(event["SUMMARY"]) for event in fetch(client, feeds.renew_feed(actor("lena"))).events]
    assert told == ["Arbetsgruppsmöte, 2 ärenden"]
    assert fetch(client, feeds.renew_feed(actor("rasmus"))).events == []


def test_a_new_address_makes_the_old_one_worthless_and_switching_off_makes_the_last(client: PageClient, actor: ActorOf) -> None:
    old = feeds.renew_feed(actor("karin"))
    new = feeds.renew_feed(actor("karin"))
    assert client.get(f"/calendar/{old}.ics").status_code == 404
    fetch(client, new)
    feeds.stop_feed(actor("karin"))
    assert client.get(f"/calendar/{new}.ics").status_code == 404


def test_the_address_of_a_closed_account_is_dead_at_once_and_stays_so(
    client: PageClient, actor: ActorOf, municipality: Municipality
) -> None:
    token, lena = feeds.renew_feed(actor("lena")), municipality["lena"].id
    fetch(client, token)
    accounts.disable_person(actor("admin"), lena)
    assert client.get(f"/calendar/{token}.ics").status_code == 404
    accounts.enable_person(actor("admin"), lena)
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_somebody_who_has_left_the_team_gets_an_empty_calendar(
    client: PageClient, actor: ActorOf, planned: str, municipality: Municipality, app: Flask
) -> None:
    token = feeds.renew_feed(actor("lena"))
    assert fetch(client, token).events
    accounts.change_team(actor("admin"), municipality.teams["norr"], **_without_partners(actor, municipality))
    assert fetch(client, token).events == []


def _without_partners(actor: ActorOf, municipality: Municipality) -> dict[str, object]:
    card = accounts.read_office(actor("admin")).teams[municipality.teams["norr"]]
    return {
        "name": card.name,
        "agency_ids": card.agency_ids,
        "partner_accounts": False,
        "is_active": True,
    }


def test_the_database_holds_no_address_only_its_hash(app: Flask, actor: ActorOf) -> None:
    token = feeds.renew_feed(actor("karin"))
    with app.extensions["caseapp.database"].engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM calendar_feed")).mappings()
    assert token not in str(dict(row))
    assert len(row["token_hash"]) == 64


def test_an_address_that_was_made_somebody_else_s_past_the_application_leads_nowhere_and_stops_nothing(
    app: Flask, client: PageClient, actor: ActorOf, municipality: Municipality, planned: str
) -> None:
    token = feeds.renew_feed(actor("rasmus"))
    with app.extensions["caseapp.database"].engine.begin() as connection:
        connection.execute(text("UPDATE calendar_feed SET user_id = :karin"), {"karin": municipality["karin"].id})
    assert client.get(f"/calendar/{token}.ics").status_code == 404
    assert len(fetch(client, feeds.renew_feed(actor("karin"))).events) == 2
    accounts.disable_person(actor("admin"), municipality["karin"].id)


def test_each_fetching_is_in_the_log_as_the_person_s_and_each_wrong_address_as_nobody_s(
    app: Flask, client: PageClient, actor: ActorOf, municipality: Municipality
) -> None:
    token = feeds.renew_feed(actor("karin"))
    fetch(client, token)
    client.get("/calendar/guessed.ics")
    with app.extensions["caseapp.database"].engine.connect() as connection:
        query = text("SELECT actor_id, decision, reason FROM audit_entry WHERE permission = :p ORDER BY sequence")
        told = [tuple(row) for row in connection.execute(query, {"p": Permission.FETCH_CALENDAR.value})]
    assert told == [(municipality["karin"].id, "allowed", ""), (None, "refused", "not_found")]


def test_whoever_guesses_addresses_has_to_wait_and_a_right_address_costs_nothing(client: PageClient, actor: ActorOf) -> None:
    token = feeds.renew_feed(actor("karin"))
    for _time in range(55):  # more often than failures are free: fetching is no failure
        assert client.get(f"/calendar/{token}.ics").status_code == 200
    for number in range(50):
        assert client.get(f"/calendar/guess{number}.ics").status_code == 404
    answer = client.get("/calendar/guess50.ics")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_the_address_is_made_shown_once_renewed_and_switched_off_on_the_own_page(signed_in: SignedIn) -> None:
    karin = signed_in("karin")
    karin.get("/account")
    karin.submit({}, action="/account/calendar")
    assert karin.page is not None
    shown = re.search(r"/calendar/([\w-]{43})\.ics", karin.page.text())
    assert shown
    karin.get("/account")
    assert shown[1] not in karin.page.text()
    assert "Du har en adress sedan" in karin.page.text()
    karin.submit({}, action="/account/calendar/stop")
    karin.get("/account")
    assert "Gör en adress" in karin.page.text()


def test_people_without_meetings_are_not_offered_an_address(signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    admin.get("/account")
    assert admin.page is not None
    assert "Möten i din kalender" not in admin.page.text()
