"""Documents on the page: attached, listed, opened in a sandbox, taken away; refused in words with everything typed kept."""

from tests.documents.papers import picture


def test_a_document_is_attached_listed_and_opened(signed_in, case_id) -> None:
    karin = signed_in("karin")
    answer = karin.submit(
        {"file": (picture("PNG"), "Alva.png"), "kind": "letter", "title": "Brev från skolan", "information_type": "assessment"},
        on=f"/cases/{case_id}/documents/new",
    )
    assert answer.status_code == 200
    assert "Brev från skolan" in karin.page.text()
    (opened,) = [address for address, label in karin.page.links.items() if label.startswith("Öppna ")]
    shown = karin.get(opened)
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
