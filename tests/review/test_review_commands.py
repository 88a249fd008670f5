"""`flask --app wsgi review …`: from a timer, with exit codes and words that a script and a person understand."""

import json

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from caseapp import create_app
from caseapp.accounts.actions import set_municipality
from caseapp.db import transaction
from caseapp.review.models import ReviewItem
from caseapp.review.rules import Month, ReviewSettings
from tests.installations import every_row_but_traces
from tests.review.conftest import Past, give_role


def run(app: Flask, *words: str, command: str = "select") -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["review", command, *words])


def test_the_last_month_that_has_ended_is_selected_and_again_changes_nothing(app: Flask, past: Past) -> None:
    past.read("lena", past.case())
    done = run(app, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told.pop("by_rule") == {
        "break_glass": 0, "protected": 0, "own_name": 0, "volume": 0, "out_of_hours": 0, "unreadable": 0, "sample": 1
    }  # fmt: skip
    assert told == {"month": past.month.written, "is_new": True, "items": 1, "entries": 1, "readings": 1, "reviewers": 1}
    before = every_row_but_traces(app)
    again = run(app, "--json", "--month", past.month.written)
    assert (again.exit_code, json.loads(again.stdout)["is_new"]) == (0, False)
    assert every_row_but_traces(app) == before
    assert "was made before; nothing was changed" in run(app).stdout
    assert [item.who for item in past.items()] == ["Lena Brodin"]


def test_who_reviews_is_told_when_there_are_too_few(app: Flask, past: Past) -> None:
    assert "Only one person has the role of log reviewer" in run(app).stderr
    give_role(past, "greta")
    assert "Nobody has the role of log reviewer" in run(app).stderr
    give_role(past, "greta", "log_reviewer")
    give_role(past, "ulla", "log_reviewer")
    assert "role of log reviewer" not in run(app).stderr


@pytest.mark.parametrize("month", ["2026-13", "oktober", "", "2026-1", "2026-10-01"])
def test_what_is_no_month_is_wrong_use(app: Flask, past: Past, month: str) -> None:
    done = run(app, "--month", month)
    assert done.exit_code == 2
    assert "is not a month written as 2026-10" in done.stderr


def test_a_month_that_has_not_ended_is_wrong_use_and_stores_nothing(app: Flask, past: Past) -> None:
    before = every_row_but_traces(app)
    for month in (past.month.following, past.month.following.following, Month(2199, 12)):
        done = run(app, "--month", month.written)
        assert done.exit_code == 2
        assert "The month has not ended" in done.stderr
    assert every_row_but_traces(app) == before


def test_the_help_has_an_example(app: Flask) -> None:
    assert "Example: flask --app wsgi review select --month 2026-10" in run(app, "--help").stdout


def test_without_an_installation_it_is_a_matter_of_configuration(tmp_path: object) -> None:
    app = create_app({"CASEAPP_HOME": str(tmp_path)})
    done = run(app)
    assert done.exit_code == 78
    assert "Nothing is installed here yet" in done.stderr


def test_the_sample_is_drawn_again_and_an_exchanged_reading_is_noticed(app: Flask, past: Past) -> None:
    case_id = past.case()
    for day in range(1, 16):
        past.read("lena", case_id, day=day)
    assert run(app, command="repeat").exit_code == 2
    set_municipality(past.actor("admin"), review=ReviewSettings(sample=5).written())
    run(app)
    again = run(app, "--json", command="repeat")
    assert (again.exit_code, json.loads(again.stdout)) == (
        0, {"month": past.month.written, "drawn": 5, "not_listed": 0, "not_drawn": 0}
    )  # fmt: skip
    assert "5 readings drawn again: the list holds these and no other." in run(app, command="repeat").stdout
    _exchange_one(past)
    other = run(app, "--json", command="repeat")
    assert (other.exit_code, json.loads(other.stdout)["not_listed"], json.loads(other.stdout)["not_drawn"]) == (1, 1, 1)


def _exchange_one(past: Past) -> None:
    """Somebody who holds the installation's keys moves a reading of the sample to a day that was not drawn."""
    with transaction() as current:
        items = current.scalars(select(ReviewItem)).all()
        items[0].day = next(day for number in range(1, 16) if (day := past.day(number)) not in {item.day for item in items})
        current.commit()


def test_a_spoiled_list_is_said_in_one_sentence(app: Flask, past: Past) -> None:
    past.read("lena", past.case())
    run(app)
    with app.extensions["caseapp.database"].engine.begin() as connection:
        connection.execute(text("UPDATE review_item SET user_id = 'x'"))
    done = run(app, command="repeat")
    assert done.exit_code == 1
    assert done.stderr.startswith("A row was changed past the application")
