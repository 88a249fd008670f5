"""The way from a file to cases, as a coordinator goes it: each page, what it refuses and in which words, and who is not let in."""

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask

from caseapp.formats import clock
from caseapp.importing import saving
from tests.importing.conftest import ALVA, BO, HEADINGS, WORDING, Imports, go_to_check, import_id_of, multipart, person, send, workbook
from tests.pages import PageClient


def _text(client: PageClient) -> str:
    assert client.page is not None
    return client.page.text()


def test_a_list_becomes_cases_and_is_taken_back(karin: PageClient) -> None:
    karin.get("/cases")
    assert "Hämta in från Excel" in _text(karin)
    go_to_check(karin, workbook(ALVA, BO))
    assert "2 rader kan bli ärenden, 0 måste rättas" in _text(karin)
    assert "20110415-····" in _text(karin)
    assert "2382" not in _text(karin)
    karin.submit({"how": "whole"}, action=karin.address)
    assert "2 ärenden startas i SSPF Norr" in _text(karin)
    karin.submit({}, action=karin.address)
    assert karin.address.endswith("/result")
    result = karin.address
    karin.get("/cases")
    assert "A.L." in _text(karin)
    assert "B.E." in _text(karin)
    karin.submit({}, on=result, action=result)
    assert "De ärenden som ingen hade arbetat i är borttagna" in _text(karin)
    karin.get("/cases")
    assert "A.L." not in _text(karin)


def test_a_long_list_shows_how_far_it_is_and_goes_on_with_each_press(karin: PageClient) -> None:
    go_to_check(karin, workbook(*[person(one) for one in range(60)]))
    rows = [element.get("value", "") for element in karin.page.root.iter("input") if element.get("name") == "rows"]
    karin.submit({"how": "rows", "rows": rows}, action=karin.address)
    karin.submit({}, action=karin.address)
    assert "50 av 60 rader är klara" in _text(karin)
    assert any(form.get("data-continue") is not None for form in karin.page.forms())
    karin.submit({}, action=karin.address)
    assert karin.address.endswith("/result")


def test_only_the_ticked_rows_are_saved(karin: PageClient) -> None:
    go_to_check(karin, workbook(ALVA, BO))
    karin.submit({"how": "rows", "rows": ["3"]}, action=karin.address)
    karin.submit({}, action=karin.address)
    karin.get("/cases")
    assert "B.E." in _text(karin)
    assert "A.L." not in _text(karin)


def test_no_row_ticked_is_asked_about(karin: PageClient) -> None:
    go_to_check(karin, workbook(ALVA))
    answer = karin.submit({"how": "rows", "rows": []}, action=karin.address)
    assert answer.status_code == 422
    assert "Välj minst en rad" in _text(karin)


def test_wrong_rows_are_told_with_what_to_do_and_the_whole_list_is_not_offered(karin: PageClient) -> None:
    go_to_check(karin, workbook(ALVA, ("20110415-2383", "Bo", "Ek"), ("", "Cilla", "Dahl"), ("20100105-2396", "", "", "2026-02-30")))
    told = _text(karin)
    assert "1 rader kan bli ärenden, 3 måste rättas" in told
    assert "Personnumrets kontrollsiffra stämmer inte" in told
    assert "Både personnummer och födelsedatum saknas" in told
    assert "Namnet saknas" in told
    assert "Det datumet finns inte" in told
    assert not any(button.get("value") == "whole" for button in karin.page.all("button"))
    answer = karin.submit({"how": "whole"}, action=karin.address)
    assert answer.status_code == 422
    assert "någon rad måste rättas" in _text(karin)


def test_unknown_words_are_asked_about_once_for_all_rows(karin: PageClient) -> None:
    odd = [(*person(one)[:4], "Grannen", "Glömska", "Mona Lind") for one in range(3)]
    send(karin, workbook(*odd))
    karin.submit({}, action=karin.address)
    assert karin.address.endswith("/values")
    assert "Vem tog initiativet: ”Grannen”" in _text(karin)
    assert "Står på 3 rader" in _text(karin)
    fields = [element.get("name", "") for element in karin.page.root.iter("select")]
    by_label = {label.get("for", ""): karin.page.text(label) for label in karin.page.all("label")}
    source = next(name for name in fields if "Grannen" in by_label[name])
    answer = karin.submit({source: "other"}, action=karin.address)
    assert answer.status_code == 422
    assert "Välj vad det betyder" in _text(karin)
    concern = next(name for name in fields if name != source)
    karin.submit({source: "other", concern: "-"}, action=karin.address)
    assert "3 rader kan bli ärenden, 0 måste rättas" in _text(karin)
    assert "Annan" in _text(karin)


def test_a_column_can_be_taken_for_something_else_and_what_is_missing_is_asked_for(karin: PageClient) -> None:
    send(karin, workbook(("20110415-2382", "Alva Lind", "x"), headings=("Kolumn 1", "Kolumn 2", "Kolumn 3")))
    answer = karin.submit({"column_1": "-"}, action=karin.address)
    assert answer.status_code == 422
    assert "Välj vilken kolumn som är namnet" in _text(karin)
    answer = karin.submit({"column_0": "name", "column_1": "name"}, action=karin.address)
    assert answer.status_code == 422
    assert "Två kolumner är valda till samma uppgift" in _text(karin)
    karin.submit({"column_0": "number", "column_1": "name", "column_2": "note"}, action=karin.address)
    assert "1 rader kan bli ärenden" in _text(karin)


def test_another_sheet_and_another_row_of_headings_can_be_chosen(karin: PageClient) -> None:
    def more(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Gamla")
        for row in (("Listan 2025",), HEADINGS, BO):
            sheet.append(list(row))
        book.create_sheet("Dold").sheet_state = "hidden"

    send(karin, workbook(ALVA, change=more))
    assert "Dolda blad läses inte: Dold" in _text(karin)
    import_id = import_id_of(karin)
    assert "Rubrikerna läses från rad 2" in _text(karin)  # the sheet with more rows seemed to be the list
    assert "Det som står ovanför rubrikerna läses inte" in _text(karin)
    where = f"/cases/import/{import_id}/sheet"
    karin.submit({"sheet": "0", "heading_row": "2"}, on=where, action=where)
    assert "Rubrikerna läses från rad 1" in _text(karin)
    assert "Lind" in _text(karin)
    karin.submit({"heading_row": "2"}, on=where, action=where)
    assert "Rubrikerna läses från rad 2" in _text(karin)


def test_two_rows_of_headings_and_merged_cells_are_told(karin: PageClient) -> None:
    def merge(book: openpyxl.Workbook) -> None:
        book.active.insert_rows(1)
        book.active["A1"], book.active["G1"] = "Ungdomen", "Hemmet"
        book.active.merge_cells("A1:F1")
        book.active.merge_cells("D3:D4")

    send(karin, workbook(ALVA, BO, change=merge))
    assert "Rubrikerna står i två rader" in _text(karin)
    assert "Några celler i listan är sammanslagna" in _text(karin)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Filen är tom"),
        (b"%PDF-1.7", "varken en Excel-fil eller en CSV-fil"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "skyddad med lösenord"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"Workbook", "äldre format"),
        (b"PK\x03\x04half", "skadad"),
        (b"x" * (5 * 1024 * 1024 + 1), "större än 5 MB"),
        (("Namn;Nr\n" + "Alva;1\n" * 10_000).encode(), "fler än 1000 rader"),
        ((";".join(f"K{number}" for number in range(100)) + "\n").encode(), "fler än 50 kolumner"),
    ],
    ids=["empty", "pdf", "password", "xls", "damaged", "large", "10 000 rows", "100 columns"],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence_at_the_field(karin: PageClient, content: bytes, says: str) -> None:
    assert send(karin, content).status_code == 422
    assert says in _text(karin)
    assert any(element.get("id") == "file-error" for element in karin.page.root.iter())


def test_no_file_and_a_text_in_its_place_are_asked_about(karin: PageClient) -> None:
    assert karin.submit({}, on="/cases/import").status_code == 422
    assert "Välj filen med teamets lista" in _text(karin)
    assert karin.submit({"file": "lista.xlsx"}, on="/cases/import").status_code == 422


def test_the_list_to_fill_in_holds_nobody_and_comes_back_understood(karin: PageClient) -> None:
    content = karin.get("/cases/import/template").get_data()
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Lista", "Så här fyller du i"]
    assert book["Lista"].max_row == 1
    headings = [cell.value for cell in book["Lista"][1]]
    filled = dict.fromkeys(headings, "") | {"Personnummer": "201104152382", "Förnamn": "Alva", "Efternamn": "Lind"}
    book["Lista"].append(list(filled.values()))
    target = io.BytesIO()
    book.save(target)
    send(karin, target.getvalue())
    chosen = [option.get("value") for option in karin.page.root.iter("option") if option.get("selected") is not None]
    assert "-" not in chosen
    assert len(chosen) == len(headings) + 1  # and what the notes are about
    karin.submit({}, action=karin.address)
    assert "1 rader kan bli ärenden, 0 måste rättas" in _text(karin)


@pytest.mark.parametrize("login", ["lena", "ulla", "admin", "stellan", "greta"])
def test_only_coordinators_see_the_pages(signed_in: Callable[[str], PageClient], login: str) -> None:
    client = signed_in(login)
    for path in ("/cases/import", "/cases/import/template"):
        assert client.get(path).status_code == 403
    client.get("/cases")
    assert "Hämta in från Excel" not in _text(client)


def test_somebody_elses_list_looks_as_if_it_were_not_there(
    karin: PageClient, signed_in: Callable[[str], PageClient], imports: Imports
) -> None:
    import_id, rasmus = imports.begin(ALVA), signed_in("rasmus")
    for page in ("sheet", "columns", "values", "check", "progress", "result"):
        assert karin.get(f"/cases/import/{import_id}/{page}").status_code in (200, 303)
        assert rasmus.get(f"/cases/import/{import_id}/{page}").status_code == 404


def test_a_list_that_is_gone_leads_to_the_start_with_a_sentence(karin: PageClient, imports: Imports) -> None:
    import_id = imports.made(ALVA)
    for page in ("sheet", "columns", "values", "check", "progress"):
        answer = karin.get(f"/cases/import/{import_id}/{page}", follow_redirects=True)
        assert answer.request.path == "/cases/import"
        assert "Listan finns inte kvar" in _text(karin)


def test_a_list_that_is_being_saved_is_not_changed_any_more(karin: PageClient, imports: Imports) -> None:
    import_id = imports.chosen(*[person(one) for one in range(60)], only=range(2, 62))
    saving.save_next(imports.me, import_id, wording=WORDING)
    for page in ("sheet", "columns", "values", "check"):
        assert karin.get(f"/cases/import/{import_id}/{page}", follow_redirects=True).request.path.endswith("/progress")


def test_the_same_page_sent_twice_takes_the_file_in_once(karin: PageClient, imports: Imports) -> None:
    karin.get("/cases/import")
    once = next(element.get("value", "") for element in karin.page.root.iter("input") if element.get("name") == "once")
    token = next(element.get("value", "") for element in karin.page.root.iter("input") if element.get("name") == "csrf_token")
    fields = {"csrf_token": token, "once": once, "team": imports.municipality.teams["norr"]}
    content = workbook(ALVA)  # made once: a workbook carries the second it was written in, and another file is another answer
    addresses = [karin.post("/cases/import", **multipart(fields, content, "l.xlsx")).headers["Location"] for _time in range(2)]
    assert addresses[0] == addresses[1]


def test_a_confirmation_that_is_old_is_asked_for_again_and_the_choice_is_kept(app: Flask, imports: Imports, karin: PageClient) -> None:
    import_id = imports.chosen(ALVA)
    with clock.at(clock.now() + timedelta(minutes=10)):
        answer = karin.submit({}, on=f"/cases/import/{import_id}/progress", action=f"/cases/import/{import_id}/progress")
        assert answer.request.path == "/prove"
        assert imports.names() == []
