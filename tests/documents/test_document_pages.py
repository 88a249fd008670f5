"""Documents on the page: attached, listed, opened in a sandbox, taken away; refused in words with everything typed kept; in memory only."""

import os
import sys
import tempfile
from io import BytesIO

import pytest

from caseapp.cases.consenting import read_consent
from caseapp.cases.documenting import read_documents
from caseapp.documents.content import Unacceptable
from caseapp.documents.views import _SAYS
from tests.documents import papers
from tests.pages import Page, form_values

TYPED = {"kind": "letter", "title": "Brev från Ekskolan", "information_type": "attendance"}


def send(browser, case_id: str, content: bytes, name: str = "Alva Lind 2026-0001.pdf", **typed: str):
    """The answer to the form with this file, redirects followed."""
    browser.get(f"/cases/{case_id}/documents/new")
    (form,) = browser.page.forms(f"/cases/{case_id}/documents/new")
    return _post(browser, form, "file", content, name, TYPED | typed)


def _post(browser, form, field: str, content: bytes, name: str, typed: dict[str, str]):
    """Send a form with a file as a browser does. The library's own client would lay a large one in a temporary file."""
    answers = {key: value[0] for key, value in form_values(form).items() if value and key != field} | typed
    parts = [f'--GRANS\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in answers.items()]
    head = f'--GRANS\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: text/html\r\n\r\n'.encode()
    body = b"".join([*parts, head, content, b"\r\n--GRANS--\r\n"])
    return browser.post(form.get("action"), data=body, content_type="multipart/form-data; boundary=GRANS", follow_redirects=True)


def opening_links(page: Page) -> list[str]:
    """Where the documents of a list are opened."""
    return [address for address, label in page.links.items() if label.startswith("Öppna ")]


@pytest.mark.parametrize(
    ("content", "name", "mime_type", "disposition"),
    [
        (papers.laden_pdf(), "a.exe", "application/pdf", 'inline; filename="dokument.pdf"'),
        (papers.photograph(), "a.pdf", "image/jpeg", 'inline; filename="dokument.jpg"'),
        (papers.screenshot(), "a", "image/png", 'inline; filename="dokument.png"'),
        (
            papers.word(),
            "a.png",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            'attachment; filename="dokument.docx"',
        ),
    ],
    ids=["pdf", "jpeg", "png", "docx"],
)
def test_a_document_is_opened_in_a_sandbox_under_a_name_that_says_nothing(
    content, name, mime_type, disposition, signed_in, actor, case_id
):
    karin = signed_in("karin")
    assert "Dokumentet är sparat" in send(karin, case_id, content, name).text
    (address,) = opening_links(karin.page)
    answer = karin.get(address)
    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (200, mime_type, disposition)
    assert "sandbox" in answer.headers["Content-Security-Policy"].split("; ")
    assert "allow-scripts" not in answer.headers["Content-Security-Policy"]
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    assert {header: answer.headers[header] for header in expected} == expected
    assert not papers.tells(answer.get_data())
    (card,) = read_documents(actor("karin"), case_id).documents
    assert card.length == len(answer.get_data())


def test_who_can_read_is_shown_before_saving(signed_in, case_id):
    karin = signed_in("karin")
    karin.get(f"/cases/{case_id}/documents/new")
    says = karin.page.text()
    assert "Kan läsas av: Socialtjänsten, Ekskolan, Fritidsgården Kvarnen" in says  # the consent covers assessment, not for the police
    assert says.count("Kan läsas av: Socialtjänsten") == 13
    assert "högst 10,5 MB" in says


def test_the_files_name_and_the_browsers_word_for_it_are_kept_nowhere(signed_in, attacker, case_id):
    karin = signed_in("karin")
    send(karin, case_id, papers.picture("PNG"), "Järnsparven.pdf")
    assert "Järnsparven" not in repr(attacker.everything("document", "document_piece", "submission"))
    assert "Järnsparven" not in karin.get(f"/cases/{case_id}/documents").text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Filen är tom"),
        (b"MZ not a letter", "Filen är varken PDF, bild"),
        (b"%PDF-1.7 not one", "Filen går inte att läsa"),
        (papers.written(papers.pdf(), encryption=papers.locked()), "Filen är låst med lösenord"),
        (papers.packed(papers.word_parts() | {"word/vbaProject.bin": b"x"}), "innehåller program (makron)"),
        (b"%PDF" + bytes(11 * 1024 * 1024), "Filen är för stor. Högst 10,5 MB tas emot"),
    ],
    ids=["0 bytes", "another sort", "broken", "locked", "macros", "too large"],
)
def test_a_file_that_is_not_taken_gets_a_sentence_and_everything_typed_is_kept(content, says, signed_in, actor, case_id):
    karin = signed_in("karin")
    answer = send(karin, case_id, content)
    assert answer.status_code == 422
    assert says in karin.page.text()
    assert "Välj filen igen" in karin.page.text()
    (form,) = karin.page.forms(f"/cases/{case_id}/documents/new")
    kept = form_values(form)
    assert {name: kept[name] for name in TYPED} == {name: [value] for name, value in TYPED.items()}
    assert read_documents(actor("karin"), case_id).documents == ()


def test_every_reason_has_a_sentence():
    named = set((Unacceptable.__doc__ or "").replace(".", "").replace(",", " ").replace(" or ", " ").split("`reason`:")[1].split())
    assert named - {"too_large"} == set(_SAYS)


def test_a_form_without_a_file_asks_for_one(signed_in, case_id):
    karin = signed_in("karin")
    answer = karin.submit(TYPED, on=f"/cases/{case_id}/documents/new")
    assert (answer.status_code, "Välj en fil." in karin.page.text()) == (422, True)


def test_a_request_that_is_too_large_to_read_is_answered_with_a_page(signed_in, case_id):
    karin = signed_in("karin")
    answer = send(karin, case_id, bytes(26 * 1024 * 1024))
    assert (answer.status_code, karin.page.heading) == (413, "Det var för stort")


def test_other_forms_take_no_longer_requests_than_before(signed_in, case_id):
    karin = signed_in("karin")
    karin.get(f"/cases/{case_id}/notes/new")
    (form,) = karin.page.forms(f"/cases/{case_id}/notes/new")
    assert _post(karin, form, "text", bytes(7 * 1024 * 1024), "a.pdf", {}).status_code == 413


def test_a_case_that_is_full_says_so(signed_in, app, case_id):
    object.__setattr__(app.extensions["caseapp.config"], "case_document_bytes", 66_000)
    karin = signed_in("karin")
    assert send(karin, case_id, papers.picture("PNG")).status_code == 200
    answer = send(karin, case_id, papers.picture("JPEG", (200, 200)))
    assert answer.status_code == 422
    assert "Ärendets dokument får ta högst 66 kB" in karin.page.text()


def test_the_same_form_sent_twice_attaches_one_document(signed_in, actor, case_id):
    karin = signed_in("karin")
    karin.get(f"/cases/{case_id}/documents/new")
    (form,) = karin.page.forms(f"/cases/{case_id}/documents/new")
    answers = form_values(form) | {name: [value] for name, value in TYPED.items()}
    for _turn in range(2):
        file = (BytesIO(papers.picture("PNG")), "a.png")
        assert karin.post(f"/cases/{case_id}/documents/new", data={**answers, "file": file}).status_code == 303
    assert len(read_documents(actor("karin"), case_id).documents) == 1


def test_a_signed_consent_is_reached_from_the_consent(signed_in, actor, case_id):
    (consent,) = read_consent(actor("karin"), case_id).consents
    karin = signed_in("karin")
    asked = send(karin, case_id, papers.laden_pdf(), kind="consent", information_type="identity")
    assert (asked.status_code, "Välj vilket samtycke som är underskrivet." in karin.page.text()) == (422, True)
    send(karin, case_id, papers.laden_pdf(), kind="consent", information_type="identity", consent=consent.id)
    for login in ("karin", "lena"):
        browser = signed_in(login)
        browser.get(f"/cases/{case_id}/consent")
        assert "Underskrivet original: öppna" in browser.page.text()
        (address,) = [address for address, label in browser.page.links.items() if label.startswith("öppna")]
        assert browser.get(address).mimetype == "application/pdf"


def test_what_is_withheld_says_why_in_the_list_and_at_the_address(signed_in, attach, case_id):
    document_id = attach()
    pontus = signed_in("pontus")
    pontus.get(f"/cases/{case_id}/documents")
    assert "Samtycket omfattar inte den här sortens uppgifter för din verksamhet" in pontus.page.text()
    assert "Brev från skolan" not in pontus.page.text()
    assert opening_links(pontus.page) == []
    answer = pontus.get(f"/cases/{case_id}/documents/{document_id}")
    assert answer.status_code == 403
    assert "Samtycket omfattar inte den här sortens uppgifter för din verksamhet" in pontus.page.text()


def test_a_document_is_taken_away_with_a_reason(signed_in, attach, case_id):
    document_id = attach()
    lena, karin = signed_in("lena"), signed_in("karin")
    assert lena.get(f"/cases/{case_id}/documents/{document_id}/remove").status_code == 404
    answer = karin.submit({"reason": ""}, on=f"/cases/{case_id}/documents/{document_id}/remove")
    assert (answer.status_code, "Skriv varför dokumentet tas bort." in karin.page.text()) == (422, True)
    karin.submit({"reason": "Hör till ett annat ärende"})
    assert "Borttaget dokument" in karin.page.text()
    assert "Hör till ett annat ärende" in karin.page.text()
    assert "Brev från skolan" not in karin.page.text()
    assert karin.get(f"/cases/{case_id}/documents/{document_id}").status_code == 404


def test_no_file_is_opened_for_writing_while_a_document_is_attached_and_opened(signed_in, installation, case_id):
    """A library that lays what it receives in a temporary file would open one: half a megabyte is where it begins."""
    karin, written = signed_in("karin"), []
    on = [True]

    def watch(event: str, arguments: tuple) -> None:
        if not on[0] or not (event == "open" or event.startswith("tempfile.")):
            return
        if event != "open" or (not isinstance(arguments[0], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            written.append(f"{event} {arguments[0]}")

    sys.addaudithook(watch)
    with tempfile.TemporaryFile() as proof:
        assert proof
    assert written, "the watch sees a temporary file"
    written.clear()
    content = papers.noise(95, side=900)
    assert len(content) > 600_000
    assert send(karin, case_id, content).status_code == 200
    (address,) = opening_links(karin.page)
    assert len(karin.get(address).get_data()) > 500_000
    on[0] = False
    assert set(written) <= {f"open {os.devnull}"}  # where the reading process complains
