"""What a file may be: both kinds, every usual encoding and separator; and everything that is refused, each with its own reason."""

import contextlib
import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from caseapp.importing.sheets import ERROR_VALUE, UNSAVED_FORMULA, Book, FileProblem, decoded, find_separator, read_back, read_file
from tests.importing.conftest import ALVA, workbook

TEXT = 'Namn;Personnummer\n"Åsa Öberg; yngre";0504151234\nÉva Ńovák;20110415-2382\n'
WESTERN = TEXT.replace("É", "E").replace("Ń", "N")
ROWS = (("Namn", "Personnummer"), ("Åsa Öberg; yngre", "0504151234"))


def why(content: bytes) -> str:
    with pytest.raises(FileProblem) as refused:
        read_file(content)
    return refused.value.code


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# -- CSV --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        WESTERN.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode(),
        ("sep=;\r\n" + TEXT).encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "Windows lines", "Excel's sep="],
)
def test_every_usual_encoding_gives_the_same_rows(content: bytes) -> None:
    (sheet,) = read_file(content).sheets
    assert sheet.rows[:2] == ROWS
    assert len(sheet.rows) == 3


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_usual_separator_is_found_also_where_a_text_holds_another(separator: str) -> None:
    lines = [["Namn", "Oro", "Datum"], ['"Lind, Alva; yngre"', "skolk", "2026-03-03"], ["Bo Ek", "", "2026-03-04"]]
    text = "\n".join(separator.join(line) for line in lines)
    assert find_separator(text) == separator
    assert read_file(text.encode()).sheets[0].rows[1] == ("Lind, Alva; yngre", "skolk", "2026-03-03")


def test_numbers_in_a_csv_file_stay_texts_with_their_zeros() -> None:
    assert read_file(b"Pnr,Nr\n0504151234,007\n").sheets[0].rows[1] == ("0504151234", "007")


def test_what_is_no_text_is_not_guessed_to_be_one() -> None:
    assert why(bytes(range(256)) * 20) == "not_a_table"
    with pytest.raises(FileProblem):  # no letter of Windows' own encoding has this number
        decoded(b"a\x81b")


# -- XLSX -------------------------------------------------------------------------------------------------------------


def test_texts_stay_texts_days_are_days_and_numbers_are_numbers() -> None:
    moment = datetime(2026, 3, 3, 14, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
    content = workbook(("0504151234", 504151234, date(2026, 3, 3), moment, time(9, 5), True, 1.5, 45_000.0, None, " rum "), headings=("A",))
    assert read_file(content).sheets[0].rows[1] == (
        "0504151234", 504151234, "2026-03-03", "2026-03-03 14:30", "09:05", "Ja", 1.5, 45000, "", "rum",
    )  # fmt: skip


def test_a_formula_is_read_as_the_result_that_was_saved_and_never_calculated() -> None:
    parts = unpacked(workbook(("=1+1", "text", "=A2"), headings=("A",)))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    # what Excel writes beside a formula: the result as it was when the file was saved, here a wrong one, so that calculating would show
    saved = sheet.replace("<f>1+1</f><v />", "<f>1+1</f><v>77</v>").replace("<f>1+1</f><v></v>", "<f>1+1</f><v>77</v>")
    parts["xl/worksheets/sheet1.xml"] = saved.encode()
    assert read_file(packed(parts)).sheets[0].rows[1] == (77, "text", UNSAVED_FORMULA)


def test_an_error_of_the_spreadsheet_is_marked() -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book.active["A2"] = "#N/A"
        book.active["A2"].data_type = "e"

    assert read_file(workbook(("x",), headings=("A",), change=spoil)).sheets[0].rows[1] == (ERROR_VALUE,)


def test_hidden_sheets_are_named_and_not_read_and_several_can_be_chosen_from() -> None:
    def more(book: openpyxl.Workbook) -> None:
        book.create_sheet("Två").append(["Namn"])
        book.create_sheet("Gömd").append(["Hemligt"])
        book.create_sheet("Djupt gömd").append(["Hemligare"])
        book["Gömd"].sheet_state, book["Djupt gömd"].sheet_state = "hidden", "veryHidden"

    book = read_file(workbook(ALVA, change=more))
    assert [sheet.name for sheet in book.sheets] == ["Sheet", "Två"]
    assert book.hidden == ("Gömd", "Djupt gömd")
    assert b"Hemlig" not in book.written()
    assert read_back(book.written()) == book


def test_merged_cells_are_told_by_row() -> None:
    content = workbook(("a",), ("b",), ("c",), headings=("Namn",), change=lambda book: book.active.merge_cells("A3:B4"))
    assert read_file(content).sheets[0].merged == (3, 4)


def test_a_false_size_of_the_sheet_is_not_believed() -> None:
    parts = unpacked(workbook(("x",), headings=("A",)))
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b'ref="A1:A2"' in sheet
    for said in (b'ref="A1:XFD1048576"', b'ref="A1"'):
        parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'ref="A1:A2"', said)
        assert read_file(packed(parts)).sheets[0].rows == (("A",), ("x",))


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7 x", "other_kind"),
        (b"\x89PNG\r\n\x1a\n", "other_kind"),
        (packed({"word/document.xml": b"<x/>"}), "other_kind"),
        (packed({"content.xml": b"<x/>", "mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "other_kind"),
        (packed({"xl/workbook.bin": b"x"}), "old_excel"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"Workbook".ljust(600, b"\0"), "old_excel"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "has_password"),
        (b"PK\x03\x04 not an archive", "damaged"),
        (packed({"xl/workbook.xml": b"<x/>"}), "damaged"),
        (b"a;b\n" * 2_000_000, "too_big"),
    ],
    ids=["nothing", "blank", "pdf", "picture", "word", "opendocument", "xlsb", "xls", "password", "half a file", "no workbook", "8 MB"],
)
def test_a_file_that_is_no_list_is_refused_with_its_own_reason(content: bytes, code: str) -> None:
    assert why(content) == code


def test_a_workbook_cut_off_anywhere_is_refused_and_nothing_else_happens() -> None:
    whole = workbook(*[ALVA] * 20)
    for at in range(10, len(whole) - 1, 97):
        assert why(whole[:at]) in ("damaged", "other_kind"), at


def test_spoiled_bytes_in_a_workbook_are_read_or_refused() -> None:
    whole = workbook(*[ALVA] * 5)
    for at in range(0, len(whole), 53):
        spoiled = whole[:at] + bytes((whole[at] ^ 0xFF,)) + whole[at + 1 :]
        with contextlib.suppress(FileProblem):
            assert isinstance(read_file(spoiled), Book)


def test_an_archive_that_swells_is_refused_before_it_is_unpacked() -> None:
    parts = unpacked(workbook(ALVA))
    bomb = packed(parts | {"xl/media/zeros.xml": b"0" * 80_000_000})
    assert len(bomb) < 200_000
    assert why(bomb) == "too_much_inside"
    assert why(packed(parts | {f"xl/{number}.xml": b"" for number in range(600)})) == "too_much_inside"


def test_entities_of_a_workbook_are_refused_unread() -> None:
    parts = unpacked(workbook(ALVA))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><x>&b;</x>'
    for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        assert why(packed(parts | {name: bomb})) == "too_much_inside", name
        assert why(packed(parts | {name: bomb.decode().encode("utf-16")})) == "too_much_inside", name


def test_links_to_other_files_are_not_followed() -> None:
    parts = unpacked(workbook(ALVA))
    schema = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    link = b'<externalLink xmlns="' + schema + b'"><externalBook r:id="rId1" xmlns:r="urn:x"/></externalLink>'
    content = packed(parts | {"xl/externalLinks/externalLink1.xml": link})
    assert read_file(content).sheets[0].rows[1][1] == "Alva"


def test_too_much_of_anything_has_a_reason_of_its_own() -> None:
    assert why(workbook(headings=[f"K{number}" for number in range(100)])) == "too_many_columns"
    assert why(("Namn;Nr\n" + "Alva;1\n" * 10_000).encode()) == "too_many_lines"
    assert why(workbook(*[("Alva", 1)] * 1_100, headings=("Namn", "Nr"))) == "too_many_lines"
    assert why(workbook(headings=())) == "empty"
    assert why(workbook(ALVA, change=lambda book: [book.create_sheet() for _ in range(20)])) == "too_many_sheets"
    assert len(read_file(workbook(*[("Alva", 1)] * 1_000, headings=("Namn", "Nr"))).sheets[0].rows) == 1_001


def test_a_sheet_that_is_too_large_does_not_keep_the_others_from_being_read() -> None:
    def large(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Stor")
        for _ in range(1_100):
            sheet.append(["x"])

    book = read_file(workbook(ALVA, change=large))
    assert [(sheet.name, sheet.problem) for sheet in book.sheets] == [("Sheet", ""), ("Stor", "too_many_lines")]
