"""Reminders, from the choice to the letter that a real mail server took: what is in it, who gets one, when, and what a failure tells."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from caseapp.access import Actor
from caseapp.accounts.actions import disable_person
from caseapp.accounts.signing_in import choose_language
from caseapp.audit import AuditEntry
from caseapp.audit.chain import detail_place
from caseapp.cases.models import Case
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.db import bound_database, transaction
from caseapp.formats import SWEDEN, clock
from caseapp.meetings.actions import plan_meeting
from caseapp.reminders import actions
from caseapp.reminders.rules import is_due
from tests.installations import Installation
from tests.municipality import Municipality
from tests.reminders.conftest import ADDRESS, Server

Acting = Callable[[str], Actor]
EMAIL = "karin.hellberg@provkoping.example"


def coming(weekday: int) -> date:
    """The next day of this kind from tomorrow on; 0 is Monday."""
    tomorrow = clock.today() + timedelta(days=1)
    return tomorrow + timedelta(days=(weekday - tomorrow.weekday()) % 7)


@pytest.fixture
def monday() -> Iterator[date]:
    """A Monday morning, at which the clock stands still."""
    with clock.at(datetime.combine(coming(0), datetime.min.time().replace(hour=6), SWEDEN)):
        yield clock.today()


@pytest.fixture
def case_number(monday: date, actor: Acting, municipality: Municipality) -> str:
    """A case of karin's that waits for a consent; its number."""
    karin = actor("karin")
    related = [NewRelated(name="Mona Lindström")]
    case_id = start_case(karin, municipality.teams["norr"], person=NewPerson(name="Alva Lindström", sex="f"), related=related)
    return _number(case_id)


def _number(case_id: str) -> str:
    with transaction(reading=True) as current:
        return current.get_one(Case, case_id).case_number


def remind(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["remind", *words])


def test_a_letter_says_how_much_waits_and_not_for_whom_or_about_whom(
    app: Flask, server: Server, actor: Acting, municipality: Municipality, case_number: str
) -> None:
    actions.choose(actor("karin"), email=EMAIL, days="workdays")
    done = remind(app)
    assert (done.exit_code, done.stdout) == (0, "1 sent, 0 with nothing to tell, 0 not delivered\n")
    (letter,) = server.letters
    assert letter["To"] == EMAIL
    text = letter.get_content()
    assert "- 1 sak att göra" in text
    assert ADDRESS in text
    whole = letter.as_string() + text
    office = (*municipality.teams.values(), municipality["karin"].id)
    for secret in ("Alva", "Lindström", "Mona", case_number, "Karin Hellberg", "SSPF", *office):
        assert secret not in whole.replace(EMAIL, "").replace(ADDRESS, ""), secret


def test_the_address_lies_sealed_and_is_not_in_the_log(app: Flask, installation: Installation, actor: Acting, case_number: str) -> None:
    actions.choose(actor("karin"), email=EMAIL, days="workdays")
    remind(app)
    app.extensions["caseapp.database"].dispose()
    if not installation.is_postgresql:
        stored = b"".join(file.read_bytes() for file in installation.home.iterdir() if ".db" in file.name)
        assert EMAIL.encode() not in stored
    app.extensions["caseapp.database"].bind()
    details = _details()
    assert {"reminded", "tasks", "meetings", "questions"} in [set(detail) for detail in details]
    assert EMAIL not in repr(details)
    assert "opened" not in repr(details)


def _details() -> list[dict[str, Any]]:
    """What the log keeps, sealed, of each step of the timer."""
    sealer = bound_database().keyholder.purpose_sealer("audit")
    with transaction(reading=True) as current:
        entries = current.query(AuditEntry).where(AuditEntry.permission == "reminders.send").all()
        return [json.loads(sealer.open(entry.detail_sealed, detail_place(entry.sequence))) for entry in entries]


def test_once_a_day_on_the_chosen_days(app: Flask, server: Server, actor: Acting, case_number: str, monday: date) -> None:
    actions.choose(actor("karin"), email=EMAIL, days="mondays")
    remind(app)
    assert "0 sent" in remind(app).stdout
    for after, letters in ((1, 1), (5, 1), (7, 2)):
        with clock.at(datetime.combine(monday + timedelta(days=after), datetime.min.time().replace(hour=6), SWEDEN)):
            remind(app)
        assert len(server.letters) == letters, after


def test_whoever_has_nothing_waiting_no_account_or_no_wish_gets_none(
    app: Flask, server: Server, actor: Acting, municipality: Municipality, case_number: str
) -> None:
    actions.choose(actor("lena"), email="lena@skolan.example", days="workdays")  # nothing waits
    actions.choose(actor("karin"), email=EMAIL, days="workdays")
    disable_person(actor("admin"), municipality["karin"].id)
    done = remind(app)
    assert (done.exit_code, done.stdout) == (0, "0 sent, 2 with nothing to tell, 0 not delivered\n")
    assert server.letters == []


def test_never_forgets_the_address(app: Flask, server: Server, actor: Acting, case_number: str) -> None:
    karin = actor("karin")
    actions.choose(karin, email=EMAIL, days="workdays")
    actions.choose(karin, email=EMAIL, days="never", version=actions.read_choice(karin).version)
    assert actions.read_choice(karin).email == ""
    remind(app)
    assert server.letters == []


def test_a_full_mailbox_stops_nobody_else_and_is_tried_again(app: Flask, server: Server, actor: Acting, case_number: str) -> None:
    actions.choose(actor("karin"), email="full@provkoping.example", days="workdays")
    actions.choose(actor("samir"), email="samir@provkoping.example", days="workdays")
    _a_meeting_of_the_week(actor("karin"))
    done = remind(app)
    assert (done.exit_code, done.stdout) == (1, "1 sent, 0 with nothing to tell, 1 not delivered\n")
    assert "full@" not in done.output
    assert server.to() == ["samir@provkoping.example"]
    assert "0 sent, 0 with nothing to tell, 1 not delivered" in remind(app).stdout


def _a_meeting_of_the_week(karin: Actor) -> None:
    """Something that waits for members without a case, too."""
    plan_meeting(karin, next(iter(karin.teams)), meeting_type="team", starts_at=clock.now() + timedelta(days=2), place="Rådhuset")


def test_a_server_that_is_gone_is_a_sentence_and_nothing_is_noted_as_sent(
    app: Flask, server: Server, actor: Acting, case_number: str
) -> None:
    actions.choose(actor("karin"), email=EMAIL, days="workdays")
    config = app.extensions["caseapp.config"]
    object.__setattr__(config, "smtp_url", "smtp://somebody:hemligt@127.0.0.1:1")
    done = remind(app)
    assert done.exit_code == 1
    assert "the mail server 127.0.0.1 cannot be used" in done.stderr
    assert "hemligt" not in done.output
    object.__setattr__(config, "smtp_url", server.url)
    assert "1 sent" in remind(app).stdout


@pytest.mark.parametrize("server", ["127.0.0.2"], indirect=True)
def test_nothing_is_said_to_another_machine_without_encryption(app: Flask, server: Server, actor: Acting, case_number: str) -> None:
    actions.choose(actor("karin"), email=EMAIL, days="workdays")
    done = remind(app)
    assert done.exit_code == 1
    assert "does not offer STARTTLS" in done.stderr
    assert server.letters == []


def test_a_dry_run_counts_and_sends_nothing(app: Flask, server: Server, actor: Acting, case_number: str) -> None:
    actions.choose(actor("karin"), email=EMAIL, days="workdays")
    assert remind(app, "--dry-run").stdout == "1 letters would be sent\n"
    assert server.letters == []
    assert "1 sent" in remind(app).stdout


def test_the_letter_is_in_the_language_of_its_reader(app: Flask, server: Server, actor: Acting, case_number: str) -> None:
    karin = actor("karin")
    choose_language(karin, "en")
    actions.choose(karin, email=EMAIL, days="workdays")
    remind(app)
    assert "- 1 thing to do" in server.letters[0].get_content()


@pytest.mark.parametrize(
    ("days", "sent_on", "today", "is_time"),
    [
        ("mondays", None, date(2026, 11, 23), True),
        ("mondays", None, date(2026, 11, 24), False),
        ("mondays", date(2026, 11, 23), date(2026, 11, 23), False),
        ("mondays", date(2026, 11, 16), date(2026, 11, 23), True),
        ("workdays", None, date(2026, 11, 27), True),
        ("workdays", None, date(2026, 11, 28), False),
        ("workdays", None, date(2026, 11, 29), False),
        ("never", None, date(2026, 11, 23), False),
        ("fridays", None, date(2026, 11, 27), False),
    ],
)
def test_when_it_is_time(days: str, sent_on: date | None, today: date, is_time: bool) -> None:
    assert is_due(days, sent_on, today) is is_time
