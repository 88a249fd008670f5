"""What a document gives to whom: its owner, whoever a consent names, nobody else; logged before it is released; gone when it is removed."""

import pytest
from sqlalchemy import select, text

from caseapp import audit
from caseapp.access import NotFound, Refused, StaleForm, Unreadable, Withheld
from caseapp.cases.consenting import read_consent
from caseapp.cases.documenting import read_documents
from caseapp.consent.actions import withdraw_consent
from caseapp.crypto.pieces import PIECE
from caseapp.db import bound_database, transaction
from caseapp.documents.actions import DocumentProblem, open_document, remove_document
from caseapp.documents.keeping import bytes_kept
from caseapp.documents.models import DocumentPiece
from caseapp.formats import clock
from caseapp.upkeep.case_keys import renew_cases
from caseapp.upkeep.erasing import erase_cases, rows_of_case
from tests.upkeep.erasures import agreed

LONG = bytes(range(256)) * (PIECE // 256) * 2 + b"slutet"


def stored(query: str) -> list[tuple]:
    """What a query finds."""
    with transaction(reading=True) as current:
        return [tuple(row) for row in current.execute(text(query))]


def entries(case_id: str) -> list[tuple[str, str, str, str]]:
    """(action, permission, decision, reason) of the log about the case, those about documents."""
    with transaction(reading=True) as current:
        query = select(audit.AuditEntry).where(audit.AuditEntry.case_id == case_id).order_by(audit.AuditEntry.sequence)
        return [(e.action, e.permission, e.decision, e.reason) for e in current.scalars(query) if "document" in e.permission]


@pytest.mark.parametrize("content", [b"", b"x", LONG[:PIECE], LONG[: PIECE + 1], LONG], ids=["empty", "one", "a piece", "and one", "long"])
def test_a_document_comes_back_to_the_byte(content, attach, actor, case_id):
    document_id = attach(content, media="png")
    opened = open_document(actor("karin"), case_id, document_id)
    assert (opened.media, opened.content == content) == ("png", True)
    (card,) = read_documents(actor("karin"), case_id).documents
    assert (card.title, card.kind, card.media, card.length) == ("Brev från skolan", "letter", "png", len(content))
    assert (card.agency_name, card.added_by, card.information_type) == ("Socialtjänsten", "Karin Hellberg", "assessment")


def test_nothing_of_a_document_lies_in_the_open(attach, attacker, case_id):
    marked = b"Jarnsparv" * 1000
    attach(marked, title="Järnsparvens brev")
    rows = repr(attacker.everything("document", "document_piece"))
    for word in ("Jarnsparv", "Järnsparv", "letter", "pdf", "'9000'"):
        assert word not in rows


def test_short_documents_are_all_of_one_length_and_sorts_do_not_show(attach, attacker):
    for content, kind, media in ((b"x", "letter", "pdf"), (b"y" * 60_000, "other", "docx"), (b"", "letter", "png")):
        attach(content, kind=kind, media=media)
    assert len({len(row["content_sealed"]) for row in attacker.rows("document_piece")}) == 1
    assert len({len(row["answers_sealed"]) for row in attacker.rows("document")}) == 1


def test_the_colleague_whom_the_consent_names_may_open_it_and_the_police_may_not(attach, actor, case_id):
    document_id = attach(b"%PDF hej")
    assert open_document(actor("lena"), case_id, document_id).content == b"%PDF hej"
    with pytest.raises(Refused) as why:
        open_document(actor("pontus"), case_id, document_id)
    assert why.value.reason == "type_not_covered"
    (card,) = read_documents(actor("pontus"), case_id).documents
    assert (card.title, card.media, card.can_be_opened) == (Withheld("type_not_covered"), "", False)


def test_when_the_consent_is_withdrawn_no_byte_is_given(attach, actor, case_id):
    document_id = attach(b"%PDF hej")
    assert open_document(actor("lena"), case_id, document_id).content
    (consent,) = read_consent(actor("karin"), case_id).consents
    withdraw_consent(actor("karin"), case_id, consent.id, received_from="Mona Lind", received_how="telefon")
    with pytest.raises(Refused) as why:
        open_document(actor("lena"), case_id, document_id)
    assert why.value.reason == "consent_withdrawn"
    assert open_document(actor("karin"), case_id, document_id).content == b"%PDF hej"


def test_another_agencys_document_is_that_agencys(attach, actor, case_id):
    document_id = attach(b"%PDF skolans", by="lena", information_type="attendance")
    with pytest.raises(Refused):  # the consent covers no attendance
        open_document(actor("karin"), case_id, document_id)
    with pytest.raises(NotFound):
        remove_document(actor("karin"), case_id, document_id, reason="inte min")
    assert open_document(actor("lena"), case_id, document_id).content == b"%PDF skolans"


@pytest.mark.parametrize("login", ["rasmus", "petra", "ulla", "stellan", "admin"])
def test_who_does_not_take_part_learns_nothing_of_it(login, attach, actor, case_id):
    document_id = attach()
    for ask in (lambda who: open_document(who, case_id, document_id), lambda who: read_documents(who, case_id)):
        with pytest.raises(Refused) as why:
            ask(actor(login))
        assert why.value.reason in ("not_permitted", "not_found")
    with pytest.raises(NotFound):
        open_document(actor("karin"), case_id, "finns-inte")


def test_each_opening_and_each_refusal_stands_in_the_log(attach, actor, case_id):
    document_id = attach()
    open_document(actor("lena"), case_id, document_id)
    with pytest.raises(Refused):
        open_document(actor("pontus"), case_id, document_id)
    remove_document(actor("karin"), case_id, document_id, reason="fel ärende")
    assert entries(case_id) == [
        ("create", "case.document", "allowed", ""),
        ("view", "case.read_document", "allowed", ""),
        ("view", "case.read_document", "refused", "type_not_covered"),
        ("delete", "case.document", "allowed", ""),
    ]


def test_a_removed_document_is_a_trace_its_content_and_title_are_gone(attach, actor, attacker, case_id):
    document_id = attach(LONG, title="Brev om Alva")
    (card,) = read_documents(actor("karin"), case_id).documents
    remove_document(actor("karin"), case_id, document_id, reason="Hör till ett annat ärende", version=card.version)
    assert attacker.rows("document_piece") == []
    (trace,) = read_documents(actor("lena"), case_id).documents
    assert (trace.title, trace.kind, trace.removed_by, trace.removal_reason) == (
        "",
        "letter",
        "Karin Hellberg",
        "Hör till ett annat ärende",
    )
    for attempt in (
        lambda: open_document(actor("karin"), case_id, document_id),
        lambda: remove_document(actor("karin"), case_id, document_id, reason="igen"),
    ):
        with pytest.raises(NotFound):
            attempt()
    with transaction(reading=True) as current:
        _count, findings = audit.verify(current, bound_database().keyholder)
    assert findings == []


def test_a_removal_from_an_old_page_is_refused(attach, actor, case_id):
    document_id = attach()
    with pytest.raises(StaleForm):
        remove_document(actor("karin"), case_id, document_id, reason="x", version=7)


def test_a_case_takes_so_much_and_no_more(attach, case_id):
    attach(bytes(300_000), most=500_000)
    with transaction(reading=True):
        assert 300_000 <= bytes_kept(case_id) < 310_000
    with pytest.raises(DocumentProblem) as why:
        attach(bytes(200_000), most=500_000)
    assert why.value.code == "case_full"
    attach(bytes(100_000), most=500_000)


def test_a_signed_consent_is_the_consents_original_for_whoever_may_open_it(attach, actor, case_id):
    (consent,) = read_consent(actor("karin"), case_id).consents
    document_id = attach(kind="consent", information_type="identity", consent_id=consent.id, title="Underskrivet")
    assert read_consent(actor("karin"), case_id).originals == {consent.id: document_id}
    newer = attach(kind="consent", information_type="assessment", consent_id=consent.id, title="Ny skanning")
    assert read_consent(actor("karin"), case_id).originals == {consent.id: newer}
    assert read_consent(actor("pontus"), case_id).originals == {consent.id: document_id}  # names alone are for the police
    remove_document(actor("karin"), case_id, newer, reason="suddig")
    assert read_consent(actor("karin"), case_id).originals == {consent.id: document_id}


def test_a_consent_of_another_case_is_none_of_this_ones(attach):
    with pytest.raises(DocumentProblem) as why:
        attach(kind="consent", consent_id="finns-inte")
    assert why.value.code == "unknown_consent"


def test_a_document_is_erased_with_its_case(app, installation, attach, case_id):
    attach(LONG)
    database = app.extensions["caseapp.database"]
    with transaction(reading=True) as current:
        found = {table.name: len(ids) for table, ids in rows_of_case(current, case_id).items()}
    assert (found["document"], found["document_piece"]) == (1, 3)
    erase_cases(database, installation.home, [agreed(case_id)])
    assert stored("SELECT count(*) FROM document_piece") == stored("SELECT count(*) FROM document") == [(0,)]


def test_documents_are_sealed_anew_piece_by_piece_with_the_cases_new_key(app, attach, actor, case_id):
    document_id = attach(LONG)
    before = {row[0]: bytes(row[1]) for row in stored("SELECT id, content_sealed FROM document_piece")}
    done = renew_cases(app.extensions["caseapp.database"], now=clock.now(), wait_seconds=20, progress=lambda *_: None)
    assert (done.left, done.cases_kept) == ((), 0)
    after = {row[0]: bytes(row[1]) for row in stored("SELECT id, content_sealed FROM document_piece")}
    assert after.keys() == before.keys()
    assert all(after[piece] != before[piece] and len(after[piece]) == len(before[piece]) for piece in before)
    assert open_document(actor("karin"), case_id, document_id).content == LONG


def test_no_more_than_a_few_pieces_lie_in_memory_at_a_time():
    assert DocumentPiece.AT_A_TIME <= 8


# -- somebody who can write to the database -----------------------------------------------------------------------------


def swapped(attacker, pieces, other):
    attacker.swap("document_piece", ("content_sealed",), pieces[0], pieces[1])


def whole_rows_swapped(attacker, pieces, other):
    first, second = pieces[0], pieces[1]
    attacker.rewrite("document_piece", first["id"], place=77)
    attacker.rewrite("document_piece", second["id"], place=0)
    attacker.rewrite("document_piece", first["id"], place=1)


def cut_short(attacker, pieces, other):
    attacker.remove("document_piece", pieces[2]["id"])


def cut_short_and_told_so(attacker, pieces, other):
    attacker.remove("document_piece", pieces[2]["id"])
    for piece in pieces[:2]:
        attacker.rewrite("document_piece", piece["id"], total=2)


def without_its_beginning(attacker, pieces, other):
    attacker.remove("document_piece", pieces[0]["id"])


def another_documents(attacker, pieces, other):
    attacker.rewrite("document_piece", pieces[1]["id"], content_sealed=other[1]["content_sealed"])


def another_documents_row(attacker, pieces, other):
    attacker.remove("document_piece", pieces[1]["id"])
    attacker.rewrite("document_piece", other[1]["id"], document_id=pieces[1]["document_id"])


def emptied(attacker, pieces, other):
    attacker.rewrite("document_piece", pieces[1]["id"], content_sealed=b"")


def turned_over(attacker, pieces, other):
    sealed = bytearray(pieces[1]["content_sealed"])
    sealed[5000] ^= 1
    attacker.rewrite("document_piece", pieces[1]["id"], content_sealed=bytes(sealed))


def all_gone(attacker, pieces, other):
    for piece in pieces:
        attacker.remove("document_piece", piece["id"])


def its_own_row_edited(attacker, pieces, other):
    attacker.rewrite("document", pieces[0]["document_id"], information_type="health")


ATTACKS = (
    swapped,
    whole_rows_swapped,
    cut_short,
    cut_short_and_told_so,
    without_its_beginning,
    another_documents,
    another_documents_row,
    emptied,
    turned_over,
    all_gone,
    its_own_row_edited,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_was_changed_past_the_application_cannot_be_read_and_the_log_tells(attack, attach, actor, attacker, signed_in, case_id):
    document_id, other_id = attach(LONG), attach(LONG[::-1])
    pieces, other = (
        sorted(attacker.rows("document_piece", document_id=one), key=lambda row: row["place"]) for one in (document_id, other_id)
    )
    attack(attacker, pieces, other)
    opened = open_document(actor("karin"), case_id, document_id)
    assert opened.content == Unreadable()
    karin = signed_in("karin")
    answer = karin.get(f"/cases/{case_id}/documents/{document_id}")
    assert (answer.status_code, karin.page.heading) == (403, "Dokumentet kan inte läsas")
    assert karin.get(f"/cases/{case_id}/documents").status_code == 200
    with transaction(reading=True) as current:
        _count, findings = audit.verify(current, bound_database().keyholder)
    assert findings, "the nightly check names it"
