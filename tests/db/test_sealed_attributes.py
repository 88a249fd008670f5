"""What a sealed attribute gives to whom, what it refuses, and that nothing of it lies in the open."""

import base64
import unicodedata
from datetime import date
from operator import ge, gt, le, lt

import pytest
from sqlalchemy import func, select, update

from caseapp.access import Permission, Refused, Withheld, action, allow, session
from caseapp.accounts.models import Agency
from caseapp.cases.models import Case, Note
from caseapp.consent import open_case
from caseapp.db import KeyNotHeld, Unreadable, bound_database, opened, transaction
from tests.ground import NOON, give_consent, read, write


def note(ground, **values):
    """A new note of the coordinator's agency, unsaved."""
    ours = {"case_id": ground.case, "owner_agency_id": ground.social, "created_by_id": ground.coordinator.user_id}
    return Note(**{**ours, "information_type": "health", "occurred_on": date(2026, 11, 19), **values})


@pytest.fixture
def in_the_case(ground):
    """An open transaction in which the coordinator's agency's own compartments of the case are open."""
    with transaction() as current:
        keys = bound_database().keyholder.hand_out({ground.case: [(ground.social, "health"), (ground.social, "attendance")]})
        opened.get().open(keys)
        yield current


NASTY = ["", " ", "å", "Zoë 👩‍👧", "\u202eomvänt", "\x00", "'; DROP TABLE note; --", "x" * 70_000, "<script>", "\u0301"]


def test_any_text_comes_back_as_it_was_written(ground):
    written = {write(ground.coordinator, ground.case, text): text for text in NASTY}
    assert read(ground.coordinator, ground.case) == written


def test_assigning_seals_at_once_and_an_unassigned_text_is_empty(in_the_case, ground):
    made = note(ground, text="Sover dåligt")
    assert made.__dict__["text_sealed"][:1] == b"\x01"
    assert "text" not in made.__dict__
    assert (made.text, made.heading) == ("Sover dåligt", "")


def test_none_is_sealed_as_an_empty_text_so_that_presence_does_not_show(in_the_case, ground):
    made = note(ground, text=None, heading="Kort")
    assert made.text == ""
    assert len(made.text_sealed) == len(made.heading_sealed)


def test_somebody_elses_text_is_withheld_with_the_reason(ground):
    note_id = write(ground.teacher, ground.case, "Frånvaro i november")
    assert read(ground.coordinator, ground.case) == {note_id: Withheld("no_consent")}
    give_consent(ground.coordinator, ground.case, {ground.social: ("attendance",), ground.school: ("attendance",)})
    assert read(ground.coordinator, ground.case) == {note_id: "Frånvaro i november"}
    assert read(ground.officer, ground.case) == {note_id: Withheld("agency_not_covered")}


def test_nothing_is_sealed_where_no_key_is_held(ground):
    with transaction(), pytest.raises(KeyNotHeld, match="no key is held for note"):
        note(ground, text="Hemligt")


def test_an_action_without_the_key_is_refused_and_saves_nothing(ground):
    @action
    def write_for_the_police(actor):
        open_case(actor, allow(actor, Permission.WRITE_NOTE, on=ground.case))
        session().add(note(ground, owner_agency_id=ground.police, text="Hemligt"))

    with pytest.raises(Refused) as refusal:
        write_for_the_police(ground.coordinator)
    assert refusal.value.reason == "no_key"
    assert ground.look("SELECT count(*) FROM note") == [(0,)]
    refused = ground.look("SELECT case_id, permission, reason FROM audit_entry WHERE decision = 'refused'")
    assert refused == [(ground.case, "case.note", "no_key")]


def test_keys_are_gone_when_the_transaction_is(ground):
    write(ground.coordinator, ground.case, "Sover dåligt")
    with transaction(reading=True) as current:
        opened.get().open(bound_database().keyholder.hand_out({ground.case: [(ground.social, "attendance")]}))
        kept = current.scalars(select(Note)).one()
        assert kept.text == "Sover dåligt"
    assert kept.text == Withheld("not_opened")
    with transaction(reading=True):
        assert kept.text == Withheld("not_opened")


def test_withheld_and_unreadable_are_false_and_say_nothing_of_the_value():
    assert not Withheld("no_consent")
    assert not Unreadable()
    assert repr(Withheld("no_consent")) == "Withheld(reason='no_consent')"


# -- in a query -------------------------------------------------------------------------------------------------------

QUERIES = {
    "==": lambda: Note.text == "x",
    "!=": lambda: Note.text != "x",
    **{use.__name__: lambda use=use: use(Note.text, "x") for use in (lt, le, gt, ge)},
    "+": lambda: Note.text + "x",
    "x +": lambda: "x" + Note.text,
    "in": lambda: "x" in Note.text,
    "in a list": lambda: Note.text in ["x"],
    "bool": lambda: bool(Note.text),
    "not": lambda: ~Note.text,
    "is_": lambda: Note.text.is_(None),
    "in_": lambda: Note.text.in_(["x"]),
    "like": lambda: Note.text.like("x%"),
    "contains": lambda: Note.text.contains("x"),
    "desc": lambda: Note.text.desc(),
    "select": lambda: select(Note.text),
    "where": lambda: select(Note).where(Note.text),
    "order_by": lambda: select(Note).order_by(Note.text),
    "group_by": lambda: select(func.count()).group_by(Note.text),
    "func": lambda: func.lower(Note.text),
    "codes": lambda: select(Case).where(Case.answers == {}),
    "office": lambda: select(Agency).where(Agency.name == "Polisen"),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_sealed_attribute_cannot_be_used_in_a_query(query):
    with pytest.raises(TypeError):
        query()


def test_the_refusal_names_the_attribute():
    with pytest.raises(TypeError, match=r"Note\.text is sealed"):
        select(Note).order_by(Note.text)


def test_a_sealed_attribute_cannot_be_filtered_or_set_by_name(in_the_case, ground):
    in_the_case.add(note(ground, text="Sover dåligt"))
    in_the_case.flush()
    with pytest.raises(TypeError):
        in_the_case.query(Note).filter_by(text="Sover dåligt")
    with pytest.raises(Exception, match="text"):
        in_the_case.execute(update(Note).values(text="Sover gott"))


# -- carried elsewhere, inside the program, where no row seal has been set yet ----------------------------------------


def test_ciphertext_moved_between_rows_columns_or_types_cannot_be_read(in_the_case, ground):
    first, second = note(ground, text="Första", heading="Rubrik"), note(ground, text="Andra")
    moved = {
        "row": note(ground, text_sealed=first.text_sealed),
        "column": note(ground),
        "type": note(ground, information_type="attendance"),
    }
    moved["row"].text_sealed = first.text_sealed
    moved["column"].text_sealed = moved["column"].heading_sealed
    moved["type"].text_sealed = second.text_sealed
    assert {where: made.text for where, made in moved.items()} == dict.fromkeys(moved, Unreadable())
    assert first.text == "Första"


def test_ciphertext_of_one_case_cannot_be_read_in_another(in_the_case, ground):
    other = "b7a1c0de-0000-4000-8000-000000000001"
    bound_database().keyholder.new_case(other, NOON)
    opened.get().open(bound_database().keyholder.hand_out({other: [(ground.social, "health")]}))
    here = note(ground, text="Här")
    there = note(ground, id=here.id, case_id=other)
    there.text_sealed = here.text_sealed
    assert there.text == Unreadable()


def test_the_unreadable_is_reported_to_the_log(in_the_case, ground):
    spoiled = note(ground, text="Text")
    spoiled.text_sealed = spoiled.text_sealed[:-1] + bytes([spoiled.text_sealed[-1] ^ 1])
    assert spoiled.text == Unreadable()
    assert opened.get().damaged == {("note", spoiled.id)}


# -- nothing in the open ----------------------------------------------------------------------------------------------

CANARY = "Kanariefågeln Åsa Öberg 201204152380"


def forms_of(marked: str) -> dict[str, bytes]:
    """The marked text in every form it could lie hidden in."""
    forms = {form: unicodedata.normalize(form, marked) for form in ("NFC", "NFD")}
    found = {}
    for form, written in forms.items():
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            encoded = written.encode(encoding)
            found[f"{form} {encoding}"] = encoded
            found[f"{form} {encoding} hex"] = encoded.hex().encode()
            found[f"{form} {encoding} HEX"] = encoded.hex().upper().encode()
            found[f"{form} {encoding} base64"] = base64.b64encode(encoded)[:-4]
    return found | {"escaped": ascii(marked)[1:-1].encode()}


def test_no_text_code_or_staff_name_lies_in_any_file(ground_on_sqlite):
    ground = ground_on_sqlite
    write(ground.coordinator, ground.case, CANARY, kind="health")
    stored = ground.stored_bytes()
    assert ground.case.encode() in stored  # the search does find what is there
    for name in (CANARY, "Petra Ek", "Socialtjänsten", "sspf_purpose"):
        assert [form for form, written in forms_of(name).items() if written in stored] == []
