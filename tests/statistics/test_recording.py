"""A table that left the house another way is recorded by one person, approved by another, and known to whoever prepares the quarter."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.access import Actor, NotFound, Refused
from caseapp.db import transaction
from caseapp.statistics import actions, preparing, recording
from caseapp.statistics.bundle import unpack
from caseapp.statistics.models import Release
from caseapp.statistics.outside import NotATable
from caseapp.statistics.releases import Made
from tests.pages import PageClient
from tests.walked import MARK

SignedIn = Callable[[str], PageClient]
QUARTER, TITLE, ROWS = "2026Q2", f"Årsrapporten {MARK}", "sex,count\nf,X\nTotal,17\n"


def record(actor: Actor, rows: str = ROWS, quarter: str = QUARTER) -> str:
    """Record a table of ongoing cases."""
    return recording.record_outside(actor, title=TITLE, quarter=quarter, flow="stock", text=rows)


@pytest.mark.parametrize("login", ["karin", "admin"])
def test_nobody_else_records_or_decides(actor: Callable[[str], Actor], stellan: Actor, login: str) -> None:
    recorded = record(stellan)
    for attempt in (
        lambda: record(actor(login)),
        lambda: recording.approve_outside(actor(login), recorded),
        lambda: recording.approve_outside(stellan, recorded),
        lambda: recording.reject_outside(actor(login), recorded),
        lambda: recording.list_outside(actor(login)),
        lambda: recording.read_one(actor(login), recorded),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.reason == "not_permitted"


def test_whoever_recorded_it_does_not_approve_it_and_approval_asks_for_a_new_code(stellan: Actor, ulla: Actor) -> None:
    own, other = record(ulla), record(stellan)
    with pytest.raises(Refused) as refused:
        recording.approve_outside(ulla, own)
    assert refused.value.reason == "same_recorder"
    with pytest.raises(Refused) as refused:
        recording.approve_outside(replace(ulla, proved_at=0.0), other)
    assert refused.value.reason == "step_up"
    recording.approve_outside(ulla, other)
    recording.reject_outside(stellan, own)
    for decided in (own, other):
        with pytest.raises(Refused) as refused:
            recording.approve_outside(ulla, decided)
        assert refused.value.reason == "outside_decided"
    with pytest.raises(NotFound):
        recording.approve_outside(ulla, "\0")
    assert sorted(card.state for card in recording.list_outside(ulla)) == ["approved", "rejected"]


def test_a_table_that_contradicts_an_approved_one_is_refused(stellan: Actor, ulla: Actor) -> None:
    recording.approve_outside(ulla, record(stellan))
    record(stellan, "sex,count\nTotal,17\n")
    with pytest.raises(NotATable) as refused:
        record(stellan, "sex,count\nf,12\nm,12\n")
    assert [one.code for one in refused.value.problems] == ["contradicts_another"]


@pytest.mark.parametrize("stage", ["prepared"])
def test_it_is_too_late_for_a_quarter_that_waits_or_is_released(stage: str, stellan: Actor, ulla: Actor) -> None:
    waiting = actions.list_releases(ulla).waiting
    assert waiting is not None
    with pytest.raises(Refused) as refused:
        record(stellan)
    assert refused.value.reason == "release_waits"
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    with pytest.raises(Refused) as refused:
        record(stellan)
    assert refused.value.reason == "quarter_released"
    assert record(stellan, quarter="2026Q3")


def test_its_true_numbers_are_facts_of_the_release_and_a_false_one_is_not(stellan: Actor, ulla: Actor, app: Flask) -> None:
    material = preparing.read_material(stellan, QUARTER, lambda _step: None)
    running = sum(one.opened <= QUARTER and (one.closed is None or one.closed > QUARTER) for one in material.reading.records)
    assert running >= 5
    recording.approve_outside(ulla, record(stellan, f"sex,count\nTotal,{running}\n"))
    recording.approve_outside(ulla, record(stellan, "age,count\na12_14,5\n"))  # a guess
    release_id = preparing.prepare(stellan, QUARTER)
    with transaction(reading=True) as current:
        row = current.get_one(Release, release_id)
        facts = json.loads(unpack(row.archive)["spec.json"])["facts"]
        truth = sum(
            n for codes, n in row.counts["persons"]
            if {"quarter": QUARTER, "flow": "stock", "age": "a12_14"}.items() <= codes.items()
        )  # fmt: skip
    told = [(fact["terms"][0][1], fact["lo"]) for fact in facts if len(fact["terms"]) == 1 and fact["lo"] == fact["hi"]]
    assert ({"quarter": QUARTER, "flow": "stock"}, running) in told
    assert (({"age": "a12_14", "flow": "stock", "quarter": QUARTER}, 5) in told) is (truth == 5)


def test_what_is_approved_while_the_quarter_is_computed_makes_it_begin_anew(stellan: Actor, ulla: Actor) -> None:
    recorded = record(stellan)
    material = preparing.read_material(stellan, QUARTER, lambda _step: None)
    recording.approve_outside(ulla, recorded)
    with pytest.raises(Refused) as refused:
        preparing.store(stellan, material, Made(b"", {}, {"label": "x"}))
    assert refused.value.reason == "ledger_changed"


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_pages_lead_from_the_rows_to_the_decision(signed_in: SignedIn, app: Flask) -> None:
    stellan, ulla = signed_in("stellan"), signed_in("ulla")
    answers = {"title": TITLE, "quarter": QUARTER, "flow": "stock", "rows": "sex,count\nf,3\nq,9\n"}
    assert stellan.submit(answers, on="/statistics/outside/new").status_code == 422
    assert "Rad 2: Antalet 3 är litet och går inte att dölja i efterhand. Skriv X." in stellan.page.text()
    assert "Rad 3: Koden finns inte. sex: q" in stellan.page.text()
    stellan.submit({"rows": ROWS})
    address = stellan.address
    assert "En enhetschef, någon annan än den som registrerade tabellen, beslutar." in stellan.page.text()
    ulla.get("/statistics/outside")
    assert TITLE in ulla.page.text()
    ulla.get(address)
    assert "17" in ulla.page.text()
    ulla.submit({}, on=address, action=f"{address}/approve")
    assert "När kvartalet förbereds räknas dess tal som kända." in ulla.page.text()
    with transaction(reading=True) as current:
        stored = " ".join(map(str, current.execute(text("SELECT * FROM outside_release")).all()))
    assert MARK not in stored


@pytest.mark.parametrize("content", [ROWS.encode(), b"\xef\xbb\xbf" + ROWS.encode()])
def test_a_file_is_taken_instead_of_rows(signed_in: SignedIn, content: bytes) -> None:
    stellan = signed_in("stellan")
    stellan.submit({"title": TITLE, "quarter": QUARTER, "flow": "stock", "file": (BytesIO(content), "t.csv")}, on="/statistics/outside/new")
    assert stellan.address != "/statistics/outside/new"
    assert TITLE in stellan.page.text()


NO_TABLES = (
    b"\x00\xff\xfe",
    b"PK\x03\x04 no table",
    b"a" * 100_000,
    b"sex,count\n" + b'"' * 50_000,
    b"sex,count\n" + b"x" * 200_000,
)


@pytest.mark.parametrize("content", NO_TABLES, ids=range(len(NO_TABLES)))
def test_a_file_that_is_no_table_is_refused_in_a_sentence(signed_in: SignedIn, content: bytes) -> None:
    stellan = signed_in("stellan")
    answers = {"title": TITLE, "quarter": QUARTER, "flow": "stock", "file": (BytesIO(content), "t.csv")}
    assert stellan.submit(answers, on="/statistics/outside/new").status_code == 422
    assert "Kontrollera det här" in stellan.page.text()
