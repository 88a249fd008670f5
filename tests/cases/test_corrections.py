"""Corrections and objections: the original stays, and what is said of it is shown with it wherever it is shown, to the same people."""

from collections.abc import Callable

import pytest

from caseapp.access import Actor, NotFound
from caseapp.cases.actions import read_case
from caseapp.cases.consenting import read_consent
from caseapp.cases.notes import add_note, correct_note, read_notes
from caseapp.followup.actions import Seen, read_followup, save_measure
from caseapp.formats import clock
from caseapp.rights.actions import make_extract, prepare_extract
from caseapp.rights.remarks import read_remarks, write_remark
from tests.pages import PageClient

Acting = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
OBJECTION = "Jag var hemma den kvällen."


def test_a_corrected_note_stays_with_who_when_and_why(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin = actor("karin")
    first = add_note(karin, case_id, information_type="assessment", text="Borta tre dagar.")
    correct_note(karin, case_id, first, text="Borta två dagar.", reason="Läraren hade räknat fel.")
    (note,) = read_notes(karin, case_id).notes
    (earlier,) = note.earlier
    (why,) = earlier.remarks
    assert (note.text, earlier.text, why.kind, why.text, why.by) == (
        "Borta två dagar.", "Borta tre dagar.", "correction", "Läraren hade räknat fel.", "Karin Hellberg",
    )  # fmt: skip
    page = signed_in("lena").get(f"/cases/{case_id}/notes").text
    for shown in ("Borta tre dagar.", "Läraren hade räknat fel.", "Rättelse", "Karin Hellberg"):
        assert shown in page, shown


def test_a_note_is_not_corrected_without_a_reason(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    first = add_note(actor("karin"), case_id, information_type="assessment", text="Borta tre dagar.")
    address = f"/cases/{case_id}/notes/{first}"
    answer = signed_in("karin").submit({"text": "Borta två dagar.", "reason": ""}, on=address, action=address)
    assert answer.status_code == 422
    assert "Skriv varför anteckningen rättas" in answer.text
    assert "Borta två dagar." in answer.text
    assert read_notes(actor("karin"), case_id).notes[0].text == "Borta tre dagar."


def items(karin: Actor, case_id: str) -> dict[str, str]:
    """Kind → the id of something of that kind in the case."""
    case = read_case(karin, case_id)
    measure = save_measure(karin, case_id, Seen("before", clock.today(), {"school": "3"}, risk="high"))
    return {
        "case": case_id,
        "young_person": case.people.young.id,
        "related_person": case.people.related[0].id,
        "note": add_note(karin, case_id, information_type="assessment", text="Var ute till två."),
        "measure": measure,
        "consent": read_consent(karin, case_id).consents[0].id,
    }


#: Where each kind is shown: the address below the case's.
SHOWN_AT = {
    "case": ("",),
    "young_person": ("",),
    "related_person": ("",),
    "note": ("", "/notes"),
    "measure": ("", "/mapping", "/follow-up"),
    "consent": ("/consent",),
}


@pytest.mark.parametrize("kind", SHOWN_AT)
def test_an_objection_is_shown_with_its_item_everywhere_it_is_shown(
    kind: str, case_id: str, actor: Acting, signed_in: SIGN
) -> None:
    karin = actor("karin")
    item_id = items(karin, case_id)[kind]
    write_remark(karin, case_id, item_id, kind="objection", voice="youth", text=OBJECTION)
    browser = signed_in("karin")
    for place in (*SHOWN_AT[kind], "/remarks"):
        page = browser.get(f"/cases/{case_id}{place}").text
        assert OBJECTION in page, place
        assert "Den unge håller inte med" in page, place
    seen = [item.id for item in prepare_extract(karin, case_id).items]
    asker = item_id if kind == "related_person" else None
    made = make_extract(karin, case_id, asker=asker, identified_by="e_id", withheld={}, seen=seen)
    assert OBJECTION in browser.get(f"/cases/{case_id}/extracts/{made}").text


@pytest.mark.parametrize("kind", SHOWN_AT)
def test_a_correction_leaves_the_original_and_says_what_is_right_and_why(
    kind: str, case_id: str, actor: Acting, signed_in: SIGN
) -> None:
    karin = actor("karin")
    item_id = items(karin, case_id)[kind]
    before = read_case(karin, case_id), read_followup(karin, case_id).course.latest
    address = f"/cases/{case_id}/remarks/{item_id}/new"
    browser = signed_in("karin")
    typed = {"what": "correction", "part": "Risknivå", "was": "hög", "becomes": "förhöjd", "text": "Fel ruta kryssades."}
    answer = browser.submit(typed, on=address, action=address)
    for shown in ("Rättelse", "Risknivå", "hög", "förhöjd", "Fel ruta kryssades.", "Karin Hellberg"):
        assert shown in answer.text, shown
    after = read_case(karin, case_id), read_followup(karin, case_id).course.latest
    assert after[0].people == before[0].people
    assert after[0].referral_source == before[0].referral_source
    assert after[1] is not None
    assert before[1] is not None
    assert after[1].risk == before[1].risk
    assert read_remarks(karin, case_id).remarks[0].becomes == "förhöjd"


def test_an_agency_corrects_its_own_and_objects_to_what_it_may_read(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin, lena, pontus = actor("karin"), actor("lena"), actor("pontus")
    theirs = add_note(karin, case_id, information_type="assessment", text="Var ute till två.")
    with pytest.raises(NotFound):
        write_remark(lena, case_id, theirs, kind="correction", becomes="Var hemma.", text="Fel.")
    page = signed_in("lena").get(f"/cases/{case_id}/remarks/{theirs}/new").text
    assert 'value="correction"' not in page
    assert "rättar det själv" in page
    write_remark(lena, case_id, theirs, kind="objection", voice="youth", text=OBJECTION)
    with pytest.raises(NotFound):  # the consent leaves the police out of it
        write_remark(pontus, case_id, theirs, kind="objection", voice="youth", text=OBJECTION)
    (said,) = read_remarks(karin, case_id).remarks
    assert (said.text, said.agency_name) == (OBJECTION, "Ekskolan")
    assert read_remarks(pontus, case_id).remarks == ()
    assert OBJECTION not in signed_in("pontus").get(f"/cases/{case_id}/notes").text


def test_nothing_is_said_beside_what_is_not_in_the_case(case_id: str, actor: Acting) -> None:
    for nowhere in ("00000000-0000-4000-8000-000000000000", "x" * 60, "\x00", ""):
        with pytest.raises(NotFound):
            write_remark(actor("karin"), case_id, nowhere, kind="objection", text="x")


def test_a_remark_without_words_is_refused_and_what_was_typed_is_kept(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    item_id = add_note(actor("karin"), case_id, information_type="assessment", text="Var ute till två.")
    address = f"/cases/{case_id}/remarks/{item_id}/new"
    answer = signed_in("karin").submit({"what": "correction", "part": "Klockslaget"}, on=address, action=address)
    assert answer.status_code == 422
    for sentence in ("Skriv vad som är rätt", "Skriv varför det är fel"):
        assert sentence in answer.text, sentence
    assert "Klockslaget" in answer.text
    assert read_remarks(actor("karin"), case_id).remarks == ()


def test_corrections_and_objections_stand_in_the_log(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin = actor("karin")
    note = add_note(karin, case_id, information_type="assessment", text="Var ute till två.")
    write_remark(karin, case_id, note, kind="correction", becomes="tolv", text="Fel.")
    assert "Ändrat · anteckning" in signed_in("karin").get(f"/cases/{case_id}/history").text
