"""What the columns are taken for, and where the headings stand: by the words people use, by what can be nothing else, or not at all."""

from datetime import date

import pytest

from caseapp.importing.columns import columns_of, find_heading_row, guess, letter_of
from caseapp.importing.rules import FIELDS, wrong_with_mapping
from caseapp.importing.sheets import Sheet

TODAY = date(2026, 11, 26)


def guessed(*rows: tuple[object, ...], merged: tuple[int, ...] = ()) -> dict[str, str]:
    """Letter of the column → the field it is taken for."""
    sheet = Sheet("", rows, "", merged)  # type: ignore[arg-type]
    head = find_heading_row(sheet)
    found = guess(columns_of(sheet, head), sheet, head, TODAY)
    return {letter_of(place): code for place, code in found.items()}


def test_columns_are_known_by_the_words_people_use() -> None:
    headings = ("Pnr", "Förnamn", "EFTERNAMN", "Kön", "Vh 1", "VH 1 telefon", "VH2", "Kommentar", "Samtycke", "Inkom", "Behov skola")
    assert guessed(headings) == {
        "A": "number", "B": "first_name", "C": "last_name", "D": "sex", "E": "custodian", "F": "custodian_phone", "G": "custodian2",
        "H": "note", "I": "consent", "J": "opened_on", "K": "need_school",
    }  # fmt: skip


def test_a_column_of_numbers_is_known_without_a_heading_and_an_unknown_column_is_left_out() -> None:
    rows = (("", "Namn", "Skostorlek"), ("20110415-2382", "Alva Lind", 38), ("201001052396", "Bo Ek", 41))
    assert guessed(*rows) == {"A": "number", "B": "name"}


def test_nothing_is_taken_twice_that_can_be_once_and_notes_can_be_several() -> None:
    assert guessed(("Personnummer", "Pnr", "Namn", "Anteckning", "Kommentar")) == {
        "A": "number", "C": "name", "D": "note", "E": "note",
    }  # fmt: skip


def test_name_beside_a_surname_is_a_first_name() -> None:
    assert guessed(("Namn", "Efternamn", "Pnr")) == {"A": "first_name", "B": "last_name", "C": "number"}
    assert guessed(("Namn", "Förnamn", "Efternamn", "Pnr")) == {"B": "first_name", "C": "last_name", "D": "number"}


def test_headings_are_found_below_a_title() -> None:
    rows = (("Ärendelista SSPF 2026",), (), ("Uppdaterad", "2026-01-01"), ("Personnummer", "Namn"), ("20110415-2382", "Alva"))
    assert find_heading_row(Sheet("", rows)) == 4
    assert find_heading_row(Sheet("", (("a",), ("b", "c"), ("d", "e")))) == 2
    assert find_heading_row(Sheet("", ())) == 1


def test_two_rows_of_headings_are_read_together() -> None:
    rows = (
        ("Ungdom", "", "Vårdnadshavare 2", ""),
        ("Personnummer", "Namn", "Namn", "Telefon"),
        ("20110415-2382", "Alva Lind", "Mona Lind", "070-1234567"),
    )
    sheet = Sheet("", rows, "", (1,))
    headings = [column.heading for column in columns_of(sheet, 2)]
    assert headings == ["Ungdom Personnummer", "Ungdom Namn", "Vårdnadshavare 2 Namn", "Vårdnadshavare 2 Telefon"]
    assert guessed(*rows, merged=(1,))["C"] == "custodian2"
    assert guessed(*rows, merged=(1,))["D"] == "custodian2_phone"


def test_a_column_shows_some_of_its_values_and_never_what_could_not_be_read() -> None:
    rows = (("Namn",), ("Alva",), ("Alva",), ("\x1aformula",), ("x" * 500,), ("Bo",), ("Cilla",))
    (column,) = columns_of(Sheet("", rows), 1)
    assert column.examples == ("Alva", "x" * 60, "Bo")
    assert column.filled == 5


def test_letters_of_columns_are_the_spreadsheets_own() -> None:
    assert [letter_of(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        (["name", "number"], ""),
        (["last_name", "born"], ""),
        (["name", "number", "note", "note", "consent"], ""),
        (["number"], "no_name"),
        (["name"], "no_identity"),
        (["name", "number", "number"], "twice"),
        (["name", "number", "shoe_size"], "unknown_field"),
    ],
)
def test_a_mapping_needs_a_name_and_an_identity(chosen: list[str], wrong: str) -> None:
    assert wrong_with_mapping(chosen) == wrong


def test_no_heading_means_two_things() -> None:
    headings = [words for field in FIELDS.values() for words in field.headings]
    assert len(headings) == len(set(headings))
