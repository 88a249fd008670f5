"""From prepared to approved, by two people: the whole way on both databases, and everything that stops it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from caseapp.access import Actor, DamagedRow, NotFound, Refused
from caseapp.db import transaction
from caseapp.formats import Quarter, clock
from caseapp.statistics import actions, ledger, preparing
from caseapp.statistics.bundle import read_release, unpack
from caseapp.statistics.ledger import ReleaseCard
from caseapp.statistics.models import Release
from caseapp.statistics.preview import preview
from caseapp.statistics.releases import Made, attack_all, digest, town
from caseapp.statistics.steps import Step
from tests.statistics.cases_by_lot import PLANTED
from tests.statistics.test_bundle import EVERY_TABLE

Acting = Callable[[str], Actor]


@pytest.fixture
def stage() -> str:
    """The second quarter of 2026 waits for a decision."""
    return "prepared"


@pytest.fixture
def waiting(ulla: Actor) -> ReleaseCard:
    """The release that waits."""
    found = actions.list_releases(ulla).waiting
    assert found is not None
    return found


# -- the whole way ----------------------------------------------------------------------------------------------------


def test_what_one_person_prepared_and_another_approved_is_fetched_byte_for_byte(
    waiting: ReleaseCard, stellan: Actor, ulla: Actor
) -> None:
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    fetched = actions.bundle(stellan, waiting.id)
    assert fetched.label == "0000-2026Q2-r1"
    assert digest(fetched.archive) == waiting.sha256
    assert read_release(unpack(fetched.archive)).label == fetched.label


def test_nothing_that_anybody_typed_is_in_the_bundle(waiting: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    fetched = actions.bundle(stellan, waiting.id)
    files = unpack(fetched.archive)
    with zipfile.ZipFile(io.BytesIO(files["tabeller.xlsx"])) as book:
        files |= {name: book.read(name) for name in book.namelist()}
    for word in (PLANTED, "Stellan", "Ulla", "Karin", "Ekskolan", "SSPF Norr"):
        assert not [name for name, content in files.items() if word.encode() in content or word in name], word
    assert "Provköping".encode() in files["LÄSMIG.txt"]


def test_the_next_quarter_is_bound_by_the_one_before_and_an_attacker_of_both_finds_nobody(
    waiting: ReleaseCard, stellan: Actor, ulla: Actor
) -> None:
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    steps: list[Step] = []
    second = preparing.prepare(stellan, "2026Q3", steps.append)
    actions.approve(ulla, second, sha256=actions.list_releases(ulla).releases[0].sha256)
    facts = read_release(unpack(actions.bundle(stellan, second).archive)).spec.facts
    assert any({"2026Q2", "2026Q3"} == {dict(codes)["quarter"] for _, codes in fact.terms} for fact in facts)
    assert list(dict.fromkeys(step.word for step in steps)) == ["read", "count", "protect", "insider", "pack"]
    with transaction(reading=True):
        everything = [ledger.kept(row) for row in ledger.releases()]
    findings = attack_all(everything)
    assert len(findings) > 100
    assert not [f for f in findings if not f.is_open]


# -- who and when -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "asks", "reason"),
    [
        ("karin", lambda someone, _id: actions.list_releases(someone), "not_permitted"),
        ("karin", lambda someone, _id: preparing.prepare(someone, "2026Q3"), "not_permitted"),
        ("ulla", lambda someone, _id: preparing.prepare(someone, "2026Q3"), "not_permitted"),
        ("stellan", lambda someone, release: actions.approve(someone, release, sha256=""), "not_permitted"),
        ("stellan", lambda someone, release: actions.reject(someone, release, reason=""), "not_permitted"),
        ("ulla", lambda someone, release: actions.withdraw(someone, release), "not_permitted"),
        ("admin", lambda someone, release: actions.bundle(someone, release), "not_permitted"),
        ("admin", lambda someone, release: preview(someone, release), "not_permitted"),
        ("stellan", lambda someone, release: actions.bundle(someone, release), "not_found"),
        ("ulla", lambda someone, release: actions.bundle(someone, release), "not_found"),
        ("stellan", lambda someone, _id: preview(someone, "x"), "not_found"),
        ("stellan", lambda someone, _id: actions.bundle(someone, "\0"), "not_found"),
        ("stellan", lambda someone, _id: preparing.prepare(someone, "2026Q3"), "release_waits"),
    ],
)
def test_each_does_their_own_part_and_no_other(
    actor: Acting, waiting: ReleaseCard, login: str, asks: Callable[[Actor, str], object], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        asks(actor(login), waiting.id)
    assert refused.value.reason == reason


@pytest.mark.parametrize("quarter", ["2026Q4", "2027Q1", "2026Q0", "nonsense"])
def test_a_quarter_that_has_not_ended_is_not_prepared(waiting: ReleaseCard, stellan: Actor, quarter: str) -> None:
    actions.withdraw(stellan, waiting.id)
    with clock.at(date(2026, 12, 31)), pytest.raises(Refused) as refused:
        preparing.prepare(stellan, quarter)
    assert refused.value.reason == "quarter_not_ended"


@pytest.mark.parametrize(("day", "choices"), [(date(2026, 9, 30), ()), (date(2026, 10, 1), (Quarter(2026, 3),))])
def test_a_quarter_may_be_prepared_the_day_after_it_ended(
    waiting: ReleaseCard, stellan: Actor, ulla: Actor, day: date, choices: tuple[Quarter, ...]
) -> None:
    assert actions.list_releases(stellan).choices == ()
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    with clock.at(day):
        assert actions.list_releases(stellan).choices == choices


@pytest.mark.parametrize("quarter", ["2025Q4", "2026Q1", "2026Q2"])
def test_quarters_come_in_order_once_one_is_approved(waiting: ReleaseCard, stellan: Actor, ulla: Actor, quarter: str) -> None:
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    with pytest.raises(Refused) as refused:
        preparing.prepare(stellan, quarter)
    assert refused.value.reason == "quarter_not_next"


def test_a_ledger_that_changed_while_the_tables_were_computed_is_not_written_to(
    waiting: ReleaseCard, stellan: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.withdraw(stellan, waiting.id)
    made = Made(b"", {}, {"label": "first"})

    def slow(*_given: object) -> Made:
        monkeypatch.setattr(preparing, "make", lambda *_given: made)
        preparing.prepare(stellan, "2026Q2")
        return Made(b"", {}, {"label": "second"})

    monkeypatch.setattr(preparing, "make", slow)
    with pytest.raises(Refused) as refused:
        preparing.prepare(stellan, "2026Q2")
    assert refused.value.reason == "ledger_changed"
    assert [card.label for card in actions.list_releases(stellan).releases] == ["first", waiting.label]


# -- the second person ------------------------------------------------------------------------------------------------


def test_nobody_approves_what_they_prepared_themselves(waiting: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    with pytest.raises(Refused) as refused:
        actions.approve(replace(stellan, teams=ulla.teams), waiting.id, sha256=waiting.sha256)
    assert refused.value.reason == "same_person"


def test_approval_asks_for_a_code_given_within_five_minutes(waiting: ReleaseCard, ulla: Actor) -> None:
    now = datetime.now(UTC).timestamp()
    for proved_at in (0.0, now - 301):
        with pytest.raises(Refused) as refused:
            actions.approve(replace(ulla, proved_at=proved_at), waiting.id, sha256=waiting.sha256)
        assert refused.value.reason == "step_up"
    actions.approve(replace(ulla, proved_at=now - 270), waiting.id, sha256=waiting.sha256)


def test_only_the_bytes_that_were_shown_are_approved(waiting: ReleaseCard, ulla: Actor) -> None:
    for other in ("", waiting.sha256[::-1]):
        with pytest.raises(Refused) as refused:
            actions.approve(ulla, waiting.id, sha256=other)
        assert refused.value.reason == "bytes_changed"


def test_other_bytes_under_the_same_hash_are_not_approved(waiting: ReleaseCard, ulla: Actor) -> None:
    with transaction() as current:  # a mistake in the program itself, with a valid row seal
        row = current.get_one(Release, waiting.id)
        row.archive = row.archive + b"."
        current.commit()
    with pytest.raises(Refused) as refused:
        actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    assert refused.value.reason == "bytes_changed"


def test_what_is_decided_is_decided(waiting: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    for again in (
        lambda: actions.approve(ulla, waiting.id, sha256=waiting.sha256),
        lambda: actions.reject(ulla, waiting.id, reason="x"),
        lambda: actions.withdraw(stellan, waiting.id),
    ):
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.reason == "already_decided"


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_a_release_that_was_turned_down_keeps_its_line_and_nothing_else(
    waiting: ReleaseCard, stellan: Actor, ulla: Actor, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    if state == "rejected":
        actions.reject(ulla, waiting.id, reason="Räkna om")
    else:
        actions.withdraw(stellan, waiting.id)
    with transaction(reading=True) as current:
        row = current.get_one(Release, waiting.id)
        assert (row.state, row.archive, row.counts, set(row.about)) == (state, b"", {}, {"label"})
    with pytest.raises(NotFound):
        actions.bundle(stellan, waiting.id)
    assert preview(stellan, waiting.id).plans == ()
    numbers = []
    monkeypatch.setattr(preparing, "make", lambda _reading, _quarter, number, *_: numbers.append(number) or Made(b"", {}, {"label": "x"}))
    preparing.prepare(stellan, "2026Q2")
    assert numbers == [2], "a label names one set of bytes for ever"


@pytest.mark.parametrize("change", ["state = 'approved'", "decided_by_id = prepared_by_id", "sha256 = 'x'", "counts_sealed = about_sealed"])
def test_a_ledger_row_changed_past_the_application_stops_everything(
    waiting: ReleaseCard, stellan: Actor, ulla: Actor, app: Flask, change: str
) -> None:
    engine = create_engine(app.extensions["caseapp.database"].engine.url)
    with engine.begin() as connection:
        assert connection.execute(text(f"UPDATE release SET {change}")).rowcount == 1
    engine.dispose()
    for attempt in (
        lambda: actions.list_releases(ulla),
        lambda: actions.bundle(ulla, waiting.id),
        lambda: preview(ulla, waiting.id),
        lambda: preparing.prepare(stellan, "2026Q3"),
    ):
        with pytest.raises(DamagedRow):
            attempt()


# -- what is shown, and told ------------------------------------------------------------------------------------------


def test_the_preview_shows_the_bytes_marks_why_and_how_wide(waiting: ReleaseCard, ulla: Actor) -> None:
    page = preview(ulla, waiting.id)
    assert tuple(plan.id for plan in page.plans) == EVERY_TABLE
    cells = [c for plan in page.plans for t in plan.tables for g in t.groups for _, row in g.rows for c in row]
    assert {c.why for c in cells if c.text == "X"} == {"small", "other"}
    assert not [c for c in cells if c.text in ("1", "2", "3", "4")]
    assert page.attack is not None
    assert page.attack.breaches == 0
    assert page.attack.narrowest is not None
    assert page.attack.narrowest >= 3
    assert [one.known for one in page.insiders] == [1, 2, 3]
    assert all(0 <= one.exposed <= one.counts for one in page.insiders)
    assert page.insiders[0].counts > 0
    assert page.may_decide
    assert not page.may_withdraw


def test_preparing_approving_and_fetching_stand_in_the_log_as_exports(waiting: ReleaseCard, stellan: Actor, ulla: Actor) -> None:
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    actions.bundle(stellan, waiting.id)
    with transaction(reading=True) as current:
        logged = current.execute(text("SELECT permission, action FROM audit_entry WHERE action = 'export' ORDER BY sequence")).all()
    assert [tuple(row) for row in logged] == [
        ("statistics.prepare", "export"),  # reading
        ("statistics.prepare", "export"),  # storing
        ("statistics.approve", "export"),
        ("statistics.read", "export"),
    ]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, (5, 3)),
        ({"threshold": 7, "width": 4}, (7, 4)),
        ({"threshold": 5, "width": 5}, (6, 5)),  # stored before the page compared them
        ({"threshold": 16, "width": 16}, (17, 16)),
        ({"threshold": 3, "width": 1}, (3, 2)),
    ],
)
def test_settings_that_cannot_both_hold_protect_more_and_never_less(stored: dict[str, int], expected: tuple[int, int]) -> None:
    policy = town("0000", "Provköping", stored, ["sspf"]).policy
    assert (policy.threshold, policy.width) == expected
