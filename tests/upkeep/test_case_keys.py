"""New keys for the cases: who is waited for, what is left alone and said, and that an earlier key goes when nothing needs it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from caseapp import audit
from caseapp.access import Permission, StaleForm, action, allow, session
from caseapp.cases.models import Note, YoungPerson
from caseapp.consent import open_case, open_codes_for_statistics
from caseapp.consent.models import ConsentSignature
from caseapp.db import DamagedRow, Unreadable, transaction
from caseapp.db import opened as at_hand
from caseapp.formats import clock
from caseapp.upkeep.case_keys import CasesRenewed, StillAtWork, renew_cases
from tests.ground import NOON, begin_case, give_consent, read, reword, write
from tests.upkeep.test_rotation_survives import counts, everything, fill

LATER = NOON + timedelta(hours=1)


def rotate(ground, minutes: int = 0, wait_seconds: float = 10) -> CasesRenewed:
    """Rotate an hour and so many minutes after the case was begun."""
    return renew_cases(ground.database, now=LATER + timedelta(minutes=minutes), wait_seconds=wait_seconds, progress=lambda *_: None)


def findings(ground) -> list[audit.Finding]:
    """What is wrong with the log or the rows."""
    with transaction(reading=True) as current:
        return audit.verify(current, ground.database.keyholder)[1]


def test_every_value_is_sealed_anew_with_the_same_plaintext_and_logged(ground) -> None:
    fill(ground.coordinator, ground.case)
    give_consent(ground.coordinator, ground.case, {ground.school: ("attendance",)})
    write(ground.coordinator, ground.case, "Å ä ö " * 3000)
    other = begin_case(ground.coordinator, ground.team, [ground.coordinator])
    write(ground.coordinator, other, "another case")
    before, stored = everything(ground), ground.look("SELECT text_sealed, version FROM note")
    done = rotate(ground)
    assert (done.cases, done.rows, done.left, done.cases_kept, done.was_resumed) == (2, 6, (), 0, False)
    assert everything(ground) == before
    after = ground.look("SELECT text_sealed, version FROM note")
    assert not {sealed for sealed, _version in stored} & {sealed for sealed, _version in after}
    assert {version for _sealed, version in after} == {2}
    assert list(read(ground.coordinator, other).values()) == ["another case"]
    assert counts(ground) == (0, 0)
    assert findings(ground) == []
    assert ground.look("SELECT DISTINCT permission FROM audit_entry WHERE action = 'key_rotate'") == [("keys.rotate_cases",)]


def test_a_case_that_was_begun_after_the_rotation_keeps_its_key(ground) -> None:
    with clock.at(LATER + timedelta(days=1)):
        young = begin_case(ground.coordinator, ground.team, [ground.coordinator])
    query = "SELECT wrapped FROM case_key WHERE case_id = :case"
    before = ground.look(query, keystore=True, case=young)
    assert rotate(ground).cases == 1
    assert ground.look(query, keystore=True, case=young) == before


def test_a_damaged_row_is_left_alone_and_named_and_keeps_its_cases_earlier_key(ground) -> None:
    fill(ground.coordinator, ground.case)
    whole, damaged = (write(ground.coordinator, ground.case, text) for text in ("whole", "damaged"))
    signed = give_consent(ground.coordinator, ground.case, {ground.school: ("attendance",)})
    other = begin_case(ground.coordinator, ground.team, [ground.coordinator])
    write(ground.coordinator, other, "another case")
    (kept,) = ground.look("SELECT heading_sealed FROM note WHERE id = :id", id=damaged)
    ground.attack("UPDATE note SET occurred_on = '2020-01-01' WHERE id = :id", id=damaged)
    ((signature,),) = ground.look("SELECT id FROM consent_signature WHERE consent_id = :id", id=signed)
    ground.attack("UPDATE consent_signature SET decision = 'withdrawn' WHERE id = :id", id=signature)
    done = rotate(ground)
    assert done.left == (("consent_signature", signature, ground.case), ("note", damaged, ground.case))
    assert done.cases_kept == 1
    assert ground.look("SELECT case_id FROM earlier_case_key", keystore=True) == [(ground.case,)]
    assert ground.look("SELECT heading_sealed FROM note WHERE id = :id", id=damaged) == [kept]
    # mended, both are readable still, and the next rotation leaves nothing behind
    ground.attack("UPDATE note SET occurred_on = '2026-11-19' WHERE id = :id", id=damaged)
    ground.attack("UPDATE consent_signature SET decision = 'given' WHERE id = :id", id=signature)
    assert read(ground.coordinator, ground.case) == {whole: "whole", damaged: "damaged"}
    done = rotate(ground, minutes=1)
    assert (done.left, done.cases_kept) == ((), 0)
    assert counts(ground) == (0, 0)
    assert read(ground.coordinator, ground.case) == {whole: "whole", damaged: "damaged"}


def test_a_value_under_nobodys_key_is_not_taken_for_one_that_was_sealed_anew(ground) -> None:
    note = write(ground.coordinator, ground.case, "text")
    ((lost,),) = ground.look("SELECT wrapped FROM case_key", keystore=True)
    rotate(ground)
    ((newer,),) = ground.look("SELECT wrapped FROM case_key", keystore=True)
    ground.attack("UPDATE case_key SET wrapped = :lost", keystore=True, lost=lost)
    done = rotate(ground, minutes=1)
    assert done.left == (("note", note, ground.case),)
    assert ground.look("SELECT wrapped FROM earlier_case_key", keystore=True) == [(lost,)]
    ground.attack("UPDATE earlier_case_key SET wrapped = :newer", keystore=True, newer=newer)
    assert read(ground.coordinator, ground.case) == {note: "text"}


@action
def slow_note(actor, case_id: str, opened: Event, go_on: Event) -> str:
    """A note by somebody who has opened the case and takes their time."""
    gate = allow(actor, Permission.WRITE_NOTE, on=case_id)
    open_case(actor, gate)
    opened.set()
    assert go_on.wait(60)
    ours = {"case_id": case_id, "owner_agency_id": actor.agency_id, "created_by_id": actor.user_id, "information_type": "attendance"}
    note = Note(**ours, occurred_on=NOON.date(), heading="", text="a slow note")  # with the keys that were handed out above
    session().add(note)
    return note.id


@contextmanager
def at_work(work: Any, *arguments: Any) -> Iterator[tuple[Event, list[Any]]]:
    """Somebody in a thread of their own who has begun; the event that lets them go on, and the list their result comes in."""
    opened, go_on, result = Event(), Event(), []
    context = copy_context()
    thread = Thread(target=lambda: result.append(context.run(work, *arguments, opened, go_on)))
    thread.start()
    try:
        assert opened.wait(60)
        yield go_on, result
    finally:
        go_on.set()
        thread.join(60)


def test_nothing_is_destroyed_while_somebody_may_still_write_with_an_earlier_key(ground) -> None:
    if ground.is_sqlite:
        pytest.skip("on SQLite the writer's turn ends before the rotation's begins")
    write(ground.coordinator, ground.case, "before")
    with at_work(slow_note, ground.coordinator, ground.case) as (go_on, _result):
        with pytest.raises(StillAtWork, match="run the same command again"):
            rotate(ground, wait_seconds=0.3)
        assert counts(ground) == (1, 1)
        go_on.set()
    assert set(read(ground.coordinator, ground.case).values()) == {"before", "a slow note"}
    done = rotate(ground, minutes=1)
    assert (done.was_resumed, done.rows, done.cases_kept) == (True, 2, 0)
    assert set(read(ground.coordinator, ground.case).values()) == {"before", "a slow note"}
    assert counts(ground) == (0, 0)
    assert findings(ground) == []


def slow_look(ground, opened: Event, go_on: Event) -> Any:
    """Somebody who has loaded a row and opens it later."""
    with transaction(reading=True) as current:
        (note,) = current.query(Note).where(Note.case_id == ground.case)
        opened.set()
        assert go_on.wait(60)
        at_hand.get().open(ground.database.keyholder.hand_out({ground.case: [(ground.social, "attendance")]}))
        return note.text


def test_nothing_is_destroyed_while_somebody_may_still_open_a_value_as_it_was(ground) -> None:
    fill(ground.coordinator, ground.case)
    write(ground.coordinator, ground.case, "before")
    with ExitStack() as somebody:
        begun: list[tuple[Event, list[Any]]] = []

        def look_while_rows_are_sealed(step: str, _done: int, _total: int) -> None:
            if step == "rows" and not begun:  # the case's own row is done, its note is not
                begun.append(somebody.enter_context(at_work(slow_look, ground)))

        with pytest.raises(StillAtWork):
            renew_cases(ground.database, now=LATER, wait_seconds=0.3, progress=look_while_rows_are_sealed)
        ((go_on, result),) = begun
        go_on.set()
    assert result == ["before"]
    assert rotate(ground, minutes=1).cases_kept == 0


@action
def codes_of_statistics(actor, case_id: str) -> tuple[Any, Any]:
    """What statistics sees of the young person: the answers, and what it gets instead of the name."""
    allow(actor, Permission.READ_CASE, on=case_id)
    open_codes_for_statistics({case_id: [actor.agency_id]})
    (person,) = session().query(YoungPerson).where(YoungPerson.case_id == case_id)
    return person.answers, person.name


def test_statistics_reads_codes_and_no_text_while_values_lie_under_two_keys(ground) -> None:
    fill(ground.coordinator, ground.case)
    rotation = ground.database.keyholder.case_rotation()
    rotation.begin(LATER)
    assert rotation.renew_batch(LATER) == 1
    answers, name = codes_of_statistics(ground.coordinator, ground.case)
    assert answers == {"sex": "f"}
    assert not isinstance(name, (str, Unreadable))


def test_destroying_a_case_destroys_its_earlier_keys(ground_on_sqlite) -> None:
    ground = ground_on_sqlite
    rotation = ground.database.keyholder.case_rotation()
    rotation.begin(LATER)
    rotation.renew_batch(LATER)
    keys = [key for (key,) in ground.look("SELECT wrapped FROM case_key UNION SELECT wrapped FROM earlier_case_key", keystore=True)]
    assert len(keys) == 2
    ground.database.keyholder.destroy_case(ground.case, LATER)
    assert counts(ground)[0] == 0
    assert not [key for key in keys if key in ground.stored_bytes()]
    assert rotate(ground, minutes=1).cases == 0


def test_a_clock_that_was_put_back_does_not_renew_a_key_for_ever(ground) -> None:
    rotation = ground.database.keyholder.case_rotation()
    rotation.begin(LATER)
    assert rotate(ground, minutes=-30).cases == 1


def test_a_damaged_row_that_decides_access_still_stops_everybody_else(ground) -> None:
    signed = give_consent(ground.coordinator, ground.case, {ground.school: ("attendance",)})
    ground.attack("UPDATE consent_signature SET decision = 'refused' WHERE consent_id = :id", id=signed)
    rotate(ground)
    with transaction(reading=True) as current, pytest.raises(DamagedRow):
        current.query(ConsentSignature).all()


def test_a_form_from_before_is_told_that_the_row_was_changed(ground) -> None:
    note = write(ground.coordinator, ground.case, "before")
    rotate(ground)
    with pytest.raises(StaleForm):
        reword(ground.coordinator, ground.case, note, "after", version=1)
    reword(ground.coordinator, ground.case, note, "after", version=2)
    assert read(ground.coordinator, ground.case) == {note: "after"}
