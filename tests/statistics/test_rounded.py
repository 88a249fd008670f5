"""`statistics rounded`: a year's table in multiples of five, and every reason for refusing one."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from caseapp.access import Actor, Permission, Refused, now
from caseapp.accounts.actions import set_municipality
from caseapp.db import transaction
from caseapp.formats import clock
from caseapp.statistics import actions
from caseapp.statistics.models import RoundedTable
from caseapp.statistics.preparing import compute, prepare, read_material, store
from caseapp.statistics.rounded import round_year
from caseapp.statistics.steps import nobody_waits
from tests.pages import PageClient

NEW_YEAR = date(2027, 1, 4)


def run(app: Flask, *words: str, on: date = NEW_YEAR) -> Result:
    with app.app_context(), clock.at(on):
        return app.test_cli_runner().invoke(args=["statistics", "rounded", *words])


def discard(app: Flask, *words: str) -> Result:
    with app.app_context(), clock.at(NEW_YEAR):
        return app.test_cli_runner().invoke(args=["statistics", "discard-rounded", "2026", "--reason", "Bara ett prov", *words])


def test_a_year_is_written_in_multiples_that_add_up_with_what_must_be_read_with_it(app: Flask, tmp_path: Path) -> None:
    done = run(app, "2026", "A4-school", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "Never publish them beside a release of 2026" in done.stdout
    rows = list(csv.DictReader((tmp_path / "out" / "A4-school-2026-avrundad.csv").read_text("utf-8").splitlines()))
    assert {int(row["rounded_count"]) % 5 for row in rows} == {0}
    assert {row["flow"] for row in rows} == {"opened"}
    counts = Counter({(row["sex"], row["need.school"]): int(row["rounded_count"]) for row in rows})
    levels, sexes = {level for _, level in counts}, {sex for sex, _ in counts}
    for sex in sexes:
        assert counts[sex, "Total"] == sum(counts[sex, level] for level in levels - {"Total"})
    for level in levels:
        assert counts["Total", level] == sum(counts[sex, level] for sex in sexes - {"Total"})
    told = (tmp_path / "out" / "LÄSMIG.txt").read_text("utf-8")
    assert told.startswith("AVRUNDADE TAL: Provköping, tabell A4-school, 2026")
    assert "FÅR ALDRIG PUBLICERAS TILLSAMMANS" in told


@pytest.mark.parametrize(
    ("words", "on", "sentence"),
    [
        (("2026", "A4-school"), date(2026, 12, 31), "The year 2026 has not ended yet."),
        (("2026", "A99"), NEW_YEAR, "There is no table A99 in the plan"),
        (("2024", "A4-school"), NEW_YEAR, "Fewer than 10 are counted in A4-school of 2024"),
    ],
)
def test_what_cannot_be_rounded_is_said_in_a_sentence(app: Flask, tmp_path: Path, words: tuple[str, ...], on: date, sentence: str) -> None:
    done = run(app, *words, "--out", str(tmp_path / "out"), on=on)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_base_is_the_municipalitys_own_unless_another_is_asked_for(app: Flask, actor: Callable[[str], Actor], tmp_path: Path) -> None:
    set_municipality(actor("admin"), rounding_base=3)
    for words, base in (((), 3), (("--base", "10"), 10)):
        discard(app)
        assert run(app, "2026", "A4-school", *words, "--out", str(tmp_path / str(base))).exit_code == 0
        (path,) = (tmp_path / str(base)).glob("*.csv")
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        assert {row["base"] for row in rows} == {str(base)}
        assert {int(row["rounded_count"]) % base for row in rows} == {0}


def test_a_base_that_protects_nothing_is_wrong_use(app: Flask, tmp_path: Path) -> None:
    assert run(app, "2026", "A4-school", "--base", "2", "--out", str(tmp_path / "out")).exit_code == 2


def test_nothing_is_written_over(app: Flask, tmp_path: Path) -> None:
    done = run(app, "2026", "A4-school", "--out", str(tmp_path))
    assert done.exit_code == 1
    assert "is there already" in done.stderr


def test_the_same_numbers_may_be_written_again_and_others_of_the_year_may_not(app: Flask, tmp_path: Path) -> None:
    for attempt in ("one", "two"):
        assert run(app, "2026", "A4-school", "--out", str(tmp_path / attempt)).exit_code == 0
    one, two = ((tmp_path / attempt / "A4-school-2026-avrundad.csv").read_bytes() for attempt in ("one", "two"))
    assert one == two
    for words in (("A4-school", "--base", "10"), ("A3",)):
        done = run(app, "2026", *words, "--out", str(tmp_path / "more"))
        assert done.exit_code == 1
        assert "A4-school of 2026 was written in multiples of 5" in done.stderr
        assert not (tmp_path / "more").exists()


def test_no_quarter_of_a_rounded_year_is_released_until_the_table_is_discarded(
    app: Flask, stellan: Actor, signed_in: Callable[[str], PageClient], tmp_path: Path
) -> None:
    assert "2026Q3" in [str(quarter) for quarter in actions.list_releases(stellan).choices]
    assert run(app, "2026", "A4-school", "--out", str(tmp_path / "out")).exit_code == 0
    assert not [quarter for quarter in actions.list_releases(stellan).choices if quarter.year == 2026]
    page = signed_in("stellan").get("/statistics").text
    assert "A4-school för 2026, i multiplar av 5, skriven 2027-01-04. Inget kvartal av 2026 ges ut." in page
    with pytest.raises(Refused) as refused:
        prepare(stellan, "2026Q3")
    assert refused.value.reason == "year_rounded"
    assert discard(app).exit_code == 0
    assert prepare(stellan, "2026Q3")


def test_a_quarter_that_was_being_computed_when_its_year_was_rounded_is_not_stored(app: Flask, stellan: Actor, tmp_path: Path) -> None:
    material = read_material(stellan, "2026Q3", nobody_waits)
    made = compute(material, nobody_waits)
    assert run(app, "2026", "A4-school", "--out", str(tmp_path / "out")).exit_code == 0
    with pytest.raises(Refused) as refused:
        store(stellan, material, made)
    assert refused.value.reason == "year_rounded"


def test_the_next_quarter_in_order_passes_a_rounded_year_by(app: Flask, stellan: Actor, ulla: Actor, tmp_path: Path) -> None:
    release_id = prepare(stellan, "2026Q3")
    actions.approve(ulla, release_id, sha256=actions.list_releases(ulla).waiting.sha256)
    with transaction() as current:
        moment = datetime(2028, 1, 3, tzinfo=UTC)
        current.add(RoundedTable(year=2027, table_id="A3", base=5, state="written", sha256="0" * 64, written_at=moment, reason=""))
        current.commit()
    with clock.at(date(2028, 5, 1)):
        assert [str(quarter) for quarter in actions.list_releases(stellan).choices] == ["2026Q4"]
        proved = replace(ulla, proved_at=now().timestamp())
        actions.approve(proved, prepare(stellan, "2026Q4"), sha256=actions.list_releases(ulla).waiting.sha256)
        assert [str(quarter) for quarter in actions.list_releases(stellan).choices] == ["2028Q1"]


def test_discarding_needs_a_reason_and_something_to_discard(app: Flask) -> None:
    assert discard(app).exit_code == 1
    assert discard(app, "--reason", " ").exit_code == 2


def test_nobody_at_a_page_rounds(app: Flask, actor: Callable[[str], Actor]) -> None:
    for login in ("stellan", "ulla", "karin"):
        with clock.at(NEW_YEAR), pytest.raises(Refused) as refused:
            round_year(actor(login), 2026, "A4-school", 5)
        assert refused.value.permission == Permission.ROUND_STATISTICS


class TestBesideReleases:
    """The second quarter of 2026 is prepared, then approved."""

    @pytest.fixture
    def stage(self) -> str:
        return "prepared"

    @pytest.mark.parametrize("decision", ["waits", "approved", "withdrawn"])
    def test_a_year_with_exact_numbers_in_it_is_not_rounded(
        self, app: Flask, stellan: Actor, ulla: Actor, tmp_path: Path, decision: str
    ) -> None:
        waiting = actions.list_releases(ulla).waiting
        assert waiting is not None
        if decision == "approved":
            actions.approve(ulla, waiting.id, sha256=waiting.sha256)
        elif decision == "withdrawn":
            actions.withdraw(stellan, waiting.id)
        done = run(app, "2026", "A4-school", "--out", str(tmp_path / "out"))
        if decision == "withdrawn":
            assert done.exit_code == 0, done.output
        else:
            assert done.exit_code == 1
            assert "whoever has exact numbers of a year and rounded ones can find out what was hidden" in done.stderr
