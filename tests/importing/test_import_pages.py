"""The way from a file to cases, as a coordinator goes it."""

from tests.importing.conftest import ALVA, BO, go_to_check, workbook
from tests.pages import PageClient


def test_a_list_becomes_cases(karin: PageClient) -> None:
    go_to_check(karin, workbook(ALVA, BO))
    assert "2 rader kan bli ärenden, 0 måste rättas" in karin.page.text()
    karin.submit({"how": "whole"}, action=karin.address)
    assert karin.address.endswith("/progress")
    karin.submit({}, action=karin.address)
    assert karin.address.endswith("/result"), karin.page.text()
    karin.get("/cases")
    assert "A.L." in karin.page.text()
    assert "B.E." in karin.page.text()
