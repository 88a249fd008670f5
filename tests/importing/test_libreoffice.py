"""A list that LibreOffice made goes through the guided import as the rows it was typed from: its days are numbers, its texts shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from caseapp.importing.lines import Line, Reading, read_lines
from caseapp.importing.sheets import Book, FileProblem, read_file
from tests.importing.conftest import ALVA, go_to_check
from tests.importing.test_lines import AGENCIES, TODAY
from tests.libreoffice import SWEDISH_LIST, convert
from tests.pages import PageClient

#: The second number has lost its zero to the spreadsheet; the days are typed in three ways, the texts hold what separates columns.
LIST = """Personnummer;Förnamn;Efternamn;Aktualiserad;Vem tog initiativet;Vad gäller oron;Vårdnadshavare
20110415-2382;Alva;Lind;2026-03-03;Skola;Hög frånvaro från skolan;Mona Lind 070-123 45 67
0504152380;Åsa;Öberg;2026-01-05;polisen;"skolk; droger";"Eva Ek; Jan Ek"
201001052396;Bo;Ek;2025-12-31;Skola;skolk;"Ek, Eva 070-765 43 21"
"""
FIELDS = dict(enumerate(("number", "first_name", "last_name", "opened_on", "referral_source", "concerns", "custodian")))


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    path = tmp_path / "lista.csv"
    path.write_text(LIST, "utf-8")
    return path


@pytest.fixture
def made(typed: Path, libreoffice: str, tmp_path: Path) -> dict[str, bytes]:
    """Ending → the list as LibreOffice writes it, straight and by way of its own format."""
    (straight,) = convert(typed, "xlsx", tmp_path / "straight", SWEDISH_LIST)
    (own,) = convert(typed, "ods", tmp_path / "own", SWEDISH_LIST)
    (round_about,) = convert(own, "xlsx", tmp_path / "about")
    return {"csv": typed.read_bytes(), "xlsx": straight.read_bytes(), "ods": own.read_bytes(), "ods, xlsx": round_about.read_bytes()}


def lines(book: Book) -> list[Line]:
    (sheet,) = book.sheets
    words = {"skolk": "school_absence", "droger": "substance_use", "hög frånvaro från skolan": "school_absence"}
    return list(read_lines(Reading(sheet, 1, FIELDS, {"concerns": words}, AGENCIES, "sspf", TODAY, book.from_1904)))


def without_remarks(line: Line) -> dict[str, Any]:
    """All that becomes of a row. What is told besides (a zero put back, a number that was a day) differs, as it should."""
    return {name: value for name, value in vars(line).items() if name != "remarks"}


@pytest.mark.parametrize("ending", ["xlsx", "ods, xlsx"])
def test_rows_that_libreoffice_wrote_become_what_the_typed_ones_become(made: dict[str, bytes], ending: str) -> None:
    expected, found = lines(read_file(made["csv"])), lines(read_file(made[ending]))
    assert len(expected) == 3
    assert all(line.is_fine for line in expected), [line.problems for line in expected]
    assert [without_remarks(line) for line in found] == [without_remarks(line) for line in expected]


def test_days_and_numbers_come_as_numbers(made: dict[str, bytes]) -> None:
    """So that the test above says something: the spreadsheet did change what was typed."""
    (sheet,) = read_file(made["xlsx"]).sheets
    assert sheet.rows[2][0] == 504152380
    assert all(isinstance(row[3], int | float) or str(row[3]).startswith("202") for row in sheet.rows[1:])
    assert ("number", "zero_restored") in {(one.about, one.code) for one in lines(read_file(made["xlsx"]))[1].remarks}


def test_its_own_format_is_refused_with_the_reason(made: dict[str, bytes]) -> None:
    with pytest.raises(FileProblem) as refused:
        read_file(made["ods"])
    assert refused.value.code == "other_kind"


def test_the_whole_way_through_the_pages(made: dict[str, bytes], karin: PageClient) -> None:
    client = go_to_check(karin, made["xlsx"])
    assert client.page is not None
    said = client.page.text()
    assert f"{ALVA[1]} {ALVA[2]}" in said
    assert "Åsa Öberg" in said
