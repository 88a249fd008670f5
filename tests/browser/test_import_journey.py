"""In a browser: a coordinator brings the team's list, says what its words mean, sees it become cases by itself, and takes it back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.importing.conftest import ALVA, person, workbook
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def test_a_list_comes_in_and_is_taken_back(
    visitors: Callable[[Flask], Visitor], app: Flask, municipality: Municipality, codes: Codes, tmp_path: Path
) -> None:
    listed = tmp_path / "lista.xlsx"
    rows = [(*person(one)[:4], "Grannen", *person(one)[5:]) for one in range(60)]
    listed.write_bytes(workbook(ALVA, *rows, ("20110415-2383", "Bo", "Ek")))
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)

    karin.go("/cases", "cases")
    karin.press("Hämta in från Excel", "the start")
    with karin.page.expect_download() as fetched:
        karin.page.get_by_role("link", name="Ladda ner en lista att fylla i (.xlsx)").click()
    assert fetched.value.suggested_filename == "lista-att-fylla-i.xlsx"

    karin.page.get_by_label("Fil").set_input_files(listed)
    karin.press("Läs filen", "columns")
    expect(karin.page.get_by_label("Kolumn A: Personnummer")).to_have_value("number")
    karin.press("Fortsätt", "words")
    karin.page.get_by_label("Vem tog initiativet: ”Grannen”").select_option("other")
    karin.press("Fortsätt", "the report")
    expect(karin.page.locator("main")).to_contain_text("61 rader kan bli ärenden, 1 måste rättas")
    expect(karin.page.locator("main")).to_contain_text("Personnumrets kontrollsiffra stämmer inte")
    karin.page.get_by_role("checkbox", name="2 Alva Lind").uncheck()
    karin.press("De valda raderna", "before saving")
    expect(karin.page.locator("main")).to_contain_text("60 ärenden startas i SSPF Norr")
    karin.page.get_by_role("button", name="Spara ärendena").click()
    expect(karin.page.get_by_role("heading", name="Hämtat från Excel")).to_be_visible(timeout=60_000)  # the second part went by itself
    karin.look("the result")
    expect(karin.page.locator("main")).to_contain_text("60 ärenden i SSPF Norr")
    karin.page.get_by_role("button", name="Ta tillbaka hämtningen").click()
    expect(karin.page.get_by_text("De ärenden som ingen hade arbetat i är borttagna")).to_be_visible(timeout=120_000)
    karin.look("taken back")
    karin.go("/cases", "no cases")
    expect(karin.page.locator("main")).to_contain_text("Du deltar inte i något ärende än")


def test_the_same_without_scripts(
    visitors: Callable[..., Visitor], app: Flask, municipality: Municipality, codes: Codes, tmp_path: Path
) -> None:
    listed = tmp_path / "lista.csv"
    listed.write_text("Namn;Personnummer;Kommentar\nAlva Lind;20110415-2382;Vill börja om.\n", "cp1252")
    karin = visitors(app, scripts=False)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/cases/import")
    karin.page.get_by_label("Fil").set_input_files(listed)
    for words in ("Läs filen", "Fortsätt", "Hela listan, eller inget", "Spara ärendena"):
        karin.press(words)
    expect(karin.page.locator("main")).to_contain_text("Ett ärende i SSPF Norr")
