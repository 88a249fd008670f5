"""Attacks on drafts: read another's, move the row to oneself, put one's own key's text in it, take its word to another form.

A draft's key is derived from who its author is, and its row carries a seal: neither a colleague of the same agency nor somebody who can
write to the database gets one to open for anybody else.
"""

from collections.abc import Callable

import pytest

from caseapp.access import Actor, NotFound, Unreadable
from caseapp.cases.participation import add_participant
from caseapp.drafts.actions import Place, is_there, keep_draft, read_draft, throw_away
from tests.attacks.attacker import Attacker, flipped
from tests.attacks.victim import UNREADABLE, Victim, incidents, verified
from tests.planted_texts import Plantation

TYPED = "VITSIPPA"


@pytest.fixture
def path(plantation: Plantation, actor: Callable[[str], Actor]) -> str:
    """The address of a form at which Karin has typed something and not saved it, in a case in which Samir of her agency takes part."""
    case_id = plantation.cases["active"]
    add_participant(actor("karin"), case_id, plantation.municipality["samir"].id)
    address = f"/cases/{case_id}/notes/new"
    assert keep_draft(actor("karin"), Place(address, case_id), (("text", TYPED),), page="a" * 32)
    return address


def test_a_colleague_of_the_same_agency_at_the_same_form_gets_nothing(
    path: str, plantation: Plantation, actor: Callable[[str], Actor], victim: Callable[[str], Victim], attacker: Attacker
) -> None:
    """Tries: open the same form, with the draft's id in the address; throw it away by its id. Must: as if it were not there."""
    case_id, row = plantation.cases["active"], attacker.row("draft")
    samir = victim("samir")
    for address in (path, f"{path}?draft={row['id']}"):
        answer = samir.goes_to(address)
        assert TYPED.encode() not in answer.content
        assert "utkast från" not in answer.says
    with pytest.raises(NotFound):
        throw_away(actor("samir"), case_id, row["id"])
    assert is_there(actor("karin"), path)


def test_a_row_that_was_moved_to_another_author_opens_for_nobody(
    path: str, plantation: Plantation, actor: Callable[[str], Actor], attacker: Attacker, victim: Callable[[str], Victim]
) -> None:
    """Tries: write one's own id over the author's, as author, owner, and at one's own draft. Must: unreadable, not shown, and logged."""
    case_id, samir = plantation.cases["active"], actor("samir")
    assert keep_draft(samir, Place(path, case_id), (("text", "egen"),), page="b" * 32)
    theirs, own = attacker.row("draft", created_by_id=actor("karin").user_id), attacker.row("draft", created_by_id=samir.user_id)
    throw_away(samir, case_id, own["id"])
    for columns in ({}, {"owner_agency_id": samir.user_id}):
        attacker.rewrite("draft", theirs["id"], place=own["place"], created_by_id=samir.user_id, **columns)
        card = read_draft(samir, case_id, path)
        assert card is not None
        assert isinstance(card.answers, Unreadable)
    answer = victim("samir").goes_to(path)
    assert (UNREADABLE in answer.says, TYPED.encode() in answer.content) == (True, False)
    assert any(("draft", theirs["id"]) in incident.rows for incident in incidents())
    assert verified()


def test_a_sealed_text_that_was_carried_into_ones_own_draft_does_not_open(
    path: str, plantation: Plantation, actor: Callable[[str], Actor], attacker: Attacker, victim: Callable[[str], Victim]
) -> None:
    """Tries: put the ciphertext of Karin's draft into one's own row. Must: it does not open, and the page says so."""
    case_id, samir = plantation.cases["active"], actor("samir")
    assert keep_draft(samir, Place(path, case_id), (("text", "egen"),), page="b" * 32)
    theirs, own = attacker.row("draft", created_by_id=actor("karin").user_id), attacker.row("draft", created_by_id=samir.user_id)
    attacker.rewrite("draft", own["id"], text_sealed=theirs["text_sealed"], answers_sealed=theirs["answers_sealed"])
    answer = victim("samir").goes_to(path)
    assert answer.status == 200
    assert TYPED.encode() not in answer.content
    assert UNREADABLE in answer.says


@pytest.mark.parametrize("column", ["text_sealed", "answers_sealed"])
def test_an_edited_draft_is_said_to_be_unreadable_and_a_new_one_can_be_kept(
    column: str, path: str, plantation: Plantation, actor: Callable[[str], Actor], attacker: Attacker, victim: Callable[[str], Victim]
) -> None:
    """Tries: turn one bit of what is sealed. Must: the page goes on and says so; what is typed next is kept beside it."""
    case_id, karin = plantation.cases["active"], actor("karin")
    row = attacker.row("draft")
    attacker.rewrite("draft", row["id"], **{column: flipped(row[column])})
    answer = victim("karin").goes_to(path)
    assert (answer.status, UNREADABLE in answer.says, TYPED in answer.says) == (200, True, False)
    assert keep_draft(karin, Place(path, case_id), (("text", "På nytt"),), page="c" * 32)
    card = read_draft(karin, case_id, path)
    assert card is not None
    assert card.answers == (("text", "På nytt"),)


def test_the_database_tells_neither_which_form_a_draft_is_of_nor_what_was_typed(path: str, attacker: Attacker) -> None:
    """Tries: read every column of the table. Must: ids, moments and blind indexes, nothing else."""
    stored = repr(attacker.rows("draft"))
    for word in (TYPED, "notes", "own_agency"):
        assert word not in stored
