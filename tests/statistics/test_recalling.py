"""An approved release is recalled by two people, keeps binding what comes later, and its quarter is corrected by a new release."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.access import Actor, NotFound, Refused
from caseapp.cases.actions import change_young, read_case
from caseapp.cases.starting import NewPerson, start_case
from caseapp.db import transaction
from caseapp.formats import Quarter
from caseapp.statistics import actions, ledger, preparing, recalling
from caseapp.statistics.bundle import read_release, unpack, write_folder
from caseapp.statistics.ledger import ReleaseCard
from caseapp.statistics.models import Release
from caseapp.statistics.overview import overview
from caseapp.statistics.preview import preview
from caseapp.statistics.releases import attack_all, counts_of, digest
from tests.municipality import Municipality, actor_of
from tests.pages import PageClient

SignedIn = Callable[[str], PageClient]
VERIFY = Path(__file__).resolve().parents[2] / "scripts" / "verify-release"
WHY = "Fel kommun på försättsbladet"


@pytest.fixture
def stage() -> str:
    """The second quarter of 2026 waits for a decision."""
    return "prepared"


@pytest.fixture
def approved(ulla: Actor) -> ReleaseCard:
    """That release, approved."""
    approve_waiting(ulla)
    return actions.list_releases(ulla).releases[0]


def approve_waiting(ulla: Actor) -> str:
    """Approve what waits; its id."""
    waiting = actions.list_releases(ulla).waiting
    assert waiting is not None
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    return waiting.id


def recall(release: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    """The statistician asks, the unit manager confirms."""
    recalling.ask_for_recall(stellan, release.id, reason=WHY)
    recalling.confirm_recall(ulla, release.id, sha256=release.sha256)


# -- who and when -----------------------------------------------------------------------------------------------------


def test_recalled_by_two_it_keeps_its_bytes_and_says_so_everywhere(approved: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    before = actions.bundle(stellan, approved.id)
    recall(approved, stellan, ulla)
    after, page = actions.bundle(stellan, approved.id), preview(stellan, approved.id)
    assert (after.archive, after.name) == (before.archive, "0000-2026Q2-r1-recalled.zip")
    assert page.card.state == "recalled"
    assert page.recall is not None
    assert (page.recall.reason, page.recall.asked_by, page.recall.decided_by) == (WHY, stellan.name, ulla.name)
    assert page.plans
    assert overview(ulla).quarters == (), "its numbers are not to be used"
    with transaction(reading=True) as current:
        row = current.get_one(Release, approved.id)
        assert counts_of(row.counts)["persons"]


@pytest.mark.parametrize("login", ["karin", "admin"])
def test_nobody_else_asks_or_decides(approved: ReleaseCard, actor: Callable[[str], Actor], stellan: Actor, login: str) -> None:
    with pytest.raises(Refused) as refused:
        recalling.ask_for_recall(actor(login), approved.id, reason=WHY)
    assert refused.value.reason == "not_permitted"
    recalling.ask_for_recall(stellan, approved.id, reason=WHY)
    for attempt in (
        lambda: recalling.confirm_recall(actor(login), approved.id, sha256=approved.sha256),
        lambda: recalling.drop_recall(actor(login), approved.id),
        lambda: recalling.confirm_recall(stellan, approved.id, sha256=approved.sha256),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.reason == "not_permitted"


def test_whoever_asked_does_not_decide(approved: ReleaseCard, ulla: Actor) -> None:
    recalling.ask_for_recall(ulla, approved.id, reason=WHY)
    assert not preview(ulla, approved.id).may_confirm_recall
    with pytest.raises(Refused) as refused:
        recalling.confirm_recall(ulla, approved.id, sha256=approved.sha256)
    assert refused.value.reason == "same_asker"


def test_the_decision_asks_for_a_new_code_and_for_the_bytes_that_were_shown(
    approved: ReleaseCard, stellan: Actor, ulla: Actor
) -> None:
    recalling.ask_for_recall(stellan, approved.id, reason=WHY)
    for deciding, sha256, reason in ((replace(ulla, proved_at=0.0), approved.sha256, "step_up"), (ulla, "", "bytes_changed")):
        with pytest.raises(Refused) as refused:
            recalling.confirm_recall(deciding, approved.id, sha256=sha256)
        assert refused.value.reason == reason
    assert preview(ulla, approved.id).card.state == "approved"


def test_it_is_asked_for_once_at_a_time_and_only_of_what_is_approved(approved: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    with pytest.raises(NotFound):
        recalling.confirm_recall(ulla, approved.id, sha256=approved.sha256)
    recalling.ask_for_recall(stellan, approved.id, reason=WHY)
    with pytest.raises(Refused) as refused:
        recalling.ask_for_recall(ulla, approved.id, reason=WHY)
    assert refused.value.reason == "recall_waits"
    assert actions.list_releases(ulla).to_recall == {approved.id}
    recalling.drop_recall(stellan, approved.id)
    assert actions.list_releases(ulla).to_recall == frozenset()
    recall(approved, stellan, ulla)
    with pytest.raises(Refused) as refused:
        recalling.ask_for_recall(ulla, approved.id, reason=WHY)
    assert refused.value.reason == "not_approved"


def test_the_pages_lead_from_the_wish_to_the_decision(signed_in: SignedIn, approved: ReleaseCard) -> None:
    stellan, ulla, address = signed_in("stellan"), signed_in("ulla"), f"/statistics/releases/{approved.id}"
    assert stellan.submit({"why": ""}, on=address).status_code == 422
    assert "Skriv varför" in stellan.page.text()
    stellan.submit({"why": WHY}, on=address)
    assert "En enhetschef, någon annan än den som begärde det, beslutar." in stellan.page.text()
    ulla.get("/statistics")
    assert "Återkallelse begärd" in ulla.page.text()
    ulla.get(address)
    assert WHY in ulla.page.text()
    ulla.submit({"sha256": approved.sha256}, on=address, action=f"{address}/recall/confirm")
    assert "Utgåvan är återkallad och ska inte användas" in ulla.page.text()
    stellan.get("/statistics")
    assert "Förbered en rättelse av kvartal 2 2026" in stellan.page.text()
    fetched = stellan.get(f"{address}/bundle")
    assert fetched.headers["Content-Disposition"] == "attachment; filename=0000-2026Q2-r1-recalled.zip"
    assert digest(fetched.data) == approved.sha256


# -- correcting -------------------------------------------------------------------------------------------------------


def may_read(actor: Actor, case_id: str) -> bool:
    """Whether this person may change the case at all."""
    try:
        return bool(read_case(actor, case_id))
    except Refused:
        return False


def test_a_correction_repeats_every_number_and_what_came_too_late_counts_in_the_next_quarter(
    approved: ReleaseCard, stellan: Actor, ulla: Actor, app: Flask, municipality: Municipality, tmp_path: Path
) -> None:
    assert actions.list_releases(stellan).corrections == ()
    recall(approved, stellan, ulla)
    assert actions.list_releases(stellan).corrections == (Quarter(2026, 2),)
    assert actions.list_releases(stellan).choices == (Quarter(2026, 3),)
    late = NewPerson("Sen Anmälan", "f", born=date(2011, 1, 1), temporary_number="sen-1")  # the notice came in June, and is typed in now
    karin, team = actor_of(app, municipality["karin"]), municipality.teams["norr"]
    start_case(karin, team, person=late, opened_on=date(2026, 6, 29))
    with transaction(reading=True) as current:
        query = "SELECT id FROM case_file WHERE closed_on IS NULL AND opened_on <= '2026-06-28' ORDER BY opened_on"
        counted = [row.id for row in current.execute(text(query))]
    changed = [case_id for case_id in counted if may_read(karin, case_id)][:3]
    for case_id in changed:  # three who were counted then turn out to be of another sex
        change_young(karin, case_id, NewPerson("Någon Annan", "u", born=date(2011, 1, 1), temporary_number=case_id))
    assert len(changed) == 3

    corrected = preparing.prepare(stellan, "2026Q2")
    assert approve_waiting(ulla) == corrected
    first, second = (unpack(actions.bundle(stellan, one).archive) for one in (approved.id, corrected))
    assert read_release(second).label == "0000-2026Q2-r2"
    tables = [path for path in first if path.startswith("tables/")]
    assert tables
    assert {path: second[path] for path in tables} == {path: first[path] for path in tables}

    third = preparing.prepare(stellan, "2026Q3")
    approve_waiting(ulla)
    with transaction(reading=True) as current:
        everything = [ledger.kept(row) for row in ledger.standing(ledger.releases())]
        query = text("SELECT count(*) FROM case_file WHERE opened_on BETWEEN '2026-07-01' AND '2026-09-30'")
        of_the_quarter = int(current.execute(query).scalar_one())
    assert [one.label for one in everything] == ["0000-2026Q2-r1", "0000-2026Q2-r2", "0000-2026Q3-r1"]
    counts = everything[2].counts["persons"].items()
    opened = sum(number for codes, number in counts if {"quarter": "2026Q3", "flow": "opened"}.items() <= dict(codes).items())
    assert opened == of_the_quarter + 1, "the late notice counts in the quarter after"
    assert not [finding for finding in attack_all(everything) if not finding.is_open]
    for one in everything:
        write_folder(unpack(one.archive), tmp_path / one.label)
    places = [str(tmp_path / one.label) for one in everything]
    checked = subprocess.run([sys.executable, "-I", str(VERIFY), *places], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert third


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_quarter_is_corrected_after_the_next_one_was_released_and_a_reader_can_check_all_three(
    approved: ReleaseCard, stellan: Actor, ulla: Actor, tmp_path: Path
) -> None:
    preparing.prepare(stellan, "2026Q3")
    approve_waiting(ulla)
    recall(approved, stellan, ulla)
    assert actions.list_releases(stellan).corrections == (Quarter(2026, 2),)
    assert [str(quarter) for quarter in overview(ulla).quarters] == ["2026Q3"]
    preparing.prepare(stellan, "2026Q2")
    approve_waiting(ulla)
    assert [str(quarter) for quarter in overview(ulla).quarters] == ["2026Q2", "2026Q3"]
    with transaction(reading=True):
        everything = [ledger.kept(row) for row in ledger.standing(ledger.releases())]
    assert [one.label for one in everything] == ["0000-2026Q2-r1", "0000-2026Q3-r1", "0000-2026Q2-r2"]
    for one in everything:
        write_folder(unpack(one.archive), tmp_path / one.label)
    places = [str(tmp_path / one.label) for one in everything]
    checked = subprocess.run([sys.executable, "-I", str(VERIFY), *places], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
