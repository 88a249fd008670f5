"""Loading: the same seed gives the same municipality, and nothing is ever put beside real data."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from caseapp import demonstration
from caseapp.cases.notes import read_notes
from caseapp.codelists import codelist
from caseapp.demonstration.written import office_plan, stories, told
from tests.demonstration.visitor import look_around
from tests.installations import Workshop
from tests.municipality import build


@pytest.fixture
def small(workshop: Workshop, tmp_path: Path) -> Iterator[Flask]:
    template, _invitation = workshop.template("sqlite", "empty", lambda _app, invitation: invitation)
    with workshop.copy(template, tmp_path / "home") as made, made.application() as app:
        yield app


def _told_by(workshop: Workshop, home: Path, seed: int) -> list[object]:
    template, _invitation = workshop.template("sqlite", "empty", lambda _app, invitation: invitation)
    with workshop.copy(template, home) as made, made.application() as app:
        app.extensions["caseapp.database"].bind()
        assert demonstration.load(cases=4, quarters=2, seed=seed)
        seen = look_around(app)
        told_here: list[object] = []
        for case_id, bar in sorted(seen.bars.items(), key=lambda one: one[1].case_number):
            notes = read_notes(seen.coordinator(case_id), case_id).notes
            plan = seen.plans[case_id].plan
            young = seen.consents[case_id].people.young
            told_here.append((bar.case_number, young.name, young.masked_number, young.phone, bar.opened_on))
            told_here += [(note.heading, note.text, note.occurred_on) for note in notes]
            told_here += [(one.text, one.due_on) for one in (*plan.goals, *plan.commitments) if hasattr(one, "due_on")]
        return told_here


def test_the_same_seed_tells_the_same_and_another_does_not(workshop: Workshop, tmp_path: Path) -> None:
    first = _told_by(workshop, tmp_path / "first", 7)
    assert len(first) > 12
    assert first == _told_by(workshop, tmp_path / "second", 7)
    assert first != _told_by(workshop, tmp_path / "third", 8)


def test_people_are_listed_only_where_there_is_a_demonstration(small: Flask) -> None:
    runner = small.test_cli_runner()
    assert runner.invoke(args=["demo", "people", "--json"]).exit_code == 1
    assert runner.invoke(args=["demo", "load", "--cases", "2", "--quarters", "2"]).exit_code == 0
    again = runner.invoke(args=["demo", "load"])
    assert (again.exit_code, "here already" in again.output) == (0, True)
    people = json.loads(runner.invoke(args=["demo", "people", "--json"]).stdout)
    assert set(people[0]) == {"name", "login", "password", "totp_secret", "agency", "role", "team"}
    assert {"coordinator", "participant", "unit_manager", "statistician", "log_reviewer", "administrator"} == {
        one["role"] for one in people
    }


def test_a_municipality_that_works_is_never_touched(workshop: Workshop, tmp_path: Path) -> None:
    template, _people = workshop.template("sqlite", "municipality", build)
    with workshop.copy(template, tmp_path / "home") as made, made.application() as app:
        before = (made.home / "caseapp.db").read_bytes()
        answer = app.test_cli_runner().invoke(args=["demo", "load"])
        assert answer.exit_code == 1
        assert "nothing was changed" in answer.output
        assert (made.home / "caseapp.db").read_bytes() == before


def test_every_story_speaks_in_codes_that_exist() -> None:
    lists = {
        "sources": "ReferralSource",
        "concerns": "Concern",
        "protective": "ProtectiveFactor",
        "responsivity": "Responsivity",
        "needs": "NeedDomain",
    }
    makers = {*office_plan()["agencies"], "youth", "guardian"}
    for story in stories().values():
        for field, name in lists.items():
            assert set(getattr(story, field)) <= set(codelist(name))
        assert all(one["by"] in makers and one["goal"] < len(story.goals) for one in story.commitments)
        assert all(one["type"] in codelist("InterventionType") and one["focus"] in codelist("NeedDomain") for one in story.support)


def test_texts_about_a_protected_person_name_nobody() -> None:
    assert told("{name} sover. Vi ringer {name}.", "") == "Den unge sover. Vi ringer den unge."
    assert told("{names} dag", "Lucas") == "Lucas dag"
    assert told("{names} dag", "Alva") == "Alvas dag"
