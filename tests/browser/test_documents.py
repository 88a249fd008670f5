"""The journey of documents: a signed consent and a photograph are attached and opened; the family withdraws; the school sees why not."""

from collections.abc import Callable

import pytest
from flask import Flask

from caseapp.access import Actor
from caseapp.cases.consenting import read_consent
from caseapp.consent.actions import withdraw_consent
from tests.browser.visitor import Visitor
from tests.documents import papers
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser


def attach(visitor: Visitor, content: bytes, name: str, **answers: str) -> None:
    """Choose a file, answer the rest, save."""
    visitor.page.locator("main input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    visitor.fill(**answers)
    visitor.send(f"{answers['kind']} sent")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_documents(
    scripts: bool,
    visitors: Callable[..., Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    case_id: str,  # noqa: F811
) -> None:
    (consent,) = read_consent(actor("karin"), case_id).consents
    karin = visitors(app, scripts=scripts)
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/cases/{case_id}/documents", "no documents")
    karin.press("Lägg till dokument")
    attach(karin, b"hej", "Alva.pdf", kind="letter", title="Brev", information_type="assessment")
    assert karin.page.get_by_text("Filen är varken PDF, bild").count() > 0
    assert karin.page.locator("main [name=title]").input_value() == "Brev"
    signed = {"kind": "consent", "consent": consent.id, "title": "Underskrivet samtycke", "information_type": "identity"}
    attach(karin, papers.laden_pdf(), "Alva Lind.pdf", **signed)
    karin.press("Lägg till dokument")
    attach(karin, papers.photograph(), "IMG_1.jpg", kind="other", title="Bild från skolan", information_type="assessment")
    karin.look("two documents")
    with karin.page.context.expect_page() as opened:
        karin.page.get_by_role("link", name="Öppna Bild från skolan i en ny flik").click()
    picture = opened.value
    picture.wait_for_load_state("load")
    size = picture.locator("img").evaluate("e => [e.naturalWidth, e.naturalHeight]") if scripts else [30, 40]
    assert size == [30, 40], "turned the right way up"
    picture.close()
    # the browser asks for an icon for the picture's own origin, which is not the program's, and is not given one
    karin.wrong = [one for one in karin.wrong if not one.endswith("ERR_BLOCKED_BY_RESPONSE.NotSameOrigin")]
    address = karin.page.get_by_role("link", name="Öppna Underskrivet samtycke i en ny flik").get_attribute("href")
    answer = karin.page.request.get(f"{karin.origin}{address}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert "sandbox" in answer.headers["content-security-policy"]
    karin.go(f"/cases/{case_id}/consent", "the consent and its original")
    assert karin.page.get_by_role("link", name="öppna i en ny flik").get_attribute("href") == address

    lena = visitors(app, scripts=scripts)
    lena.sign_in(municipality["lena"], codes)
    lena.go(f"/cases/{case_id}/documents", "the school may open it")
    assert lena.page.request.get(f"{lena.origin}{address}").status == 200
    withdraw_consent(actor("karin"), case_id, consent.id, received_from="Mona Lind", received_how="telefon")
    refused = lena.page.goto(f"{lena.origin}{address}")
    assert refused is not None
    assert refused.status == 403
    lena.look("the school may not open it")
    assert lena.page.get_by_text("Samtycket är återkallat").count() > 0
    lena.go(f"/cases/{case_id}/documents", "the school sees why")
    assert lena.page.get_by_text("Bild från skolan").count() == 0
