"""A reading on its way through the review: the reviewer makes the month's list and asks, the person answers from her day, it is closed.

On SQLite only: what is stored and refused is proved on both databases in tests/review.
"""

from collections.abc import Callable
from datetime import time

import pytest
from flask import Flask

from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.review.conftest import Past, past  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def test_a_reviewer_asks_the_person_answers_and_the_reviewer_closes(
    app: Flask,
    past: Past,  # noqa: F811
    municipality: Municipality,
    codes: Codes,
    visitors: Callable[[Flask], Visitor],
) -> None:
    past.read("lena", past.case("Alva Brodin"), at=time(21, 40))
    greta, lena, ulla, admin = (visitors(app) for _each in range(4))
    admin.sign_in(municipality["admin"], codes)
    admin.go("/settings/log-review", "settings")
    admin.fill(sample="5", cases_a_day="25")
    admin.send("saved")
    assert "5 läsningar dras på måfå" in admin.page.inner_text("main")

    greta.sign_in(municipality["greta"], codes)
    greta.go("/review", "nothing chosen yet")
    greta.fill(month=past.month.written)
    greta.press("Gör månadens urval", "chosen")
    chosen = greta.page.inner_text("main")
    assert "1 läsning att granska." in chosen
    assert "Samma efternamn, Utanför arbetstid, Stickprov" in chosen
    greta.page.locator("main tbody a").first.click()
    greta.look("the reading")
    seen = greta.page.inner_text("main")
    assert "21.40" in seen
    assert "Någon i ärendet har samma efternamn som den som läste." in seen
    assert "Alva" not in greta.page.content()
    greta.press("Ställ en fråga", "ask")
    greta.send("nothing written")
    assert "Skriv frågan." in greta.page.inner_text("main")
    greta.fill(question="Vad behövde du ärendet till den kvällen?")
    greta.send("asked")
    assert "Väntar på svar" in greta.page.inner_text("main")

    lena.sign_in(municipality["lena"], codes)
    assert "En fråga om din läsning" in lena.page.inner_text("main")
    lena.page.locator("main .tasks a").first.click()
    lena.look("the question")
    assert "Vad behövde du ärendet till den kvällen?" in lena.page.inner_text("main")
    lena.fill(answer="Jag skrev klart åtagandet inför nätverksmötet.")
    lena.send("answered")
    assert "Svaret är skickat" in lena.page.inner_text("main")
    lena.go("/", "nothing waits")
    assert "En fråga om din läsning" not in lena.page.inner_text("main")

    greta.go("/review", "answered")
    assert "Besvarad" in greta.page.inner_text("main")
    greta.page.locator("main tbody a").first.click()
    greta.look("the answer")
    assert "Jag skrev klart åtagandet" in greta.page.inner_text("main")
    greta.press("Avsluta", "close")
    greta.fill(assessment="remark")
    greta.send("words are needed")
    assert "Skriv en motivering." in greta.page.inner_text("main")
    greta.fill(words="Rätt ärende, men Lena ska inte läsa om sin släkt.")
    greta.send("closed")
    assert "Granskningen är avslutad." in greta.page.inner_text("main")
    greta.press("Avslutade (1)", "the closed ones")
    greta.page.locator("main tbody a").first.click()
    greta.look("the closed one")
    assert "Anmärkning" in greta.page.inner_text("main")

    ulla.sign_in(municipality["ulla"], codes)
    ulla.go("/review/numbers", "numbers")
    assert "Samma efternamn" in ulla.page.inner_text("main")
    assert "Lena" not in ulla.page.inner_text("main")
