"""A quarter prepared in the background: carried out once, called off, interrupted, begun anew, on both databases.

What is computed is stood in for where only the work's own life is asked about; the whole way is the journey of the quarter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from caseapp.access import Actor, NotFound, Refused
from caseapp.accounts.models import User
from caseapp.db import bound_database, transaction
from caseapp.formats import clock
from caseapp.statistics import actions, background, jobs, preparing
from caseapp.statistics.releases import Made
from caseapp.statistics.steps import Step

QUARTER = "2026Q2"


def made(*_given: object) -> Made:
    """A release without contents."""
    return Made(b"", {}, {"label": "made"})


def work_on(preparation_id: str, **how: float) -> None:
    """Carry it out in this thread."""
    background.carry_out(bound_database(), preparation_id, "", **how)


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    """A thread that has begun; it gives up after a minute."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_what_is_asked_for_is_carried_out_in_the_name_of_whoever_asks(stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "make", made)
    begun = jobs.begin_preparation(stellan, QUARTER)
    assert actions.list_releases(stellan).work.goes_on
    work_on(begun)
    done = jobs.watch_preparation(stellan, begun)
    assert (done.state, done.goes_on, done.has_failed) == ("done", False, False)
    waiting = actions.list_releases(stellan).waiting
    assert waiting is not None
    assert (waiting.id, waiting.prepared_by) == (done.release_id, stellan.name)
    with transaction(reading=True) as current:
        query = "SELECT actor_id FROM audit_entry WHERE permission = 'statistics.prepare' AND decision = 'allowed'"
        assert [row.actor_id for row in current.execute(text(query))] == [stellan.user_id] * 3  # begun, read, stored


def test_asking_again_leads_to_the_work_that_goes_on(stellan: Actor) -> None:
    begun = jobs.begin_preparation(stellan, QUARTER)
    assert jobs.begin_preparation(stellan, "2026Q1") == begun


def test_of_many_who_want_to_carry_it_out_one_does(stellan: Actor, app: Flask) -> None:
    begun, database, here, taken = jobs.begin_preparation(stellan, QUARTER), bound_database(), threading.Barrier(6), []

    def reach() -> None:
        database.bind()
        here.wait(30)
        taken.append(jobs.claim(begun))

    for thread in [in_a_thread(reach) for _ in range(6)]:
        thread.join(60)
    assert len(taken) == 6
    assert [claim.id for claim in taken if claim is not None] == [begun]


def test_of_two_who_ask_in_the_same_moment_one_begins(stellan: Actor, app: Flask) -> None:
    database, here, begun = bound_database(), threading.Barrier(2), []

    def ask() -> None:
        database.bind()
        here.wait(30)
        try:
            begun.append(jobs.begin_preparation(stellan, QUARTER))
        except Exception as error:
            begun.append(type(error).__name__)

    for thread in [in_a_thread(ask) for _ in range(2)]:
        thread.join(60)
    with transaction(reading=True) as current:
        assert current.execute(text("SELECT count(*) FROM preparation")).scalar_one() == 1
    assert len(set(begun) - {"StaleForm"}) == 1


def test_called_off_while_it_computes_nothing_is_stored_and_it_stops(stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    computing, called_off, stopped = threading.Event(), threading.Event(), []

    def slow(*given: object) -> Made:
        tell = given[-1]
        computing.set()
        assert called_off.wait(30)
        try:
            for _ in range(600):
                tell(Step("protect", 1, 5))
                threading.Event().wait(0.05)
        except background.CalledOff:
            stopped.append(True)
            raise
        return made()

    monkeypatch.setattr(preparing, "make", slow)
    begun, database = jobs.begin_preparation(stellan, QUARTER), bound_database()
    worker = in_a_thread(lambda: background.carry_out(database, begun, "", beat=0.05))
    assert computing.wait(30)
    jobs.cancel_preparation(stellan, begun)
    called_off.set()
    worker.join(60)
    assert stopped == [True]
    assert jobs.watch_preparation(stellan, begun).state == "cancelled"
    assert actions.list_releases(stellan).releases == ()


def test_called_off_in_the_last_moment_nothing_is_stored(stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = jobs.begin_preparation(stellan, QUARTER)
    monkeypatch.setattr(preparing, "make", lambda *_given: jobs.cancel_preparation(stellan, begun) or made())
    work_on(begun)
    assert jobs.watch_preparation(stellan, begun).state == "cancelled"
    assert actions.list_releases(stellan).releases == ()


def test_it_says_how_far_it_has_come_and_that_it_lives(stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, finish = threading.Event(), threading.Event()

    def slow(*given: object) -> Made:
        given[-1](Step("protect", 2, 5))
        seen.set()
        assert finish.wait(30)
        return made()

    monkeypatch.setattr(preparing, "make", slow)
    begun, database = jobs.begin_preparation(stellan, QUARTER), bound_database()
    worker = in_a_thread(lambda: background.carry_out(database, begun, "", beat=0.05))
    assert seen.wait(30)
    for _ in range(200):
        if jobs.glance_at_preparation(begun) == (True, Step("protect", 2, 5)):
            break
        threading.Event().wait(0.05)
    card = jobs.watch_preparation(stellan, begun)
    finish.set()
    worker.join(60)
    assert (card.state, card.step) == ("running", Step("protect", 2, 5))
    assert card.seen_at > card.asked_at


def test_silent_work_is_begun_anew_and_whoever_wakes_up_late_stores_nothing(
    stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, later = jobs.begin_preparation(stellan, QUARTER), clock.now() + jobs.SILENCE + timedelta(seconds=5)
    anew: list[str] = []

    def overtaken(*_given: object) -> Made:
        with clock.at(later):
            card = jobs.watch_preparation(stellan, begun)
            assert (card.has_failed, card.reason) == (True, "interrupted")
            anew.append(jobs.begin_preparation(stellan, QUARTER))
        return made()

    monkeypatch.setattr(preparing, "make", overtaken)
    work_on(begun)
    assert anew[0] != begun
    assert actions.list_releases(stellan).releases == ()
    assert jobs.watch_preparation(stellan, begun).reason == "interrupted"
    monkeypatch.setattr(preparing, "make", made)
    work_on(anew[0])
    assert jobs.watch_preparation(stellan, anew[0]).state == "done"


def test_who_is_no_statistician_any_more_stores_nothing(stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def dismissed(*_given: object) -> Made:
        with transaction() as current:
            current.get_one(User, stellan.user_id).roles = ""
            current.commit()
        return made()

    monkeypatch.setattr(preparing, "make", dismissed)
    begun = jobs.begin_preparation(stellan, QUARTER)
    work_on(begun)
    card = jobs.watch_preparation(stellan, begun)
    assert (card.state, card.reason) == ("failed", "not_permitted")


def test_a_fault_of_the_program_is_noted_and_does_not_stand_in_the_way(
    stellan: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_given: object) -> Made:
        raise ZeroDivisionError

    monkeypatch.setattr(preparing, "make", faulty)
    begun = jobs.begin_preparation(stellan, QUARTER)
    work_on(begun)
    assert jobs.watch_preparation(stellan, begun).reason == "program_error"
    assert "ZeroDivisionError" in caplog.text
    assert jobs.begin_preparation(stellan, QUARTER) != begun


def test_a_row_changed_past_the_application_is_forgotten_and_does_not_stand_in_the_way(stellan: Actor, app: Flask) -> None:
    begun = jobs.begin_preparation(stellan, QUARTER)
    engine = create_engine(app.extensions["caseapp.database"].engine.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE preparation SET quarter = '2026Q1'"))
    engine.dispose()
    assert jobs.claim(begun) is None
    with pytest.raises(NotFound):
        jobs.watch_preparation(stellan, begun)
    assert jobs.begin_preparation(stellan, QUARTER) != begun


@pytest.mark.parametrize(("login", "quarter", "reason"), [
    ("ulla", QUARTER, "not_permitted"), ("karin", QUARTER, "not_permitted"), ("admin", QUARTER, "not_permitted"),
    ("stellan", "2027Q1", "quarter_not_ended"), ("stellan", "?", "quarter_not_ended"), ("stellan", "2020Q1", "quarter_not_next"),
])  # fmt: skip
def test_who_may_begin_and_with_which_quarter(actor: Callable[[str], Actor], login: str, quarter: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        jobs.begin_preparation(actor(login), quarter)
    assert refused.value.reason == reason


def test_who_may_call_it_off(actor: Callable[[str], Actor], stellan: Actor) -> None:
    begun = jobs.begin_preparation(stellan, QUARTER)
    with pytest.raises(Refused) as refused:
        jobs.cancel_preparation(actor("ulla"), begun)
    assert refused.value.reason == "not_permitted"
    jobs.cancel_preparation(stellan, begun)
    with pytest.raises(Refused) as refused:
        jobs.cancel_preparation(stellan, begun)
    assert refused.value.reason == "preparation_ended"
    for missing in ("x", "\0", "x" * 200):
        with pytest.raises(NotFound):
            jobs.cancel_preparation(stellan, missing)
